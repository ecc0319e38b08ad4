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

// Parts that waited for a window slot were sent although their message had expired meanwhile.
// unknown_test, WhatHasNotLeftByItsExpiryIsWithheld.
TEST(Scenarios, nothing_of_a_begun_message_leaves_after_its_expiry) {
  expect_green(73);
  expect_green(635);
  expect_green(906);
}

// Faults of the simulator itself. A machine that died in the calm left its producers with
// connections that nobody would ever end.
TEST(Scenarios, what_dies_in_the_calm_leaves_nothing_half_open) { expect_green(282); }

// A machine that died lost, with what it had sent, that a connection had been reset before.
TEST(Scenarios, a_connection_that_was_reset_ends_though_what_it_carried_is_lost) {
  expect_green(262);
}

// A receipt was answered long after the message had been given up, and before its producer read of
// that. sim_test, a_receipt_that_came_after_the_end_was_decided_is_too_late.
TEST(Scenarios, a_receipt_is_late_by_the_time_of_the_end_and_not_of_its_telling) {
  expect_green(176);
}

// A message with a key, whose acknowledgement was lost, was not waited for. sim_test,
// of_a_key_whose_answers_were_lost_some_message_must_end. It had no end yet because another one to
// its number and it put each other off from day to day. policy_test,
// what_was_put_off_leaves_one_a_day_and_not_never.
TEST(Scenarios, a_key_whose_answers_were_lost_is_waited_for) { expect_green(594); }

// TD, a control that allows the number again, a crash, TD: the last was taken for a repeat of the
// first. repeats_test, AnOptOutAfterItsNumberWasAllowedAgainCountsThoughItMayBeARepeat.
TEST(Scenarios, an_opt_out_after_its_end_counts) { expect_green(956); }

// A message ended without its receipt while parts of it were still to be sent. inbound_test,
// NoReceiptIsMissingOfWhatIsStillToBeSent.
TEST(Scenarios, what_is_still_to_be_sent_does_not_age) {
  expect_green(243);
  expect_green(374);
}

// Faults of the simulator itself. What was stalled or suspended when the calm began came much
// later.
TEST(Scenarios, stalls_and_suspensions_end_with_the_chaos) {
  expect_green(116);
  expect_green(951);
}

// A failure is told by the wall clock, without a receipt that was not answered yet.
TEST(Scenarios, a_failure_is_told_by_what_is_known_when_the_time_is_over) {
  expect_green(127);
  expect_green(203);
}

// The quick part of what stage `sim` of tests/run.sh does with a thousand seeds.
TEST(Seeds, a_few_in_every_build) {
  const char* wanted = std::getenv("TACT_SIM_SEEDS");
  const uint64_t seeds = wanted ? std::strtoull(wanted, nullptr, 10) : 8;
  for (uint64_t seed = 1; seed <= seeds; ++seed) expect_green(seed);
}

}  // namespace
}  // namespace tact::sim
