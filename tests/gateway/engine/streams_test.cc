// SPDX-License-Identifier: Apache-2.0
// Streams that nobody uses any more (DESIGN 17.1), and producers who come back to them.
#include "gateway/engine/streams.h"

#include <gtest/gtest.h>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;

size_t stored(World& world) {
  const std::string prefix = stream_key(kUpstream, "");
  size_t count = 0;
  for (const auto& [key, value] : world.store.table(Table::meta)) count += key.starts_with(prefix);
  return count;
}

uint64_t known(World& world) { return world.shard().stats().upstreams.front().streams.get(); }

// A world in which one job of stream "a" was taken and acknowledged, or only taken.
class Streams : public ::testing::Test {
 protected:
  Streams() : world(one_shard()), producer(world.producer()) {}

  void take_one(bool acknowledged) {
    world.run();
    world.commits = acknowledged;
    producer.push({message_of(Class::notification)});
    world.run();
    if (acknowledged) return;
    // Durable; but the producer is gone before it hears of it.
    while (world.store.write_one()) {
    }
    world.disconnect(producer);
    world.commits = true;
    world.run_for(1s);
    ASSERT_FALSE(producer.acknowledged(1));
  }
  void leave() { world.disconnect(producer); }
  void come_back() {
    world.connect(producer);
    world.run_for(1s);
  }

  World world;
  Producer& producer;
};

TEST_F(Streams, APendingJobOfAForgottenStreamIsRefusedAndNotSentTwice) {
  take_one(false);
  world.run_for(27h);
  EXPECT_EQ(stored(world), 0u);
  come_back();
  ASSERT_EQ(producer.errors.size(), 1u);
  EXPECT_EQ(producer.errors.front().code(), proto::Error::STREAM_FORGOTTEN);
  EXPECT_EQ(producer.welcome(), nullptr);
  world.run_for(1min);
  EXPECT_EQ(world.centre().seen.size(), 1u);
}

TEST_F(Streams, APendingJobIsRepeatedAndNotSentTwiceAsLongAsTheStreamIsKnown) {
  take_one(false);
  world.run_for(23h);
  come_back();
  EXPECT_TRUE(producer.errors.empty());
  EXPECT_TRUE(producer.acknowledged(1));
  world.run_for(1min);
  EXPECT_EQ(world.centre().seen.size(), 1u);
}

TEST_F(Streams, AForgottenStreamBeginsAnewForWhoHoldsNothing) {
  take_one(true);
  leave();
  world.run_for(27h);
  EXPECT_EQ(known(world), 0u);
  come_back();
  ASSERT_NE(producer.welcome(), nullptr);
  EXPECT_EQ(producer.welcome()->last_sequence(), 0u);
  EXPECT_EQ(known(world), 1u);
  proto::Job job;
  job.set_sequence(1);
  *job.add_messages() = message_of(Class::otp);
  proto::ToGateway frame;
  *frame.mutable_job() = job;
  producer.send(frame);
  world.run_for(1min);
  EXPECT_TRUE(producer.errors.empty());
  EXPECT_EQ(world.centre().seen.size(), 2u);
  world.restart();
  world.run();
  EXPECT_EQ(producer.welcome()->last_sequence(), 1u);
}

TEST_F(Streams, WhoTellsNothingIsKeptForEver) {
  leave();
  producer.tells_pending = false;
  world.connect(producer);
  take_one(false);
  world.run_for(100h);
  EXPECT_EQ(stored(world), 1u);
  come_back();
  EXPECT_TRUE(producer.acknowledged(1));
  EXPECT_EQ(world.centre().seen.size(), 1u);
}

TEST_F(Streams, WhoStaysConnectedIsNotForgotten) {
  take_one(true);
  world.run_for(100h);
  EXPECT_EQ(known(world), 1u);
  producer.push({message_of(Class::otp)});
  world.run_for(1s);
  EXPECT_TRUE(producer.acknowledged(2));
  // Nor at once when it leaves, though its last job but one is days old.
  leave();
  world.run_for(2h);
  EXPECT_EQ(known(world), 1u);
}

TEST_F(Streams, AStartGivesProducersTimeToComeBack) {
  take_one(true);
  world.run_for(100h);
  world.restart();
  leave();
  world.run_for(30min);
  EXPECT_EQ(stored(world), 1u);
  come_back();
  EXPECT_EQ(producer.welcome()->last_sequence(), 1u);
}

TEST_F(Streams, AStreamIsOnDiskBeforeItsFirstWelcome) {
  World fresh(one_shard());
  fresh.commits = false;
  auto& early = fresh.producer();
  fresh.run();
  EXPECT_EQ(early.welcome(), nullptr);
  fresh.commits = true;
  fresh.run();
  ASSERT_NE(early.welcome(), nullptr);
  EXPECT_EQ(stored(fresh), 1u);
  // A job that was lost with a crash is no reason to refuse its producer.
  fresh.commits = false;
  early.push({message_of(Class::otp)});
  fresh.run();
  fresh.crash();
  fresh.commits = true;
  fresh.start();
  fresh.run_for(1s);
  EXPECT_TRUE(early.errors.empty());
  EXPECT_TRUE(early.acknowledged(1));
}

TEST_F(Streams, ACrashBeforeForgettingIsDurableForgetsItLater) {
  take_one(true);
  leave();
  world.run_for(24h);
  world.commits = false;
  world.run_for(3h);
  EXPECT_EQ(known(world), 0u);
  world.crash();
  EXPECT_EQ(stored(world), 1u);
  world.commits = true;
  world.start();
  world.disconnect(producer);
  world.run_for(3h);
  EXPECT_EQ(stored(world), 0u);
}

TEST_F(Streams, ARecordOfAnOlderReleaseIsKept) {
  take_one(true);
  auto& record = world.store.table(Table::meta)[stream_key(kUpstream, "a")];
  record.resize(16);
  producer.tells_pending = false;
  world.restart();
  leave();
  world.run_for(100h);
  come_back();
  EXPECT_EQ(producer.welcome()->last_sequence(), 1u);
}

}  // namespace
}  // namespace tact::gateway::test
