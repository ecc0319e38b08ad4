// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/lane.h"

#include <algorithm>

#include "gateway/engine/check.h"

namespace tact::gateway {
namespace {

constexpr uint64_t kReclaimMessages = 64 * 1024;
constexpr uint64_t kLoadBytes = 1 << 20;

}  // namespace

Lane::Lane(LaneId id, uint64_t page_bytes, uint32_t open_max, uint32_t ahead)
    : id_(id), page_max_(page_bytes), open_max_(open_max), ahead_(ahead) {
  CHECK(open_max > 0 && open_max <= UINT16_MAX);  // the count of a checkpoint is 16 bits
  CHECK(ahead > 0);
}

Lane::Unknown Lane::restore(const Checkpoint& last, uint64_t tail) {
  CHECK(tail_ == 0 && page_.empty() && !load_);
  Unknown unknown;
  for (const uint64_t seq : last.open) {
    if (seq < tail) unknown.open.push_back(seq);
  }
  unknown.offered.begin = std::min(last.next, tail);
  unknown.offered.end = std::min(std::max(last.fence, last.next), tail);
  next_ = loaded_end_ = durable_fence_ = limit_ = unknown.offered.end;
  tail_ = tail;
  mid_batch_ = true;
  dirty_ = true;
  return unknown;
}

// ---- The log.

bool Lane::room_for(const Batch& batch) const {
  return page_.empty() || used_ + batch.bytes() <= page_max_;
}

void Lane::appended(uint64_t seq, BatchPtr batch, Mono now) {
  Stored stored{seq, std::move(batch), now};
  tail_ = std::max(tail_, stored.end());
  if (load_) {
    if (seq != behind_end_ || !room_for(*stored.batch)) return;
    used_ += stored.batch->bytes();
    behind_end_ = stored.end();
    behind_.push_back(std::move(stored));
  } else if (seq == loaded_end_ && room_for(*stored.batch)) {
    used_ += stored.batch->bytes();
    take(std::move(stored));
  }
}

std::optional<Lane::Load> Lane::wants_load() {
  if (load_ || draining_ || loaded_end_ >= tail_) return std::nullopt;
  if (!page_.empty() && used_ > page_max_ / 2) return std::nullopt;
  // The other half of the room is left to what joins the log meanwhile: so a lane that catches up
  // lives in memory again.
  const uint64_t room = (page_max_ - std::min(used_, page_max_)) / 2;
  load_ = Load{loaded_end_, tail_, mid_batch_, std::clamp<uint64_t>(room, 1, kLoadBytes)};
  load_full_ = false;
  behind_end_ = tail_;
  return load_;
}

void Lane::loaded(uint64_t seq, BatchPtr batch) {
  CHECK(load_);
  if (load_full_) return;
  if (!batch) {
    // How many it held is told by where the next one begins.
    mid_batch_ = false;
    skip_to(seq + 1);
    return;
  }
  Stored stored{seq, std::move(batch)};
  if (stored.end() <= loaded_end_) return;
  skip_to(seq);
  if (!room_for(*stored.batch)) {
    load_full_ = true;
    return;
  }
  used_ += stored.batch->bytes();
  take(std::move(stored));
}

void Lane::load_done(bool more) {
  CHECK(load_);
  if (!more && !load_full_) skip_to(load_->end);
  const bool connected = loaded_end_ == load_->end;
  load_.reset();
  for (Stored& stored : behind_) {
    if (connected) {
      take(std::move(stored));
    } else {
      used_ -= stored.batch->bytes();
    }
  }
  behind_.clear();
}

void Lane::take(Stored stored) {
  loaded_end_ = stored.end();
  tail_ = std::max(tail_, loaded_end_);
  mid_batch_ = false;
  page_.push_back(std::move(stored));
  if (page_.size() == 1) refresh_front();
}

void Lane::skip_to(uint64_t seq) {
  if (seq <= loaded_end_) return;
  lost_ += seq - loaded_end_;
  loaded_end_ = seq;
  mid_batch_ = false;
  tail_ = std::max(tail_, seq);
  if (page_.empty()) refresh_front();
}

// Brings next and the front to the first message of the page; an empty page ends at next.
void Lane::refresh_front() {
  const uint64_t first = page_.empty() ? loaded_end_ : page_.front().seq;
  if (next_ < first) {
    next_ = first;
    dirty_ = true;
  }
  front_ = {};
  if (page_.empty()) return;
  const Stored& stored = page_.front();
  front_ = {next_, first, stored.batch, static_cast<uint32_t>(next_ - first), stored.durable};
}

// ---- Offering.

const Lane::Item* Lane::front() const { return next_ < limit_ ? head() : nullptr; }

const Lane::Item* Lane::head() const {
  const bool may = !draining_ && open_.size() < open_max_;
  return may && !page_.empty() ? &front_ : nullptr;
}

Lane::Item Lane::offer() {
  CHECK(front());
  return take();
}

Lane::Item Lane::take() {
  CHECK(head());
  Item item = front_;
  open_.push_back({item.seq, item.batch_seq});
  dirty_ = true;
  ++next_;
  if (next_ < page_.front().end()) {
    ++front_.seq;
    ++front_.index;
    return item;
  }
  last_batch_ = item.batch_seq;
  used_ -= item.batch->bytes();
  page_.pop_front();
  refresh_front();
  return item;
}

void Lane::resolve(uint64_t seq) {
  const auto at = std::ranges::lower_bound(open_, seq, {}, &Open::seq);
  CHECK(at != open_.end() && at->seq == seq);
  open_.erase(at);  // mostly near the front, where a deque moves little
  ++resolved_;
  dirty_ = true;
}

// ---- Progress.

uint64_t Lane::fence() const {
  if (held_ || draining_) return next_;
  return next_ + std::min<uint64_t>(ahead_, open_max_ - open_.size());
}

bool Lane::needs_checkpoint() const {
  if (held_) return !draining_ && last_fence() > next_;
  const uint64_t left = last_fence() - std::min(next_, last_fence());
  return !draining_ && left < (uint64_t{ahead_} + 1) / 2 && fence() > last_fence();
}

Checkpoint Lane::take_checkpoint() {
  const uint64_t fence = this->fence();
  Checkpoint checkpoint{next_, fence, {}};
  checkpoint.open.reserve(open_.size());
  for (const Open& open : open_) checkpoint.open.push_back(open.seq);
  in_flight_.push_back(fence);
  limit_offers();
  reclaimable_ = floor_batch();
  dirty_ = false;
  return checkpoint;
}

Checkpoint Lane::drain_checkpoint() {
  draining_ = true;
  return take_checkpoint();
}

void Lane::committed() {
  CHECK(!in_flight_.empty());
  durable_fence_ = in_flight_.front();
  in_flight_.pop_front();
  limit_offers();
}

void Lane::limit_offers() {
  limit_ = durable_fence_;
  for (const uint64_t fence : in_flight_) limit_ = std::min(limit_, fence);
}

uint64_t Lane::floor_batch() const {
  if (!open_.empty()) return open_.front().batch_seq;
  return page_.empty() ? last_batch_ : page_.front().seq;
}

std::optional<Lane::Range> Lane::reclaim(bool now) {
  if (reclaimable_ <= reclaimed_ || (!now && resolved_ < kReclaimMessages)) return std::nullopt;
  const Range range{reclaimed_, reclaimable_};
  reclaimed_ = reclaimable_;
  resolved_ = 0;
  return range;
}

std::optional<Civil> Lane::oldest_accepted() const {
  if (page_.empty()) return std::nullopt;
  return front_.message().accepted;
}

}  // namespace tact::gateway
