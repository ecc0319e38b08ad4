// SPDX-License-Identifier: Apache-2.0
#include "policy/contact.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>
#include <vector>

#include "policy/hash.h"

namespace tact::policy {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr milliseconds kReplyContext = hours(72);  // POLICY 2.4: a reply counts within 72 h
constexpr uint8_t kFormat = 1;

static_assert(std::endian::native == std::endian::little, "the encodings below copy integers");

template <typename T>
void put(std::string& out, T v) {
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

bool stale(const Slot& s, Instant now) { return s.at + retention(s.cls) < now; }

template <typename Predicate>
void erase_slots(Contact& c, Predicate which) {
  c.slots.erase(std::remove_if(c.slots.begin(), c.slots.end(), which), c.slots.end());
}

void drop_stale(Contact& c, Instant now) {
  erase_slots(c, [&](const Slot& s) { return stale(s, now); });
}

Slot& slot_of(Contact& c, MessageId id) {
  const auto it =
      std::find_if(c.slots.begin(), c.slots.end(), [&](const Slot& s) { return s.id == id; });
  if (it != c.slots.end()) return *it;
  c.slots.push_back(Slot{.id = id});
  return c.slots.back();
}

constexpr size_t kSlotBytes = 21;
constexpr size_t kContactBytes = 12;  // number u64 | tenant u16 | slots u16

}  // namespace

milliseconds retention(Class c) {
  // A calendar month is at most 31 days; one more covers the recipient's zone.
  return contains(kOptionalClasses, c) ? milliseconds(hours(24 * 32)) : kReplyContext;
}

const Slot* Contact::last_sent(uint16_t brand, Instant now) const {
  const Slot* last = nullptr;
  for (const Slot& s : slots) {
    if (!s.sent || (brand != 0 && s.brand != brand) || s.at + kReplyContext < now) continue;
    if (last == nullptr || s.at > last->at || (s.at == last->at && s.id > last->id)) last = &s;
  }
  return last;
}

void ContactChange::encode(std::string& out) const {
  put(out, kFormat);
  put(out, static_cast<uint8_t>(kind));
  put(out, static_cast<uint8_t>(cls));
  put(out, advertised);
  put(out, tenant);
  put(out, brand);
  put(out, number);
  put(out, id);
  put(out, count(at));
  put(out, count(now));
}

std::optional<ContactChange> ContactChange::decode(std::string_view in) {
  if (in.size() != kBytes || get<uint8_t>(in) != kFormat) return std::nullopt;
  ContactChange c;
  c.kind = static_cast<Kind>(get<uint8_t>(in));
  if (c.kind < Kind::reserve || c.kind > Kind::release) return std::nullopt;
  c.cls = static_cast<Class>(get<uint8_t>(in));
  c.advertised = get<KeywordMask>(in);
  c.tenant = get<uint16_t>(in);
  c.brand = get<uint16_t>(in);
  c.number = get<NumberHash>(in);
  c.id = get<MessageId>(in);
  c.at = instant(get<int64_t>(in));
  c.now = instant(get<int64_t>(in));
  if (c.kind != Kind::release && !known(c.cls)) return std::nullopt;
  return c;
}

size_t ContactBook::Hash::operator()(const Key& k) const {
  return mix(k.number ^ uint64_t{k.tenant} << 48);
}

size_t ContactBook::part_of(const Key& k) { return Hash{}(k) >> 20 & (kParts - 1); }

const Contact& ContactBook::find(uint16_t tenant, NumberHash number) const {
  static const Contact kNone;
  const Key key{number, tenant};
  const Part& part = parts_[part_of(key)];
  const auto it = part.find(key);
  return it == part.end() ? kNone : it->second;
}

ContactChange ContactBook::reserve(uint16_t tenant, NumberHash number, MessageId id, uint16_t brand,
                                   Class cls, Instant planned, Instant now) {
  const ContactChange change{.kind = ContactChange::Kind::reserve,
                             .cls = cls,
                             .tenant = tenant,
                             .brand = brand,
                             .number = number,
                             .id = id,
                             .at = planned,
                             .now = now};
  apply(change);
  return change;
}

ContactChange ContactBook::settle(uint16_t tenant, NumberHash number, MessageId id, uint16_t brand,
                                  Class cls, KeywordMask advertised, Instant sent, Instant now) {
  const ContactChange change{.kind = ContactChange::Kind::settle,
                             .cls = cls,
                             .advertised = advertised,
                             .tenant = tenant,
                             .brand = brand,
                             .number = number,
                             .id = id,
                             .at = sent,
                             .now = now};
  apply(change);
  return change;
}

ContactChange ContactBook::release(uint16_t tenant, NumberHash number, MessageId id, Instant now) {
  const ContactChange change{.kind = ContactChange::Kind::release,
                             .tenant = tenant,
                             .number = number,
                             .id = id,
                             .at = now,
                             .now = now};
  apply(change);
  return change;
}

void ContactBook::apply(const ContactChange& c) {
  const Key key{c.number, c.tenant};
  Part& part = parts_[part_of(key)];
  if (c.kind == ContactChange::Kind::release) {
    const auto it = part.find(key);
    if (it == part.end()) return;
    erase_slots(it->second, [&](const Slot& s) { return s.id == c.id; });
    drop_stale(it->second, c.now);
    if (it->second.slots.empty()) part.erase(it);
    return;
  }
  Contact& contact = part[key];
  drop_stale(contact, c.now);
  slot_of(contact, c.id) = {.id = c.id,
                            .at = c.at,
                            .brand = c.brand,
                            .cls = c.cls,
                            .advertised = c.advertised,
                            .sent = c.kind == ContactChange::Kind::settle};
}

void ContactBook::snapshot(size_t index, Instant now, std::string& out) {
  Part& part = parts_[index];
  std::vector<Key> keys;
  boost::unordered::erase_if(part, [&](auto& entry) {
    drop_stale(entry.second, now);
    return entry.second.slots.empty();
  });
  keys.reserve(part.size());
  for (const auto& [key, contact] : part) keys.push_back(key);
  std::sort(keys.begin(), keys.end(), [](const Key& a, const Key& b) {
    return std::pair(a.number, a.tenant) < std::pair(b.number, b.tenant);
  });
  put(out, kFormat);
  for (const Key& key : keys) {
    const Contact& contact = part.find(key)->second;
    put(out, key.number);
    put(out, key.tenant);
    put(out, static_cast<uint16_t>(contact.slots.size()));
    for (const Slot& s : contact.slots) {
      put(out, s.id);
      put(out, count(s.at));
      put(out, s.brand);
      put(out, static_cast<uint8_t>(s.cls));
      put(out, s.advertised);
      put(out, static_cast<uint8_t>(s.sent));
    }
  }
}

bool ContactBook::restore(size_t index, std::string_view in) {
  Part& part = parts_[index];
  part.clear();
  const auto damaged = [&] {
    part.clear();
    return false;
  };
  if (in.empty() || get<uint8_t>(in) != kFormat) return false;
  while (!in.empty()) {
    if (in.size() < kContactBytes) return damaged();
    const auto number = get<NumberHash>(in);
    const Key key{number, get<uint16_t>(in)};
    const size_t slots = get<uint16_t>(in);
    if (in.size() < slots * kSlotBytes || part_of(key) != index) return damaged();
    Contact& contact = part[key];
    for (size_t i = 0; i < slots; ++i) {
      Slot s{.id = get<MessageId>(in)};
      s.at = instant(get<int64_t>(in));
      s.brand = get<uint16_t>(in);
      s.cls = static_cast<Class>(get<uint8_t>(in));
      s.advertised = get<KeywordMask>(in);
      s.sent = get<uint8_t>(in) != 0;
      contact.slots.push_back(s);
    }
  }
  return true;
}

size_t ContactBook::size() const {
  size_t n = 0;
  for (const Part& part : parts_) n += part.size();
  return n;
}

}  // namespace tact::policy
