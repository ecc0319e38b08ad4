// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/families.h"

#include <algorithm>
#include <limits>

namespace tact::gateway {

using prometheus::MetricType;

prometheus::ClientMetric& Families::add(const char* name, const char* help, MetricType type,
                                        Labels labels) {
  // From the back: most samples join the family of the one before.
  auto found = std::find_if(families_.rbegin(), families_.rend(),
                            [name](const auto& family) { return family.name == name; });
  if (found == families_.rend()) {
    families_.push_back({name, help, type, {}});
    found = families_.rbegin();
  }
  found->metric.emplace_back();
  found->metric.back().label = std::move(labels);
  return found->metric.back();
}

void Families::counter(const char* name, const char* help, double value, Labels labels) {
  add(name, help, MetricType::Counter, std::move(labels)).counter.value = value;
}

void Families::gauge(const char* name, const char* help, double value, Labels labels) {
  add(name, help, MetricType::Gauge, std::move(labels)).gauge.value = value;
}

void Families::histogram(const char* name, const char* help, const std::vector<uint64_t>& counts,
                         const std::vector<double>& bounds, double sum, Labels labels) {
  auto& histogram = add(name, help, MetricType::Histogram, std::move(labels)).histogram;
  uint64_t total = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    total += counts[i];
    const double bound = i < bounds.size() ? bounds[i] : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({total, bound});
  }
  histogram.sample_count = total;
  histogram.sample_sum = sum;
}

void Families::latency(const char* name, const char* help, const LatencyHistogram& latency,
                       Labels labels) {
  constexpr double kSecond = 1e6;
  std::vector<uint64_t> counts;
  std::vector<double> bounds;
  for (size_t i = 0; i <= LatencyHistogram::kBounds.size(); ++i) {
    counts.push_back(latency.bucket(i));
  }
  for (uint64_t bound : LatencyHistogram::kBounds) {
    bounds.push_back(static_cast<double>(bound) / kSecond);
  }
  histogram(name, help, counts, bounds, static_cast<double>(latency.sum_us()) / kSecond,
            std::move(labels));
}

}  // namespace tact::gateway
