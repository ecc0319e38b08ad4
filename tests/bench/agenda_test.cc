// SPDX-License-Identifier: Apache-2.0
#include "bench/smsc/agenda.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>

namespace tact::bench {
namespace {

using smpp::Mono;
using namespace std::chrono_literals;

std::vector<int> take(Agenda<int>& agenda, Mono now) {
  std::vector<int> taken;
  agenda.take_due(now, [&](int&& thing) { taken.push_back(thing); });
  return taken;
}

TEST(Agenda, HasNoDeadlineWhenEmpty) {
  Agenda<int> agenda;
  EXPECT_EQ(agenda.deadline(), smpp::kNever);
  EXPECT_TRUE(take(agenda, 1h).empty());
  agenda.add(5ms, 1);
  EXPECT_EQ(take(agenda, 1h), std::vector{1});
  EXPECT_EQ(agenda.deadline(), smpp::kNever);
}

TEST(Agenda, NothingComesEarlyNorMuchLate) {
  Agenda<int> agenda;
  agenda.add(5'300us, 1);
  EXPECT_EQ(agenda.deadline(), 6ms);
  EXPECT_TRUE(take(agenda, 5'999us).empty());
  EXPECT_EQ(take(agenda, 6ms), std::vector{1});
}

TEST(Agenda, SlotKeepsTheOrderOfEntry) {
  Agenda<int> agenda;
  agenda.add(9'900us, 1);
  agenda.add(9'100us, 2);
  agenda.add(8ms, 3);
  EXPECT_EQ(take(agenda, 10ms), (std::vector{3, 1, 2}));
}

TEST(Agenda, WhatIsAddedMeanwhileWaitsForAnotherCall) {
  Agenda<int> agenda;
  agenda.add(1ms, 1);
  std::vector<int> taken;
  agenda.take_due(3ms, [&](int&& thing) {
    taken.push_back(thing);
    agenda.add(3ms, thing + 1);
  });
  EXPECT_EQ(taken, std::vector{1});
  EXPECT_EQ(take(agenda, 4ms), std::vector{2});
}

// Against a plain list: delays from nothing to hours, entries and looks in any order.
TEST(Agenda, GivesWhatAPlainListWouldGive) {
  std::mt19937_64 random(7);
  Agenda<std::unique_ptr<int>> agenda;
  std::multimap<int64_t, int> list;  // by slot; equal ones in the order of entry
  Mono now{};
  for (int i = 0; i < 20'000; ++i) {
    now += std::chrono::microseconds(random() % 3000);
    const Mono delay = std::chrono::microseconds(random() % (uint64_t{1} << random() % 34));
    agenda.add(now + delay, std::make_unique<int>(i));
    list.emplace((now + delay) / 1ms + 1, i);
    ASSERT_EQ(agenda.deadline(), list.begin()->first * Mono(1ms));
    if (random() % 4 > 0) continue;
    agenda.take_due(now, [&](std::unique_ptr<int>&& thing) {
      ASSERT_FALSE(list.empty());
      EXPECT_LE(list.begin()->first, now / 1ms);
      EXPECT_EQ(*thing, list.begin()->second);
      list.erase(list.begin());
    });
    ASSERT_TRUE(list.empty() || list.begin()->first > now / 1ms) << "something due was left";
  }
  EXPECT_GT(list.size(), 100u) << "some were hours away";
}

}  // namespace
}  // namespace tact::bench
