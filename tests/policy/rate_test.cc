// SPDX-License-Identifier: Apache-2.0
#include "policy/rate.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace tact::policy {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(token_bucket, starts_full_and_empties) {
  TokenBucket b(10, 3, nanoseconds(0));
  EXPECT_TRUE(b.take(3, nanoseconds(0)));
  EXPECT_FALSE(b.take(1, nanoseconds(0)));
  EXPECT_EQ(b.next(1, nanoseconds(0)), nanoseconds(100'000'000));
  EXPECT_FALSE(b.take(1, nanoseconds(99'999'999)));
  EXPECT_TRUE(b.take(1, nanoseconds(100'000'000)));
}

TEST(token_bucket, time_that_goes_back_gives_nothing) {
  TokenBucket b(10, 1, seconds(5));
  EXPECT_TRUE(b.take(1, seconds(5)));
  EXPECT_FALSE(b.take(1, seconds(1)));
  EXPECT_FALSE(b.take(1, seconds(5)));
}

TEST(token_bucket, a_long_message_goes_into_debt_that_others_wait_off) {
  TokenBucket b(10, 2, nanoseconds(0));
  EXPECT_TRUE(b.take(6, nanoseconds(0)));
  EXPECT_FALSE(b.take(1, nanoseconds(400'000'000)));
  EXPECT_TRUE(b.take(1, nanoseconds(500'000'000)));
}

// Who keeps something back has the whole rate all the same, and who does not finds it at once.
TEST(token_bucket, what_is_kept_is_there_for_who_asks_with_less) {
  TokenBucket b(10, 8, nanoseconds(0));
  for (int i = 0; i < 7; ++i) EXPECT_TRUE(b.take(1, nanoseconds(0), 1));
  EXPECT_FALSE(b.take(1, nanoseconds(0), 1));
  EXPECT_EQ(b.next(1, nanoseconds(0), 1), nanoseconds(100'000'000));
  EXPECT_TRUE(b.take(1, nanoseconds(100'000'000), 1));
  EXPECT_TRUE(b.take(1, nanoseconds(100'000'000)));
  EXPECT_FALSE(b.take(1, nanoseconds(100'000'000)));
  EXPECT_FALSE(b.take(1, nanoseconds(200'000'000), 1));
  EXPECT_TRUE(b.take(1, nanoseconds(300'000'000), 1));
}

TEST(token_bucket, a_long_message_beside_what_is_kept_waits_for_a_full_bucket) {
  TokenBucket b(10, 8, nanoseconds(0));
  EXPECT_TRUE(b.take(1, nanoseconds(0), 1));
  EXPECT_FALSE(b.take(20, nanoseconds(0), 1));
  EXPECT_EQ(b.next(20, nanoseconds(0), 1), nanoseconds(100'000'000));
  EXPECT_TRUE(b.take(20, nanoseconds(100'000'000), 1));
}

TEST(token_bucket, a_long_silence_does_not_overflow) {
  TokenBucket b(1'000'000, 1'000'000, nanoseconds(0));
  EXPECT_TRUE(b.take(1'000'000, nanoseconds(0)));
  EXPECT_TRUE(b.take(1'000'000, nanoseconds(int64_t{1} << 62)));
  EXPECT_FALSE(b.take(1, nanoseconds(int64_t{1} << 62)));
}

TEST(token_bucket, a_new_rate_counts_from_now_on) {
  TokenBucket b(10, 10, nanoseconds(0));
  EXPECT_TRUE(b.take(10, nanoseconds(0)));
  b.set(1, 2, seconds(1));
  EXPECT_TRUE(b.take(2, seconds(1)));
  EXPECT_EQ(b.next(1, seconds(1)), seconds(2));
}

TEST(token_bucket, no_second_holds_more_than_rate_plus_burst) {
  std::mt19937_64 random(5);
  TokenBucket b(50, 7, nanoseconds(0));
  nanoseconds now(0);
  std::deque<nanoseconds> taken;
  for (int i = 0; i < 20000; ++i) {
    now += nanoseconds(random() % 20'000'000);
    const nanoseconds next = b.next(1, now);
    const bool got = b.take(1, now);
    ASSERT_EQ(got, next <= now);
    if (!got) continue;
    taken.push_back(now);
    while (taken.front() + seconds(1) <= now) taken.pop_front();
    ASSERT_LE(taken.size(), 57u);
  }
}

}  // namespace
}  // namespace tact::policy
