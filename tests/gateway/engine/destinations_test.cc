// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/destinations.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;
using Answer = Centre::Answer;
using Seen = Centre::Seen;
using smpp::Status;

constexpr std::string_view kFull = "8613800138000";

std::string number(int i) { return "86138001" + std::to_string(10'000 + i); }

// The n-th message to one number, told apart by its text.
proto::Message nth(int n, std::string_view to = kFull) {
  auto message = message_of(Class::notification, to);
  message.set_text("【XX银行】您的账单" + std::to_string(10 + n) + "已出。");
  return message;
}

// Of what was seen at one number: the texts, by when they came.
std::vector<std::string> texts_at(const Centre& centre, std::string_view to) {
  std::vector<std::string> texts;
  for (const auto& seen : centre.seen) {
    if (seen.to == to) texts.push_back(seen.octets);
  }
  return texts;
}

// ---- By itself.

TEST(Destinations, WhatComesWhileOneIsParkedWaitsAsLongAsItDoes) {
  Destinations destinations;
  Now now{100s, shanghai(18, 10)};
  const Civil until = now.civil + 30s;
  EXPECT_EQ(destinations.hold(7, Class::crisis, false, now.civil), std::nullopt);
  EXPECT_EQ(destinations.park(7, Class::crisis, until, now), until);
  EXPECT_EQ(destinations.park(7, Class::crisis, until - 10s, now), until) << "never sooner";
  EXPECT_EQ(destinations.parked(), 1u);
  EXPECT_EQ(destinations.hold(7, Class::crisis, false, now.civil), until);
  EXPECT_EQ(destinations.hold(7, Class::otp, false, now.civil), until);
  EXPECT_EQ(destinations.hold(8, Class::crisis, false, now.civil), std::nullopt);
  EXPECT_EQ(destinations.hold(7, Class::marketing, false, until), std::nullopt);
}

TEST(Destinations, NobodyPassesThoseThatHaveWaited) {
  Destinations destinations;
  Now now{100s, shanghai(18, 10)};
  const Civil until = now.civil + 30s;
  destinations.park(7, Class::crisis, until, now);
  destinations.hold(7, Class::crisis, false, now.civil);
  // Both are on their way back when a third one would leave.
  EXPECT_EQ(destinations.hold(7, Class::crisis, false, until + 1s), until + 1s);
  for (int i = 0; i < 3; ++i) {
    destinations.came_back(7, Class::crisis);
    EXPECT_EQ(destinations.hold(7, Class::crisis, true, until + 2s), std::nullopt);
  }
  EXPECT_EQ(destinations.hold(7, Class::crisis, false, until + 2s), std::nullopt);
}

TEST(Destinations, WhatIsOverIsForgotten) {
  Destinations destinations;
  Now now{100s, shanghai(18, 10)};
  const Civil until = now.civil + 30s;
  destinations.park(7, Class::crisis, until, now);
  destinations.bar(8, Status::ESME_RX_P_APPN, until);
  now = {now.mono + 20s, now.civil + 20s};
  destinations.tick(now);
  EXPECT_EQ(destinations.parked(), 1u);
  EXPECT_EQ(destinations.barred(8, now.civil), Status::ESME_RX_P_APPN);
  now = {now.mono + 20s, now.civil + 20s};
  destinations.tick(now);
  EXPECT_EQ(destinations.parked(), 0u);
  EXPECT_EQ(destinations.barred(8, now.civil), std::nullopt);
  // The one that waited never came back: nobody waits for it for ever.
  EXPECT_TRUE(destinations.hold(7, Class::crisis, false, now.civil));
  now = {now.mono + 2h, now.civil + 2h};
  destinations.tick(now);
  EXPECT_EQ(destinations.hold(7, Class::crisis, false, now.civil), std::nullopt);
}

TEST(Destinations, SoManyAreRemembered) {
  Destinations destinations;
  const Now now{100s, shanghai(18, 10)};
  NumberHash number = 1;
  while (destinations.park(number, Class::crisis, now.civil + 30s, now)) ++number;
  EXPECT_EQ(number - 1, 65'536u);
  EXPECT_TRUE(destinations.park(1, Class::crisis, now.civil + 40s, now)) << "a known one";
  destinations.bar(number, Status::ESME_RX_P_APPN, now.civil + 30s);
  EXPECT_EQ(destinations.barred(number, now.civil), std::nullopt);
}

// ---- In a route.

TEST(Destinations, AFullOneWaitsWithAllThatIsForItAndNobodyElseDoes) {
  World world(one_shard());
  auto& centre = world.centre();
  auto& producer = world.producer();
  centre.on_submit = [](const Seen& seen) {
    return Centre::Say{seen.to == kFull ? Answer::refuse : Answer::accept, Status::ESME_RMSGQFUL};
  };
  producer.push({nth(0)});
  world.run_for(1s);
  ASSERT_EQ(texts_at(centre, kFull).size(), 1u);
  for (int i = 1; i <= 5; ++i) producer.push({nth(i), nth(i, number(i))});
  world.run_for(28s);
  EXPECT_EQ(texts_at(centre, kFull).size(), 1u);
  EXPECT_EQ(centre.seen.size(), 6u);
  EXPECT_EQ(world.route_stats().rate_pdus.get(), 1'000u);
  EXPECT_EQ(world.route_stats().destinations_parked.get(), 1u);
  EXPECT_EQ(world.route_stats().destination_held.get(), 5u);
  centre.on_submit = nullptr;
  world.run_for(10s);
  auto texts = texts_at(centre, kFull);
  ASSERT_EQ(texts.size(), 7u);
  EXPECT_EQ(texts[0], texts[1]);
  EXPECT_TRUE(std::is_sorted(texts.begin(), texts.end())) << "in the order of their pushing";
}

TEST(Destinations, OneThatQueuedMeanwhileDoesNotPassThoseThatWaited) {
  auto settings = one_shard();
  settings.routes.front().rate_pdus = 5;
  settings.routes.front().burst_pdus = 1;
  settings.routes.front().park_wait = 5s;
  World world(settings);
  auto& centre = world.centre();
  auto& producer = world.producer();
  centre.on_submit = [](const Seen& seen) {
    return Centre::Say{seen.number == 0 ? Answer::refuse : Answer::accept, Status::ESME_RMSGQFUL};
  };
  // The first two wait until 5 s; the third lies behind 30 others and is offered when the first two
  // have been appended to the lane again, behind it.
  producer.push({nth(0), nth(1)});
  std::vector<proto::Message> others;
  for (int i = 0; i < 30; ++i) others.push_back(nth(0, number(i)));
  producer.push(others);
  producer.push({nth(2)});
  world.run_for(60s);
  const auto texts = texts_at(centre, kFull);
  ASSERT_EQ(texts.size(), 4u);
  EXPECT_TRUE(std::is_sorted(texts.begin(), texts.end()));
  EXPECT_EQ(centre.seen.size(), 34u);
}

TEST(Destinations, AFullQueueOfTheCarrierSlowsTheRoute) {
  World world(one_shard());
  world.centre().on_submit = [](const Seen&) {
    return Centre::Say{Answer::refuse, Status::ESME_RMSGQFUL};
  };
  std::vector<proto::Message> messages;
  for (int i = 0; i < 9; ++i) messages.push_back(nth(0, number(i)));
  auto& producer = world.producer();
  producer.push(messages);
  world.run_for(1s);
  EXPECT_EQ(world.route_stats().rate_pdus.get(), 1'000u);
  producer.push({nth(0, number(9))});
  world.run_for(100ms);
  EXPECT_EQ(world.route_stats().destination_spreads.get(), 1u);
  EXPECT_EQ(world.route_stats().rate_pdus.get(), 500u);
}

TEST(Destinations, AFewFullOnesAmongManyDoNotSlowTheRoute) {
  World world(one_shard());
  world.centre().on_submit = [](const Seen& seen) {
    const bool full = seen.number % 10 == 0;
    return Centre::Say{full ? Answer::refuse : Answer::accept, Status::ESME_RMSGQFUL};
  };
  std::vector<proto::Message> messages;
  for (int i = 0; i < 300; ++i) messages.push_back(nth(0, number(i)));
  world.producer().push(messages);
  world.run_for(4s);
  EXPECT_EQ(world.route_stats().destination_busy.get(), 30u);
  EXPECT_EQ(world.route_stats().destination_spreads.get(), 0u);
}

TEST(Destinations, WhatExpiresWhileItWaitsIsToldAtThatTime) {
  World world(one_shard());
  auto& producer = world.producer();
  world.centre().on_submit = [](const Seen&) {
    return Centre::Say{Answer::refuse, Status::ESME_RMSGQFUL};
  };
  producer.push({nth(0)});
  world.run_for(1s);
  auto brief = nth(1);
  brief.set_expires_at_ms(to_ms(world.now.civil + 10s));
  const auto job = producer.push({brief});
  world.run_for(9s);
  EXPECT_FALSE(producer.fate(producer.result(job).message_id()));
  world.run_for(2s);
  ASSERT_TRUE(producer.fate(producer.result(job).message_id()));
  EXPECT_TRUE(producer.fate(producer.result(job).message_id())->has_expired());
  EXPECT_EQ(world.centre().seen.size(), 1u);
}

TEST(Destinations, ARestartSendsWhatWaitedOnceAndInOrder) {
  World world(one_shard());
  auto& centre = world.centre();
  auto& producer = world.producer();
  centre.on_submit = [](const Seen&) { return Centre::Say{Answer::refuse, Status::ESME_RMSGQFUL}; };
  producer.push({nth(0)});
  world.run_for(1s);
  producer.push({nth(1), nth(2)});
  world.run_for(1s);
  world.restart();
  centre.on_submit = nullptr;
  world.run_for(60s);
  const auto texts = texts_at(centre, kFull);
  ASSERT_EQ(texts.size(), 4u);
  EXPECT_TRUE(std::is_sorted(texts.begin(), texts.end()));
}

TEST(Destinations, NothingIsTriedAgainWhereTheCarrierSaysSo) {
  auto settings = one_shard();
  settings.routes.front().bar_time = 60s;
  World world(settings);
  auto& centre = world.centre();
  auto& producer = world.producer();
  Status said = Status::ESME_RSYSERR;
  centre.on_submit = [&said](const Seen&) { return Centre::Say{Answer::refuse, said}; };
  const auto first = producer.push({nth(0)});  // is to be tried again in 5 s
  world.run_for(1s);
  said = Status::ESME_RX_P_APPN;
  const auto second = producer.push({nth(1)});
  world.run_for(1s);
  ASSERT_EQ(centre.seen.size(), 2u);
  const auto fate = [&](uint64_t job) { return producer.fate(producer.result(job).message_id()); };
  ASSERT_TRUE(fate(second));
  EXPECT_EQ(fate(second)->failed().name(), "ESME_RX_P_APPN");
  EXPECT_FALSE(fate(first));
  world.run_for(10s);
  EXPECT_EQ(centre.seen.size(), 2u) << "its second attempt was not made";
  ASSERT_TRUE(fate(first));
  EXPECT_EQ(fate(first)->failed().name(), "ESME_RX_P_APPN");
  // A new one is tried, once.
  said = Status::ESME_RSYSERR;
  const auto third = producer.push({nth(2)});
  world.run_for(1s);
  EXPECT_EQ(centre.seen.size(), 3u);
  ASSERT_TRUE(fate(third));
  EXPECT_EQ(fate(third)->failed().name(), "ESME_RSYSERR");
  // And afterwards as ever.
  world.run_for(60s);
  producer.push({nth(3)});
  world.run_for(10s);
  EXPECT_EQ(centre.seen.size(), 5u);
}

TEST(Destinations, ARejectedMessageSaysNothingOfItsDestination) {
  World world(one_shard());
  auto& centre = world.centre();
  Status said = Status::ESME_RSYSERR;
  centre.on_submit = [&said](const Seen&) { return Centre::Say{Answer::refuse, said}; };
  auto& producer = world.producer();
  producer.push({nth(0)});
  world.run_for(1s);
  said = Status::ESME_RX_R_APPN;
  producer.push({nth(1)});
  world.run_for(1s);
  centre.on_submit = nullptr;
  world.run_for(10s);
  EXPECT_EQ(centre.seen.size(), 3u) << "the first one was tried again";
}

}  // namespace
}  // namespace tact::gateway::test
