// SPDX-License-Identifier: Apache-2.0
// Whole runs: seeds that once broke something, by name, and a few that never did.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/sim/run.h"

namespace tact::sim {
namespace {

void expect_green(uint64_t seed) {
  const Result result = run(seed, {});
  EXPECT_EQ(result.verdict, Verdict::green)
      << "seed " << seed << ": " << result.what << "\n"
      << result.history << "repeat: tact-sim --seed " << seed << " --history";
}

// What a seed draws changes when the swarm changes: a seed here tells that a history was once
// broken, the directed test that is named tells what.

// The low halves of two runs' ids were equal, so a receipt that only its reference could place was
// taken for one of another message to that number. crash_test,
// TheFirstMessagesOfTwoRunsHaveDifferentReferences.
TEST(Scenarios, references_of_two_runs_are_told_apart) {
  expect_green(26);
  expect_green(62);
}

// After a crash a long text waited for as many receipts as the gate had counted parts, and its
// carrier took it in one PDU. crash_test, ALongTextInOnePduIsOnePartAfterACrashToo.
TEST(Scenarios, a_recovered_message_has_the_parts_of_its_route) { expect_green(54); }

// The quick part of what tests/run.sh --only sim does with a thousand seeds.
TEST(Seeds, a_few_in_every_build) {
  const char* wanted = std::getenv("TACT_SIM_SEEDS");
  const uint64_t seeds = wanted ? std::strtoull(wanted, nullptr, 10) : 8;
  for (uint64_t seed = 1; seed <= seeds; ++seed) expect_green(seed);
}

}  // namespace
}  // namespace tact::sim
