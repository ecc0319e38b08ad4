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
    const Now now = clock_.read(start_ + passed, wall_ + ms + set);
    disputed_ = now.disputed;
    return now.civil;
  }

  Clock clock_{0ms, Civil{}};
  Civil disputed_{};
  const Mono start_ = Clock::boot_time() + 1h;  // so that the constructor's reading is before it
  const Civil wall_ = clock_.wall_time() + std::chrono::hours(1);
};

TEST_F(ClockTest, SmallDeparturesAreIgnored) {
  const Civil first = at(0s);
  EXPECT_EQ(at(10s, 1'500ms) - first, 10s);
  EXPECT_EQ(at(20s, -1'500ms) - first, 20s);
  EXPECT_EQ(clock_.steps(), 0u);
}

TEST_F(ClockTest, AStepIsToldBesideOurTimeAndCounted) {
  const Civil first = at(0s);
  EXPECT_EQ(disputed_, Civil{});
  EXPECT_EQ(at(1s, 1h) - first, 1s);
  EXPECT_EQ(disputed_, wall_ + 1s + 1h);
  EXPECT_EQ(at(5min, 1h) - first, 5min);
  EXPECT_EQ(clock_.steps(), 1u);
  // Set back before it was believed: as if nothing had been.
  EXPECT_EQ(at(6min) - first, 6min);
  EXPECT_EQ(disputed_, Civil{});
  EXPECT_EQ(clock_.steps(), 1u);
}

TEST_F(ClockTest, AStepForwardIsFollowedAfterItStoodForTenMinutes) {
  const Civil first = at(0s);
  at(1s, 1h);
  EXPECT_EQ(at(10min, 1h) - first, 10min);
  EXPECT_EQ(at(10min + 1s, 1h), wall_ + 10min + 1s + 1h);
  EXPECT_EQ(disputed_, Civil{});
  EXPECT_EQ(at(11min, 1h), wall_ + 11min + 1h);
  EXPECT_EQ(clock_.steps(), 1u);
}

TEST_F(ClockTest, AClockThatIsSetAgainBeginsItsTenMinutesAnew) {
  const Civil first = at(0s);
  at(1s, 1h);
  at(9min, 2h);
  EXPECT_EQ(at(18min, 2h) - first, 18min);
  EXPECT_EQ(at(19min, 2h), wall_ + 19min + 2h);
  EXPECT_EQ(clock_.steps(), 2u);
}

TEST_F(ClockTest, AStepBackNeverMovesTimeBackAndIsCaughtUp) {
  const Civil first = at(0s);
  Civil last = first;
  bool early = false;
  for (int second = 1; second <= 660; ++second) {
    const Civil now = at(std::chrono::seconds(second), -20s);
    EXPECT_GE(now, last);
    EXPECT_LE(now - last, 1s);
    last = now;
    // In dispute until they are level: 20 s at half the pace take 40 s.
    early |= second < 601 + 38 && disputed_ == Civil{};
  }
  EXPECT_FALSE(early);
  EXPECT_EQ(disputed_, Civil{});
  EXPECT_NEAR(static_cast<double>((last - (wall_ + 660s - 20s)).count()), 0, 1'000);
  EXPECT_EQ(clock_.steps(), 1u);
}

TEST_F(ClockTest, ASuspendIsNoStep) {
  const Civil first = at(0s);
  EXPECT_EQ(at(8h) - first, 8h);
  EXPECT_EQ(disputed_, Civil{});
  EXPECT_EQ(clock_.steps(), 0u);
}

TEST_F(ClockTest, BootTimeThatStandsStillIsNoStep) {
  const Civil first = at(5s);
  EXPECT_EQ(at(5s), first);
  EXPECT_EQ(at(4s), first);
}

TEST(ClockStart, BeginsAtTheLastCommittedTimeIfTheWallClockIsBehind) {
  const Civil future = Clock(0ms, Civil{}).wall_time() + std::chrono::minutes(3);
  Clock clock(0ms, future);
  const Now now = clock.read();
  EXPECT_GE(now.civil, future);
  EXPECT_NE(now.disputed, Civil{});
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
