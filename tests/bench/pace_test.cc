// SPDX-License-Identifier: Apache-2.0
#include "bench/load/pace.h"

#include <gtest/gtest.h>

namespace tact::bench {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
using std::chrono::seconds;

Phase steady(double rate, int duration = 1) { return {seconds(duration), false, rate, rate}; }
Phase ramp(double begin, double end, int duration = 1) {
  return {seconds(duration), false, begin, end};
}
Phase unlimited(int duration = 1) { return {seconds(duration), true}; }

// The times at which all messages of a run are due that is never late.
std::vector<int64_t> times_of(std::vector<Phase> phases) {
  Pace pace(std::move(phases));
  std::vector<int64_t> times;
  int64_t now_ns = 0;
  while (const auto due_ns = pace.due_ns(now_ns)) {
    now_ns = std::max(now_ns, *due_ns);
    times.push_back(*due_ns);
    pace.sent(1);
  }
  return times;
}

TEST(Pace, NothingIsDueWithoutAPhaseOrARate) {
  EXPECT_FALSE(Pace({}).due_ns(0));
  EXPECT_FALSE(Pace({steady(0)}).due_ns(0));
  EXPECT_FALSE(Pace({Phase{}}).due_ns(0));
}

TEST(Pace, ASteadyPhaseSendsItsRateEvenly) {
  const std::vector<int64_t> times = times_of({steady(1000, 2)});
  ASSERT_EQ(times.size(), 2000u);
  for (std::size_t i = 0; i < times.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(times[i]), static_cast<double>(i) * 1e6, 10) << i;
  }
}

TEST(Pace, ARampSendsAsManyBeforeATimeAsTheAreaBelowIt) {
  for (const auto& [begin, end] : {std::pair(0.0, 1000.0), {1000.0, 0.0}, {200.0, 800.0}}) {
    const std::vector<int64_t> times = times_of({ramp(begin, end, 4)});
    ASSERT_EQ(times.size(), 2000u);
    EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
    for (int second = 1; second <= 4; ++second) {
      const auto before = std::lower_bound(times.begin(), times.end(), second * kSecond);
      const double area = begin * second + (end - begin) / 4 * second * second / 2;
      EXPECT_NEAR(static_cast<double>(before - times.begin()), area, 1.5) << begin << " " << second;
    }
  }
}

TEST(Pace, PhasesFollowEachOtherAndAPauseIsOne) {
  const std::vector<int64_t> times = times_of({steady(10), steady(0), steady(20)});
  ASSERT_EQ(times.size(), 30u);
  EXPECT_LT(times[9], kSecond);
  EXPECT_EQ(times[10], 2 * kSecond);
  EXPECT_LT(times[29], 3 * kSecond);
}

TEST(Pace, TheClockSaysWhenToSendInPhasesThatHaveARate) {
  Pace pace({steady(1), unlimited()});
  EXPECT_TRUE(pace.due_ns(0));
  EXPECT_TRUE(pace.by_clock());
  pace.sent(1);
  EXPECT_TRUE(pace.due_ns(kSecond));
  EXPECT_FALSE(pace.by_clock());
  EXPECT_FALSE(pace.due_ns(3 * kSecond));
  EXPECT_FALSE(pace.by_clock()) << "nothing is left to be sent";
}

TEST(Pace, AnUnlimitedPhaseTakesAllThatIsAskedForUntilItsTimeIsOver) {
  Pace pace({steady(0), unlimited(), steady(10)});
  EXPECT_EQ(pace.due_ns(0), kSecond);
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_EQ(pace.due_ns(kSecond + i), kSecond + i);
    EXPECT_EQ(pace.together(1000), 1000u);
    pace.sent(1000);
  }
  EXPECT_EQ(pace.due_ns(2 * kSecond), 2 * kSecond);
  EXPECT_EQ(pace.together(1000), 10u);
}

TEST(Pace, WhatIsLateIsSentAndKeepsTheTimeAtWhichItWasDue) {
  Pace pace({steady(100), steady(100)});
  EXPECT_EQ(pace.due_ns(10 * kSecond), 0);
  pace.sent(99);
  EXPECT_NEAR(static_cast<double>(*pace.due_ns(10 * kSecond)), 0.99e9, 10);
  EXPECT_EQ(pace.together(50), 1u);
  pace.sent(1);
  EXPECT_EQ(pace.due_ns(10 * kSecond), kSecond);
  pace.sent(100);
  EXPECT_FALSE(pace.due_ns(10 * kSecond));
}

}  // namespace
}  // namespace tact::bench
