// SPDX-License-Identifier: Apache-2.0
#include "client/standings.h"

#include <gtest/gtest.h>

namespace tact::client {
namespace {

using proto::Standing;

proto::Subject by_id(uint64_t id) {
  proto::Subject subject;
  subject.set_message_id(id);
  return subject;
}

proto::Result result_of(proto::Outcome outcome, Standing::Stage stage) {
  proto::Result result;
  result.set_outcome(outcome);
  result.mutable_standing()->set_stage(stage);
  return result;
}

TEST(Standings, ARefusalTellsItsRule) {
  proto::Result result;
  result.set_outcome(proto::REJECTED);
  auto& fired = *result.add_fired();
  fired.set_rule("FIELD_INVALID");
  fired.set_detail("campaign");
  EXPECT_EQ(describe(result, by_id(7)), "FIELD_INVALID (campaign)");
}

TEST(Standings, AStageYoungerThanThisClientIsNoFault) {
  auto result = result_of(proto::FOUND, static_cast<Standing::Stage>(99));
  EXPECT_EQ(describe(result, by_id(7)), "");
  result.set_outcome(static_cast<proto::Outcome>(99));
  EXPECT_EQ(describe(result, by_id(7)), "an answer younger than this client");
}

TEST(Standings, WhatWasQueuedSaysWhereAndThatItWillNotBeSent) {
  auto result = result_of(proto::CANCELLED, Standing::DEFERRED);
  result.mutable_standing()->set_queued(1);
  result.mutable_standing()->set_route("carrier-a");
  result.mutable_standing()->set_message_class(proto::MARKETING);
  result.mutable_standing()->set_until_ms(1'772'326'800'000);
  EXPECT_EQ(describe(result, by_id(7)),
            "was deferred until 2026-03-01T01:00:00Z (carrier-a, MARKETING) and will not be sent");
}

TEST(Standings, ACampaignIsCountedAndWhatWasNotCountedIsSaid) {
  auto result = result_of(proto::CANCELLED, Standing::STAGE_UNSPECIFIED);
  result.mutable_standing()->set_queued(12'345);
  result.mutable_standing()->set_sent(1);
  result.mutable_standing()->set_partial(true);
  proto::Subject subject;
  subject.set_campaign("spring");
  EXPECT_EQ(describe(subject), "campaign spring");
  EXPECT_EQ(describe(result, subject),
            "12,345 messages found queued, which will not be sent; 1 message with the carrier "
            "already; the queues are too long to be searched to their end");
}

TEST(Standings, TooLateSaysHowLate) {
  auto result = result_of(proto::TOO_LATE, Standing::DONE);
  result.mutable_standing()->set_fate("receipt");
  result.mutable_standing()->set_detail("DELIVERED");
  EXPECT_EQ(describe(result, by_id(7)), "too late: done: receipt DELIVERED");
}

TEST(Standings, NotFoundSaysHowFarItWasLookedFor) {
  auto result = result_of(proto::NOT_FOUND, Standing::STAGE_UNSPECIFIED);
  EXPECT_EQ(describe(result, by_id(7)), "no message of this upstream");
  result.mutable_standing()->set_history_from_ms(1'772'326'800'000);
  EXPECT_EQ(describe(result, by_id(7)),
            "not queued, and nothing happened to it since 2026-03-01T01:00:00Z");
}

TEST(Standings, ALineForEachAndAnObjectForPrograms) {
  auto result = result_of(proto::FOUND, Standing::AWAITING);
  result.set_message_id(4'294'967'301);
  result.mutable_standing()->set_route("carrier-a");
  result.mutable_standing()->set_message_class(proto::OTP);
  const std::string table = render({by_id(4'294'967'301)}, {result});
  EXPECT_NE(table.find("4294967301"), table.npos);
  EXPECT_NE(table.find("FOUND"), table.npos);
  EXPECT_EQ(to_json(by_id(4'294'967'301), result),
            "{\"subject\":\"4294967301\",\"outcome\":\"FOUND\",\"text\":\"accepted by the carrier, "
            "no final receipt yet (carrier-a, OTP)\",\"message_id\":\"4294967301\",\"stage\":"
            "\"AWAITING\",\"class\":\"OTP\",\"route\":\"carrier-a\"}");
}

}  // namespace
}  // namespace tact::client
