// SPDX-License-Identifier: Apache-2.0
#include "bench/smsc/capacity.h"

#include <gtest/gtest.h>

namespace tact::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Scenario scenario_of(std::string_view rate) {
  Scenario scenario;
  EXPECT_EQ(set(scenario, "throttle-above", rate), "");
  return scenario;
}

// Offers one a millisecond; how many are taken.
int offer(Capacity& capacity, milliseconds from, milliseconds to) {
  int taken = 0;
  for (milliseconds time = from; time < to; ++time) taken += capacity.take(time);
  return taken;
}

TEST(Capacity, ZeroTakesEverything) {
  const Scenario scenario;
  Capacity capacity(scenario.throttle_above);
  EXPECT_EQ(offer(capacity, seconds(0), seconds(2)), 2000);
  EXPECT_EQ(capacity.congestion(), 0);
}

TEST(Capacity, TakesABucketAndThenTheRate) {
  const Scenario scenario = scenario_of("100");
  Capacity capacity(scenario.throttle_above);
  EXPECT_NEAR(offer(capacity, seconds(0), seconds(1)), 200, 2);
  EXPECT_NEAR(offer(capacity, seconds(1), seconds(3)), 200, 2);
}

TEST(Capacity, FallsAndReturnsOnTime) {
  const Scenario scenario = scenario_of("500,10s:50,20s:500");
  Capacity capacity(scenario.throttle_above);
  offer(capacity, seconds(0), seconds(9));
  EXPECT_NEAR(offer(capacity, seconds(9), seconds(10)), 500, 2);
  EXPECT_NEAR(offer(capacity, seconds(10), seconds(20)), 500, 55) << "a bucket of the new rate";
  EXPECT_NEAR(offer(capacity, seconds(20), seconds(21)), 500, 5);
}

TEST(Capacity, CongestionIsTheShareThatIsAskedFor) {
  const Scenario scenario = scenario_of("2000");
  Capacity half(scenario.throttle_above);
  offer(half, seconds(0), seconds(5));
  EXPECT_NEAR(half.congestion(), 50, 2);
  const Scenario small = scenario_of("500");
  Capacity full(small.throttle_above);
  offer(full, seconds(0), seconds(5));
  EXPECT_EQ(full.congestion(), 100) << "twice of it is no more than all";
}

// How many of `count` at the same time are beyond the contract.
int beyond(ContractRate& contract, milliseconds time, int count) {
  int beyond = 0;
  for (int i = 0; i < count; ++i) beyond += !contract.allows(time);
  return beyond;
}

TEST(ContractRate, NoneAllowsEverything) {
  ContractRate contract({});
  EXPECT_EQ(beyond(contract, seconds(1), 100'000), 0);
}

TEST(ContractRate, AllowsTheRateForGood) {
  ContractRate contract({.rate = 1000, .burst = 10});
  int found = 0;
  for (milliseconds time = seconds(1); time < seconds(11); ++time) {
    found += beyond(contract, time, 1);
  }
  EXPECT_EQ(found, 0);
}

TEST(ContractRate, ABurstIsAllowedOnceUntilTimeHasMadeUpForIt) {
  ContractRate contract({.rate = 1000, .burst = 200});
  EXPECT_EQ(beyond(contract, seconds(1), 203), 3);
  EXPECT_EQ(beyond(contract, milliseconds(1050), 51), 1);
  EXPECT_EQ(beyond(contract, milliseconds(1250), 200), 0);
  EXPECT_EQ(beyond(contract, seconds(60), 201), 1) << "a pause buys no more than one burst";
}

TEST(ContractRate, SeesWhatCountingByTheSecondDoesNot) {
  // 1,000 in each second of the clock, but 2,000 within 0.2 s around its turn.
  ContractRate contract({.rate = 1000, .burst = 100});
  int found = 0;
  for (int i = 0; i < 200; ++i) found += beyond(contract, milliseconds(1900 + i), 10);
  EXPECT_NEAR(found, 2000 - 200 - 100, 2);
}

}  // namespace
}  // namespace tact::bench
