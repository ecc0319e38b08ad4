// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/engine/context.h"

namespace tact::gateway {

// A reply that a person has to look at: it may have meant an opt-out, or it held something back.
//
// On disk, table `facts`, kind 's', its id is the reply's (little endian), sealed as a batch of
// one:
//   fmt u8 = 1 | at_ms i64 | number u64 | brand u16 | account u16 | last u8 | reasons u8 |
//   two strings u16: handset (masked), text (UTF-8)
// To change it: a new fmt; the reader keeps the old ones for kSuspectKept.
struct Suspect {
  enum Reason : uint8_t { kUnclear = 1, kDispute = 2, kWrongParty = 4 };  // DO NOT CHANGE: on disk

  MessageId id{};
  Civil at{};
  NumberHash number = 0;
  BrandId brand{};  // 0: it counted for each of the tenant's
  AccountId account{};
  Class last{};  // of the message replied to; unset: not known
  uint8_t reasons = 0;
  std::string handset;
  std::string text;
};
inline constexpr char kSuspectFact = 's';
inline constexpr std::chrono::days kSuspectKept{30};
inline constexpr std::chrono::hours kSuspectHold{72};  // POLICY 4.2 step 9, POLICY 3 PAUSE

std::string encode_suspect(const Suspect&, Sealer&);
std::optional<Suspect> decode_suspect(std::string_view key, std::string_view value, Sealer&);

// "86138****8000": enough to recognise it, not to call it.
std::string masked(std::string_view digits);

// Those of one tenant that wait for a decision, bounded in number and time. Their texts are on disk
// only.
class Suspects {
 public:
  static constexpr size_t kMax = 65'536;

  Suspects(ShardContext& context, TenantId tenant) : context_(context), tenant_(tenant) {}

  void start(StoreReader& reader);
  void add(const Suspect& suspect);
  const Suspect* find(MessageId reply) const;  // without handset and text; null: none waits
  // It has been decided on.
  void end(MessageId reply);
  // Does another reply still hold back for this reason?
  bool held_by_another(const Suspect& suspect, Suspect::Reason reason) const;
  void expire();

 private:
  void forget(std::map<MessageId, Suspect>::iterator which);

  ShardContext& context_;
  const TenantId tenant_;
  std::map<MessageId, Suspect>
      waiting_;  // ids rise, so the oldest first, but for those of a restart
};

}  // namespace tact::gateway
