// SPDX-License-Identifier: Apache-2.0
// Links of one route share its messages by weight.
#include <gtest/gtest.h>

#include <map>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;
using Answer = Centre::Answer;
using Seen = Centre::Seen;

std::string number(int i) { return "86138" + std::to_string(10'000'000 + i); }

EngineSettings weighted(std::vector<uint32_t> weights, uint32_t window = 64) {
  auto settings = one_shard();
  auto& route = settings.routes.front();
  route.links.clear();
  for (const uint32_t weight : weights) {
    add_link(settings, window);
    route.links.back().weight = weight;
  }
  return settings;
}

void push(Producer& producer, int from, int count) {
  std::vector<proto::Message> messages;
  for (int i = from; i < from + count; ++i) {
    messages.push_back(message_of(Class::crisis, number(i)));
  }
  producer.push(messages);
}

std::map<uint16_t, int> by_link(const Centre& centre, size_t from = 0) {
  std::map<uint16_t, int> count;
  for (size_t i = from; i < centre.seen.size(); ++i) ++count[centre.seen[i].link];
  return count;
}

TEST(Balance, AtALowRateLinksTakeTurnsByWeight) {
  World world(weighted({3, 1, 2}));
  auto& producer = world.producer();
  for (int i = 0; i < 600; ++i) {
    push(producer, i, 1);
    world.run_for(2ms);
  }
  auto count = by_link(world.centre());
  EXPECT_NEAR(count[0], 300, 3);
  EXPECT_NEAR(count[1], 100, 3);
  EXPECT_NEAR(count[2], 200, 3);
}

TEST(Balance, UnderLoadWhatIsOnItsWayIsSharedByWeight) {
  World world(weighted({3, 1}, 200));
  world.centre().on_submit = [](const Seen&) { return Centre::Say{Answer::silence, {}}; };
  push(world.producer(), 0, 100);
  world.run_for(1s);
  auto count = by_link(world.centre());
  ASSERT_EQ(count[0] + count[1], 100);
  EXPECT_NEAR(count[0], 75, 2);
}

TEST(Balance, ASlowLinkIsNotWaitedFor) {
  World world(weighted({1, 1}, 10));
  world.centre().on_submit = [](const Seen& seen) {
    return Centre::Say{seen.link == 0 ? Answer::silence : Answer::accept, {}};
  };
  auto& producer = world.producer();
  for (int i = 0; i < 100; ++i) {
    push(producer, 10 * i, 10);
    world.run();
  }
  world.run_for(5s);
  auto count = by_link(world.centre());
  EXPECT_LE(count[0], 10);
  EXPECT_GE(count[1], 970);
}

TEST(Balance, AReturningLinkGetsItsShareAndNoMore) {
  World world(weighted({1, 1}));
  auto& centre = world.centre();
  auto& producer = world.producer();
  centre.refused_links = {1};
  world.run();
  for (int i = 0; i < 200; ++i) {
    push(producer, i, 1);
    world.run_for(2ms);
  }
  EXPECT_EQ(by_link(centre)[0], 200);
  centre.refused_links.clear();
  while (!centre.bound(1)) world.run_for(100ms);
  for (int i = 200; i < 300; ++i) {
    push(producer, i, 1);
    world.run_for(2ms);
  }
  EXPECT_NEAR(by_link(centre, 200)[1], 50, 2);
}

TEST(Balance, ALinkThatDiesLeavesItsMessagesToTheOthers) {
  auto settings = weighted({1, 1}, 4);
  settings.routes.front().rate_pdus = 20;
  World world(settings);
  auto& centre = world.centre();
  push(world.producer(), 0, 100);
  world.run_for(1s);
  centre.refused_links = {0};
  centre.drop(0);
  world.run_for(20s);
  std::map<std::string, int> times;
  for (const auto& seen : centre.seen) ++times[seen.to];
  EXPECT_EQ(times.size(), 100u);
  for (const auto& [to, count] : times) EXPECT_EQ(count, 1) << to;
}

}  // namespace
}  // namespace tact::gateway::test
