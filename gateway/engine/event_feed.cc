// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/event_feed.h"

#include <algorithm>
#include <utility>

#include "gateway/engine/check.h"
#include "gateway/engine/event.h"
#include "gateway/engine/record_io.h"

namespace tact::gateway {

namespace {
// Events on their way to a subscriber: enough to fill a fast connection, little enough to drop with
// it.
constexpr size_t kUnsentMax = 4u << 20;
constexpr size_t kFrameMax = 1u << 20;
constexpr uint64_t kReclaimEvents = 65'536;
constexpr Mono kReclaimTime = std::chrono::seconds(30);
// Of the quota: one part in so many is for what comes unasked.
constexpr uint64_t kUnsolicitedShare = 8;
// What a message causes: that it was submitted, and its end.
constexpr uint64_t kEventsReserved = 2;
}  // namespace

void EventFeed::start(StoreReader& reader) {
  tail_ = reader.event_tail(upstream_);
  restore_books(reader);
  next_ = acked_ + 1;
  count_out();
}

void EventFeed::restore_books(StoreReader& reader) {
  const auto value = reader.get(Table::meta, upstream_key(upstream_));
  if (!value) return;
  RecordReader in({reinterpret_cast<const uint8_t*>(value->data()), value->size()});
  acked_ = in.integer<uint64_t>();
  reserved_ = in.integer<uint64_t>();
  const auto counted = in.integer<uint64_t>();
  unsolicited_bytes_ = in.integer<uint64_t>();
  missed_ = in.integer<uint64_t>();
  missed_from_ = from_ms(in.integer<int64_t>());
  missed_to_ = from_ms(in.integer<int64_t>());
  if (!in.ok()) {
    reserved_ = unsolicited_bytes_ = missed_ = 0;
    return;
  }
  if (unsolicited_bytes_ > 0) unsolicited_.push_back({counted - 1, unsolicited_bytes_});
  // What was stored since; it is all there, since what is deleted was acknowledged, which wrote
  // the books. `counted` begins a batch.
  reader.scan(Table::events, events_key(upstream_, counted), events_key(upstream_, tail_),
              [&](std::string_view key, std::string_view stored) {
                const auto batch =
                    open_batch({reinterpret_cast<const uint8_t*>(stored.data()), stored.size()},
                               context_.sealer);
                CHECK(batch);
                count(key_u64(key, 2) + batch->count - 1, batch->body);
                return true;
              });
}

uint64_t EventFeed::subscribe(ConnectionId connection, uint64_t acked) {
  subscriber_ = connection;
  output_.clear();
  unsent_ = 0;
  load_ = 0;  // an answer to the older subscriber's load is nobody's
  acknowledge(acked);
  next_ = acked_ + 1;
  return next_;
}

void EventFeed::unsubscribe(ConnectionId connection) {
  if (subscriber_ != connection) return;
  subscriber_ = {};
  output_.clear();
}

bool EventFeed::subscriber_takes() const {
  return raw(subscriber_) != 0 && unsent_ + output_.size() < kUnsentMax;
}

void EventFeed::stored(const EventsStored& events) {
  CHECK(events.seq == tail_);
  tail_ += events.count;
  average_ = (average_ * 7 + events.body->size() / events.count) / 8 + 1;
  stats_.events.add(events.count);
  const uint64_t before = unsolicited_bytes_;
  count(tail_ - 1, *events.body);
  unsolicited_coming_ -= std::min(unsolicited_coming_, unsolicited_bytes_ - before);
  count_out();
  if (next_ == events.seq && load_ == 0 && subscriber_takes()) send(events.seq, *events.body);
}

void EventFeed::send(uint64_t first, ByteView body) {
  next_ = append_event_frames(body, first, next_, kFrameMax, output_);
}

void EventFeed::feed(size_t unsent) {
  unsent_ = unsent;
  reclaim();
  if (load_ != 0 || next_ >= tail_ || !subscriber_takes()) return;
  load_ = context_.next_load++;
  LoadRequest request;
  request.id = load_;
  request.table = Table::events;
  request.begin = events_key(upstream_, next_);
  request.end = prefix_end(events_key(upstream_, 0).substr(0, 2));
  request.from_before = true;  // the batch that holds next_
  context_.store.load(context_.id, std::move(request));
}

bool EventFeed::loaded(const Loaded& loaded) {
  if (loaded.id != load_ || load_ == 0) return false;
  load_ = 0;
  for (const auto& [key, value] : loaded.records) {
    const uint64_t first = key_u64(key, 2);
    const auto batch =
        open_batch({reinterpret_cast<const uint8_t*>(value.data()), value.size()}, context_.sealer);
    CHECK(batch);  // damaged events cannot be told and must not be skipped (I6)
    if (first + batch->count <= next_) continue;
    if (first > next_ || !subscriber_takes()) break;
    send(first, batch->body);
  }
  return true;
}

void EventFeed::acknowledge(uint64_t sequence) {
  if (sequence <= acked_ || sequence >= tail_) return;
  acked_ = sequence;
  while (!unsolicited_.empty() && unsolicited_.front().last <= acked_) {
    unsolicited_bytes_ -= unsolicited_.front().bytes;
    unsolicited_.pop_front();
  }
  dirty_ = true;
}

// ---- Room.

uint64_t EventFeed::share() const { return settings_.event_quota_bytes / kUnsolicitedShare; }

void EventFeed::reserve(uint64_t messages) {
  reserved_ += messages;
  dirty_ |= messages > 0;
}

bool EventFeed::has_room() const {
  const uint64_t all = unacked_bytes();
  const uint64_t taken = all - std::min(all, unsolicited_bytes_);
  if (taken == 0 && reserved_ == 0) return true;  // else a small quota would hold jobs for ever
  return taken + (reserved_ + 1) * kEventsReserved * average_ <=
         settings_.event_quota_bytes - share();
}

void EventFeed::tell_unsolicited() {
  const size_t bytes = stored_size(context_.event);
  if (missed_ == 0 && unsolicited_bytes_ + unsolicited_coming_ + bytes <= share()) {
    unsolicited_coming_ += bytes;
    return context_.end_event(upstream_);
  }
  if (missed_ == 0) missed_from_ = context_.now.civil;
  missed_to_ = context_.now.civil;
  ++missed_;
  stats_.events_missed.add();
  dirty_ = true;
}

void EventFeed::count(uint64_t last, ByteView body) {
  const EventCount count = count_events(body);
  reserved_ -= std::min<uint64_t>(reserved_, count.final);
  if (count.unsolicited_bytes == 0) return;
  unsolicited_.push_back({last, count.unsolicited_bytes});
  unsolicited_bytes_ += count.unsolicited_bytes;
}

void EventFeed::turn() {
  // Half empty: else each acknowledged reply would bring a gap of one.
  if (missed_ > 0 && unsolicited_bytes_ + unsolicited_coming_ <= share() / 2) {
    auto& gap = *context_.begin_event(MessageId{}, "", false).mutable_gap();
    gap.set_missed(missed_);
    gap.set_from_ms(to_ms(missed_from_));
    gap.set_to_ms(to_ms(missed_to_));
    unsolicited_coming_ += stored_size(context_.event);
    context_.end_event(upstream_);
    missed_ = 0;
    dirty_ = true;
  }
  if (!std::exchange(dirty_, false)) return;
  count_out();
  Bytes value;
  RecordWriter out(value);
  for (const uint64_t number : {acked_, reserved_, tail_, unsolicited_bytes_, missed_}) {
    out.integer(number);
  }
  out.integer(to_ms(missed_from_));
  out.integer(to_ms(missed_to_));
  context_.out.put(Table::meta, upstream_key(upstream_), {value.begin(), value.end()});
}

void EventFeed::count_out() {
  stats_.events_unacked.set(tail_ - 1 - acked_);
  stats_.events_bytes.set(unacked_bytes());
  stats_.events_reserved.set(reserved_);
  stats_.jobs_held.set(has_room() ? 0 : 1);
}

void EventFeed::reclaim() {
  // A batch has at most kBatchMessagesMax events: one that begins that far below the
  // acknowledgement ends below it.
  if (acked_ < kBatchMessagesMax) return;
  const uint64_t floor = acked_ - kBatchMessagesMax;
  const Mono now = context_.now.mono;
  if (floor <= reclaimed_) return;
  if (floor - reclaimed_ < kReclaimEvents && now - reclaimed_at_ < kReclaimTime) return;
  context_.out.erase_range(Table::events, events_key(upstream_, reclaimed_),
                           events_key(upstream_, floor + 1));
  reclaimed_ = floor;
  reclaimed_at_ = now;
}

}  // namespace tact::gateway
