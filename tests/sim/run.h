// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tests/sim/counts.h"

namespace tact::sim {

// The exit codes of tact-sim. crash is only seen from outside: a broken CHECK ends the process.
enum class Verdict : uint8_t { green = 0, crash = 127, stuck = 128, wrong = 129 };
std::string_view name(Verdict verdict);

struct Result {
  Verdict verdict = Verdict::green;
  std::string what;     // why it is not green
  std::string history;  // when it was asked for
  uint64_t digest = 0;
  uint64_t steps = 0;
  Counts counts;
};

struct Options {
  uint64_t steps_max = 5'000'000;
  bool history = false;     // keep one, and tell it
  bool everything = false;  // also what is not about the message that is wrong
};

// One run of one seed.
Result run_once(uint64_t seed, const Options& options);
// Twice, with equal digests: what differs depends on something that is not the seed. A seed that is
// not green is run once more for its history.
Result run(uint64_t seed, const Options& options);

}  // namespace tact::sim
