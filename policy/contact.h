// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <boost/container/small_vector.hpp>
#include <boost/container/static_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/likeness.h"
#include "policy/submission.h"

namespace tact::policy {

// The opt-out keywords a message told its reader: bits.
enum class Keyword : uint8_t { r = 1, t = 2, n = 4, d = 8 };
using KeywordMask = uint8_t;
constexpr KeywordMask bit(Keyword k) { return static_cast<KeywordMask>(k); }

// An instant in five octets: to the millisecond from 2020 to 2054; what lies beyond is the first or
// the last of them.
class ShortInstant {
 public:
  ShortInstant() = default;
  ShortInstant(Instant t) {  // NOLINT: whoever keeps one has an Instant at hand
    const uint64_t ms =
        t <= kFirst ? 0 : std::min(static_cast<uint64_t>((t - kFirst).count()), kMax);
    low_ = static_cast<uint32_t>(ms);
    high_ = static_cast<uint8_t>(ms >> 32);
  }
  Instant instant() const {
    return kFirst + std::chrono::milliseconds(uint64_t{high_} << 32 | low_);
  }
  bool operator==(const ShortInstant&) const = default;

 private:
  static constexpr Instant kFirst =
      std::chrono::sys_days(std::chrono::year(2020) / std::chrono::January / 1);
  static constexpr uint64_t kMax = (uint64_t{1} << 40) - 1;

  uint32_t low_ = 0;
  uint8_t high_ = 0;
} __attribute__((packed));

// One message to a number that counts: planned (reserved) or sent. Sixteen octets, since there are
// as many as people.
struct Slot {
  MessageId id = 0;
  uint16_t brand = 0;
  ShortInstant at;  // planned, then actual
  Class cls : 3 = Class::unset;
  KeywordMask advertised : 4 = 0;  // once sent
  bool sent : 1 = false;

  bool operator==(const Slot&) const = default;
};
static_assert(sizeof(Slot) == 16);

// What we did to one number for one tenant lately. Slots are in no particular order; stale ones may
// still be there and count for nothing (rules look at times). A view: valid until the book's next
// change.
struct Contact {
  std::span<const Slot> slots;
  const Likenesses* likenesses = nullptr;

  // The last message sent within 72 h, of this brand (0: of any), or null. It gives a reply its
  // context (POLICY 4).
  const Slot* last_sent(uint16_t brand, Instant now) const;
  // Was one of these classes to leave within the last 72 h, of this brand (0: of any)? What has
  // left and is not known to, as after a crash, counts too.
  bool wrote(uint16_t brand, ClassMask classes, Instant now) const;
  // Of the message of a slot; not known() where its class needed none.
  Likeness likeness(MessageId) const;
};

// How long a slot is kept: the calendar month of MARKETING, three months of reminders of
// COLLECTION, the 72 h of replies for the others.
std::chrono::milliseconds retention(Class);

// One change of one contact: what the log holds and apply() replays. 40 bytes encoded, little
// endian, and 8 more where a likeness comes with it:
//
//   fmt u8 | kind u8 | cls u8 | advertised u8 | tenant u16 | brand u16 | number u64 | id u64 |
//   at_ms i64 | now_ms i64 | of fmt 2: text u32 | campaign u32
//
// To change it: a new fmt; read() keeps reading the old ones.
struct ContactChange {
  enum class Kind : uint8_t { reserve = 1, settle = 2, release = 3, answer = 4 };
  static constexpr size_t kBytes = 40;
  static constexpr size_t kLikeBytes = 8;

  Kind kind = Kind::reserve;
  Class cls = Class::unset;
  KeywordMask advertised = 0;
  uint16_t tenant = 0;
  uint16_t brand = 0;  // answer: 0 means every brand
  NumberHash number = 0;
  MessageId id = 0;  // answer: none
  Instant at{};
  Instant now{};
  Likeness like;  // not known: as it was

  boost::container::static_vector<uint8_t, kBytes + kLikeBytes> encode() const;
  // Takes one from the front of `bytes`; nullopt: not one of ours.
  static std::optional<ContactChange> read(std::string_view& bytes);
  bool operator==(const ContactChange&) const = default;
};

// All contacts of one tenant, in memory. One owner; not thread-safe. Looked up for each message, so
// split in 256 parts: no rehash stops the loop for long. Slots are keyed by MessageId, so they
// survive a restart by replay of changes over a snapshot.
//
// Millions of people have had one message lately and few have had more: one slot lies in the table
// itself, 25 octets a number before the table's spare room; several lie beside it. Likenesses lie
// beside them by message, of those classes only that are judged by it.
class ContactBook {
 public:
  static constexpr size_t kParts = 256;

  explicit ContactBook(uint16_t tenant) : tenant_(tenant) {}

  // The contact, or an empty one.
  Contact find(NumberHash) const;

  // Counts a message at the instant it is to leave (now, or Verdict::until). Reserving an id again
  // moves its slot; its likeness stays the first one, which was its producer's text.
  ContactChange reserve(NumberHash, MessageId, uint16_t brand, Class, Instant planned, Instant now,
                        Likeness = {});
  // It was sent: its slot moves to `sent` (and is made if it was gone).
  ContactChange settle(NumberHash, MessageId, uint16_t brand, Class, KeywordMask advertised,
                       Instant sent, Instant now);
  // It will not be sent: rejected at release, expired, cancelled. No effect on an unknown id.
  ContactChange release(NumberHash, MessageId, Instant now);
  // The person replied to the brand (0: to whichever): what it sent until now is answered.
  ContactChange answer(NumberHash, uint16_t brand, Instant now);

  // Replays one change; the four above are apply() of what they return. Drops stale slots of that
  // contact as of change.now. A change of another tenant has no effect.
  void apply(const ContactChange&);
  // Replays many in a row, part by part: the table of one part stays in the processor's cache where
  // that of a large book does not.
  void apply(std::span<const ContactChange>);

  // Appends all of part 0..255 that is not stale at `now`, sorted by number: equal books give equal
  // bytes. Stale contacts leave the book too.
  void snapshot(size_t part, Instant now, std::string& out);
  // Replaces a part by a snapshot of it. False, and the part empty: damaged bytes, or another
  // tenant's.
  bool restore(size_t part, std::string_view bytes);

  size_t size() const;

 private:
  using Slots = boost::container::small_vector<Slot, 2>;  // hardly anybody has more
  // Hashes of numbers are keyed and spread evenly: hashing them again would give nothing.
  struct Hash {
    using is_avalanching = void;
    size_t operator()(NumberHash n) const { return n; }
  };
  using One = boost::unordered_flat_map<NumberHash, Slot, Hash>;
  struct Part {
    One one;                                                     // id 0: see `several`
    boost::unordered_flat_map<NumberHash, Slots, Hash> several;  // two or more
    Likenesses likenesses;
  };

  static size_t part_of(NumberHash n) { return n >> 20 & (kParts - 1); }
  static Contact slots_in(const Part&, NumberHash);
  static void put(Part&, One::iterator, const Slots&);
  static bool read_slots(std::string_view& in, uint8_t format, Part&, Slots&);
  void apply_answer(const ContactChange&);
  // Changes the slots of one number by `change(Slots&)`; none left: it leaves the book.
  template <typename Change>
  void edit(Part&, One::iterator, Instant now, Change change);

  uint16_t tenant_;  // constant after construction
  std::array<Part, kParts> parts_;
  Slots scratch_;
};

}  // namespace tact::policy
