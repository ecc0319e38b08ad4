// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/engine/context.h"
#include "smpp/joiner.h"
#include "smpp/segment.h"

namespace tact::gateway {

// Parts of long replies, gathered until the last one is here or ten minutes have passed
// (DESIGN 17.7). Each part is durable before it is answered; the effect of the whole reply and the
// end of its parts are one commit.
//
// On disk, table `parts` (little endian), sealed as a batch of one:
//   at_ms i64 | reference u16 | total u8 | index u8 | flags u8 | three strings u16: from, to, text
//   | coding u8 | locking u8 | single u8
//
// flags: 1 the reference has 16 bits, 2 the three at the end are there and `text` is octets of that
// coding; without, as earlier releases wrote it, UTF-8 (in which half of a surrogate pair may stand
// as three octets).
//
// A part holds at most 1 KiB, more than the air takes; all that wait hold at most 64 MiB, or the
// oldest go before their time.
class LongReplies {
 public:
  struct Whole {
    std::string from, to, text;
    Civil at{};
    std::vector<std::string>
        stored;  // keys of its parts, to be deleted in the commit of its effect
    Bytes tlvs;  // captured of the part that completed it
  };

  LongReplies(ShardContext& context, RouteId route) : context_(context), route_(route) {}

  void start(StoreReader& reader);
  // Takes a part; gives the reply when it completes one. A part that came before is the same part.
  std::optional<Whole> take(const smpp::PartInfo& part, std::string_view from, std::string_view to,
                            smpp::PartText text);
  // A reply whose time is over, or the oldest of too many: what is there of it.
  std::optional<Whole> overdue();
  std::optional<Civil> next_due() const;

 private:
  bool skip_unreadable();
  std::optional<Whole> closed(std::optional<smpp::Joiner::Joined> joined) const;

  ShardContext& context_;
  const RouteId route_;
  smpp::Joiner joiner_;  // tags are the sequence numbers on disk; 0: not there
  uint64_t next_seq_ = 1;
};

}  // namespace tact::gateway
