// SPDX-License-Identifier: Apache-2.0
#include "bench/load/timeline.h"

#include <gtest/gtest.h>

namespace tact::bench {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
using Series = std::vector<uint64_t>;

TEST(Timeline, NothingHappened) {
  const Timeline timeline;
  EXPECT_EQ(timeline.seconds(), 0u);
  EXPECT_TRUE(timeline.series(Timeline::kFinal, proto::OTP).empty());
  EXPECT_TRUE(timeline.acknowledgement().empty());
}

TEST(Timeline, ASecondHoldsItsBeginningAndNotItsEnd) {
  Timeline timeline;
  timeline.begin(5 * kSecond);
  timeline.count(Timeline::kSubmitted, proto::OTP, 5 * kSecond);
  timeline.count(Timeline::kSubmitted, proto::OTP, 6 * kSecond - 1);
  timeline.count(Timeline::kSubmitted, proto::OTP, 6 * kSecond);
  EXPECT_EQ(timeline.series(Timeline::kSubmitted, proto::OTP), (Series{2, 1}));
}

TEST(Timeline, AMomentBeforeTheBeginningIsTheFirstSecond) {
  Timeline timeline;
  timeline.begin(5 * kSecond);
  timeline.count(Timeline::kSubmitted, proto::OTP, 5 * kSecond - 1);
  EXPECT_EQ(timeline.series(Timeline::kSubmitted, proto::OTP), (Series{1}));
}

TEST(Timeline, AllSeriesAreAsLongAsTheRun) {
  Timeline timeline;
  timeline.begin(0);
  timeline.count(Timeline::kSubmitted, proto::OTP, 0);
  timeline.count(Timeline::kFinal, proto::MARKETING, 3 * kSecond);
  EXPECT_EQ(timeline.seconds(), 4u);
  EXPECT_EQ(timeline.series(Timeline::kSubmitted, proto::OTP), (Series{1, 0, 0, 0}));
  EXPECT_EQ(timeline.series(Timeline::kFinal, proto::MARKETING), (Series{0, 0, 0, 1}));
  EXPECT_EQ(timeline.series(Timeline::kAcknowledged, proto::OTP), (Series{0, 0, 0, 0}));
  EXPECT_EQ(timeline.acknowledgement().size(), 4u);
}

TEST(Timeline, EachSecondHasItsOwnQuantiles) {
  Timeline timeline;
  timeline.begin(0);
  for (uint64_t value = 1; value <= 100; ++value) timeline.acknowledgement_took(value, kSecond / 2);
  timeline.acknowledgement_took(7, 3 * kSecond);
  const auto seconds = timeline.acknowledgement();
  ASSERT_EQ(seconds.size(), 4u);
  EXPECT_EQ(seconds[0].p50_ns, 50u);
  EXPECT_EQ(seconds[0].p99_ns, 99u);
  EXPECT_EQ(seconds[0].max_ns, 100u);
  EXPECT_EQ(seconds[1].max_ns, 0u);
  EXPECT_EQ(seconds[2].max_ns, 0u);
  EXPECT_EQ(seconds[3].p50_ns, 7u);
  EXPECT_EQ(seconds[3].max_ns, 7u);
}

}  // namespace
}  // namespace tact::bench
