// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/engine/ids.h"
#include "gateway/engine/time.h"
#include "smpp/receipt.h"

namespace tact::gateway {

// A message that has left for the SMSC, or may have: what is kept until its last receipt.
//
// On disk (little endian), table `awaiting`:
//
//   +-----------+--------+----------+----------------------+------------+------------+
//   | crc32c u32| fmt u8 | class u8 | message_reference u16 | message_id u64 | number u64 |
//   +-----------+--------+----------+----------------------+------------+------------+
//   | accepted i64 | submitted i64 | tenant u16 | account u16 | brand u16 | upstream u16 |
//   +--------------+---------------+------------+-------------+-----------+--------------+
//   | flags u16 | parts u8 | error length u8 | reference length u8 | has u8 | message length u16 |
//   +-----------+----------+-----------------+---------------------+--------+--------------------+
//   56 octets (has, bit 0: message_reference was sent), then per part: answer u8, state u8, id
//   length u8, id; then error, reference, message
//
// crc32c covers everything behind itself. Limits: 255 parts, ids 64 octets, error 32, reference 64,
// message 65,535.
//
// Change procedure: 1. raise kSentFormat; 2. keep decoding the old one until receipt_timeout has
// passed on every store; 3. describe the change in README.md; 4. add a vector of the old layout.
struct SentPart {
  // absent: not sent, or refused and to be tried again (DESIGN 17.8). unanswered: sent, and nobody
  // knows whether the SMSC took it. accepted: `id` is the SMSC's.
  enum class Answer : uint8_t { absent = 0, unanswered = 1, accepted = 2 };
  Answer answer = Answer::absent;
  smpp::MessageState state = smpp::MessageState::enroute;  // of the newest receipt
  std::string id;                                          // as the response spelled it
  bool operator==(const SentPart&) const = default;
};

inline constexpr uint8_t kSentFormat = 1;

struct Sent {
  MessageId id{};
  NumberHash number = 0;
  Civil accepted{};   // by us
  Civil submitted{};  // to the SMSC
  TenantId tenant{};
  AccountId account{};
  BrandId brand{};
  UpstreamId upstream{};
  Class cls{};
  uint16_t flags = 0;                         // Message::Flag
  std::optional<uint16_t> message_reference;  // user_message_reference, if it was sent
  std::vector<SentPart> parts;                // one to 255
  std::string error;      // the carrier's code that came with the worst state so far
  std::string reference;  // the producer's
  std::string message;    // stored batch of this message, while it may have to be sent again
  bool operator==(const Sent&) const = default;

  bool unknown() const;   // a part is unanswered
  bool complete() const;  // no part is absent
};

// Longer strings are cut to their limits. REQUIRES: 1 to 255 parts, message within its limit.
std::string encode(const Sent&);
// Nothing: the bytes are damaged or of another format.
std::optional<Sent> decode_sent(std::string_view record);

// Will no receipt change this state? UNKNOWN is not the last word: carriers send it while they
// look.
constexpr bool is_last(smpp::MessageState state) {
  return smpp::is_final(state) && state != smpp::MessageState::unknown;
}
// The worse of two last states: a message is as badly off as its worst part.
smpp::MessageState worse(smpp::MessageState a, smpp::MessageState b);

// The spelling under which ids are compared: lower case, without leading zeros.
std::string canonical_id(std::string_view id);
// Hash of a canonical spelling together with the number it was sent to.
uint64_t alias_hash(std::string_view canonical, NumberHash number);

// The messages of one route that wait for receipts (DESIGN 7.3, 17.5, 17.7, 17.8). In memory, about
// 200 octets a message; the table on disk, in the order of `sent`, only serves the next start. The
// caller writes what changes: Put of record(entry) under awaiting_key(route, entry.sent) after add,
// settle, replace and an updated receipt; Delete after erase.
class Awaiting {
 public:
  // Stays the name of one message also after it was erased: slots are used again, `sent` never.
  struct Entry {
    uint32_t slot = 0;
    uint64_t sent = 0;
    bool operator==(const Entry&) const = default;
  };

  explicit Awaiting(std::chrono::nanoseconds settle_time) : settle_time_(settle_time) {}

  // A new key: milliseconds in the upper 44 bits, a counter below; rises also when `now` does not.
  uint64_t next_sent(Civil now);

  // A message left for the SMSC. `now` starts the settle time when it is unknown.
  Entry add(const Sent&, Mono now, Civil civil);
  // At start, in key order. False: damaged record, nothing was added.
  bool restore(uint64_t sent, std::string_view record, Mono now);

  bool alive(Entry) const;
  // The entry with this key that has absent parts: the next attempt at them goes on there.
  std::optional<Entry> incomplete(uint64_t sent) const;

  // The following REQUIRE alive(entry).
  Sent sent(Entry) const;
  std::string_view record(Entry) const;  // as it belongs on disk now; until the next change
  void replace(Entry, const Sent&, Mono now);
  void erase(Entry);

  // The SMSC's answer to a part came after all. False: the entry is gone, or the part was known.
  bool settle(Entry, uint8_t part, std::string_view id);

  // ---- Receipts.

  struct Match {
    Entry entry;
    uint8_t part = 0;
    bool by_reference = false;
  };
  // By the spellings of the receipt's id (rule: {base in receipts, base in responses}), else by the
  // reference; the destination must agree in both. Of several parts with this id, or without ids,
  // the first that has no last state.
  std::optional<Match> find(std::string_view id, smpp::IdRule rule, NumberHash destination,
                            std::optional<uint16_t> message_reference) const;

  struct Progress {
    bool closed = false;         // every part has its last state: the caller erases the entry
    smpp::MessageState state{};  // closed: of the message, the worst of its parts
    std::string error;           // that came with it
  };
  // A part that has its last state keeps it. `id` is learnt when the part was unanswered.
  Progress receipt(const Match&, std::string_view id, smpp::MessageState, std::string_view error);

  // ---- Time.

  // An unknown entry whose settle time has ended; each is told once.
  std::optional<Entry> unknown_due(Mono now);
  Mono next_unknown_due() const;
  // The oldest entry, if it was sent at or before this time.
  std::optional<Entry> oldest(Civil sent_until) const;
  std::optional<Civil> oldest_sent() const;

  size_t size() const { return size_; }
  size_t unknown() const { return unknown_; }
  size_t bytes() const;  // about

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  // Hash to slot, the newest wins. Divided, so that no rehash moves millions of entries at once.
  class Index {
   public:
    void put(uint64_t hash, uint32_t slot) { of(hash)[hash] = slot; }
    void erase(uint64_t hash, uint32_t slot);
    std::optional<uint32_t> find(uint64_t hash) const;
    size_t bytes() const;

   private:
    using Map = boost::unordered_flat_map<uint64_t, uint32_t>;
    Map& of(uint64_t hash) { return maps_[hash >> 56]; }

    std::array<Map, 256> maps_;
  };

  struct Slot {
    uint64_t sent = 0;  // 0: free
    std::unique_ptr<char[]> record;
    uint32_t record_size = 0;
    uint32_t older = kNone, newer = kNone;  // by age; free slots: newer is the next free one
    bool unknown = false;
    Mono due = kNever;  // end of the settle time, until it was told
  };
  struct Deadline {
    Mono due;
    Entry entry;
  };

  Entry insert(uint64_t sent, const Sent&, std::string_view record, Mono now);
  void store(Slot&, std::string_view record);
  void index(Entry, const Sent&);
  void unindex(Entry, const Sent&);
  void update(Entry, Sent&);
  void await_answer(Entry, bool unknown, Mono now);
  const Slot& slot_of(Entry) const;
  Slot& slot_of(Entry entry) { return const_cast<Slot&>(std::as_const(*this).slot_of(entry)); }
  Entry entry_at(uint32_t slot) const { return {slot, slots_[slot].sent}; }
  std::optional<Match> match_id(std::string_view canonical, NumberHash) const;
  std::optional<Match> match_reference(uint16_t reference, NumberHash) const;

  std::chrono::nanoseconds settle_time_;
  std::deque<Slot> slots_;  // a deque: growing never moves millions at once
  uint32_t free_ = kNone;
  uint32_t oldest_ = kNone, newest_ = kNone;
  Index by_id_;         // by alias_hash
  Index by_reference_;  // by user_message_reference and number
  boost::unordered_flat_map<uint64_t, uint32_t> incomplete_;  // sent -> slot
  std::deque<Deadline> deadlines_;
  uint64_t last_sent_ = 0;
  size_t size_ = 0;
  size_t unknown_ = 0;
  size_t record_bytes_ = 0;
};

}  // namespace tact::gateway
