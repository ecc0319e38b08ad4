// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/awaiting.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstring>

#include "gateway/engine/check.h"
#include "gateway/engine/commit_builder.h"
#include "gateway/engine/keys.h"

namespace tact::gateway {
namespace {

constexpr int kCounterBits = 20;  // of a `sent` key, below the milliseconds
constexpr int kSpilledAtOnce = 4'096;
// Nearly all receipts come sooner; a start has to read this much of the log and its ends.
constexpr std::chrono::seconds kYoung{10};
constexpr size_t kMovedAtOnce = 1'024;  // of a turn, about

// May an attempt at this part have come through without our knowing?
bool undecided(const SentPart& part) {
  return part.answer == SentPart::Answer::unanswered ||
         (part.answer == SentPart::Answer::absent && part.state == smpp::MessageState::unknown);
}

}  // namespace

// ---- Index.

template <typename Where>
bool Awaiting::Index<Where>::erase(uint64_t hash, Where where) {
  const Where* at = map_.find(hash);
  return at != nullptr && *at == where && map_.erase(hash);
}

template <typename Where>
std::optional<Where> Awaiting::Index<Where>::find(uint64_t hash) const {
  const Where* at = map_.find(hash);
  return at == nullptr ? std::nullopt : std::optional(*at);
}

uint64_t Awaiting::air_hash(uint16_t reference, NumberHash number) const {
  const auto on_air = static_cast<uint16_t>(reference & reference_mask_);
  return ~reference_hash(on_air, number);
}

template <typename Fn>
void Awaiting::each_hash(const Sent& sent, Fn&& fn) {
  for (const SentPart& part : sent.parts) {
    if (!part.id.empty()) fn(by_id_, alias_hash(canonical_id(part.id), sent.number));
  }
  if (sent.message_reference) {
    fn(by_reference_, reference_hash(*sent.message_reference, sent.number));
  }
  if (sent.parts.size() > 1) {
    fn(by_air_, air_hash(static_cast<uint16_t>(raw(sent.id)), sent.number));
  }
}

void Awaiting::index(Entry entry, const Sent& sent) {
  if (sent.message_reference) {
    note_shared(reference_hash(*sent.message_reference, sent.number));
  }
  each_hash(sent, [&](auto& index, uint64_t hash) { index.put(hash, entry.slot); });
  if (sent.again || !sent.complete()) again_[entry.sent] = entry.slot;
}

void Awaiting::note_shared(uint64_t hash) {
  if (const auto shared = shared_references_.find(hash); shared != shared_references_.end()) {
    ++shared->second;
  } else if (by_reference_.find(hash) || (spilled_ > 0 && spilled_at_.find(hash))) {
    shared_references_[hash] = 2;
  }
}

void Awaiting::unindex(Entry entry, const Sent& sent) {
  each_hash(sent, [&](auto& index, uint64_t hash) { index.erase(hash, entry.slot); });
  if (sent.message_reference) {
    const auto shared =
        shared_references_.find(reference_hash(*sent.message_reference, sent.number));
    if (shared != shared_references_.end() && --shared->second == 0) {
      shared_references_.erase(shared);
    }
  }
  again_.erase(entry.sent);
}

// ---- Entries.

uint64_t Awaiting::next_sent(Civil now) {
  const auto ms = static_cast<uint64_t>(std::max<int64_t>(0, to_ms(now)));
  last_sent_ = std::max(last_sent_ + 1, ms << kCounterBits);
  return last_sent_;
}

Awaiting::Entry Awaiting::add(const Sent& sent, Mono now, Civil civil) {
  const Entry entry = insert(next_sent(civil), encode(sent));
  slots_[entry.slot].place = SentLog::kNowhere;
  link_as_newest(entry.slot);
  index(entry, sent);
  await_answer(entry, sent, now);
  return entry;
}

bool Awaiting::restore(uint64_t sent, std::string_view record, Mono now) {
  const auto decoded = decode_sent(record);
  if (!decoded || sent == 0) return false;
  restored(sent, record, *decoded, now);
  return true;
}

Awaiting::Entry Awaiting::restored(uint64_t sent, std::string_view record, const Sent& decoded,
                                   Mono now) {
  last_sent_ = std::max(last_sent_, sent);
  const Entry entry = insert(sent, record);
  slots_[entry.slot].turn = 0;  // it is durable
  link_as_newest(entry.slot);
  index(entry, decoded);
  await_answer(entry, decoded, now);
  return entry;
}

Awaiting::Entry Awaiting::insert(uint64_t sent, std::string_view record) {
  uint32_t at = free_;
  if (at == kNone) {
    at = static_cast<uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    free_ = slots_[at].newer;
  }
  slots_[at].sent = sent;
  ++size_;
  store(slots_[at], record);
  return {at, sent};
}

void Awaiting::link_as_newest(uint32_t at) {
  slots_[at].older = newest_;
  slots_[at].newer = kNone;
  (newest_ == kNone ? oldest_ : slots_[newest_].newer) = at;
  newest_ = at;
}

void Awaiting::link_as_oldest(uint32_t at) {
  slots_[at].older = kNone;
  slots_[at].newer = oldest_;
  (oldest_ == kNone ? newest_ : slots_[oldest_].older) = at;
  oldest_ = at;
}

void Awaiting::unlink(uint32_t at) {
  const Slot& slot = slots_[at];
  if (spill_at_ == at) spill_at_ = slot.newer;
  (slot.older == kNone ? oldest_ : slots_[slot.older].newer) = slot.newer;
  (slot.newer == kNone ? newest_ : slots_[slot.newer].older) = slot.older;
}

void Awaiting::free(uint32_t at) {
  unlink(at);
  Slot& slot = slots_[at];
  record_bytes_ -= slot.record_size;
  slot = {};
  slot.newer = free_;
  free_ = at;
  --size_;
}

void Awaiting::store(Slot& slot, std::string_view record) {
  record_bytes_ += record.size() - slot.record_size;
  if (slot.record_size != record.size()) {
    slot.record = std::make_unique_for_overwrite<char[]>(record.size());
    slot.record_size = static_cast<uint32_t>(record.size());
  }
  std::memcpy(slot.record.get(), record.data(), record.size());
  slot.turn = turn_;
}

const Awaiting::Slot& Awaiting::slot_of(Entry entry) const {
  CHECK(alive(entry));
  return slots_[entry.slot];
}

bool Awaiting::alive(Entry entry) const {
  return entry.sent != 0 && entry.slot < slots_.size() && slots_[entry.slot].sent == entry.sent;
}

std::optional<Awaiting::Entry> Awaiting::earlier(uint64_t sent) const {
  const auto at = again_.find(sent);
  if (at == again_.end()) return std::nullopt;
  return Entry{at->second, sent};
}

std::optional<Awaiting::Entry> Awaiting::incomplete(uint64_t key) const {
  const auto entry = earlier(key);
  return entry && !sent(*entry).complete() ? entry : std::nullopt;
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
  await_answer(entry, message, now);
}

void Awaiting::erase(Entry entry, const Sent& as_it_is) {
  unindex(entry, as_it_is);
  count(slot_of(entry), false);
  free(entry.slot);
}

// ---- On disk.

void Awaiting::save(Entry entry, CommitBuilder& out) {
  Slot& slot = slot_of(entry);
  if (slot.place == SentLog::kTable) {
    out.put(Table::awaiting, awaiting_key(route_, entry.sent), std::string(record(entry)));
  } else {
    slot.place = log_.put(entry.sent, entry.slot, record(entry), slot.place);
  }
}

void Awaiting::end(Entry entry, const Sent& as_it_is, CommitBuilder& out) {
  const SentLog::Place place = slot_of(entry).place;
  if (place == SentLog::kTable) {
    out.erase(Table::awaiting, awaiting_key(route_, entry.sent));
  } else {
    log_.end(entry.sent, place);
  }
  erase(entry, as_it_is);
}

void Awaiting::commit(CommitBuilder& out, Mono now) {
  const Mono limit = pressed_ ? kNever : now - kYoung;
  for (size_t moved = 0; moved < kMovedAtOnce;) {
    const SentLog::Record* oldest = log_.older_than(limit);
    if (oldest == nullptr) break;
    for (const uint32_t at : oldest->slots) {
      Slot& slot = slots_[at];
      if (slot.place != oldest->place) continue;  // ended, or changed since
      slot.place = SentLog::kTable;
      slot.turn = turn_;
      save(entry_at(at), out);
      ++moved;
    }
    log_.moved();
  }
  log_.write(out, now);
}

// What the log says, in its order.
class Awaiting::Replay final : public SentLog::Visitor {
 public:
  Replay(Awaiting& awaiting, Mono now) : awaiting_(awaiting), now_(now) {}

  std::optional<uint32_t> put(uint64_t sent, std::string_view record,
                              SentLog::Place place) override {
    const auto decoded = decode_sent(record);
    if (!decoded) {
      ++damaged_;
      return std::nullopt;
    }
    const auto [at, fresh] = known_.try_emplace(sent);
    if (fresh) {
      at->second = awaiting_.restored(sent, record, *decoded, now_);
    } else {
      awaiting_.log_.leave(awaiting_.slot_of(at->second).place);
      awaiting_.replace(at->second, *decoded, now_);
    }
    Slot& slot = awaiting_.slot_of(at->second);
    slot.place = place;
    slot.turn = 0;
    return at->second.slot;
  }

  void end(uint64_t sent) override {
    const auto at = known_.find(sent);
    if (at == known_.end()) return;  // what was put stood below the floor
    awaiting_.log_.leave(awaiting_.slot_of(at->second).place);
    awaiting_.erase(at->second);
    known_.erase(at);
  }

  uint64_t damaged() const { return damaged_; }

 private:
  Awaiting& awaiting_;
  const Mono now_;
  boost::unordered_flat_map<uint64_t, Entry> known_;
  uint64_t damaged_ = 0;
};

uint64_t Awaiting::start(StoreReader& reader, Mono now, size_t limit) {
  uint64_t damaged = 0;
  const std::string begin = awaiting_key(route_, 0);
  reader.scan(Table::awaiting, begin, prefix_end(begin.substr(0, 2)),
              [&](std::string_view key, std::string_view value) {
                damaged += restore(key_u64(key, 2), value, now) ? 0 : 1;
                spill(limit, 0);
                return true;
              });
  Replay replay(*this, now);
  damaged += log_.start(reader, now, replay);
  return damaged + replay.damaged();
}

// What an answer or a receipt changed. While a part is absent the settle time runs on: then the
// missing parts are sent. A message that is known and whole is never sent again.
void Awaiting::update(Entry entry, Sent& message) {
  if (!message.unknown() && message.complete()) message.message.clear();
  Slot& slot = slot_of(entry);
  count(slot, message.unknown());
  slot.complete = message.complete();
  if (!message.undecided()) slot.due = kNever;
  store(slot, encode(message));
}

bool Awaiting::settle(Entry entry, uint8_t part, std::string_view id) {
  if (!alive(entry)) return false;
  Sent message = sent(entry);
  if (part >= message.parts.size()) return false;
  SentPart& settled = message.parts[part];
  if (!undecided(settled)) return false;
  settled = {SentPart::Answer::accepted, smpp::MessageState::enroute, std::string(id)};
  if (!id.empty()) by_id_.put(alias_hash(canonical_id(id), message.number), entry.slot);
  update(entry, message);
  return true;
}

bool Awaiting::refuse(Entry entry, uint8_t part) {
  if (!alive(entry)) return false;
  Sent message = sent(entry);
  if (part >= message.parts.size() || !undecided(message.parts[part])) return false;
  message.parts[part] = {};
  message.again = true;
  update(entry, message);
  again_[entry.sent] = entry.slot;
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
  Sent message = sent(entry);
  if (message.number != number) return std::nullopt;
  std::optional<size_t> found;
  for (size_t i = 0; i < message.parts.size(); ++i) {
    const SentPart& part = message.parts[i];
    if (part.id.empty() || canonical_id(part.id) != canonical) continue;
    if (!found) found = i;  // a repeat of what is known, unless another has no last state
    if (is_last(part.state)) continue;
    found = i;
    break;
  }
  if (!found) return std::nullopt;
  return Match{entry, static_cast<uint8_t>(*found), false, std::move(message)};
}

std::optional<Awaiting::Match> Awaiting::match_reference(uint16_t reference,
                                                         NumberHash number) const {
  const uint64_t hash = reference_hash(reference, number);
  const auto slot = by_reference_.find(hash);
  if (!slot || shared_references_.contains(hash)) return std::nullopt;
  const Entry entry = entry_at(*slot);
  Sent message = sent(entry);
  if (message.number != number || message.message_reference != reference) return std::nullopt;
  // First those of which we have no id: the others would have been found by theirs.
  auto part = std::ranges::find_if(message.parts, undecided);
  if (part == message.parts.end()) {
    part = std::ranges::find_if(message.parts, [](const SentPart& other) {
      return other.answer == SentPart::Answer::accepted && !is_last(other.state);
    });
  }
  if (part == message.parts.end()) return std::nullopt;
  const auto index = static_cast<uint8_t>(part - message.parts.begin());
  return Match{entry, index, true, std::move(message)};
}

Awaiting::Filed Awaiting::receipt(Match match, std::string_view id, smpp::MessageState state,
                                  std::string_view error) {
  Sent& message = match.sent;
  const smpp::MessageState worst = progress(message).state;
  CHECK(match.part < message.parts.size());
  SentPart& part = message.parts[match.part];
  const bool repeated = is_last(part.state);
  if (undecided(part)) {
    part.answer = SentPart::Answer::accepted;
    part.id = id;
    if (!id.empty()) by_id_.put(alias_hash(canonical_id(id), message.number), match.entry.slot);
  }
  if (!repeated) {
    part.state = state;
    if (is_last(state) && worse(worst, state) != worst) message.error = error;
  }
  Progress now = progress(message);
  now.repeated = repeated;
  if (!repeated && !now.closed) update(match.entry, message);
  return {std::move(now), std::move(message)};
}

Awaiting::Progress Awaiting::progress(const Sent& message) const {
  Progress progress{false, smpp::MessageState::enroute, message.error, false};
  size_t last = 0;
  for (const SentPart& part : message.parts) {
    progress.state = worse(progress.state, part.state);
    last += is_last(part.state) ? 1 : 0;
  }
  const size_t needed = receipts_ == ReceiptsPer::message ? 1 : message.parts.size();
  progress.closed = last >= needed && message.complete();
  return progress;
}

bool Awaiting::reference_used(uint16_t reference, NumberHash number, uint64_t except,
                              Civil since) const {
  const uint64_t hash = air_hash(reference, number);
  std::optional<uint64_t> sent;
  if (const auto slot = by_air_.find(hash)) {
    sent = slots_[*slot].sent;
  } else if (spilled_ > 0) {
    sent = spilled_at_.find(hash);
  }
  return sent && *sent != except && time_of(*sent) > since;
}

// ---- Beyond the limit.

uint64_t Awaiting::key_at(Civil t) {
  return static_cast<uint64_t>(std::max<int64_t>(0, to_ms(t))) << kCounterBits;
}

Civil Awaiting::time_of(uint64_t sent) {
  return from_ms(static_cast<int64_t>(sent >> kCounterBits));
}

void Awaiting::spill(size_t limit, uint64_t committed) {
  pressed_ = size_ > limit;
  for (int looked = 0; size_ > limit && looked < kSpilledAtOnce; ++looked) {
    if (spill_at_ == kNone) spill_at_ = oldest_;
    const uint32_t at = spill_at_;
    const Slot& slot = slots_[at];
    if (slot.turn > committed || slot.place != SentLog::kTable) return;
    // What stays is passed by, and looked at again when all others have been.
    spill_at_ = slot.newer;
    if (!slot.unknown && slot.complete) spill(at);
  }
}

// A hash that leads to another spilled message must not lead to two; without any hash nobody would
// find it again.
void Awaiting::spill(uint32_t at) {
  const Entry entry = entry_at(at);
  const Sent message = sent(entry);
  bool found = false, taken = false;
  each_hash(message, [&](auto&, uint64_t hash) {
    found = true;
    const auto other = spilled_at_.find(hash);
    taken |= other && *other != entry.sent;
  });
  if (!found || taken) return;
  each_hash(message, [&](auto& index, uint64_t hash) {
    index.erase(hash, at);
    spilled_at_.put(hash, entry.sent);
  });
  again_.erase(entry.sent);
  free(at);
  spilled_from_ = spilled_ == 0 ? entry.sent : std::min(spilled_from_, entry.sent);
  ++spilled_;
}

std::optional<uint64_t> Awaiting::find_spilled(std::string_view id, smpp::IdRule rule,
                                               NumberHash destination,
                                               std::optional<uint16_t> message_reference) const {
  if (spilled_ == 0) return std::nullopt;
  std::optional<uint64_t> key;
  smpp::aliases(id, rule, [&](std::string_view spelling) {
    if (!key) key = spilled_at_.find(alias_hash(spelling, destination));
  });
  if (key || !message_reference) return key;
  const uint64_t hash = reference_hash(*message_reference, destination);
  return shared_references_.contains(hash) ? std::nullopt : spilled_at_.find(hash);
}

bool Awaiting::reload(uint64_t key, std::string_view record, Mono now) {
  const auto message = decode_sent(record);
  if (!message) return false;
  bool was_spilled = false;
  each_hash(*message, [&](auto&, uint64_t hash) { was_spilled |= spilled_at_.erase(hash, key); });
  if (!was_spilled) return true;
  --spilled_;
  const Entry entry = insert(key, record);
  slots_[entry.slot].turn = 0;
  link_as_oldest(entry.slot);
  spill_at_ = entry.slot;
  // A younger message with the same id goes first.
  each_hash(*message, [&](auto& index, uint64_t hash) { index.put_if_absent(hash, entry.slot); });
  if (message->again) again_[key] = entry.slot;
  await_answer(entry, *message, now);
  return true;
}

// ---- Time.

void Awaiting::count(Slot& slot, bool unknown) {
  unknown_ += (unknown ? 1 : 0) - (slot.unknown ? 1 : 0);
  slot.unknown = unknown;
}

void Awaiting::await_answer(Entry entry, const Sent& message, Mono now) {
  Slot& slot = slot_of(entry);
  count(slot, message.unknown());
  slot.complete = message.complete();
  slot.due = message.undecided() ? now + settle_time_ : kNever;
  if (message.undecided()) deadlines_.push_back({slot.due, entry});
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

void Awaiting::pass_over(Entry entry) {
  CHECK(alive(entry));
  unlink(entry.slot);
  link_as_newest(entry.slot);
}

size_t Awaiting::bytes() const {
  constexpr size_t kAllocation = 16;  // what malloc adds, about
  return slots_.size() * sizeof(Slot) + record_bytes_ + size_ * kAllocation + by_id_.bytes() +
         by_reference_.bytes() + by_air_.bytes() + spilled_at_.bytes();
}

}  // namespace tact::gateway
