// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/event_feed.h"

#include <algorithm>

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
}  // namespace

void EventFeed::start(StoreReader& reader) {
  tail_ = reader.event_tail(upstream_);
  if (const auto value = reader.get(Table::meta, upstream_key(upstream_))) {
    acked_ = RecordReader({reinterpret_cast<const uint8_t*>(value->data()), value->size()})
                 .integer<uint64_t>();
  }
  next_ = acked_ + 1;
  stats_.events_unacked.set(tail_ - 1 - acked_);
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

bool EventFeed::has_room() const {
  return raw(subscriber_) != 0 && unsent_ + output_.size() < kUnsentMax;
}

void EventFeed::stored(const EventsStored& events) {
  CHECK(events.seq == tail_);
  tail_ += events.count;
  average_ = (average_ * 7 + events.body->size() / events.count) / 8 + 1;
  stats_.events.add(events.count);
  stats_.events_unacked.set(tail_ - 1 - acked_);
  if (next_ == events.seq && load_ == 0 && has_room()) send(events.seq, *events.body);
}

void EventFeed::send(uint64_t first, ByteView body) {
  next_ = append_event_frames(body, first, next_, kFrameMax, output_);
}

void EventFeed::turn(size_t unsent) {
  unsent_ = unsent;
  reclaim();
  if (load_ != 0 || next_ >= tail_ || !has_room()) return;
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
    if (first > next_ || !has_room()) break;
    send(first, batch->body);
  }
  return true;
}

void EventFeed::acknowledge(uint64_t sequence) {
  if (sequence <= acked_ || sequence >= tail_) return;
  acked_ = sequence;
  stats_.events_unacked.set(tail_ - 1 - acked_);
  Bytes value;
  RecordWriter(value).integer(acked_);
  context_.out.put(Table::meta, upstream_key(upstream_), {value.begin(), value.end()});
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
