// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/awaiting.h"

#include <algorithm>
#include <cstring>

#include "gateway/engine/check.h"

namespace tact::gateway {
namespace {

constexpr int kCounterBits = 20;  // of a `sent` key, below the milliseconds

uint64_t reference_hash(uint16_t reference, NumberHash number) {
  const char octets[] = {'r', static_cast<char>(reference >> 8), static_cast<char>(reference)};
  return alias_hash({octets, sizeof octets}, number);
}

Civil time_of(uint64_t sent) { return from_ms(static_cast<int64_t>(sent >> kCounterBits)); }

}  // namespace

// ---- Index.

void Awaiting::Index::erase(uint64_t hash, uint32_t slot) {
  Map& map = of(hash);
  const auto at = map.find(hash);
  if (at != map.end() && at->second == slot) map.erase(at);
}

std::optional<uint32_t> Awaiting::Index::find(uint64_t hash) const {
  const Map& map = maps_[hash >> 56];
  const auto at = map.find(hash);
  if (at == map.end()) return std::nullopt;
  return at->second;
}

size_t Awaiting::Index::bytes() const {
  size_t buckets = 0;
  for (const Map& map : maps_) buckets += map.bucket_count();
  return buckets * (sizeof(Map::value_type) + 1);
}

void Awaiting::index(Entry entry, const Sent& sent) {
  for (const SentPart& part : sent.parts) {
    if (part.id.empty()) continue;
    by_id_.put(alias_hash(canonical_id(part.id), sent.number), entry.slot);
  }
  if (sent.message_reference) {
    by_reference_.put(reference_hash(*sent.message_reference, sent.number), entry.slot);
  }
  if (!sent.complete()) incomplete_[entry.sent] = entry.slot;
}

void Awaiting::unindex(Entry entry, const Sent& sent) {
  for (const SentPart& part : sent.parts) {
    if (part.id.empty()) continue;
    by_id_.erase(alias_hash(canonical_id(part.id), sent.number), entry.slot);
  }
  if (sent.message_reference) {
    by_reference_.erase(reference_hash(*sent.message_reference, sent.number), entry.slot);
  }
  incomplete_.erase(entry.sent);
}

// ---- Entries.

uint64_t Awaiting::next_sent(Civil now) {
  const auto ms = static_cast<uint64_t>(std::max<int64_t>(0, to_ms(now)));
  last_sent_ = std::max(last_sent_ + 1, ms << kCounterBits);
  return last_sent_;
}

Awaiting::Entry Awaiting::add(const Sent& sent, Mono now, Civil civil) {
  return insert(next_sent(civil), sent, encode(sent), now);
}

bool Awaiting::restore(uint64_t sent, std::string_view record, Mono now) {
  const auto decoded = decode_sent(record);
  if (!decoded || sent <= last_sent_) return false;
  last_sent_ = sent;
  insert(sent, *decoded, record, now);
  return true;
}

Awaiting::Entry Awaiting::insert(uint64_t sent, const Sent& message, std::string_view record,
                                 Mono now) {
  uint32_t at = free_;
  if (at == kNone) {
    at = static_cast<uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    free_ = slots_[at].newer;
  }
  Slot& slot = slots_[at];
  slot.sent = sent;
  slot.older = newest_;
  slot.newer = kNone;
  (newest_ == kNone ? oldest_ : slots_[newest_].newer) = at;
  newest_ = at;
  ++size_;
  const Entry entry{at, sent};
  store(slot, record);
  index(entry, message);
  await_answer(entry, message.unknown(), now);
  return entry;
}

void Awaiting::store(Slot& slot, std::string_view record) {
  record_bytes_ += record.size() - slot.record_size;
  if (slot.record_size != record.size()) {
    slot.record = std::make_unique_for_overwrite<char[]>(record.size());
    slot.record_size = static_cast<uint32_t>(record.size());
  }
  std::memcpy(slot.record.get(), record.data(), record.size());
}

const Awaiting::Slot& Awaiting::slot_of(Entry entry) const {
  CHECK(alive(entry));
  return slots_[entry.slot];
}

bool Awaiting::alive(Entry entry) const {
  return entry.sent != 0 && entry.slot < slots_.size() && slots_[entry.slot].sent == entry.sent;
}

std::optional<Awaiting::Entry> Awaiting::incomplete(uint64_t sent) const {
  const auto at = incomplete_.find(sent);
  if (at == incomplete_.end()) return std::nullopt;
  return Entry{at->second, sent};
}

std::string_view Awaiting::record(Entry entry) const {
  const Slot& slot = slot_of(entry);
  return {slot.record.get(), slot.record_size};
}

Sent Awaiting::sent(Entry entry) const {
  auto decoded = decode_sent(record(entry));
  CHECK(decoded);
  return std::move(*decoded);
}

void Awaiting::replace(Entry entry, const Sent& message, Mono now) {
  unindex(entry, sent(entry));
  store(slot_of(entry), encode(message));
  index(entry, message);
  await_answer(entry, message.unknown(), now);
}

void Awaiting::erase(Entry entry) {
  unindex(entry, sent(entry));
  await_answer(entry, false, Mono{});
  Slot& slot = slot_of(entry);
  (slot.older == kNone ? oldest_ : slots_[slot.older].newer) = slot.newer;
  (slot.newer == kNone ? newest_ : slots_[slot.newer].older) = slot.older;
  record_bytes_ -= slot.record_size;
  slot = {};
  slot.newer = free_;
  free_ = entry.slot;
  --size_;
}

// What an answer or a receipt changed. A message that is no longer unknown is never sent again.
void Awaiting::update(Entry entry, Sent& message) {
  if (!message.unknown()) {
    message.message.clear();
    await_answer(entry, false, Mono{});
  }
  store(slot_of(entry), encode(message));
  index(entry, message);
}

bool Awaiting::settle(Entry entry, uint8_t part, std::string_view id) {
  if (!alive(entry)) return false;
  Sent message = sent(entry);
  if (part >= message.parts.size()) return false;
  SentPart& settled = message.parts[part];
  if (settled.answer != SentPart::Answer::unanswered) return false;
  settled.answer = SentPart::Answer::accepted;
  settled.id = id;
  update(entry, message);
  return true;
}

// ---- Receipts.

std::optional<Awaiting::Match> Awaiting::find(std::string_view id, smpp::IdRule rule,
                                              NumberHash destination,
                                              std::optional<uint16_t> message_reference) const {
  std::optional<Match> match;
  smpp::aliases(id, rule, [&](std::string_view spelling) {
    if (!match) match = match_id(spelling, destination);
  });
  if (!match && message_reference) match = match_reference(*message_reference, destination);
  return match;
}

std::optional<Awaiting::Match> Awaiting::match_id(std::string_view canonical,
                                                  NumberHash number) const {
  const auto slot = by_id_.find(alias_hash(canonical, number));
  if (!slot) return std::nullopt;
  const Entry entry = entry_at(*slot);
  const Sent message = sent(entry);
  if (message.number != number) return std::nullopt;
  std::optional<Match> match;
  for (size_t i = 0; i < message.parts.size(); ++i) {
    const SentPart& part = message.parts[i];
    if (part.id.empty() || canonical_id(part.id) != canonical) continue;
    if (!match) match = Match{entry, static_cast<uint8_t>(i), false};
    if (!is_last(part.state)) return Match{entry, static_cast<uint8_t>(i), false};
  }
  return match;  // a repeat of what is known
}

std::optional<Awaiting::Match> Awaiting::match_reference(uint16_t reference,
                                                         NumberHash number) const {
  const auto slot = by_reference_.find(reference_hash(reference, number));
  if (!slot) return std::nullopt;
  const Entry entry = entry_at(*slot);
  const Sent message = sent(entry);
  if (message.number != number || message.message_reference != reference) return std::nullopt;
  for (const auto answer : {SentPart::Answer::unanswered, SentPart::Answer::accepted}) {
    for (size_t i = 0; i < message.parts.size(); ++i) {
      const SentPart& part = message.parts[i];
      if (part.answer != answer || is_last(part.state)) continue;
      return Match{entry, static_cast<uint8_t>(i), true};
    }
  }
  return std::nullopt;
}

Awaiting::Progress Awaiting::receipt(const Match& match, std::string_view id,
                                     smpp::MessageState state, std::string_view error) {
  Sent message = sent(match.entry);
  smpp::MessageState worst = smpp::MessageState::enroute;
  for (const SentPart& part : message.parts) worst = worse(worst, part.state);
  CHECK(match.part < message.parts.size());
  SentPart& part = message.parts[match.part];
  if (part.answer == SentPart::Answer::unanswered) {
    part.answer = SentPart::Answer::accepted;
    part.id = id;
  }
  if (!is_last(part.state)) {
    part.state = state;
    if (is_last(state) && worse(worst, state) != worst) {
      worst = state;
      message.error = error;
    }
  }
  update(match.entry, message);
  const bool last =
      std::ranges::all_of(message.parts, [](const SentPart& p) { return is_last(p.state); });
  return {last && message.complete(), worst, message.error};
}

// ---- Time.

void Awaiting::await_answer(Entry entry, bool unknown, Mono now) {
  Slot& slot = slot_of(entry);
  unknown_ += (unknown ? 1 : 0) - (slot.unknown ? 1 : 0);
  slot.unknown = unknown;
  slot.due = unknown ? now + settle_time_ : kNever;
  if (unknown) deadlines_.push_back({slot.due, entry});
}

std::optional<Awaiting::Entry> Awaiting::unknown_due(Mono now) {
  while (!deadlines_.empty() && deadlines_.front().due <= now) {
    const Deadline deadline = deadlines_.front();
    deadlines_.pop_front();
    if (!alive(deadline.entry)) continue;
    Slot& slot = slot_of(deadline.entry);
    if (slot.due != deadline.due) continue;  // answered, or sent once more since
    slot.due = kNever;
    return deadline.entry;
  }
  return std::nullopt;
}

Mono Awaiting::next_unknown_due() const {
  return deadlines_.empty() ? kNever : deadlines_.front().due;
}

std::optional<Awaiting::Entry> Awaiting::oldest(Civil sent_until) const {
  if (oldest_ == kNone || time_of(slots_[oldest_].sent) > sent_until) return std::nullopt;
  return entry_at(oldest_);
}

std::optional<Civil> Awaiting::oldest_sent() const {
  if (oldest_ == kNone) return std::nullopt;
  return time_of(slots_[oldest_].sent);
}

size_t Awaiting::bytes() const {
  constexpr size_t kAllocation = 16;  // what malloc adds, about
  return slots_.size() * sizeof(Slot) + record_bytes_ + size_ * kAllocation + by_id_.bytes() +
         by_reference_.bytes();
}

}  // namespace tact::gateway
