// SPDX-License-Identifier: Apache-2.0
#include "policy/rate.h"

#include <algorithm>

namespace tact::policy {
namespace {
constexpr int64_t kToken = 1'000'000'000;
}

TokenBucket::TokenBucket(uint32_t rate, uint32_t burst, Mono now)
    : rate_(rate), burst_(burst), level_(burst * kToken), last_(now) {}

void TokenBucket::refill(Mono now) {
  if (now <= last_) return;
  const int64_t room = burst_ * kToken - level_;
  const int64_t full_after = room / rate_ + 1;  // nanoseconds; keeps the product below in range
  level_ += std::min(room, std::min((now - last_).count(), full_after) * rate_);
  last_ = now;
}

int64_t TokenBucket::needed(uint32_t n, uint32_t keep) const {
  return std::min(uint64_t{n} + keep, uint64_t{burst_}) * kToken;
}

bool TokenBucket::take(uint32_t n, Mono now, uint32_t keep) {
  refill(now);
  if (level_ < needed(n, keep)) return false;
  level_ -= n * kToken;
  return true;
}

TokenBucket::Mono TokenBucket::next(uint32_t n, Mono now, uint32_t keep) const {
  const int64_t missing = needed(n, keep) - level_;
  if (missing <= 0) return now;
  return std::max(now, last_ + Mono((missing + rate_ - 1) / rate_));
}

void TokenBucket::set(uint32_t rate, uint32_t burst, Mono now) {
  refill(now);
  rate_ = rate;
  burst_ = burst;
  level_ = std::min(level_, burst * kToken);
}

}  // namespace tact::policy
