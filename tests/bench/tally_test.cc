// SPDX-License-Identifier: Apache-2.0
#include "bench/load/tally.h"

#include <gtest/gtest.h>

namespace tact::bench {
namespace {

Workload workload() {
  WorkloadOptions options;
  options.seed = 7;
  EXPECT_EQ(read_classes("OTP=0.5,MARKETING=0.5", options.classes), "");
  return Workload(options);
}

class TallyTest : public testing::Test {
 protected:
  void final_event(uint64_t index, int64_t now_ns = 5000) {
    proto::Message message;
    workload_.fill(index, message);
    proto::Event event;
    event.set_reference(message.reference());
    event.set_final(true);
    event.mutable_receipt()->set_state(proto::DELIVERED);
    tally_.event(event, now_ns);
  }
  static proto::JobAck ack(proto::Outcome first, proto::Outcome second) {
    proto::JobAck ack;
    ack.add_results()->set_outcome(first);
    ack.add_results()->set_outcome(second);
    return ack;
  }

  Workload workload_ = workload();
  Tally tally_{workload_};
};

TEST_F(TallyTest, AcknowledgedWithoutFinalEventIsUnfinished) {
  tally_.sent(0, 2, 1000, 1000);
  tally_.acknowledged(0, 2, ack(proto::QUEUED, proto::DEFERRED), 3000);
  EXPECT_EQ(tally_.unfinished(), 2u);
  EXPECT_EQ(tally_.deferred(), 1u);
  final_event(0);
  EXPECT_EQ(tally_.unfinished(), 1u);
  EXPECT_EQ(sum(tally_.end_latencies()).max(), 4000u);
  EXPECT_EQ(sum(tally_.ack_latencies()).max(), 2000u);
}

TEST_F(TallyTest, WhatIsToBeSentLaterIsLateFromThenOn) {
  WorkloadOptions options;
  options.later = 1;
  options.later_min = options.later_max = std::chrono::microseconds(3);
  const Workload later(options);
  Tally tally(later);
  proto::Message message;
  later.fill(0, message);
  proto::Event event;
  event.set_reference(message.reference());
  event.set_final(true);
  event.mutable_receipt()->set_state(proto::DELIVERED);
  tally.sent(0, 1, 1000, 1000);
  tally.event(event, 5000);
  EXPECT_EQ(sum(tally.end_latencies()).max(), 1000u);
}

TEST_F(TallyTest, TakenIsWhatTheCarrierAcceptedOrWhatEndedBefore) {
  tally_.sent(0, 2, 1000, 1000);
  proto::Message message;
  workload_.fill(0, message);
  proto::Event submitted;
  submitted.set_reference(message.reference());
  submitted.mutable_submitted();
  tally_.event(submitted, 2000);
  EXPECT_EQ(tally_.taken_count(), 1u);
  EXPECT_EQ(tally_.final_count(), 0u);
  final_event(0);
  EXPECT_EQ(tally_.taken_count(), 1u);
  final_event(1);
  EXPECT_EQ(tally_.taken_count(), 2u);
  EXPECT_EQ(tally_.final_count(), 2u);
}

TEST_F(TallyTest, SecondFinalEventIsDoubled) {
  tally_.sent(0, 2, 1000, 1000);
  final_event(1);
  final_event(1);
  EXPECT_EQ(tally_.final_count(), 1u);
  EXPECT_EQ(tally_.doubled(), 1u);
}

TEST_F(TallyTest, EventOfAMessageNeverSentIsNotCounted) {
  tally_.sent(0, 2, 1000, 1000);
  final_event(2);
  EXPECT_EQ(tally_.final_count(), 0u);
}

TEST_F(TallyTest, LatenciesAndSeriesAreOfTheMessagesClass) {
  constexpr uint64_t kMessages = 100;
  tally_.sent(0, kMessages, 0, 0);
  tally_.acknowledged(0, kMessages, proto::JobAck(), 1'500'000'000);
  uint64_t otp = 0;
  proto::Message message;
  for (uint64_t i = 0; i < kMessages; ++i) {
    workload_.fill(i, message);
    EXPECT_EQ(message.message_class(), workload_.class_of(i));
    otp += message.message_class() == proto::OTP;
  }
  ASSERT_GT(otp, 0u);
  ASSERT_LT(otp, kMessages);
  EXPECT_EQ(tally_.ack_latencies()[proto::OTP].count(), otp);
  EXPECT_EQ(tally_.ack_latencies()[proto::MARKETING].count(), kMessages - otp);
  using Series = std::vector<uint64_t>;
  const Timeline& timeline = tally_.timeline();
  EXPECT_EQ(timeline.series(Timeline::kSubmitted, proto::OTP), (Series{otp, 0}));
  EXPECT_EQ(timeline.series(Timeline::kAcknowledged, proto::OTP), (Series{0, otp}));
  EXPECT_EQ(timeline.series(Timeline::kFinal, proto::OTP), (Series{0, 0}));
}

}  // namespace
}  // namespace tact::bench
