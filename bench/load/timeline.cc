// SPDX-License-Identifier: Apache-2.0
#include "bench/load/timeline.h"

#include <algorithm>

namespace tact::bench {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

}  // namespace

void Timeline::count(Kind kind, proto::MessageClass message_class, int64_t now_ns) {
  std::vector<uint64_t>& series = counts_[kind][static_cast<std::size_t>(message_class)];
  const std::size_t second = second_of(now_ns);
  if (series.size() <= second) series.resize(second + 1);
  ++series[second];
}

void Timeline::acknowledgement_took(uint64_t latency_ns, int64_t now_ns) {
  const std::size_t second = second_of(now_ns);
  if (latencies_.size() < second) {
    latencies_.push_back(latency_of_current());
    latencies_.resize(second);  // nothing was acknowledged in the seconds between
    current_.clear();
  }
  current_.record(latency_ns);
}

std::vector<uint64_t> Timeline::series(Kind kind, proto::MessageClass message_class) const {
  std::vector<uint64_t> series = counts_[kind][static_cast<std::size_t>(message_class)];
  series.resize(seconds_);
  return series;
}

std::vector<Timeline::Latency> Timeline::acknowledgement() const {
  std::vector<Latency> all = latencies_;
  all.push_back(latency_of_current());
  all.resize(seconds_);
  return all;
}

std::size_t Timeline::second_of(int64_t now_ns) {
  const auto second = static_cast<std::size_t>(std::max<int64_t>(0, now_ns - began_ns_) / kSecond);
  seconds_ = std::max(seconds_, second + 1);
  return second;
}

Timeline::Latency Timeline::latency_of_current() const {
  return {current_.quantile(0.5), current_.quantile(0.99), current_.max()};
}

}  // namespace tact::bench
