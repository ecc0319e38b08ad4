// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tact::bench {

// One line of Prometheus' text format, such as `tact_commits_total{shard="0"} 17`.
struct MetricSample {
  std::string_view family;  // tact_commits_total; of a histogram with _bucket, _count or _sum
  std::string_view name;    // the family with its labels, as written
  double value = 0;
};

// The samples of a text in format 0.0.4, as views into it; comments and time stamps are left out.
// Throws std::runtime_error with the number of the first line that is not understood.
std::vector<MetricSample> parse_metrics(std::string_view text);

}  // namespace tact::bench
