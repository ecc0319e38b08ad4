// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_map.hpp>
#include <deque>
#include <string>

#include "gateway/engine/context.h"
#include "smpp/receipt.h"

namespace tact::gateway {

// Receipts that came before the response of their message (SMPP 1, theme "receipt race"), or for
// messages that nobody here knows. Durable, answered, matched when their partner appears, forgotten
// after an hour.
//
// On disk, table `parked` (little endian):
//   number u64 | at_ms i64 | state u8 | two strings u8: id, error | message_reference u16, if it
//   came with one
// and where TLVs were captured, in the place of the last field:
//   has_reference u8 | message_reference u16 | tlvs: u16 and octets
// A record without these is whole: stores of earlier releases have no other.
class Parked {
 public:
  struct Receipt {
    std::string id, error;
    smpp::MessageState state{};
    NumberHash number = 0;
    Civil at{};
    std::optional<uint16_t> message_reference;
    Bytes tlvs;
  };

  Parked(ShardContext& context, const RouteSettings& settings)
      : context_(context), settings_(settings) {}

  void start(StoreReader& reader);
  // repeated: another one for this id waits already and has a last state. Else the newer one takes
  // the older one's place. full: it was dropped and is only counted.
  enum class Outcome : uint8_t { kept, repeated, full };
  Outcome park(Receipt receipt);
  // The receipt that waits for an id as a response gave it, or for a message's reference; it is
  // taken out.
  std::optional<Receipt> claim(std::string_view response_id, NumberHash number);
  std::optional<Receipt> claim(uint16_t message_reference, NumberHash number);
  void expire();
  size_t size() const { return held_.size(); }

 private:
  struct Held {
    Receipt receipt;
    uint64_t seq = 0;
  };

  void insert(Held held);
  void index(const Held& held, bool add);
  void put(const Held& held);
  Receipt take(uint64_t seq);

  ShardContext& context_;
  const RouteSettings& settings_;
  boost::unordered_flat_map<uint64_t, Held> held_;              // by seq
  boost::unordered_flat_map<uint64_t, uint64_t> by_id_;         // alias hash -> seq, the newest
  boost::unordered_multimap<uint64_t, uint64_t> by_reference_;  // reference hash -> seq
  std::deque<uint64_t> order_;                                  // seqs by age
  uint64_t next_seq_ = 1;
};

}  // namespace tact::gateway
