// SPDX-License-Identifier: Apache-2.0
// Validity that ends while no link can take anything.
#include <gtest/gtest.h>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;
using Answer = Centre::Answer;
using Seen = Centre::Seen;

std::string number(int i) { return "86138001" + std::to_string(10'000 + i); }

proto::Message brief(const World& world, int i, Seconds validity) {
  auto message = message_of(Class::notification, number(i));
  message.set_expires_at_ms(to_ms(world.now.civil + validity));
  return message;
}

bool expired(const Producer& producer, uint64_t job, int i = 0) {
  const auto* fate = producer.fate(producer.result(job, i).message_id());
  return fate && fate->has_expired();
}

TEST(Expiry, BehindALinkThatNeverBindsItIsToldInTime) {
  World world(one_shard());
  world.centre().refused_links = {0};
  auto& producer = world.producer();
  const auto job = producer.push({message_of(Class::otp)});
  world.run_for(299s);
  EXPECT_FALSE(expired(producer, job));
  world.run_for(2s);
  EXPECT_TRUE(expired(producer, job));
  EXPECT_EQ(world.in_flight(), 0u);
}

TEST(Expiry, OfMessagesStagedOnALinkThatDied) {
  auto settings = one_shard();
  settings.routes.front().rate_pdus = 1;
  World world(settings);
  auto& producer = world.producer();
  std::vector<proto::Message> messages;
  for (int i = 0; i < 8; ++i) messages.push_back(brief(world, i, i % 2 ? 60s : 600s));
  const auto job = producer.push(messages);
  world.run();
  ASSERT_EQ(world.centre().seen.size(), 1u);  // the others are staged
  ASSERT_EQ(world.in_flight(), 7u);
  world.centre().refused_links = {0};
  world.centre().drop(0);
  world.run_for(61s);
  for (int i = 1; i < 8; ++i) EXPECT_EQ(expired(producer, job, i), i % 2 == 1) << i;
  EXPECT_EQ(world.in_flight(), 3u);
  // The others leave when it is back.
  world.centre().refused_links.clear();
  world.run_for(60s);
  EXPECT_EQ(world.centre().seen.size(), 4u);
  EXPECT_EQ(world.in_flight(), 0u);
}

TEST(Expiry, OfAWholeQueueInOrderAndOnce) {
  auto settings = one_shard();
  settings.limits.open_max = 64;
  World world(settings);
  world.centre().refused_links = {0};
  auto& producer = world.producer();
  std::vector<uint64_t> jobs;
  for (int k = 0; k < 8; ++k) {
    std::vector<proto::Message> messages;
    for (int i = 0; i < 100; ++i) messages.push_back(brief(world, 100 * k + i, 60s));
    jobs.push_back(producer.push(messages));
  }
  world.run_for(59s);
  EXPECT_EQ(world.route_stats().lanes[static_cast<size_t>(Class::notification)].queued.get(), 800u);
  world.run_for(2s);
  for (const uint64_t job : jobs) {
    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE(expired(producer, job, i));
      ASSERT_EQ(producer.finals(producer.result(job, i).message_id()), 1u);
    }
  }
  EXPECT_EQ(world.in_flight(), 0u);
}

// A lane is read in order: what is still valid is not passed by what is not.
TEST(Expiry, BehindOneThatIsStillValidWaitsForIt) {
  World world(one_shard());
  world.centre().refused_links = {0};
  auto& producer = world.producer();
  const auto job =
      producer.push({brief(world, 1, 10s), brief(world, 2, 120s), brief(world, 3, 10s)});
  world.run_for(11s);
  EXPECT_TRUE(expired(producer, job, 0));
  EXPECT_FALSE(expired(producer, job, 2));
  world.run_for(110s);
  EXPECT_TRUE(expired(producer, job, 1));
  EXPECT_TRUE(expired(producer, job, 2));
}

TEST(Expiry, ACrashInItsMidstTellsEachOnce) {
  for (uint64_t commits = 1; commits < 8; ++commits) {
    auto settings = one_shard();
    settings.limits.open_max = 16;
    World world(settings);
    world.centre().refused_links = {0};
    auto& producer = world.producer();
    std::vector<proto::Message> messages;
    for (int i = 0; i < 40; ++i) messages.push_back(brief(world, i, 60s));
    const auto job = producer.push(messages);
    world.run_for(59s);
    world.store.set_fuse(commits);
    world.run_for(2s);
    world.crash();
    world.store.set_fuse(std::nullopt);
    world.start();
    world.run_for(120s);
    for (int i = 0; i < 40; ++i) {
      EXPECT_EQ(producer.finals(producer.result(job, i).message_id()), 1u) << i;
    }
  }
}

TEST(Expiry, OfTheRestOfAMessageThatLeftInPart) {
  World world(one_shard());
  auto& producer = world.producer();
  world.centre().on_submit = [](const Seen& seen) {
    return Centre::Say{seen.part == 2 ? Answer::refuse : Answer::accept,
                       smpp::Status::ESME_RSYSERR};
  };
  auto message = brief(world, 1, 60s);
  std::string text = message.text();
  for (int i = 0; i < 100; ++i) text += "账";
  message.set_text(text);
  const auto job = producer.push({message});
  world.run_for(1s);
  world.centre().refused_links = {0};
  world.centre().drop(0);
  world.run_for(61s);
  EXPECT_TRUE(expired(producer, job));
  EXPECT_EQ(producer.fate(producer.result(job).message_id())->expired().parts_accepted(), 1u);
  world.run_for(1h);
  EXPECT_EQ(producer.finals(producer.result(job).message_id()), 1u);
}

TEST(Expiry, OfOneThatIsParked) {
  World world(one_shard());
  auto& producer = world.producer();
  world.centre().on_submit = [](const Seen&) {
    return Centre::Say{Answer::refuse, smpp::Status::ESME_RMSGQFUL};
  };
  producer.push({message_of(Class::notification, number(1))});
  world.run_for(1s);
  const auto job = producer.push({brief(world, 1, 10s)});
  world.run_for(1s);
  world.centre().refused_links = {0};
  world.centre().drop(0);
  world.run_for(10s);
  EXPECT_TRUE(expired(producer, job));
}

}  // namespace
}  // namespace tact::gateway::test
