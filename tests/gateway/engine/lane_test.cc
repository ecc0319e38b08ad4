// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/lane.h"

#include <gtest/gtest.h>

namespace tact::gateway {
namespace {

constexpr LaneId kLane{RouteId{1}, Class::notification};

BatchPtr batch(size_t messages, int64_t accepted_ms = 0) {
  BatchBuilder builder;
  Message m;
  m.accepted = from_ms(accepted_ms);
  for (size_t i = 0; i < messages; ++i) builder.add(m);
  return builder.take(kLane.cls);
}
const uint64_t kOne = batch(1)->bytes();

// A lane that has committed its first checkpoint and so may offer.
Lane started(uint64_t page_bytes, uint32_t open_max, uint32_t ahead, const Checkpoint& last = {},
             uint64_t tail = 0) {
  Lane lane(kLane, page_bytes, open_max, ahead);
  lane.restore(last, tail);
  lane.take_checkpoint();
  lane.committed();
  return lane;
}

std::vector<uint64_t> offer_all(Lane& lane) {
  std::vector<uint64_t> seqs;
  while (lane.front()) seqs.push_back(lane.offer().seq);
  return seqs;
}

using Seqs = std::vector<uint64_t>;

TEST(DamagedBatchInALane, IsSkippedAndThoseBehindItAreOffered) {
  Lane lane = started(100 * kOne, 10, 10, {}, 6);
  ASSERT_TRUE(lane.wants_load());
  lane.loaded(0, batch(2));
  lane.loaded(2, nullptr);
  lane.loaded(4, batch(2));
  lane.load_done(false);
  EXPECT_EQ(offer_all(lane), (Seqs{0, 1, 4, 5}));
  EXPECT_EQ(lane.lost(), 2u);
  EXPECT_EQ(lane.queued(), 0u);
}

TEST(DamagedBatchInALane, IsSkippedAtTheEndOfTheLog) {
  Lane lane = started(100 * kOne, 10, 10, {}, 6);
  ASSERT_TRUE(lane.wants_load());
  lane.loaded(0, nullptr);
  lane.load_done(false);
  EXPECT_EQ(lane.queued(), 0u);
  EXPECT_FALSE(lane.wants_load());
  lane.appended(6, batch(1));
  EXPECT_EQ(offer_all(lane), Seqs{6});
}

TEST(DamagedBatchInALane, IsNotReadAgainByTheNextLoad) {
  Lane lane = started(100 * kOne, 10, 10, {}, 6);
  EXPECT_TRUE(lane.wants_load()->from_before);
  lane.loaded(0, nullptr);
  lane.load_done(true);
  const auto load = lane.wants_load();
  ASSERT_TRUE(load);
  EXPECT_FALSE(load->from_before);
  EXPECT_EQ(load->from, 1u);
}

TEST(IdleLane, OffersAMessageAtOnce) {
  Lane lane = started(1000, 8, 4);
  lane.appended(0, batch(1, 77));
  EXPECT_EQ(lane.oldest_accepted(), from_ms(77));
  ASSERT_TRUE(lane.front());
  EXPECT_EQ(lane.offer().message().accepted, from_ms(77));
  EXPECT_EQ(lane.open(), 1u);
  EXPECT_FALSE(lane.oldest_accepted());
}

TEST(IdleLane, TellsSinceWhenAMessageIsDurableUnlessItWasReadBack) {
  using namespace std::chrono_literals;
  Lane lane = started(100 * kOne, 10, 10, {}, 1);
  ASSERT_TRUE(lane.wants_load());
  lane.loaded(0, batch(1));
  lane.appended(1, batch(2), 7s);
  lane.load_done(false);
  EXPECT_EQ(lane.offer().durable, Mono{});
  EXPECT_EQ(lane.offer().durable, Mono(7s));
  EXPECT_EQ(lane.offer().durable, Mono(7s));
}

TEST(StartedLane, OffersNothingBeforeItsFirstCheckpointIsDurable) {
  Lane lane(kLane, 1000, 8, 4);
  lane.restore({}, 0);
  lane.appended(0, batch(1));
  EXPECT_FALSE(lane.front());
  EXPECT_TRUE(lane.needs_checkpoint());
  EXPECT_EQ(lane.take_checkpoint(), (Checkpoint{0, 4, {}}));
  EXPECT_FALSE(lane.needs_checkpoint());
  EXPECT_FALSE(lane.front());
  lane.committed();
  EXPECT_TRUE(lane.front());
}

TEST(StartedLane, TellsWhatTheCrashLeftUnknownAndGoesOnBehindIt) {
  Lane lane(kLane, 1000, 8, 4);
  const Lane::Unknown unknown = lane.restore({10, 14, {3, 9}}, 12);
  EXPECT_EQ(unknown.open, (Seqs{3, 9}));
  EXPECT_EQ(unknown.offered, (Lane::Range{10, 12}));
  EXPECT_EQ(lane.queued(), 0u);
  EXPECT_FALSE(lane.wants_load());
  EXPECT_EQ(lane.take_checkpoint(), (Checkpoint{12, 16, {}}));
}

TEST(StartedLane, GoesOnWithinABatch) {
  Lane lane = started(100 * kOne, 8, 8, {2, 4, {}}, 6);
  const auto load = lane.wants_load();
  ASSERT_TRUE(load);
  EXPECT_EQ(load->from, 4u);
  EXPECT_EQ(load->end, 6u);
  EXPECT_TRUE(load->from_before);
  lane.loaded(1, batch(5));
  lane.load_done(false);
  const Lane::Item item = lane.offer();
  EXPECT_EQ(item.seq, 4u);
  EXPECT_EQ(item.index, 3u);
  EXPECT_EQ(lane.lost(), 0u);
}

TEST(Fence, StopsTheLaneUntilACheckpointIsDurable) {
  Lane lane = started(100 * kOne, 8, 3);
  for (uint64_t seq = 0; seq < 20; ++seq) lane.appended(seq, batch(1));
  EXPECT_EQ(offer_all(lane), (Seqs{0, 1, 2}));
  EXPECT_TRUE(lane.needs_checkpoint());
  EXPECT_EQ(lane.take_checkpoint(), (Checkpoint{3, 6, {0, 1, 2}}));
  EXPECT_FALSE(lane.front());
  lane.committed();
  EXPECT_EQ(offer_all(lane), (Seqs{3, 4, 5}));
}

TEST(Fence, IsHeldBackByOpenMessages) {
  Lane lane = started(100 * kOne, 4, 3);
  for (uint64_t seq = 0; seq < 20; ++seq) lane.appended(seq, batch(1));
  offer_all(lane);
  EXPECT_EQ(lane.take_checkpoint().fence, 4u);
  lane.committed();
  EXPECT_EQ(offer_all(lane), Seqs{3});
  EXPECT_FALSE(lane.needs_checkpoint());  // it would not move the fence
  lane.resolve(2);
  EXPECT_TRUE(lane.needs_checkpoint());
  EXPECT_EQ(lane.take_checkpoint(), (Checkpoint{4, 5, {0, 1, 3}}));
  lane.committed();
  EXPECT_EQ(offer_all(lane), Seqs{4});
}

TEST(HeldLane, HasItsFenceAtNextAndOffersNothing) {
  Lane lane(kLane, 100 * kOne, 8, 4);
  lane.hold(true);
  lane.restore({}, 0);
  for (uint64_t seq = 0; seq < 20; ++seq) lane.appended(seq, batch(1));
  EXPECT_EQ(lane.take_checkpoint(), (Checkpoint{0, 0, {}}));
  lane.committed();
  EXPECT_FALSE(lane.front());
  EXPECT_FALSE(lane.needs_checkpoint());
  lane.hold(false);
  EXPECT_FALSE(lane.front()) << "not before a checkpoint is durable";
  EXPECT_TRUE(lane.needs_checkpoint());
  EXPECT_EQ(lane.take_checkpoint(), (Checkpoint{0, 4, {}}));
  EXPECT_FALSE(lane.front());
  lane.committed();
  EXPECT_EQ(offer_all(lane), (Seqs{0, 1, 2, 3}));
}

TEST(HeldLane, BringsItsFenceBackAndOffersNothingAboveItFromThenOn) {
  Lane lane = started(100 * kOne, 8, 4);
  for (uint64_t seq = 0; seq < 20; ++seq) lane.appended(seq, batch(1));
  lane.offer();
  lane.hold(true);
  EXPECT_TRUE(lane.needs_checkpoint());
  EXPECT_EQ(lane.take_checkpoint(), (Checkpoint{1, 1, {0}}));
  EXPECT_FALSE(lane.front()) << "whether the old or the new fence is durable, nothing is offered";
  lane.hold(false);
  EXPECT_EQ(lane.take_checkpoint(), (Checkpoint{1, 5, {0}}));
  lane.committed();
  EXPECT_FALSE(lane.front());
  lane.committed();
  EXPECT_EQ(offer_all(lane), (Seqs{1, 2, 3, 4}));
}

TEST(HeldLane, GivesWhatIsNotSentAndResolvedAtOnce) {
  Lane lane(kLane, 100 * kOne, 2, 1);
  lane.hold(true);
  lane.restore({}, 0);
  lane.take_checkpoint();
  lane.committed();
  for (uint64_t seq = 0; seq < 5; ++seq) lane.appended(seq, batch(1));
  for (uint64_t seq = 0; seq < 4; ++seq) {
    ASSERT_TRUE(lane.head());
    EXPECT_EQ(lane.take().seq, seq);
    lane.resolve(seq);
  }
  EXPECT_EQ(lane.take_checkpoint(), (Checkpoint{4, 4, {}}));
}

TEST(Drain, LeavesNothingUnknownButWhatIsOpen) {
  Lane lane = started(100 * kOne, 8, 8);
  lane.appended(0, batch(5));
  lane.offer();
  lane.offer();
  lane.resolve(0);
  EXPECT_EQ(lane.drain_checkpoint(), (Checkpoint{2, 2, {1}}));
  EXPECT_FALSE(lane.front());
  EXPECT_FALSE(lane.needs_checkpoint());
  lane.resolve(1);
  EXPECT_EQ(lane.take_checkpoint(), (Checkpoint{2, 2, {}}));
}

TEST(FullPage, SpillsAndIsRefilledFromTheSequenceItEndsAt) {
  Lane lane = started(2 * kOne, 8, 8);
  for (uint64_t seq = 0; seq < 6; ++seq) lane.appended(seq, batch(1));
  EXPECT_EQ(lane.page_bytes(), 2 * kOne);
  EXPECT_FALSE(lane.wants_load());
  lane.offer();
  const auto load = lane.wants_load();  // before the page is empty
  ASSERT_TRUE(load);
  EXPECT_EQ(load->from, 2u);
  EXPECT_EQ(load->end, 6u);
  EXPECT_FALSE(load->from_before);
  EXPECT_FALSE(lane.wants_load());
  for (uint64_t seq = 2; seq < 6; ++seq) lane.loaded(seq, batch(1));
  lane.load_done(false);
  EXPECT_EQ(offer_all(lane), (Seqs{1, 2}));
  EXPECT_EQ(lane.wants_load()->from, 3u);
  EXPECT_EQ(lane.lost(), 0u);
}

TEST(BatchAppendedDuringALoad, IsJoinedBehindItWithoutAnotherLoad) {
  Lane lane = started(100 * kOne, 8, 8, {}, 2);
  ASSERT_TRUE(lane.wants_load());
  lane.appended(2, batch(1));
  lane.loaded(0, batch(2));
  lane.load_done(false);
  EXPECT_FALSE(lane.wants_load());
  EXPECT_EQ(offer_all(lane), (Seqs{0, 1, 2}));
  EXPECT_EQ(lane.page_bytes(), 0u);
}

TEST(BatchAppendedDuringALoad, IsReadLaterWhenTheLoadFellShort) {
  Lane lane = started(100 * kOne, 8, 8, {}, 2);
  ASSERT_TRUE(lane.wants_load());
  lane.appended(2, batch(1));
  lane.loaded(0, batch(1));
  lane.load_done(true);
  EXPECT_EQ(lane.page_bytes(), kOne);
  const auto load = lane.wants_load();
  ASSERT_TRUE(load);
  EXPECT_EQ(load->from, 1u);
  EXPECT_EQ(load->end, 3u);
}

TEST(BatchLargerThanThePage, HasRoomWhenThePageIsEmpty) {
  Lane lane = started(1, 8, 8);
  lane.appended(0, batch(3));
  EXPECT_EQ(offer_all(lane), (Seqs{0, 1, 2}));
}

TEST(Reclaim, TakesWhatIsWhollyResolvedByTheCheckpoint) {
  Lane lane = started(100 * kOne, 16, 16);
  lane.appended(0, batch(2));
  lane.appended(2, batch(2));
  lane.appended(4, batch(2));
  for (int i = 0; i < 5; ++i) lane.offer();
  for (const uint64_t seq : {0, 1, 2, 4}) lane.resolve(seq);
  EXPECT_FALSE(lane.reclaim(true)) << "no checkpoint says so yet";
  lane.take_checkpoint();
  EXPECT_FALSE(lane.reclaim(false)) << "not due";
  EXPECT_EQ(lane.reclaim(true), (Lane::Range{0, 2}));
  EXPECT_FALSE(lane.reclaim(true));
  lane.resolve(3);
  lane.take_checkpoint();
  EXPECT_EQ(lane.reclaim(true), (Lane::Range{2, 4}));
}

TEST(Reclaim, LeavesTheLastBatchSoThatTheTailCanBeTold) {
  Lane lane = started(100 * kOne, 16, 16);
  lane.appended(0, batch(2));
  lane.appended(2, batch(2));
  for (const uint64_t seq : offer_all(lane)) lane.resolve(seq);
  lane.take_checkpoint();
  EXPECT_EQ(lane.reclaim(true), (Lane::Range{0, 2}));
}

TEST(Reclaim, IsDueAfterManyResolvedMessages) {
  Lane lane = started(100 * kOne, 1000, 1000);
  const BatchPtr thousand = batch(1000);
  std::optional<Lane::Range> range;
  uint64_t seq = 0;
  for (; !range && seq < 100'000; seq += 1000) {
    lane.appended(seq, thousand);
    for (const uint64_t s : offer_all(lane)) lane.resolve(s);
    lane.take_checkpoint();
    lane.committed();
    range = lane.reclaim(false);
  }
  EXPECT_EQ(range, (Lane::Range{0, 65'000}));
}

}  // namespace
}  // namespace tact::gateway
