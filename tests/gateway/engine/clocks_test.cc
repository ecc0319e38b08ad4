// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;

std::string number(int i) { return "86138001" + std::to_string(10'000 + i); }

std::string rules(const proto::Result& result) {
  std::string all;
  for (const auto& fired : result.fired()) all += (all.empty() ? "" : " ") + fired.rule();
  return all;
}

Civil utc(int month, int day, int hour, int minute = 0) {
  using namespace std::chrono;
  const sys_days date = year(2026) / std::chrono::month(static_cast<unsigned>(month)) /
                        std::chrono::day(static_cast<unsigned>(day));
  return Civil(date + hours(hour) + minutes(minute));
}

TEST(Clocks, WhileTheyDisagreeWhatMayWaitNeedsBoth) {
  World world(one_shard());
  world.now.disputed = shanghai(18, 23);  // ours: 10:15
  auto& producer = world.producer();
  const auto job = producer.push(
      {message_of(Class::marketing, number(1)), message_of(Class::collection, number(2)),
       message_of(Class::otp, number(3)), message_of(Class::notification, number(4))});
  world.run_for(1s);
  for (const int waits : {0, 1}) {
    EXPECT_EQ(producer.result(job, waits).outcome(), proto::DEFERRED);
    EXPECT_EQ(rules(producer.result(job, waits)), "CLOCK");
    EXPECT_LE(from_ms(producer.result(job, waits).deferred_until_ms()), world.now.civil + 10min);
  }
  EXPECT_EQ(world.centre().seen.size(), 2u);
  EXPECT_EQ(world.shard().stats().clock_disputed.get(), 1u);
  // Still in dispute when they are due: they wait on.
  world.run_for(11min);
  EXPECT_EQ(world.centre().seen.size(), 2u);
  world.now.disputed = {};
  world.run_for(11min);
  EXPECT_EQ(world.centre().seen.size(), 4u);
  EXPECT_EQ(world.shard().stats().clock_disputed.get(), 0u);
}

TEST(Clocks, TheLastLookAsksBothToo) {
  World world(one_shard());
  world.centre().refused_links = {0};
  auto& producer = world.producer();
  producer.push({message_of(Class::marketing, number(1)), message_of(Class::otp, number(2))});
  world.run_for(1s);
  // By the wall clock it is the next year: all of it would have expired.
  world.now.disputed = world.now.civil + std::chrono::days(365);
  world.centre().refused_links.clear();
  world.run_for(60s);
  ASSERT_EQ(world.centre().seen.size(), 1u);
  EXPECT_EQ(world.centre().seen.front().to, number(2));
  world.now.disputed = {};
  world.run_for(11min);
  EXPECT_EQ(world.centre().seen.size(), 2u);
}

TEST(Clocks, AClockThatPermitsIsNoHindrance) {
  World world(one_shard());
  world.now.disputed = shanghai(18, 15);
  auto& producer = world.producer();
  const auto job = producer.push({message_of(Class::marketing)});
  world.run_for(1s);
  EXPECT_EQ(producer.result(job).outcome(), proto::QUEUED);
  EXPECT_EQ(world.centre().seen.size(), 1u);
}

TEST(Clocks, ANightsSuspendStormsNothing) {
  auto settings = one_shard();
  settings.routes.front().rate_pdus = 50;
  settings.routes.front().burst_pdus = 5;
  World world(settings);
  world.now.civil = shanghai(18, 19, 30);
  world.centre().on_submit = [&](const auto& seen) {
    return seen.number % 2 ? Centre::Say{Centre::Answer::refuse, smpp::Status::ESME_RSYSERR}
                           : Centre::Say{};
  };
  auto& producer = world.producer();
  std::vector<proto::Message> messages;
  for (int i = 0; i < 200; ++i) {
    messages.push_back(message_of(Class::marketing, number(i)));
    messages.back().set_not_before_ms(to_ms(world.now.civil + std::chrono::seconds(i)));
  }
  producer.push(messages);
  world.run_for(2s);
  // The lid is closed until 10:30 of the next day; then all that came due is due at once.
  world.now.mono += 15h;
  world.now.civil += 15h;
  const size_t before = world.centre().seen.size();
  world.run();  // fails if the world spins
  world.centre().on_submit = nullptr;
  EXPECT_LE(world.centre().seen.size() - before, 10u);
  world.run_for(120s);
  std::set<std::string> reached;
  const auto& seen = world.centre().seen;
  for (const auto& one : seen) reached.insert(one.to);
  EXPECT_EQ(reached.size(), 200u);
  for (size_t i = before; i < seen.size(); ++i) {
    const auto within = std::count_if(seen.begin(), seen.end(), [&](const auto& other) {
      return other.at >= seen[i].at && other.at < seen[i].at + 1s;
    });
    ASSERT_LE(within, 55);
  }
}

// Windows are the recipient's: on the day when clocks in Berlin go forward, 09:00 there is an hour
// earlier by UTC; when they go back, an hour later; where they never move, neither.
TEST(Clocks, DaylightSavingMovesTheRecipientsMorning) {
  const auto morning = [](Civil evening, const char* zone) {
    World world(one_shard());
    world.now.civil = evening;
    auto& producer = world.producer();
    auto message = message_of(Class::marketing);
    message.set_zone(zone);
    const auto job = producer.push({message});
    world.run_for(1s);
    const auto& result = producer.result(job);
    EXPECT_EQ(result.outcome(), proto::DEFERRED) << result.ShortDebugString();
    const Civil due = from_ms(result.deferred_until_ms());
    world.run_for(due - evening - 2s);
    EXPECT_TRUE(world.centre().seen.empty());
    world.run_for(4s);
    EXPECT_EQ(world.centre().seen.size(), 1u);
    return due;
  };
  EXPECT_EQ(morning(utc(3, 27, 23), "Europe/Berlin"), utc(3, 28, 8));
  EXPECT_EQ(morning(utc(3, 28, 23), "Europe/Berlin"), utc(3, 29, 7));
  EXPECT_EQ(morning(utc(10, 24, 23), "Europe/Berlin"), utc(10, 25, 8));
  EXPECT_EQ(morning(utc(10, 23, 23), "Europe/Berlin"), utc(10, 24, 7));
  EXPECT_EQ(morning(utc(3, 28, 15), "Asia/Shanghai"), utc(3, 29, 1));
}

// Steps that the daemon has believed: civil time jumps forward at a re-anchoring.
TEST(Clocks, AStepForwardMakesDueWhatIsDueAndNothingTwice) {
  World world(one_shard());
  world.now.civil = shanghai(18, 23);
  auto& producer = world.producer();
  const auto job = producer.push({message_of(Class::marketing)});
  world.run_for(1s);
  ASSERT_EQ(producer.result(job).outcome(), proto::DEFERRED);
  world.now.civil = shanghai(19, 11);
  world.run_for(61s);  // nobody tells the shard: it looks once a minute
  EXPECT_EQ(world.centre().seen.size(), 1u);
  world.run_for(60s);
  EXPECT_EQ(world.centre().seen.size(), 1u);
}

}  // namespace
}  // namespace tact::gateway::test
