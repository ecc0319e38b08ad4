// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/engine/stats.h"

namespace tact::gateway {

using Labels = std::vector<prometheus::ClientMetric::Label>;

// Collects samples into families: the samples of one name lie together, whatever the order in
// which they were told.
class Families {
 public:
  void counter(const char* name, const char* help, double value, Labels labels = {});
  void gauge(const char* name, const char* help, double value, Labels labels = {});
  // In seconds.
  void latency(const char* name, const char* help, const LatencyHistogram&, Labels labels = {});
  // `counts[i]`: values above bounds[i-1] and at most bounds[i]; the last has no bound.
  void histogram(const char* name, const char* help, const std::vector<uint64_t>& counts,
                 const std::vector<double>& bounds, double sum, Labels labels = {});

  std::vector<prometheus::MetricFamily> take() { return std::move(families_); }

 private:
  prometheus::ClientMetric& add(const char* name, const char* help, prometheus::MetricType,
                                Labels labels);

  std::vector<prometheus::MetricFamily> families_;  // about a hundred
};

}  // namespace tact::gateway
