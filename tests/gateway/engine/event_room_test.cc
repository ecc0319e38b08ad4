// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "gateway/engine/event.h"
#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;

std::string number(int i) { return "86138001" + std::to_string(10'000 + i); }

EngineSettings with_quota(uint64_t bytes) {
  auto settings = one_shard();
  auto& upstreams = settings.tenants.front().upstreams;
  upstreams.front().event_quota_bytes = bytes;
  upstreams.push_back({UpstreamId{2}, "other", "token", AccountId{1}});
  return settings;
}

const UpstreamStats& stats(World& world) { return world.shard().stats().upstreams.front(); }

// So many jobs of one OTP each are acknowledged.
size_t push_jobs(World& world, Producer& producer, int from, int count) {
  for (int i = 0; i < count; ++i) {
    producer.push({message_of(Class::otp, number(from + i))});
    world.run();
  }
  return producer.acks.size();
}

size_t reply(World& world, int from, std::string text) {
  return world.centre().deliver(
      {.from = number(from), .to = "1069000055", .octets = std::move(text)});
}

TEST(EventRoom, DamagedBodiesAreCountedAsFarAsTheyGo) {
  EventBuilder builder;
  proto::Event event;
  event.set_message_id(1);
  event.set_final(true);
  event.mutable_cancelled();
  builder.add(event);
  event.set_final(false);
  event.mutable_reply()->set_text("T");
  builder.add(event);
  const size_t second = stored_size(event);
  const Bytes body = builder.take();
  EXPECT_EQ(count_events(body).final, 1u);
  EXPECT_EQ(count_events(body).unsolicited_bytes, second);
  for (size_t cut = 0; cut < body.size(); ++cut) {
    const auto count = count_events(ByteView(body).first(cut));
    EXPECT_EQ(count.final, cut >= body.size() - second ? 1u : 0u) << cut;
    EXPECT_EQ(count.unsolicited_bytes, 0u) << cut;
  }
}

TEST(EventRoom, WhatIsUnderWayReservesRoomForItsEvents) {
  World world(with_quota(4'000));
  world.centre().refused_links = {0};
  auto& producer = world.producer();
  world.run_for(1s);
  EXPECT_FALSE(producer.welcome()->jobs_held());
  const size_t taken = push_jobs(world, producer, 0, 40);
  EXPECT_GT(taken, 5u);
  EXPECT_LT(taken, 20u);
  EXPECT_EQ(stats(world).jobs_held.get(), 1u);
  EXPECT_EQ(stats(world).events_reserved.get(), taken);
  EXPECT_TRUE(producer.events.empty());
  world.disconnect(producer);
  world.connect(producer);
  world.run();
  EXPECT_TRUE(producer.welcome()->jobs_held());
  // They end, and their events are acknowledged: the others follow.
  world.centre().receipts = true;
  world.centre().refused_links.clear();
  world.run_for(300s);
  EXPECT_EQ(producer.acks.size(), 40u);
  EXPECT_EQ(stats(world).jobs_held.get(), 0u);
  EXPECT_EQ(stats(world).events_reserved.get(), 0u);
}

TEST(EventRoom, WhatNobodyAcknowledgesHoldsTheJobsOfThisUpstreamOnly) {
  World world(with_quota(4'000));
  world.centre().receipts = true;
  auto& producer = world.producer();
  auto& other = world.producer("a", "other");
  producer.acks_events = false;
  for (int i = 0; i < 60; ++i) {
    producer.push({message_of(Class::otp, number(i))});
    world.run_for(100ms);
  }
  const size_t taken = producer.acks.size();
  EXPECT_LT(taken, 40u);
  EXPECT_EQ(stats(world).jobs_held.get(), 1u);
  // The others' jobs and the carrier's receipts go on.
  EXPECT_EQ(push_jobs(world, other, 100, 10), 10u);
  world.run_for(1s);
  for (size_t i = 0; i < taken; ++i) EXPECT_TRUE(world.centre().delivery(i).answered) << i;
  // What is not a job is still heard.
  auto& another = world.producer("b", "core", false);
  proto::Control control;
  auto* entry = control.mutable_suppress()->add_entries();
  entry->set_brand("bank");
  entry->set_to("+8613800138000");
  const auto sequence = another.push(control);
  world.run();
  EXPECT_EQ(another.result(sequence).outcome(), proto::QUEUED);
  producer.acks_events = true;
  producer.ack_events(producer.events.rbegin()->first);
  world.run_for(10s);
  EXPECT_EQ(producer.acks.size(), 60u);
}

TEST(EventRoom, WhatIsReservedIsKnownAfterARestart) {
  World world(with_quota(1 << 20));
  world.centre().refused_links = {0};
  auto& producer = world.producer();
  push_jobs(world, producer, 0, 20);
  auto rejected = message_of(Class::otp);
  rejected.set_text("");
  producer.push({rejected});
  world.run_for(1s);
  EXPECT_EQ(stats(world).events_reserved.get(), 20u);
  world.restart();
  EXPECT_EQ(stats(world).events_reserved.get(), 20u);
  world.centre().receipts = true;
  world.centre().refused_links.clear();
  world.run_for(120s);
  EXPECT_EQ(stats(world).events_reserved.get(), 0u);
  world.restart();
  EXPECT_EQ(stats(world).events_reserved.get(), 0u);
}

TEST(EventRoom, RepliesBeyondTheirShareHaveTheirEffectAndAreToldAsAGap) {
  World world(with_quota(8'000));  // a thousand octets for what comes unasked
  auto& producer = world.producer();
  producer.acks_events = false;
  const auto first = world.now.civil;
  std::vector<size_t> replies;
  for (int i = 0; i < 30; ++i) {
    replies.push_back(reply(world, i, "TD"));
    world.run_for(1s);
  }
  for (const size_t number : replies) EXPECT_TRUE(world.centre().delivery(number).answered);
  const size_t told = producer.events.size();
  EXPECT_GT(told, 4u);
  EXPECT_LT(told, 40u);
  EXPECT_EQ(stats(world).events_missed.get(), 60 - told);  // a reply and an opt-out each
  // The opt-out that nobody was told of is in force, and jobs are taken.
  const auto job = producer.push({message_of(Class::marketing, number(29))});
  world.run_for(1s);
  EXPECT_EQ(producer.result(job).outcome(), proto::REJECTED);
  // The count outlives a crash; once there is room it is told.
  world.restart();
  world.run_for(1s);
  const auto last = producer.events.rbegin()->first;
  producer.acks_events = true;
  producer.ack_events(last);
  world.run_for(1s);
  const auto& gap = producer.events.rbegin()->second;
  ASSERT_TRUE(gap.has_gap()) << gap.ShortDebugString();
  EXPECT_EQ(gap.gap().missed(), 60 - told);
  EXPECT_FALSE(gap.final());
  EXPECT_GE(from_ms(gap.gap().from_ms()), first);
  EXPECT_GE(gap.gap().to_ms(), gap.gap().from_ms());
  const size_t before = producer.events.size();
  reply(world, 40, "TD");
  world.run_for(1s);
  EXPECT_EQ(producer.events.size(), before + 2);
}

TEST(EventRoom, ARecordOfAnOlderReleaseBeginsTheBooksAnew) {
  World world(with_quota(1 << 20));
  auto& producer = world.producer();
  push_jobs(world, producer, 0, 3);
  world.run_for(1s);
  world.crash();
  world.store.table(Table::meta)[upstream_key(kUpstream)].resize(8);
  world.start();
  world.run_for(1s);
  EXPECT_EQ(stats(world).events_reserved.get(), 0u);
  for (const auto& seen : world.centre().seen) {
    world.centre().receipt(seen, smpp::MessageState::delivered);
  }
  world.run_for(1s);
  EXPECT_EQ(stats(world).events_reserved.get(), 0u);
  EXPECT_EQ(push_jobs(world, producer, 10, 1), 4u);
}

}  // namespace
}  // namespace tact::gateway::test
