// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace tact::bench {

// Counts of durations in log-linear buckets: 128 of them for each doubling, so that what is told of
// a value differs from it by at most one part in 128. Covers all of uint64_t in 58 KiB.
class Histogram {
 public:
  Histogram();

  void record(uint64_t value);
  void add(const Histogram& other);  // as if all that was recorded there had been recorded here
  void clear();

  uint64_t count() const { return count_; }
  uint64_t max() const { return max_; }  // exact
  // The value that the share `q` of all recorded ones does not exceed, at most 1/128 above the
  // exact one and never above max(); 0 when nothing was recorded. REQUIRES: 0 <= q <= 1.
  uint64_t quantile(double q) const;

 private:
  std::vector<uint64_t> buckets_;
  uint64_t count_ = 0;
  uint64_t max_ = 0;
};

}  // namespace tact::bench
