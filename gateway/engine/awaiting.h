// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/engine/divided_map.h"
#include "gateway/engine/ids.h"
#include "gateway/engine/sent_log.h"
#include "gateway/engine/settings.h"
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
//   56 octets (has, bit 0: message_reference was sent, bit 1: again), then per part: answer u8,
//   state u8, id length u8, id; then error, reference, message
//
// crc32c covers everything behind itself. Limits: 255 parts, ids 64 octets, error 32, reference 64,
// message 65,535.
//
// Change procedure: 1. raise kSentFormat; 2. keep decoding the old one until receipt_timeout has
// passed on every store; 3. describe the change in README.md; 4. add a vector of the old layout.
struct SentPart {
  // absent: not sent, or refused and to be tried again (DESIGN 17.8); with state unknown: an
  // earlier attempt was never answered, and it is sent once more. unanswered: sent, and nobody
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
  bool again = false;           // some part was absent once: a lane or `later` may hold an attempt
  std::vector<SentPart> parts;  // one to 255
  std::string error;            // the carrier's code that came with the worst state so far
  std::string reference;        // the producer's
  std::string message;  // stored batch of this message, while a part may have to be sent again
  bool operator==(const Sent&) const = default;

  bool unknown() const;   // a part is unanswered
  bool complete() const;  // no part is absent
  // Its settle time decides: unknown, or absent parts that no lane holds.
  bool undecided() const { return unknown() || (!complete() && !message.empty()); }
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
// The same of a user_message_reference.
uint64_t reference_hash(uint16_t reference, NumberHash number);

// The messages of one route that wait for receipts (DESIGN 7.3, 17.5, 17.7, 17.8). In memory, about
// 200 octets a message (tests/gateway/engine/awaiting_test.cc prints it); what is on disk serves
// the next start: the young ones in a log (sent_log.h), the others in the table, in the order of
// `sent`. The caller says when: save() after add, settle, replace and an updated receipt, end()
// instead of erase(), commit() once a turn.
//
// Beyond a limit the oldest are spilled: of them only the hashes stay in memory, some 70 octets a
// message, and a receipt or their age has to load the record. What is spilled has a durable row in
// the table, is settled and has no part left to be sent; the rest stays, whatever the limit.
class Awaiting {
 public:
  // Stays the name of one message also after it was erased: slots are used again, `sent` never.
  struct Entry {
    uint32_t slot = 0;
    uint64_t sent = 0;
    bool operator==(const Entry&) const = default;
  };

  // reference_mask: the bits of a message's reference that its parts carry on the air.
  explicit Awaiting(std::chrono::nanoseconds settle_time, ReceiptsPer receipts = ReceiptsPer::part,
                    uint16_t reference_mask = 0xffff, RouteId route = {})
      : settle_time_(settle_time),
        receipts_(receipts),
        reference_mask_(reference_mask),
        route_(route),
        log_(route) {}

  // What is stored; rows beyond `limit` are spilled, the log's entries once they have moved.
  // Returns how many records could not be read.
  uint64_t start(StoreReader& reader, Mono now, size_t limit);

  // A new key: milliseconds in the upper 44 bits, a counter below; rises also when `now` does not.
  uint64_t next_sent(Civil now);

  // A message left for the SMSC. `now` starts the settle time when it is undecided.
  Entry add(const Sent&, Mono now, Civil civil);
  // A row of the table, at start. False: damaged, nothing was added.
  bool restore(uint64_t sent, std::string_view record, Mono now);

  bool alive(Entry) const;
  // The entry with this key, if some part of it was absent once: another attempt goes on in it.
  // Nothing: its message has had its final event.
  std::optional<Entry> earlier(uint64_t sent) const;
  // The same, if something is left to be sent.
  std::optional<Entry> incomplete(uint64_t sent) const;

  // The following REQUIRE alive(entry).
  Sent sent(Entry) const;
  std::string_view record(Entry) const;  // as it belongs on disk now; until the next change
  void replace(Entry, const Sent&, Mono now);
  void erase(Entry entry) { erase(entry, sent(entry)); }
  void erase(Entry, const Sent& as_it_is);

  // ---- On disk.

  // The record as it is now joins the commit.
  void save(Entry, CommitBuilder& out);
  // It is over: erased, here and there.
  void end(Entry, const Sent& as_it_is, CommitBuilder& out);
  // This turn's part of the log; moves what has become too old for it.
  void commit(CommitBuilder& out, Mono now);

  // The SMSC's answer to a part came after all. False: the entry is gone, or the part was known.
  bool settle(Entry, uint8_t part, std::string_view id);
  // The same, and the SMSC had refused it: certainly not taken, to be sent when the settle time
  // ends.
  bool refuse(Entry, uint8_t part);

  // ---- Receipts.

  struct Match {
    Entry entry;
    uint8_t part = 0;
    bool by_reference = false;
    Sent sent;  // the entry as it was found
  };
  // By the spellings of the receipt's id (rule: {base in receipts, base in responses}), else by the
  // reference; the destination must agree in both. Of several parts with this id, or without ids,
  // the first that has no last state. A reference that two waiting messages to one number share
  // finds neither.
  std::optional<Match> find(std::string_view id, smpp::IdRule rule, NumberHash destination,
                            std::optional<uint16_t> message_reference) const;

  struct Progress {
    bool closed = false;         // every part has its last state, or one has where one receipt
                                 // counts for all: the caller erases the entry
    smpp::MessageState state{};  // the worst last state of its parts; enroute: none has one
    std::string error;           // that came with it
    bool repeated = false;       // the part had its last state before: nothing has changed
  };
  struct Filed : Progress {
    Sent sent;  // the entry as it is now; the record of a closed one stays as it was
  };
  // A part that has its last state keeps it. `id` is learnt when the part was unanswered. REQUIRES:
  // the entry has not changed since it was found
  Filed receipt(Match, std::string_view id, smpp::MessageState, std::string_view error);
  // As it stands without another receipt.
  Progress progress(const Sent&) const;

  // Does a long message to this number, sent after `since`, carry this reference on the air? One
  // whose key is `except` does not count.
  bool reference_used(uint16_t reference, NumberHash, uint64_t except, Civil since) const;

  // ---- Beyond the limit.

  // The turn whose commit carries what changes from now on.
  void committing(uint64_t turn) { turn_ = turn; }
  // Spills the oldest while there are more than `limit` in memory; some thousands at once. Turns up
  // to `committed` are durable.
  void spill(size_t limit, uint64_t committed);
  // The key of the spilled message that find() would find, were it in memory.
  std::optional<uint64_t> find_spilled(std::string_view id, smpp::IdRule rule,
                                       NumberHash destination,
                                       std::optional<uint16_t> message_reference) const;
  // Takes a loaded record back into memory, as the oldest. Nothing happens if it is not spilled: it
  // may have been taken back or ended since the load was asked for. False: damaged.
  bool reload(uint64_t sent, std::string_view record, Mono now);
  size_t spilled() const { return spilled_; }
  // No spilled message has a smaller key. REQUIRES: spilled() > 0
  uint64_t spilled_from() const { return spilled_from_; }
  // All before this key that were spilled have been reloaded.
  void reloaded_until(uint64_t key) { spilled_from_ = key; }
  static uint64_t key_at(Civil t);
  static Civil time_of(uint64_t sent);

  // ---- Time.

  // An undecided entry whose settle time has ended; each is told once.
  std::optional<Entry> unknown_due(Mono now);
  Mono next_unknown_due() const;
  // The oldest entry, if it was sent at or before this time.
  std::optional<Entry> oldest(Civil sent_until) const;
  std::optional<Civil> oldest_sent() const;
  // It is the youngest from now on: its age counts from a later attempt.
  void pass_over(Entry);

  size_t size() const { return size_; }
  size_t unknown() const { return unknown_; }
  size_t bytes() const;  // about

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  // Hash to where, the newest wins.
  template <typename Where>
  class Index {
   public:
    void put(uint64_t hash, Where where) { map_.insert_or_assign(hash, where); }
    void put_if_absent(uint64_t hash, Where where) { map_.try_emplace(hash, where); }
    // False: the hash leads elsewhere, or nowhere.
    bool erase(uint64_t hash, Where where);
    std::optional<Where> find(uint64_t hash) const;
    size_t bytes() const { return map_.bytes(); }

   private:
    DividedMap<uint64_t, Where> map_;
  };

  struct Slot {
    uint64_t sent = 0;  // 0: free
    uint64_t turn = 0;  // whose commit carries the record
    SentLog::Place place = SentLog::kTable;
    std::unique_ptr<char[]> record;
    uint32_t record_size = 0;
    uint32_t older = kNone, newer = kNone;  // by age; free slots: newer is the next free one
    bool unknown = false, complete = true;  // of the message
    Mono due = kNever;                      // end of the settle time, until it was told
  };
  struct Deadline {
    Mono due;
    Entry entry;
  };

  class Replay;
  Entry insert(uint64_t sent, std::string_view record);
  Entry restored(uint64_t sent, std::string_view record, const Sent& decoded, Mono now);
  void link_as_newest(uint32_t slot);
  void link_as_oldest(uint32_t slot);
  void unlink(uint32_t slot);
  void free(uint32_t slot);
  void spill(uint32_t slot);
  // Calls fn(index, hash) for every hash under which the message is found.
  template <typename Fn>
  void each_hash(const Sent&, Fn&& fn);
  uint64_t air_hash(uint16_t reference, NumberHash) const;
  void store(Slot&, std::string_view record);
  void index(Entry, const Sent&);
  void unindex(Entry, const Sent&);
  void note_shared(uint64_t reference_hash);
  void update(Entry, Sent&);
  void count(Slot&, bool unknown);
  void await_answer(Entry, const Sent&, Mono now);
  const Slot& slot_of(Entry) const;
  Slot& slot_of(Entry entry) { return const_cast<Slot&>(std::as_const(*this).slot_of(entry)); }
  Entry entry_at(uint32_t slot) const { return {slot, slots_[slot].sent}; }
  std::optional<Match> match_id(std::string_view canonical, NumberHash) const;
  std::optional<Match> match_reference(uint16_t reference, NumberHash) const;

  const std::chrono::nanoseconds settle_time_;
  const ReceiptsPer receipts_;
  const uint16_t reference_mask_;
  const RouteId route_;
  SentLog log_;
  std::deque<Slot> slots_;  // a deque: growing never moves millions at once
  uint32_t free_ = kNone;
  uint32_t oldest_ = kNone, newest_ = kNone;
  Index<uint32_t> by_id_;         // by alias_hash
  Index<uint32_t> by_reference_;  // by reference_hash
  Index<uint32_t> by_air_;        // long messages, by air_hash
  Index<uint64_t> spilled_at_;    // by all three: the key of the record
  // Reference hashes that two entries shared, with the entries that still do.
  boost::unordered_flat_map<uint64_t, uint32_t> shared_references_;
  boost::unordered_flat_map<uint64_t, uint32_t> again_;  // sent -> slot
  std::deque<Deadline> deadlines_;
  uint64_t last_sent_ = 0;
  uint64_t turn_ = 1;
  bool pressed_ = false;  // there are more in memory than there should be
  uint64_t spilled_from_ = 0;
  size_t spilled_ = 0;
  uint32_t spill_at_ = kNone;  // where the next look for something to spill begins; kNone: anew
  size_t size_ = 0;
  size_t unknown_ = 0;
  size_t record_bytes_ = 0;
};

}  // namespace tact::gateway
