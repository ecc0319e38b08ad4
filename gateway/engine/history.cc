// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/history.h"

#include <algorithm>

namespace tact::gateway {

namespace {
constexpr uint64_t kWidthMin = 16;
constexpr uint64_t kWidthMax = uint64_t{1} << 24;
constexpr size_t kFew = 32, kMany = 256;  // records of a load
constexpr size_t kSeqAt = 4;

uint32_t hour_of(Civil at) { return static_cast<uint32_t>(to_ms(at) / 3'600'000); }

std::string key_at(uint32_t hour, uint64_t seq) {
  std::string key = audit_prefix(hour);
  for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(seq >> shift));
  return key;
}
}  // namespace

History::History(Civil now)
    : hour_(hour_of(now)), oldest_hour_(hour_ - std::min(hour_, kHours - 1)), oldest_(now) {}

std::optional<LoadRequest> History::next() {
  if (step_ == Step::done || bytes_ >= kBytesMax) return std::nullopt;
  LoadRequest request;
  request.table = Table::audit;
  request.end = audit_prefix(hour_ + 1);
  switch (step_) {
    case Step::last:
      request.begin = key_at(hour_, UINT64_MAX);
      request.from_before = true;
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
    case Step::rest:
      request.begin = rest_;
      request.end = key_at(hour_, high_);
      break;
    case Step::done:
      break;
  }
  return request;
}

void History::loaded(const Loaded& loaded,
                     const std::function<void(Place, std::string_view)>& visit) {
  for (const auto& [key, value] : loaded.records) {
    if (step_ == Step::first) break;  // only its place: it is read with its stretch
    bytes_ += key.size() + value.size();
    visit({key_u32(key, 0), key_u64(key, kSeqAt)}, value);
  }
  switch (step_) {
    case Step::last:
      if (!loaded.records.empty()) {
        high_ = key_u64(loaded.records.back().first, kSeqAt);
        step_ = Step::first;
        return;
      }
      break;
    case Step::first:
      first_ = loaded.records.empty() ? high_ : key_u64(loaded.records.front().first, kSeqAt);
      step_ = Step::stretch;
      if (first_ < high_) return;
      break;
    case Step::stretch:
      if (loaded.records.size() < kFew) width_ = std::min(kWidthMax, width_ * 2);
      if (loaded.records.size() > kMany) width_ = std::max(kWidthMin, width_ / 2);
      [[fallthrough]];
    case Step::rest:
      if (loaded.more) {
        rest_ = loaded.records.back().first + '\0';
        step_ = Step::rest;
        return;
      }
      step_ = Step::stretch;
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

Civil History::from() const {
  if (step_ == Step::done) return from_ms(int64_t{hour_} * 3'600'000);
  if (step_ == Step::last) return std::min(oldest_, from_ms(int64_t{hour_ + 1} * 3'600'000));
  return oldest_;  // of this hour only a part has been read
}

}  // namespace tact::gateway
