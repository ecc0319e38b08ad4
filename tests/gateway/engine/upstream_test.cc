// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "proto/delimited.h"
#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;

proto::Job job_of(uint64_t sequence, std::vector<proto::Message> messages) {
  proto::Job job;
  job.set_sequence(sequence);
  for (auto& message : messages) *job.add_messages() = std::move(message);
  return job;
}

proto::ToGateway frame_of(proto::Job job) {
  proto::ToGateway frame;
  *frame.mutable_job() = std::move(job);
  return frame;
}

Bytes octets(const proto::ToGateway& frame) {
  Bytes bytes;
  proto::append_delimited(frame, bytes);
  return bytes;
}

proto::Error::Code error(const Producer& producer) {
  return producer.errors.empty() ? proto::Error::UNSPECIFIED : producer.errors.back().code();
}

TEST(Upstream, GarbageIsAnsweredAndClosed) {
  World world(one_shard());
  auto& producer = world.producer();
  auto& other = world.producer("b", "core", false);
  world.run();
  producer.send_raw(Bytes{0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
  world.run();
  EXPECT_EQ(error(producer), proto::Error::MALFORMED);
  EXPECT_FALSE(producer.is_connected());
  EXPECT_TRUE(other.errors.empty());
}

TEST(Upstream, AFrameThatIsNoMessageIsMalformed) {
  World world(one_shard());
  auto& producer = world.producer();
  world.run();
  producer.send_raw(Bytes{3, 0x12, 0x7f, 0x00});  // a job that is longer than its frame
  world.run();
  EXPECT_EQ(error(producer), proto::Error::MALFORMED);
}

TEST(Upstream, AFrameOverTheLimitIsRefusedByItsLength) {
  auto settings = one_shard();
  settings.limits.frame_bytes = 1'000;
  World world(settings);
  auto& producer = world.producer();
  world.run();
  producer.send_raw(Bytes{0xe9, 0x07});  // 1,001
  world.run();
  EXPECT_EQ(error(producer), proto::Error::FRAME_TOO_LARGE);
}

TEST(Upstream, AJobBeforeHelloIsRefused) {
  World world(one_shard());
  auto& producer = world.producer();
  producer.take_output();
  producer.send(frame_of(job_of(1, {message_of(Class::otp)})));
  world.run();
  EXPECT_TRUE(world.centre().seen.empty());
}

TEST(Upstream, AWrongTokenIsRefusedAndNothingElseTold) {
  World world(one_shard());
  auto& producer = world.producer();
  world.disconnect(producer);
  producer.token = "token ";
  world.connect(producer);
  world.run();
  EXPECT_EQ(error(producer), proto::Error::UNAUTHENTICATED);
  EXPECT_FALSE(producer.welcome());
}

TEST(Upstream, ASecondHelloIsRefused) {
  World world(one_shard());
  auto& producer = world.producer();
  world.run();
  proto::ToGateway frame;
  frame.mutable_hello()->set_upstream("core");
  frame.mutable_hello()->set_token("token");
  producer.send(frame);
  world.run();
  EXPECT_EQ(error(producer), proto::Error::MALFORMED);
}

TEST(Upstream, TooManyConnectionsAreRefused) {
  auto settings = one_shard();
  settings.limits.streams = 2;
  World world(settings);
  std::vector<Producer*> all;
  for (const char* stream : {"a", "b", "c"}) {
    all.push_back(&world.producer(stream, "core", false));
    world.run();
  }
  EXPECT_TRUE(all[0]->welcome() && all[1]->welcome());
  EXPECT_EQ(error(*all[2]), proto::Error::LIMIT);
}

TEST(Upstream, AJobWithoutMessagesOrWithTooManyIsRefused) {
  auto settings = one_shard();
  settings.limits.job_messages = 2;
  for (const size_t count : {0, 3}) {
    World world(settings);
    auto& producer = world.producer();
    world.run();
    std::vector<proto::Message> messages(count, message_of(Class::otp));
    producer.send(frame_of(job_of(1, messages)));
    world.run();
    EXPECT_EQ(error(producer), proto::Error::LIMIT) << count;
  }
}

TEST(Upstream, FramesAreReadWhereverTheyAreSplit) {
  Bytes two = octets(frame_of(job_of(1, {message_of(Class::otp)})));
  const Bytes second = octets(frame_of(job_of(2, {message_of(Class::crisis)})));
  two.insert(two.end(), second.begin(), second.end());
  World world(one_shard());
  auto& producer = world.producer();
  world.run();
  for (const uint8_t octet : two) {
    producer.send_raw(Bytes{octet});
    world.run();
  }
  EXPECT_EQ(producer.acks.size(), 2u);
  EXPECT_EQ(world.centre().seen.size(), 2u);
}

TEST(Upstream, TwoJobsInOneChunkAreOneCommit) {
  World world(one_shard());
  auto& producer = world.producer();
  world.run_for(1s);
  world.commits = false;
  producer.push({message_of(Class::otp)});
  producer.push({message_of(Class::crisis)});
  world.run();
  EXPECT_EQ(world.store.waiting(), 1u);
  EXPECT_TRUE(producer.acks.empty());
  world.commits = true;
  world.run();
  EXPECT_EQ(producer.acks.size(), 2u);
}

TEST(Upstream, ASequenceGapIsRefusedAndWhatCameBeforeIsKept) {
  World world(one_shard());
  auto& producer = world.producer();
  world.run();
  producer.push({message_of(Class::otp)});
  world.run();
  producer.send(frame_of(job_of(3, {message_of(Class::otp)})));
  world.run();
  EXPECT_EQ(error(producer), proto::Error::SEQUENCE_GAP);
  world.connect(producer);
  world.run();
  ASSERT_TRUE(producer.welcome());
  EXPECT_EQ(producer.welcome()->last_sequence(), 1u);
}

TEST(Upstream, AJobIsAcknowledgedAfterItsCommitOnly) {
  World world(one_shard());
  auto& producer = world.producer();
  world.run_for(1s);
  world.commits = false;
  producer.push({message_of(Class::otp)});
  world.run_for(5s);
  EXPECT_TRUE(producer.acks.empty());
  EXPECT_TRUE(world.centre().seen.empty());
  world.commits = true;
  world.run();
  EXPECT_EQ(producer.acks.size(), 1u);
}

TEST(Upstream, ARepeatedJobIsAcknowledgedAsReplayedWhenTheFirstIsDurable) {
  World world(one_shard());
  auto& producer = world.producer();
  world.run_for(1s);
  world.commits = false;
  const auto job = job_of(1, {message_of(Class::otp)});
  producer.send(frame_of(job));
  producer.send(frame_of(job));
  world.run();
  EXPECT_TRUE(producer.acks.empty());
  world.store.write_one();
  world.run();
  EXPECT_EQ(producer.acks.count(1), 1u);
  size_t replayed = 0;
  for (const auto& frame : producer.frames) replayed += frame.job_ack().replayed();
  EXPECT_EQ(replayed, 1u);
  world.commits = true;
  producer.send(frame_of(job));
  world.run_for(1s);
  EXPECT_EQ(world.centre().seen.size(), 1u);
}

TEST(Upstream, WelcomeWaitsForTheCommitOfWhatItTellsAndComesFirst) {
  World world(one_shard());
  auto& producer = world.producer();
  producer.acks_events = false;
  world.run_for(1s);
  world.commits = false;
  producer.push({message_of(Class::otp)});
  world.run();
  world.disconnect(producer);
  world.connect(producer);
  world.run();
  EXPECT_FALSE(producer.welcome());
  world.commits = true;
  world.run_for(1s);
  ASSERT_TRUE(producer.welcome());
  EXPECT_TRUE(producer.frames.front().has_welcome());
  EXPECT_EQ(producer.welcome()->last_sequence(), 1u);
  EXPECT_EQ(world.centre().seen.size(), 1u);
}

TEST(Upstream, ANewerConnectionOfAStreamReplacesTheOlder) {
  World world(one_shard());
  auto& older = world.producer("a");
  world.run();
  auto& newer = world.producer("a");
  world.run();
  EXPECT_EQ(error(older), proto::Error::REPLACED);
  EXPECT_FALSE(older.is_connected());
  newer.push({message_of(Class::otp)});
  world.run();
  EXPECT_EQ(newer.acks.size(), 1u);
}

TEST(Upstream, TheNewestSubscriberGetsWhatWasNotAcknowledged) {
  World world(one_shard());
  auto& first = world.producer("a");
  first.acks_events = false;
  world.run();
  first.push({message_of(Class::otp), message_of(Class::crisis)});
  world.run();
  EXPECT_EQ(first.events.size(), 2u);  // submitted, twice
  auto& second = world.producer("b");
  second.acks_events = false;
  world.run();
  EXPECT_EQ(error(first), proto::Error::REPLACED);
  EXPECT_EQ(second.events.size(), 2u);
  EXPECT_EQ(second.events.begin()->first, 1u);
}

TEST(Upstream, AnEventAckBeyondTheTailIsIgnored) {
  World world(one_shard());
  auto& producer = world.producer();
  producer.acks_events = false;
  producer.push({message_of(Class::otp)});
  world.run();
  producer.ack_events(1'000);
  world.run();
  world.disconnect(producer);
  producer.events.clear();
  world.connect(producer);
  world.run();
  EXPECT_EQ(producer.events.size(), 1u);
}

TEST(Upstream, EventsHaveNoHolesOverARestart) {
  World world(one_shard());
  auto& producer = world.producer();
  for (int i = 0; i < 3; ++i) {
    producer.push({message_of(Class::otp, "861380013800" + std::to_string(i))});
    world.run_for(1s);
    world.restart();
    world.run_for(1s);
  }
  producer.push({message_of(Class::otp)});
  world.run_for(1s);
  ASSERT_EQ(producer.events.size(), 4u);
  EXPECT_EQ(producer.events.rbegin()->first, 4u);
}

TEST(Upstream, AFullEventQuotaStopsJobsUntilAnAckBehindThemIsRead) {
  auto settings = one_shard();
  // Room for one message that is under way, and its next event.
  settings.tenants.front().upstreams.front().event_quota_bytes = 640;
  World world(settings);
  auto& producer = world.producer();
  producer.acks_events = false;
  producer.push({message_of(Class::otp, "8613800138001")});
  world.run_for(1s);
  producer.push({message_of(Class::otp, "8613800138002")});
  world.run_for(1s);
  EXPECT_EQ(producer.acks.size(), 1u);
  producer.ack_events(1);
  world.run_for(1s);
  EXPECT_EQ(producer.acks.size(), 2u);
}

TEST(Upstream, TheUncommittedBudgetStopsReading) {
  auto settings = one_shard();
  settings.limits.uncommitted_bytes = 1;
  World world(settings);
  auto& producer = world.producer();
  auto& other = world.producer("b", "core", false);
  world.run_for(1s);
  world.commits = false;
  producer.push({message_of(Class::otp, "8613800138001")});
  world.run();
  other.push({message_of(Class::otp, "8613800138002")});
  world.run();
  EXPECT_EQ(world.store.waiting(), 1u);
  world.commits = true;
  world.run();
  EXPECT_EQ(other.acks.size(), 1u);
}

TEST(Upstream, HalfOfTheUncommittedBudgetIsOtps) {
  auto settings = one_shard();
  settings.limits.uncommitted_bytes = 4'000;
  World world(settings);
  auto& bulk = world.producer();
  auto& codes = world.producer("b", "core", false);
  world.run_for(1s);
  world.commits = false;
  for (int i = 0; i < 10; ++i) {
    bulk.push({message_of(Class::notification, "86138001380" + std::to_string(10 + i))});
    world.run();
  }
  const size_t waiting = world.store.waiting();
  EXPECT_GT(waiting, 1u);
  EXPECT_LT(waiting, 8u);
  const auto mixed = codes.push({message_of(Class::otp, "8613900139000")});
  world.run();
  EXPECT_EQ(world.store.waiting(), waiting + 1);
  // All of it is spent in the end; and then OTP waits too.
  for (int i = 0; i < 20; ++i) {
    codes.push({message_of(Class::otp, "86139001390" + std::to_string(10 + i))});
    world.run();
  }
  EXPECT_LT(world.store.waiting(), 14u);
  EXPECT_TRUE(codes.acks.empty());
  world.commits = true;
  world.run_for(1s);
  EXPECT_TRUE(codes.acks.contains(mixed));
  EXPECT_EQ(codes.acks.size(), 21u);
  EXPECT_EQ(bulk.acks.size(), 10u);
}

TEST(Upstream, AJobThatIsNotAllOtpWaitsAsItsLeastMessage) {
  // How many jobs wait for the disk when an OTP is followed by an OTP and something else.
  uint64_t one_job = 0;
  const auto waiting = [&](EngineSettings settings) {
    World world(std::move(settings));
    auto& producer = world.producer();
    world.run_for(1s);
    world.commits = false;
    producer.push({message_of(Class::otp, "8613800138001")});
    world.run();
    one_job = world.shard().stats().uncommitted_bytes.get();
    producer.push({message_of(Class::otp, "8613800138002"), message_of(Class::crisis)});
    world.run();
    const size_t commits = world.store.waiting();
    world.commits = true;
    world.run_for(1s);
    EXPECT_EQ(producer.acks.size(), 2u);
    return commits;
  };
  auto settings = one_shard();
  EXPECT_EQ(waiting(settings), 2u);
  settings.limits.uncommitted_bytes = 2 * one_job;
  EXPECT_EQ(waiting(settings), 1u);
  settings.limits.uncommitted_bytes = 2 * one_job + 2;
  EXPECT_EQ(waiting(settings), 2u);
}

TEST(Upstream, AClassWhoseLowOctetIsOneOfOursIsStillNone) {
  World world(one_shard());
  auto& producer = world.producer();
  proto::Control control;
  auto* entry = control.mutable_suppress()->add_entries();
  entry->set_brand("bank");
  entry->set_to("+8613800138000");
  entry->add_classes(static_cast<proto::MessageClass>(256 + proto::MARKETING));
  const auto sequence = producer.push(control);
  world.run();
  EXPECT_EQ(producer.result(sequence).outcome(), proto::REJECTED);
  EXPECT_EQ(producer.result(sequence).fired(0).detail(), "classes");
  EXPECT_TRUE(world.store.table(Table::suppressed).empty());
}

TEST(Upstream, ADrainingGatewayRefusesJobsAndHellos) {
  World world(one_shard());
  auto& producer = world.producer();
  world.run();
  world.drain();
  producer.push({message_of(Class::otp)});
  world.run();
  EXPECT_EQ(error(producer), proto::Error::DRAINING);
  world.connect(producer);
  world.run();
  EXPECT_EQ(producer.errors.size(), 2u);
  EXPECT_TRUE(producer.acks.empty());
}

}  // namespace
}  // namespace tact::gateway::test
