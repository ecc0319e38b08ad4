// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tact::gateway {

// Chance as the core knows it: a seed goes in, the same numbers come out (splitmix64, Steele et al.
// 2014). For jitter, never for secrets.
class Rng {
 public:
  explicit Rng(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // 0 <= result < n. REQUIRES: n > 0. The bias of the remainder does not matter to a jitter.
  uint64_t below(uint64_t n) { return next() % n; }

 private:
  uint64_t state_;
};

}  // namespace tact::gateway
