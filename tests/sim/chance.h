// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "gateway/engine/rng.h"
#include "gateway/engine/time.h"

namespace tact::sim {

// The seed as the simulator draws from it. Each part of the world has its own stream of numbers, so
// that a change in one does not reshuffle all the others.
class Chance {
 public:
  explicit Chance(uint64_t seed) : rng_(seed) {}

  Chance fork() { return Chance(rng_.next()); }
  uint64_t next() { return rng_.next(); }
  uint64_t below(uint64_t n) { return rng_.below(n); }
  // low <= result <= high
  uint64_t between(uint64_t low, uint64_t high) { return low + below(high - low + 1); }
  gateway::Mono between(gateway::Mono low, gateway::Mono high) {
    return low + gateway::Mono(below(static_cast<uint64_t>((high - low).count()) + 1));
  }
  bool permille(uint32_t p) { return below(1000) < p; }
  bool coin() { return permille(500); }
  template <typename List>
  const auto& one_of(const List& list) {
    return list[below(list.size())];
  }
  template <typename T, size_t n>
  const T& one_of(const T (&list)[n]) {
    return list[below(n)];
  }

 private:
  gateway::Rng rng_;
};

}  // namespace tact::sim
