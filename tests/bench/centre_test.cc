// SPDX-License-Identifier: Apache-2.0
#include "bench/smsc/centre.h"

#include <gtest/gtest.h>

#include "tests/bench/esme.h"

namespace tact::bench {
namespace {

TEST_F(CentreTest, GarbageCostsItsConnectionOnly) {
  start();
  const std::shared_ptr<Esme> other = bind();
  other->write_octets("GET / HTTP/1.1\r\n\r\n");
  run_until([&] { return other->closed(); });
  EXPECT_EQ(stat("violations/bad_pdu"), 1);
  esme_->submit("8613800138000", "hello");
  run_until([&] { return !esme_->responses.empty(); });
}

TEST_F(CentreTest, WrongPasswordMayNotBind) {
  with("password", "other");
  listen();
  EXPECT_EQ(try_bind()->refusal, "ESME_RINVPASWD");
  EXPECT_EQ(stat("binds_refused"), 1);
  EXPECT_EQ(stat("bound"), 0);
}

TEST_F(CentreTest, SubmitIsAnsweredAndItsReceiptFollows) {
  with("id-format", "hex-receipt-dec");
  with("id-start", "171");
  start();
  esme_->submit("8613800138000", "hello");
  run_until([&] { return !esme_->receipts.empty(); });
  EXPECT_EQ(esme_->responses, "ab ");
  EXPECT_EQ(esme_->receipts, "0000000171=DELIVRD ");
  run_until([&] { return stat("receipts/answered") == 1; });
  EXPECT_EQ(stat("messages"), 1);
  EXPECT_EQ(stat("violations/total"), 0);
}

TEST_F(CentreTest, LongTextIsJoinedBeforeItIsAnsweredByAReply) {
  with("reply", "最后=>回T");
  start();
  std::string text;
  for (int i = 0; i < 80; ++i) text += "字";
  esme_->submit("8613800138000", text + "最后");
  run_until([&] { return !esme_->replies.empty(); });
  EXPECT_EQ(esme_->replies, "8613800138000:回T ");
  EXPECT_EQ(stat("messages"), 1);
  EXPECT_EQ(stat("submits"), 2);
  EXPECT_EQ(stat("violations/total"), 0);
}

TEST_F(CentreTest, MarketingAfterAnAnsweredOptOutIsCounted) {
  with("reply-number", "8613800138000=TD");
  with("optout-watch", "优惠");
  start();
  esme_->submit("8613800138000", "优惠", 1);
  run_until([&] { return stat("replies/answered") == 1; });
  EXPECT_EQ(stat("sent_after_optout/at_all"), 0) << "what came before the answer is no fault";
  esme_->submit("8613800138000", "验证码", 2);
  esme_->submit("8613800138001", "优惠", 3);
  esme_->submit("8613800138000", "优惠", 4);
  run_until([&] { return stat("submits") == 4; });
  EXPECT_EQ(stat("sent_after_optout/at_all"), 1);
  EXPECT_EQ(stat("sent_after_optout/later_than_1s"), 0);
}

TEST_F(CentreTest, UnansweredReceiptComesAgainOnANewBind) {
  start();
  esme_->set_silent();
  esme_->submit("8613800138000", "hello");
  run_until([&] { return !esme_->receipts.empty(); });
  esme_->close();
  const std::shared_ptr<Esme> again = bind();
  run_until([&] { return stat("receipts/answered") == 1; });
  EXPECT_EQ(again->receipts, esme_->receipts);
  EXPECT_EQ(stat("receipts/redelivered"), 1);
  EXPECT_EQ(stat("receipts/timed_out"), 1);
}

TEST_F(CentreTest, RateAboveTheContractIsThrottled) {
  with("throttle-above", "5");
  start();
  for (uint16_t i = 0; i < 20; ++i) esme_->submit("8613800138000", "hello", i);
  run_until([&] { return stat("submits") == 20; });
  EXPECT_GE(stat("submit_status/ESME_RTHROTTLED"), 10);
  EXPECT_GE(stat("submit_status/ESME_ROK"), 5);
}

TEST_F(CentreTest, WhatIsBeyondTheContractIsAViolationAndNotRefused) {
  with("contract", "1:3");
  start();
  for (uint16_t i = 0; i < 5; ++i) esme_->submit("8613800138000", "hello", i);
  run_until([&] { return stat("submits") == 5; });
  EXPECT_GE(stat("violations/rate_exceeded"), 1) << "a second may have gone by";
  EXPECT_EQ(stat("violations/total"), stat("violations/rate_exceeded"));
  EXPECT_EQ(stat("messages"), 5);
}

TEST_F(CentreTest, AReferenceThatStepsBackIsCountedAndOneThatWrapsIsNot) {
  start();
  for (const uint16_t reference : {65534, 65535, 0, 2, 1, 3}) {
    esme_->submit("8613800138000", "hello", reference);
  }
  run_until([&] { return stat("submits") == 6; });
  EXPECT_EQ(stat("reference_steps_back"), 1);
}

TEST_F(CentreTest, WithheldAndResetMessagesAreTakenAndComeAgainAsDuplicates) {
  with("withhold-responses", "1");
  with("reset-after", "2");
  start();
  esme_->submit("8613800138000", "one", 1);
  esme_->submit("8613800138000", "two", 2);
  run_until([&] { return esme_->closed(); });
  EXPECT_EQ(esme_->responses, "");
  EXPECT_EQ(stat("messages"), 2);
  const std::shared_ptr<Esme> again = bind();
  again->submit("8613800138000", "one", 1);
  run_until([&] { return stat("duplicates") == 1; });
}

TEST_F(CentreTest, WindowSequenceAndUnknownCommandsAreJudged) {
  with("window", "2");
  with("response-delay", "50ms");
  start();
  for (uint16_t i = 0; i < 4; ++i) esme_->submit("8613800138000", "hello", i);
  run_until([&] { return stat("submits") == 4; });
  EXPECT_EQ(stat("violations/window_exceeded"), 2);
  // enquire_link is no offence; query_sm for nothing and an unknown command are.
  esme_->write_octets(std::string("\0\0\0\x10\0\0\x0A\x0A\0\0\0\0\0\0\0\x63", 16));
  run_until([&] { return stat("violations/unexpected_command") == 1; });
  // A submit_sm with sequence_number 2, which was the first submit's.
  std::string again("\0\0\0\x27\0\0\0\x04\0\0\0\0\0\0\0\x02", 16);
  again += std::string("\0\0\0\0", 4) + std::string("\x01\x01", 2) + std::string("86138\0", 6) +
           std::string(10, '\0');
  again[3] = static_cast<char>(again.size());
  esme_->write_octets(again);
  run_until([&] { return stat("violations/sequence_reuse") == 1; });
}

}  // namespace
}  // namespace tact::bench
