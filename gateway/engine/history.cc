// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/history.h"

#include <algorithm>

namespace tact::gateway {

namespace {
constexpr uint64_t kWidthMax = uint64_t{1} << 24;
constexpr size_t kFew = 32, kMany = 256;  // records of a load
constexpr size_t kFewBytes = 256u << 10;  // doubled it still is one load
constexpr size_t kSeqAt = 4;
// Not that of now: when the clock was set back, what was written since lies under the hour from
// which it was (gateway/io/audit_chain.h).
constexpr uint32_t kNewestHour = UINT32_MAX - 1;

uint32_t hour_of(Civil at) { return static_cast<uint32_t>(to_ms(at) / 3'600'000); }

std::string key_at(uint32_t hour, uint64_t seq) {
  std::string key = audit_prefix(hour);
  for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(seq >> shift));
  return key;
}
}  // namespace

History::History(Civil now) : History(now, now - std::chrono::hours(kHours - 1), std::nullopt) {}

History::History(Civil now, Civil since, std::optional<Place> before)
    : hour_(kNewestHour), oldest_hour_(std::min(hour_of(since), hour_of(now))), oldest_(now) {
  if (!before || before->hour > hour_) return;
  hour_ = before->hour;
  if (hour_ < oldest_hour_) step_ = Step::done;
  if (before->seq == UINT64_MAX) return;
  high_ = before->seq;
  if (step_ != Step::done) step_ = Step::first;
}

std::optional<LoadRequest> History::next() {
  if (step_ == Step::done || bytes_ >= kBytesMax) return std::nullopt;
  LoadRequest request;
  request.table = Table::audit;
  request.end = audit_prefix(hour_ + 1);
  switch (step_) {
    case Step::last:
      request.begin = key_at(hour_, UINT64_MAX);
      request.from_before = true;
      request.floor = audit_prefix(oldest_hour_);
      request.records_max = 1;
      break;
    case Step::first:
      request.begin = audit_prefix(hour_);
      request.records_max = 1;
      break;
    case Step::stretch:
      low_ = std::max(first_, high_ - std::min(high_, width_));
      request.begin = key_at(hour_, low_);
      request.end = key_at(hour_, high_);
      break;
    case Step::done:
      break;
  }
  return request;
}

void History::loaded(const Loaded& loaded,
                     const std::function<void(Place, std::string_view)>& visit) {
  size_t bytes = 0;
  for (const auto& [key, value] : loaded.records) bytes += key.size() + value.size();
  bytes_ += bytes;
  if (step_ == Step::stretch && loaded.more) {
    width_ = std::max<uint64_t>(1, std::min(width_, high_ - low_) / 2);
    return;
  }
  for (const auto& [key, value] : loaded.records) {
    if (step_ == Step::first) break;  // only its place: it is read with its stretch
    visit({key_u32(key, 0), key_u64(key, kSeqAt)}, value);
  }
  switch (step_) {
    case Step::last:
      if (!loaded.records.empty()) {
        hour_ = key_u32(loaded.records.back().first, 0);  // those between are empty
        high_ = key_u64(loaded.records.back().first, kSeqAt);
        step_ = Step::first;
        return;
      }
      hour_ = oldest_hour_;
      break;
    case Step::first:
      first_ = loaded.records.empty() ? high_ : key_u64(loaded.records.front().first, kSeqAt);
      step_ = Step::stretch;
      if (first_ < high_) return;
      break;
    case Step::stretch:
      if (loaded.records.size() < kFew && bytes < kFewBytes) {
        width_ = std::min(kWidthMax, width_ * 2);
      }
      if (loaded.records.size() > kMany) width_ = std::max<uint64_t>(1, width_ / 2);
      high_ = low_;
      if (first_ < high_) return;
      break;
    case Step::done:
      return;
  }
  // The hour has been read.
  step_ = hour_ == oldest_hour_ ? Step::done : Step::last;
  if (step_ == Step::last) --hour_;
}

History::Place History::place() const { return {hour_, step_ == Step::last ? UINT64_MAX : high_}; }

Civil History::from() const {
  if (step_ == Step::done) return from_ms(int64_t{hour_} * 3'600'000);
  if (step_ == Step::last) return std::min(oldest_, from_ms(int64_t{hour_ + 1} * 3'600'000));
  return oldest_;  // of this hour only a part has been read
}

}  // namespace tact::gateway
