// SPDX-License-Identifier: Apache-2.0
#include "policy/contact.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <utility>
#include <vector>

namespace tact::policy {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr milliseconds kReplyContext = hours(72);  // POLICY 2.4: a reply counts within 72 h
constexpr hours kReminders = hours(24 * 92);       // ESCALATE: three of them, one a month at least
constexpr uint8_t kFormat = 1;
constexpr uint8_t kFormatLike = 2;

static_assert(std::endian::native == std::endian::little, "the encodings below copy integers");

template <typename T>
void append(std::string& out, T v) {
  out.append(reinterpret_cast<const char*>(&v), sizeof v);
}
template <typename T>
T get(std::string_view& in) {
  T v;
  std::memcpy(&v, in.data(), sizeof v);
  in.remove_prefix(sizeof v);
  return v;
}

int64_t count(Instant t) { return t.time_since_epoch().count(); }
Instant instant(int64_t ms) { return Instant(milliseconds(ms)); }

bool stale(const Slot& s, Instant now) { return s.at.instant() + retention(s.cls) < now; }

// Recent enough for a reply to be about it?
bool is_lately(const Slot& s, uint16_t brand, Instant now) {
  return (brand == 0 || s.brand == brand) && s.at.instant() + kReplyContext >= now;
}

// A slot in a snapshot: id u64 | at_ms i64 | brand u16 | cls u8 | advertised u8 | bits u8, then
// what kLike says: text u32 | campaign u31, answered u1. Format 1 had no more bits than kSent.
constexpr uint8_t kSent = 1, kLike = 2;
constexpr size_t kSlotBytes = 21;
constexpr size_t kContactBytes = 12;  // number u64 | tenant u16 | slots u16

Likeness get_likeness(std::string_view& in) {
  Likeness like;
  std::memcpy(&like, in.data(), sizeof like);
  in.remove_prefix(sizeof like);
  return like;
}

}  // namespace

milliseconds retention(Class c) {
  // A calendar month is at most 31 days; one more covers the recipient's zone.
  if (c == Class::marketing) return hours(24 * 32);
  return c == Class::collection ? milliseconds(kReminders) : kReplyContext;
}

const Slot* Contact::last_sent(uint16_t brand, Instant now) const {
  const Slot* last = nullptr;
  for (const Slot& s : slots) {
    if (!s.sent || !is_lately(s, brand, now)) continue;
    const auto order = [](const Slot& slot) { return std::pair(slot.at.instant(), slot.id); };
    if (last == nullptr || order(s) > order(*last)) last = &s;
  }
  return last;
}

bool Contact::wrote(uint16_t brand, ClassMask classes, Instant now) const {
  return std::any_of(slots.begin(), slots.end(), [&](const Slot& s) {
    return contains(classes, s.cls) && s.at.instant() <= now && is_lately(s, brand, now);
  });
}

Likeness Contact::likeness(MessageId id) const {
  if (likenesses == nullptr) return {};
  const auto it = likenesses->find(id);
  return it == likenesses->end() ? Likeness{} : it->second;
}

boost::container::static_vector<uint8_t, ContactChange::kBytes + ContactChange::kLikeBytes>
ContactChange::encode() const {
  decltype(encode()) out(like.known() ? kBytes + kLikeBytes : kBytes,
                         boost::container::default_init);
  uint8_t* to = out.data();
  const auto put = [&](auto... fields) {
    static_assert((sizeof fields + ...) == kBytes);
    ((std::memcpy(to, &fields, sizeof fields), to += sizeof fields), ...);
  };
  put(like.known() ? kFormatLike : kFormat, kind, cls, advertised, tenant, brand, number, id,
      count(at), count(now));
  if (like.known()) std::memcpy(to, &like, kLikeBytes);
  return out;
}

std::optional<ContactChange> ContactChange::read(std::string_view& in) {
  if (in.empty()) return std::nullopt;
  const auto format = get<uint8_t>(in);
  if (format != kFormat && format != kFormatLike) return std::nullopt;
  const bool like = format == kFormatLike;
  if (in.size() + 1 < kBytes + (like ? kLikeBytes : 0)) return std::nullopt;
  ContactChange c;
  c.kind = static_cast<Kind>(get<uint8_t>(in));
  if (c.kind < Kind::reserve || c.kind > Kind::answer) return std::nullopt;
  c.cls = static_cast<Class>(get<uint8_t>(in));
  c.advertised = get<KeywordMask>(in);
  c.tenant = get<uint16_t>(in);
  c.brand = get<uint16_t>(in);
  c.number = get<NumberHash>(in);
  c.id = get<MessageId>(in);
  c.at = instant(get<int64_t>(in));
  c.now = instant(get<int64_t>(in));
  if (like) c.like = get_likeness(in);
  const bool of_message = c.kind == Kind::reserve || c.kind == Kind::settle;
  if ((c.id == 0) != (c.kind == Kind::answer) || (of_message && !known(c.cls))) return std::nullopt;
  return c;
}

Contact ContactBook::slots_in(const Part& part, NumberHash number) {
  const auto it = part.one.find(number);
  if (it == part.one.end()) return {};
  if (it->second.id != 0) return {std::span(&it->second, 1), &part.likenesses};
  return {part.several.find(number)->second, &part.likenesses};
}

void ContactBook::put(Part& part, One::iterator entry, const Slots& slots) {
  auto& [number, only] = *entry;
  const bool beside = only.id == 0;
  if (slots.size() > 1) {
    only = Slot{};
    part.several[number] = slots;
    return;
  }
  if (beside) part.several.erase(number);
  if (slots.empty()) {
    part.one.erase(entry);
  } else {
    only = slots.front();
  }
}

template <typename Change>
void ContactBook::edit(Part& part, One::iterator entry, Instant now, Change change) {
  const auto& [number, only] = *entry;
  if (only.id != 0) {
    scratch_.assign(1, only);
  } else {
    scratch_ = part.several.find(number)->second;
  }
  const auto leaves = [&](const Slot& s) {
    if (!stale(s, now)) return false;
    part.likenesses.erase(s.id);
    return true;
  };
  scratch_.erase(std::remove_if(scratch_.begin(), scratch_.end(), leaves), scratch_.end());
  change(scratch_);
  put(part, entry, scratch_);
}

Contact ContactBook::find(NumberHash number) const {
  return slots_in(parts_[part_of(number)], number);
}

ContactChange ContactBook::reserve(NumberHash number, MessageId id, uint16_t brand, Class cls,
                                   Instant planned, Instant now, Likeness like) {
  const ContactChange change{.kind = ContactChange::Kind::reserve,
                             .cls = cls,
                             .tenant = tenant_,
                             .brand = brand,
                             .number = number,
                             .id = id,
                             .at = planned,
                             .now = now,
                             .like = like};
  apply(change);
  return change;
}

ContactChange ContactBook::settle(NumberHash number, MessageId id, uint16_t brand, Class cls,
                                  KeywordMask advertised, Instant sent, Instant now) {
  const ContactChange change{.kind = ContactChange::Kind::settle,
                             .cls = cls,
                             .advertised = advertised,
                             .tenant = tenant_,
                             .brand = brand,
                             .number = number,
                             .id = id,
                             .at = sent,
                             .now = now};
  apply(change);
  return change;
}

ContactChange ContactBook::release(NumberHash number, MessageId id, Instant now) {
  const ContactChange change{.kind = ContactChange::Kind::release,
                             .tenant = tenant_,
                             .number = number,
                             .id = id,
                             .at = now,
                             .now = now};
  apply(change);
  return change;
}

ContactChange ContactBook::answer(NumberHash number, uint16_t brand, Instant now) {
  const ContactChange change{.kind = ContactChange::Kind::answer,
                             .tenant = tenant_,
                             .brand = brand,
                             .number = number,
                             .at = now,
                             .now = now};
  apply(change);
  return change;
}

// What was sent after the reply is not answered by it: a replay over a later snapshot does no harm.
void ContactBook::apply_answer(const ContactChange& c) {
  Part& part = parts_[part_of(c.number)];
  for (const Slot& s : slots_in(part, c.number).slots) {
    if (!s.sent || s.at.instant() > c.at || (c.brand != 0 && s.brand != c.brand)) continue;
    if (const auto like = part.likenesses.find(s.id); like != part.likenesses.end()) {
      like->second.answered = 1;
    }
  }
}

void ContactBook::apply(const ContactChange& c) {
  if (c.tenant != tenant_) return;
  if (c.kind == ContactChange::Kind::answer) return apply_answer(c);
  const Slot changed{.id = c.id,
                     .brand = c.brand,
                     .at = c.at,
                     .cls = c.cls,
                     .advertised = c.advertised,
                     .sent = c.kind == ContactChange::Kind::settle};
  const bool releases = c.kind == ContactChange::Kind::release;
  // Nearly always: the first message to a number lately, or news of the only one.
  Part& part = parts_[part_of(c.number)];
  if (c.like.known()) part.likenesses.try_emplace(c.id, c.like);
  if (releases) part.likenesses.erase(c.id);
  const auto [entry, fresh] = part.one.try_emplace(c.number);
  if (fresh || entry->second.id == c.id) {
    if (releases) {
      part.one.erase(entry);
    } else {
      entry->second = changed;
    }
    return;
  }
  edit(part, entry, c.now, [&](Slots& slots) {
    const auto it =
        std::find_if(slots.begin(), slots.end(), [&](const Slot& s) { return s.id == c.id; });
    if (!releases) {
      (it != slots.end() ? *it : slots.emplace_back()) = changed;
    } else if (it != slots.end()) {
      slots.erase(it);
    }
  });
}

void ContactBook::apply(std::span<const ContactChange> changes) {
  std::array<size_t, kParts + 1> ends{};  // where a part's changes begin, then where they end
  for (const ContactChange& c : changes) ++ends[part_of(c.number) + 1];
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  std::vector<uint32_t> order(changes.size());
  for (size_t i = 0; i < changes.size(); ++i) {
    order[ends[part_of(changes[i].number)]++] = static_cast<uint32_t>(i);
  }
  for (const uint32_t i : order) apply(changes[i]);
}

void ContactBook::snapshot(size_t index, Instant now, std::string& out) {
  Part& part = parts_[index];
  std::vector<NumberHash> numbers;
  numbers.reserve(part.one.size());
  for (const auto& [number, slot] : part.one) numbers.push_back(number);
  std::sort(numbers.begin(), numbers.end());
  append(out, kFormatLike);
  for (const NumberHash number : numbers) {
    edit(part, part.one.find(number), now, [](Slots&) {});
    if (scratch_.empty()) continue;
    append(out, number);
    append(out, tenant_);
    append(out, static_cast<uint16_t>(scratch_.size()));
    for (const Slot& s : scratch_) {
      append(out, s.id);
      append(out, count(s.at.instant()));
      append(out, s.brand);
      append(out, static_cast<uint8_t>(s.cls));
      append(out, KeywordMask{s.advertised});
      const auto like = part.likenesses.find(s.id);
      const bool known = like != part.likenesses.end();
      append(out, static_cast<uint8_t>((s.sent ? kSent : 0) | (known ? kLike : 0)));
      if (known) append(out, like->second);
    }
  }
}

bool ContactBook::read_slots(std::string_view& in, uint8_t format, Part& part, Slots& out) {
  for (Slot& s : out) {
    if (in.size() < kSlotBytes) return false;
    s.id = get<MessageId>(in);
    if (s.id == 0) return false;
    s.at = instant(get<int64_t>(in));
    s.brand = get<uint16_t>(in);
    s.cls = static_cast<Class>(get<uint8_t>(in));
    s.advertised = get<KeywordMask>(in);
    const auto bits = get<uint8_t>(in);
    s.sent = (bits & kSent) != 0;
    if (format == kFormat || (bits & kLike) == 0) continue;
    if (in.size() < sizeof(Likeness)) return false;
    part.likenesses[s.id] = get_likeness(in);
  }
  return true;
}

bool ContactBook::restore(size_t index, std::string_view in) {
  Part& part = parts_[index];
  part = {};
  const auto damaged = [&] {
    part = {};
    return false;
  };
  if (in.empty()) return false;
  const auto format = get<uint8_t>(in);
  if (format != kFormat && format != kFormatLike) return false;
  part.one.reserve(in.size() / (kContactBytes + kSlotBytes));
  while (!in.empty()) {
    if (in.size() < kContactBytes) return damaged();
    const auto number = get<NumberHash>(in);
    const auto tenant = get<uint16_t>(in);
    scratch_.assign(get<uint16_t>(in), Slot{});
    if (part_of(number) != index || tenant != tenant_) return damaged();
    if (!read_slots(in, format, part, scratch_)) return damaged();
    put(part, part.one.try_emplace(number).first, scratch_);
  }
  return true;
}

size_t ContactBook::size() const {
  size_t n = 0;
  for (const Part& part : parts_) n += part.one.size();
  return n;
}

}  // namespace tact::policy
