// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/clock.h"

#include <gtest/gtest.h>

namespace tact::gateway {
namespace {

using namespace std::chrono_literals;

class ClockTest : public testing::Test {
 protected:
  // `passed` since the first reading; the wall clock is `set` away from where it would be.
  Civil at(Mono passed, std::chrono::milliseconds set = 0ms) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(passed);
    return clock_.read(start_ + passed, wall_ + ms + set).civil;
  }

  Clock clock_{0ms, Civil{}};
  const Mono start_ = Clock::boot_time() + 1h;  // so that the constructor's reading is before it
  const Civil wall_ = clock_.wall_time() + std::chrono::hours(1);
};

TEST_F(ClockTest, SmallDeparturesAreIgnored) {
  const Civil first = at(0s);
  EXPECT_EQ(at(10s, 1'500ms) - first, 10s);
  EXPECT_EQ(at(20s, -1'500ms) - first, 20s);
  EXPECT_EQ(clock_.steps(), 0u);
}

TEST_F(ClockTest, StepForwardIsFollowedAtOnceAndCounted) {
  at(0s);
  EXPECT_EQ(at(1s, 1h), wall_ + 1s + 1h);
  EXPECT_EQ(at(2s, 1h), wall_ + 2s + 1h);
  EXPECT_EQ(clock_.steps(), 1u);
}

TEST_F(ClockTest, StepBackNeverMovesTimeBackAndIsCaughtUp) {
  const Civil first = at(0s);
  Civil last = first;
  for (int second = 1; second <= 60; ++second) {
    const Civil now = at(std::chrono::seconds(second), -20s);
    EXPECT_GE(now, last);
    EXPECT_LE(now - last, 1s);
    last = now;
  }
  // 20 s ahead at half the pace: level after 40 s, with the wall clock from then on.
  EXPECT_NEAR(static_cast<double>((last - (wall_ + 60s - 20s)).count()), 0, 1'000);
  EXPECT_EQ(clock_.steps(), 1u);
}

TEST_F(ClockTest, BootTimeThatStandsStillIsNoStep) {
  const Civil first = at(5s);
  EXPECT_EQ(at(5s), first);
  EXPECT_EQ(at(4s), first);
}

TEST(ClockStart, BeginsAtTheLastCommittedTimeIfTheWallClockIsBehind) {
  const Civil future = Clock(0ms, Civil{}).wall_time() + std::chrono::minutes(3);
  Clock clock(0ms, future);
  EXPECT_GE(clock.read().civil, future);
  EXPECT_EQ(clock.steps(), 1u);
}

TEST(ClockStart, OffsetMovesTheWallClock) {
  Clock clock(std::chrono::hours(5), Civil{}), plain(0ms, Civil{});
  const auto ahead = clock.read().civil - plain.read().civil;
  EXPECT_GT(ahead, std::chrono::hours(5) - 1s);
  EXPECT_LT(ahead, std::chrono::hours(5) + 1s);
}

}  // namespace
}  // namespace tact::gateway
