// SPDX-License-Identifier: Apache-2.0
#include "smpp/window.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>

namespace tact::smpp {
namespace {

using std::chrono::seconds;

constexpr auto kSubmit = CommandId::submit_sm;
constexpr auto kSubmitResp = CommandId::submit_sm_resp;

TEST(Window, FullRefusesAndAnAnswerMakesRoom) {
  Window window(2);
  EXPECT_TRUE(window.offer(1, kSubmit, 11, seconds(0)));
  EXPECT_TRUE(window.offer(2, kSubmit, 12, seconds(0)));
  EXPECT_FALSE(window.offer(3, kSubmit, 13, seconds(0)));
  EXPECT_EQ(window.settle(1, kSubmitResp)->cookie, 11u);
  EXPECT_EQ(window.free(), 1u);
  EXPECT_TRUE(window.offer(3, kSubmit, 13, seconds(0)));
}

TEST(Window, AnswersComeInAnyOrderAndOnlyOnce) {
  Window window(4);
  for (std::uint32_t n = 1; n <= 4; ++n) window.offer(n, kSubmit, n * 10, seconds(n));
  EXPECT_EQ(window.settle(3, kSubmitResp)->cookie, 30u);
  EXPECT_EQ(window.settle(1, kSubmitResp)->cookie, 10u);
  EXPECT_FALSE(window.settle(3, kSubmitResp));
  EXPECT_FALSE(window.settle(9, kSubmitResp));
  EXPECT_EQ(window.deadline(seconds(10)), seconds(12));
}

TEST(Window, ResponseOfAnotherCommandIsStray) {
  Window window(2);
  window.offer(1, kSubmit, 11, seconds(0));
  EXPECT_FALSE(window.settle(1, CommandId::query_sm_resp));
  EXPECT_TRUE(window.contains(1));
  EXPECT_EQ(window.settle(1, CommandId::generic_nack)->cookie, 11u);
}

TEST(Window, NumbersWrapAndPassOverThoseInIt) {
  EXPECT_EQ(Window(1).number_behind(0), 1u);
  EXPECT_EQ(Window(1).number_behind(kSequenceMax - 1), 0x7FFFFFFFu);
  EXPECT_EQ(Window(1).number_behind(kSequenceMax), 1u);
  Window window(8);
  for (const std::uint32_t n : {kSequenceMax - 1, kSequenceMax, 1u, 2u, 4u}) {
    ASSERT_TRUE(window.offer(n, kSubmit, n, seconds(0)));
  }
  EXPECT_EQ(window.number_behind(kSequenceMax - 2), 3u);
  EXPECT_EQ(window.number_behind(3), 5u);
  ASSERT_TRUE(window.expire(seconds(10), seconds(10)));
  EXPECT_EQ(window.number_behind(kSequenceMax - 2), 3u) << "a late response may still come";
  ASSERT_TRUE(window.settle(kSequenceMax, kSubmitResp));
  EXPECT_EQ(window.number_behind(kSequenceMax - 2), kSequenceMax);
}

TEST(Window, SameNumberIsRefused) {
  Window window(2);
  EXPECT_TRUE(window.offer(1, kSubmit, 11, seconds(0)));
  EXPECT_FALSE(window.offer(1, kSubmit, 12, seconds(0)));
}

TEST(Window, ExpiredLeavesTheWindowAndIsStillKnown) {
  Window window(1);
  window.offer(1, kSubmit, 11, seconds(0));
  EXPECT_FALSE(window.expire(seconds(9), seconds(10)));
  const auto expired = window.expire(seconds(10), seconds(10));
  ASSERT_TRUE(expired);
  EXPECT_EQ(expired->cookie, 11u);
  EXPECT_EQ(window.free(), 1u);
  EXPECT_EQ(window.deadline(seconds(10)), kNever);
  window.offer(2, kSubmit, 12, seconds(10));
  const auto late = window.settle(1, kSubmitResp);
  ASSERT_TRUE(late);
  EXPECT_TRUE(late->late);
  EXPECT_FALSE(window.settle(2, kSubmitResp)->late);
}

TEST(Window, RemembersAsManyExpiredAsItHasSlots) {
  Window window(2);
  for (std::uint32_t n = 1; n <= 5; ++n) {
    window.offer(n, kSubmit, n, seconds(n));
    ASSERT_TRUE(window.expire(seconds(n + 10), seconds(10)));
  }
  EXPECT_FALSE(window.settle(3, kSubmitResp));
  EXPECT_TRUE(window.settle(4, kSubmitResp));
  EXPECT_TRUE(window.settle(5, kSubmitResp));
}

TEST(Window, DrainTellsTheOldestFirstAndLeavesItEmpty) {
  Window window(3);
  for (std::uint32_t n = 1; n <= 3; ++n) window.offer(n, kSubmit, n, seconds(n));
  window.expire(seconds(100), seconds(99));
  EXPECT_EQ(window.drain()->cookie, 2u);
  EXPECT_EQ(window.drain()->cookie, 3u);
  EXPECT_FALSE(window.drain());
  EXPECT_EQ(window.free(), 3u);
  EXPECT_FALSE(window.settle(1, kSubmitResp));
}

TEST(Window, BehavesAsAMapUnderRandomUse) {
  std::mt19937_64 rng(5);
  Window window(16);
  std::map<std::uint32_t, std::uint64_t> outstanding, expired;
  std::deque<std::uint32_t> expired_order;
  std::uint32_t next = 0x7FFFFF00;
  Mono now{};
  for (int step = 0; step < 200000; ++step) {
    now += seconds(1);
    const auto action = rng() % 10;
    if (action < 5) {
      next = next >= kSequenceMax ? 1 : next + 1;
      ASSERT_EQ(window.offer(next, kSubmit, rng() % 3 + next, now) ? 1u : 0u,
                outstanding.size() < 16 ? 1u : 0u);
      if (outstanding.size() < 16) outstanding[next] = 1;
    } else if (action < 9) {
      const std::uint32_t number = next - static_cast<std::uint32_t>(rng() % 40);
      const auto settled = window.settle(number, kSubmitResp);
      ASSERT_EQ(settled.has_value(), outstanding.count(number) + expired.count(number) == 1);
      if (settled) {
        ASSERT_EQ(settled->late, expired.count(number) == 1);
      }
      outstanding.erase(number);
      if (expired.erase(number)) std::erase(expired_order, number);
    } else if (const auto entry = window.expire(now, seconds(30))) {
      ASSERT_EQ(outstanding.erase(entry->sequence_number), 1u);
      expired[entry->sequence_number] = 1;
      expired_order.push_back(entry->sequence_number);
      if (expired_order.size() > 16) {
        expired.erase(expired_order.front());
        expired_order.pop_front();
      }
    }
    ASSERT_EQ(window.size(), outstanding.size());
  }
}

}  // namespace
}  // namespace tact::smpp
