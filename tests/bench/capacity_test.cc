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

}  // namespace
}  // namespace tact::bench
