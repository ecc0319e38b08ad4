// SPDX-License-Identifier: Apache-2.0
#include "client/results.h"

#include <gtest/gtest.h>

namespace tact::client {
namespace {

proto::JobAck ack_of(std::initializer_list<std::pair<uint64_t, proto::Outcome>> results) {
  proto::JobAck ack;
  for (const auto& [id, outcome] : results) {
    proto::Result& result = *ack.add_results();
    result.set_message_id(id);
    result.set_outcome(outcome);
  }
  return ack;
}

proto::Event delivered(uint64_t id, const std::string& reference) {
  proto::Event event;
  event.set_message_id(id);
  event.set_reference(reference);
  event.set_final(true);
  event.mutable_receipt()->set_state(proto::DELIVERED);
  return event;
}

TEST(Results, EventBeforeItsAcknowledgementIsKeptForIt) {
  Results results;
  results.add("a");
  EXPECT_EQ(results.take(delivered(7, "a")), nullptr);
  EXPECT_FALSE(results.all_final());
  results.acknowledge(0, 1, ack_of({{7, proto::QUEUED}}));
  EXPECT_TRUE(results.all_final());
  EXPECT_EQ(results.all()[0].fate, "delivered");
}

TEST(Results, ReplayedMessageIsFoundByItsReference) {
  Results results;
  results.add("a");
  proto::JobAck replayed;
  replayed.set_replayed(true);
  results.acknowledge(0, 1, replayed);
  ASSERT_NE(results.take(delivered(7, "a")), nullptr);
  EXPECT_TRUE(results.all_final());
  EXPECT_EQ(results.all()[0].message_id, 7u);
}

TEST(Results, DuplicateWaitsForNothing) {
  Results results;
  results.add("a");
  results.acknowledge(0, 1, ack_of({{7, proto::DUPLICATE}}));
  EXPECT_TRUE(results.all_final());
}

TEST(Results, DeferredIsSettledUntilItIsOnItsWay) {
  Results results;
  results.add("a");
  results.acknowledge(0, 1, ack_of({{7, proto::DEFERRED}}));
  EXPECT_TRUE(results.all_settled());
  EXPECT_FALSE(results.all_final());
  proto::Event submitted;
  submitted.set_message_id(7);
  submitted.mutable_submitted()->set_route("r");
  results.take(submitted);
  EXPECT_FALSE(results.all_settled());
}

TEST(Results, SecondFinalEventAndSomebodyElsesChangeNothing) {
  Results results;
  results.add("a");
  results.add("b");
  results.acknowledge(0, 2, ack_of({{7, proto::QUEUED}, {8, proto::QUEUED}}));
  results.take(delivered(7, "a"));
  results.take(delivered(7, "a"));
  EXPECT_EQ(results.take(delivered(99, "z")), nullptr);
  EXPECT_EQ(results.counts().final, 1u);
}

}  // namespace
}  // namespace tact::client
