// SPDX-License-Identifier: Apache-2.0
// Several routes: what goes where while one of them is down (DESIGN 17.13).
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;
using Answer = Centre::Answer;
using Seen = Centre::Seen;

constexpr RouteId kOther{2};

std::string number(int i) { return "86138001" + std::to_string(10'000 + i); }

// The route of all tests, and another one that takes over; numbers in Germany have the first only.
EngineSettings two_routes(uint16_t shards = 1) {
  EngineSettings settings = one_shard();
  settings.shards = shards;
  RouteSettings other = settings.routes.front();
  other.id = kOther;
  other.name = "other";
  other.shard = ShardId{static_cast<uint16_t>(shards - 1)};
  settings.routes.push_back(other);
  auto& routing = settings.tenants.front().routing;
  routing.clear();
  routing.push_back({{}, {"49"}, {}, {{kRoute}}});
  routing.push_back({{}, {}, {}, {{kRoute, 1}, {kOther, 0}}});
  return settings;
}

struct Failover : ::testing::Test {
  explicit Failover(EngineSettings settings = two_routes()) : world(std::move(settings)) {}

  void cut(RouteId route) {
    world.centre(route).refused_links = {0};
    world.centre(route).drop(0);
    world.run();
  }
  void mend(RouteId route) {
    world.centre(route).refused_links.clear();
    world.run_for(40s);  // the longest wait before a reconnect, and some
  }
  std::vector<proto::Message> many(Class cls, int count, int from = 0) {
    std::vector<proto::Message> messages;
    for (int i = from; i < from + count; ++i) {
      auto message = message_of(cls, number(i % 5));
      message.set_text("【XX银行】预警" + std::to_string(1'000 + i) + "，请勿外出。");
      messages.push_back(message);
    }
    return messages;
  }
  // Each text once and, by number, in the order of pushing.
  static void expect_ordered(const std::vector<Seen>& seen, size_t count) {
    EXPECT_EQ(seen.size(), count);
    std::map<std::string, std::string> last;
    for (const auto& one : seen) {
      EXPECT_LT(last[one.to], one.octets);
      last[one.to] = one.octets;
    }
  }
  const RouteStats& stats(size_t route = 0) { return world.shard().stats().routes[route]; }

  World world;
};

TEST_F(Failover, NothingMovesBeforeItsTimeAndThenAllThatWasNeverSent) {
  auto& producer = world.producer();
  world.run();
  cut(kRoute);
  const auto job = producer.push(many(Class::crisis, 300));
  world.run_for(29s);
  EXPECT_TRUE(world.centre(kOther).seen.empty());
  world.run_for(6s);
  expect_ordered(world.centre(kOther).seen, 300);
  EXPECT_TRUE(world.centre(kRoute).seen.empty());
  EXPECT_EQ(stats().rerouted.get(), 300u);
  EXPECT_EQ(stats().failovers.get(), 1u);
  for (const auto& one : std::vector<Seen>(world.centre(kOther).seen)) {
    world.centre(kOther).receipt(one, smpp::MessageState::delivered);
  }
  world.run_for(1s);
  for (int i = 0; i < 300; ++i) {
    const auto id = producer.result(job, i).message_id();
    EXPECT_EQ(producer.finals(id), 1u);
    for (const auto* event : producer.about(id)) {
      EXPECT_TRUE(!event->has_submitted() || event->submitted().route() == "other");
    }
  }
}

TEST_F(Failover, ThenNewOnesGoThereDirectlyAndComeBackWhenItHasBeenUpForAsLong) {
  auto& producer = world.producer();
  world.run();
  cut(kRoute);
  producer.push(many(Class::crisis, 10));
  world.run_for(35s);
  ASSERT_EQ(world.centre(kOther).seen.size(), 10u);
  producer.push(many(Class::crisis, 10, 10));
  world.run();
  EXPECT_EQ(world.centre(kOther).seen.size(), 20u);
  EXPECT_EQ(stats().rerouted.get(), 10u) << "these did not need to be moved";
  world.centre(kRoute).refused_links.clear();
  while (!world.centre(kRoute).bound(0)) world.run_for(100ms);
  world.run_for(28s);
  producer.push(many(Class::crisis, 10, 20));
  world.run_for(1s);
  EXPECT_EQ(world.centre(kOther).seen.size(), 30u) << "not trusted yet";
  world.run_for(2s);
  producer.push(many(Class::crisis, 10, 30));
  world.run_for(1s);
  EXPECT_EQ(world.centre(kRoute).seen.size(), 10u);
  expect_ordered(world.centre(kOther).seen, 30);
}

TEST_F(Failover, StagedMessagesMoveAndThoseThatHaveBegunDoNot) {
  world.settings.routes.front().links.front().session.window = 4;
  world.restart();
  auto& producer = world.producer();
  world.centre(kRoute).on_submit = [](const Seen&) { return Centre::Say{Answer::silence, {}}; };
  producer.push(many(Class::crisis, 6));
  world.run_for(1s);
  const size_t begun = world.centre(kRoute).seen.size();
  ASSERT_GE(begun, 1u);
  ASSERT_LT(begun, 6u);
  cut(kRoute);
  world.run_for(60s);
  EXPECT_EQ(world.centre(kOther).seen.size(), 6 - begun);
  world.centre(kRoute).on_submit = nullptr;
  mend(kRoute);
  EXPECT_EQ(world.centre(kRoute).seen.size(), 2 * begun) << "they may have been taken";
  EXPECT_EQ(world.centre(kOther).seen.size(), 6 - begun);
}

TEST_F(Failover, WhatWasSentInPartWaitsForItsOwnRoute) {
  auto& producer = world.producer();
  auto& centre = world.centre(kRoute);
  centre.on_submit = [](const Seen& seen) {
    return Centre::Say{seen.part == 2 ? Answer::refuse : Answer::accept,
                       smpp::Status::ESME_RSYSERR};
  };
  auto message = message_of(Class::notification, number(1));
  std::string text = message.text();
  for (int i = 0; i < 100; ++i) text += "账";
  message.set_text(text);
  producer.push({message});
  world.run_for(1s);
  ASSERT_EQ(centre.seen.size(), 2u);
  cut(kRoute);
  producer.push({message_of(Class::notification, number(2))});
  world.run_for(60s);
  EXPECT_EQ(world.centre(kOther).seen.size(), 1u) << "and does not stand in the way of others";
  centre.on_submit = nullptr;
  mend(kRoute);
  ASSERT_EQ(centre.seen.size(), 3u);
  EXPECT_EQ(centre.seen.back().part, 2);
}

TEST_F(Failover, UnknownOnesAreSettledWhereTheyWereSent) {
  auto& producer = world.producer();
  world.centre(kRoute).on_submit = [](const Seen&) { return Centre::Say{Answer::silence, {}}; };
  producer.push({message_of(Class::notification, number(1))});
  world.run_for(1s);
  cut(kRoute);
  world.run_for(90s);
  EXPECT_TRUE(world.centre(kOther).seen.empty());
  world.centre(kRoute).on_submit = nullptr;
  mend(kRoute);
  EXPECT_EQ(world.centre(kRoute).seen.size(), 2u);
}

TEST_F(Failover, WhatNobodyElseMaySendStepsAside) {
  auto& producer = world.producer();
  world.run();
  cut(kRoute);
  std::vector<proto::Message> messages;
  for (int i = 0; i < 20; ++i)
    messages.push_back(message_of(Class::crisis, "491511234500" + std::to_string(i)));
  producer.push(messages);
  producer.push(many(Class::crisis, 20));
  world.run_for(40s);
  expect_ordered(world.centre(kOther).seen, 20);
  world.run_for(10min);
  EXPECT_EQ(world.centre(kOther).seen.size(), 20u);
  EXPECT_TRUE(world.centre(kRoute).seen.empty());
  mend(kRoute);
  std::set<std::string> arrived;
  for (const auto& one : world.centre(kRoute).seen) arrived.insert(one.to);
  EXPECT_EQ(arrived.size(), 20u);
  EXPECT_EQ(world.centre(kRoute).seen.size(), 20u);
}

TEST_F(Failover, WithoutARouteThatIsUpEverythingStays) {
  auto& producer = world.producer();
  world.run();
  cut(kRoute);
  cut(kOther);
  producer.push(many(Class::crisis, 50));
  world.run_for(10min);
  EXPECT_EQ(stats().lanes[static_cast<size_t>(Class::crisis)].queued.get(), 50u);
  mend(kOther);
  expect_ordered(world.centre(kOther).seen, 50);
}

TEST_F(Failover, WhoComesBackFirstHasItsOwn) {
  auto& producer = world.producer();
  world.run();
  cut(kRoute);
  cut(kOther);
  producer.push(many(Class::crisis, 50));
  world.run_for(10min);
  mend(kRoute);
  expect_ordered(world.centre(kRoute).seen, 50);
  EXPECT_EQ(stats().rerouted.get(), 0u);
}

TEST_F(Failover, ItIsToldWhenItExpires) {
  auto& producer = world.producer();
  world.run();
  cut(kRoute);
  auto message = message_of(Class::otp, "4915112345678");
  const auto job = producer.push({message});
  world.run_for(301s);
  const auto* fate = producer.fate(producer.result(job).message_id());
  ASSERT_TRUE(fate);
  EXPECT_TRUE(fate->has_expired());
}

TEST_F(Failover, ACancelledMessageIsNotSentByTheOtherRouteEither) {
  auto& producer = world.producer();
  world.run();
  cut(kRoute);
  cut(kOther);
  const auto job = producer.push({message_of(Class::crisis, number(1))});
  world.run_for(35s);
  proto::Control control;
  control.mutable_cancel()->add_subjects()->set_message_id(producer.result(job).message_id());
  producer.push(control);
  world.run_for(1s);
  mend(kOther);
  EXPECT_TRUE(world.centre(kOther).seen.empty());
  EXPECT_EQ(producer.finals(producer.result(job).message_id()), 1u);
}

// At the pace of the one that takes over: its own messages must not stand behind all of another's.
TEST(FailoverPace, TheOtherRouteNeverHasMoreThanTwoSecondsOfItsRate) {
  auto settings = two_routes();
  settings.routes.back().rate_pdus = 40;
  World world(settings);
  auto& producer = world.producer();
  world.run();
  world.centre(kRoute).refused_links = {0};
  world.centre(kRoute).drop(0);
  for (int k = 0; k < 4; ++k) {
    std::vector<proto::Message> messages;
    for (int i = 0; i < 250; ++i) messages.push_back(message_of(Class::crisis, number(i)));
    producer.push(messages);
  }
  uint64_t most = 0;
  for (int i = 0; i < 600; ++i) {
    world.run_for(100ms);
    const auto& lane = world.shard().stats().routes[1].lanes[static_cast<size_t>(Class::crisis)];
    most = std::max(most, lane.queued.get());
  }
  EXPECT_GE(most, 40u);
  EXPECT_LE(most, 80u + 64u);
  EXPECT_GE(world.centre(kOther).seen.size(), 800u);
}

TEST(FailoverShards, RoutesOfTwoShardsTakeOverForEachOther) {
  auto settings = two_routes(2);
  World world(settings);
  auto& producer = world.producer();
  world.run();
  world.centre(kRoute).refused_links = {0};
  world.centre(kRoute).drop(0);
  std::vector<proto::Message> messages;
  for (int i = 0; i < 100; ++i) messages.push_back(message_of(Class::crisis, number(i)));
  producer.push(messages);
  world.run_for(40s);
  EXPECT_EQ(world.centre(kOther).seen.size(), 100u);
  producer.push({message_of(Class::crisis, number(200))});
  world.run();
  EXPECT_EQ(world.centre(kOther).seen.size(), 101u);
  EXPECT_EQ(world.shard(0).stats().routes[0].rerouted.get(), 100u);
}

// I2, I3: wherever it stops in its midst, each message leaves at most once and ends once.
TEST(FailoverCrash, LosesAndDoublesNothing) {
  for (uint64_t commits = 1; commits <= 10; ++commits) {
    auto settings = two_routes(2);
    settings.limits.open_max = 40;
    World world(settings);
    auto& producer = world.producer();
    world.run();
    world.centre(kRoute).refused_links = {0};
    world.centre(kRoute).drop(0);
    world.centre(kOther).receipts = true;
    std::vector<proto::Message> messages;
    for (int i = 0; i < 150; ++i) messages.push_back(message_of(Class::marketing, number(i)));
    const auto job = producer.push(messages);
    world.run_for(29s);
    world.store.set_fuse(commits);
    world.run_for(5s);
    world.crash();
    world.store.set_fuse(std::nullopt);
    world.start();
    world.run_for(300s);
    std::map<std::string, int> sent;
    for (const auto& one : world.centre(kOther).seen) ++sent[one.to];
    for (const auto& [to, times] : sent) EXPECT_EQ(times, 1) << to;
    int unknown = 0;
    for (int i = 0; i < 150; ++i) {
      const auto id = producer.result(job, i).message_id();
      EXPECT_EQ(producer.finals(id), 1u) << i << " after " << commits;
      const auto* fate = producer.fate(id);
      const bool lost_sight = fate && fate->has_unknown();
      unknown += lost_sight;
      EXPECT_TRUE(lost_sight || sent[number(i)] == 1) << i;
    }
    EXPECT_LE(unknown, 80) << "what a crash may leave open, of two lanes";
  }
}

}  // namespace
}  // namespace tact::gateway::test
