// SPDX-License-Identifier: Apache-2.0
#include "bench/load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tact::bench {
namespace {

constexpr int kBits = 7;
constexpr uint64_t kPerDoubling = 1u << kBits;
constexpr std::size_t kBuckets = (64 - kBits + 1) * kPerDoubling;

// Below 128 each value has its own bucket; above, the leading 8 bits tell it.
std::size_t bucket_of(uint64_t value) {
  if (value < kPerDoubling) return value;
  const int shift = static_cast<int>(std::bit_width(value)) - 1 - kBits;
  return (static_cast<std::size_t>(shift) + 1) * kPerDoubling + ((value >> shift) - kPerDoubling);
}

// The greatest value of a bucket.
uint64_t last_of(std::size_t bucket) {
  if (bucket < kPerDoubling) return bucket;
  const std::size_t shift = bucket / kPerDoubling - 1;
  const uint64_t lead = bucket % kPerDoubling + kPerDoubling;
  return (lead << shift) + ((uint64_t{1} << shift) - 1);
}

}  // namespace

Histogram::Histogram() : buckets_(kBuckets) {}

void Histogram::record(uint64_t value) {
  ++buckets_[bucket_of(value)];
  ++count_;
  max_ = std::max(max_, value);
}

void Histogram::add(const Histogram& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

void Histogram::clear() {
  if (count_ == 0) return;
  std::fill(buckets_.begin(), buckets_.end(), 0);
  count_ = max_ = 0;
}

uint64_t Histogram::quantile(double q) const {
  if (count_ == 0) return 0;
  const auto rank =
      std::max<uint64_t>(1, static_cast<uint64_t>(std::ceil(q * static_cast<double>(count_))));
  uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= rank) return std::min(last_of(i), max_);
  }
  return max_;
}

}  // namespace tact::bench
