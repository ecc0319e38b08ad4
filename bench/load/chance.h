// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tact::bench {

// Scatters all 64 bits.
constexpr uint64_t mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

// Evenly in [0, 1).
constexpr double to_unit(uint64_t draw) { return static_cast<double>(draw >> 11) * 0x1p-53; }

}  // namespace tact::bench
