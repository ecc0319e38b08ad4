// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <shared_mutex>
#include <string_view>

#include "policy/submission.h"

namespace tact::policy {

// Why a number may not be written to. Bits; values are on disk.
enum class Block : uint8_t {
  opt_out = 1,
  wrong_party = 2,
  dead_number = 4,
  carrier = 8,
  pause = 16,
  withdrawn = 32,  // in kWithdrawnScope only
  escalated = 64   // reminders without any reply: a person's turn, until one comes
};
using BlockMask = uint8_t;
constexpr BlockMask operator|(Block a, Block b) {
  return static_cast<BlockMask>(static_cast<uint8_t>(a) | static_cast<uint8_t>(b));
}
constexpr bool contains(BlockMask set, Block b) { return (set & static_cast<uint8_t>(b)) != 0; }

// What is known of one number in one scope (a brand id). `blocks[c - 1]` holds the reasons for
// class c. An entry whose blocks are all clear is kept: it says that the block was lifted.
struct SuppressionEntry {
  uint16_t scope = 0;
  NumberHash number = 0;
  std::array<BlockMask, kClassCount> blocks{};
  Instant since{};        // of the last change
  uint64_t proof = 0;     // of the last change: id of the reply, or of the request
  Instant pause_until{};  // end of Block::pause; epoch: until it is cleared

  bool operator==(const SuppressionEntry&) const = default;
};

// Sets (on) or lifts (off) one reason for some classes in an entry; OTP and CRISIS are left out.
// False: nothing changed, and the first `since` and `proof` stand.
bool change(SuppressionEntry& entry, ClassMask classes, Block block, bool on, Instant since,
            uint64_t proof, Instant until = Instant{});

// Messages and campaigns that their producer has taken back stand in the same set, in a scope that
// no brand has: `number` is then one of these keys, `proof` the first id of those that the
// withdrawal does not concern (ids rise), `pause_until` its end. An entry whose blocks are all
// clear ends it.
inline constexpr uint16_t kWithdrawnScope = 0;
// `owner`: who may take it back, so that nobody withdraws the message of somebody else.
uint64_t withdrawn_key(uint16_t owner, MessageId message);
uint64_t withdrawn_key(uint16_t owner, std::string_view campaign);
// A campaign that waits until somebody lets it go on stands there too; by its campaign_digest.
uint64_t halted_key(uint32_t campaign);
inline constexpr MessageId kAllMessages = ~MessageId{0};  // the proof of a halted one

// The one structure shared by all threads, and the one lock on a message's way: striped, held for
// one look-up. One writer (storage, after the commit), many readers. Thread-safe; made for 10
// million entries (about 64 bytes each).
//
// OTP and CRISIS are never blocked, whatever is set: set() ignores those bits (POLICY 4.3).
class Suppression {
 public:
  // Reasons in force for this class now. A pause whose end has come is not in force.
  BlockMask blocks(uint16_t scope, NumberHash, Class, Instant now) const;
  // Opt-out, the only reason that is the recipient's own word.
  bool blocked(uint16_t scope, NumberHash, Class) const;
  // End of a pause in force, epoch if open-ended or none.
  Instant pause_until(uint16_t scope, NumberHash) const;

  // Has this campaign of the owner's been halted (halted_key)? Costs nothing while none is.
  bool halted(uint16_t owner, std::string_view campaign) const;

  // Has its owner taken this message back, by itself or with its campaign (empty: none)? Costs
  // nothing while nothing is withdrawn.
  bool withdrawn(uint16_t owner, MessageId, std::string_view campaign) const;

  // Sets (on) or lifts (off) one reason for some classes. Repeating it changes nothing, the first
  // `since` and `proof` stand. Returns the entry as it now is, for the log.
  SuppressionEntry set(uint16_t scope, NumberHash, ClassMask, Block, bool on, Instant since,
                       uint64_t proof, Instant until = Instant{});
  // Puts an entry as it was logged (start, import), or a withdrawal.
  void put(const SuppressionEntry&);
  // The entry, all clear with since = epoch if none. REQUIRES: scope != kWithdrawnScope
  SuppressionEntry get(uint16_t scope, NumberHash) const;

  // Every entry but withdrawals, stripe by stripe under its lock, in no particular order. For
  // export and counts.
  void each(const std::function<void(const SuppressionEntry&)>&) const;
  size_t size() const;

 private:
  struct Key {
    NumberHash number;
    uint16_t scope;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    using is_avalanching = void;
    size_t operator()(const Key&) const;
  };
  struct Value {
    std::array<BlockMask, kClassCount> blocks{};
    Instant since{};
    uint64_t proof = 0;
    Instant pause_until{};
  };
  struct alignas(64) Stripe {
    mutable std::shared_mutex lock;
    boost::unordered_flat_map<Key, Value, Hash> entries;       // guarded by lock
    boost::unordered_flat_map<uint64_t, MessageId> withdrawn;  // guarded by lock; key -> proof
  };
  static constexpr size_t kStripes = 256;  // also bounds the pause of a rehash

  const Stripe& stripe(const Key&) const;
  Stripe& stripe(const Key&);
  void put_withdrawal(const SuppressionEntry&);
  bool withdrawn(uint64_t key, MessageId) const;

  std::array<Stripe, kStripes> stripes_;
  std::atomic<size_t> withdrawals_ = 0;
};

}  // namespace tact::policy
