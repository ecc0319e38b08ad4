// SPDX-License-Identifier: Apache-2.0
// The simulator on bad days: each fault happens as told, and when it is over all goes on.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/bench/esme.h"

namespace tact::bench {
namespace {

using std::chrono::milliseconds;

TEST_F(CentreTest, EachAccountHasItsOwnPasswordAndRate) {
  with("account", "bank secret throttle-above=5");
  with("account", "shop secret");
  with("account", "club other");
  start_as("bank");
  const std::shared_ptr<Esme> shop = bind("shop");
  EXPECT_EQ(try_bind("club")->refusal, "ESME_RINVPASWD");
  EXPECT_EQ(try_bind("tact")->refusal, "ESME_RINVSYSID");
  for (uint16_t i = 0; i < 20; ++i) {
    esme_->submit("8613800138000", "hello", i);
    shop->submit("8613800138001", "hello", i);
  }
  run_until([&] { return stat("submits") == 40; });
  EXPECT_GE(stat("accounts/bank/throttled"), 10);
  EXPECT_EQ(stat("accounts/shop/throttled"), 0);
  EXPECT_EQ(stat("accounts/shop/submits"), 20);
}

TEST_F(CentreTest, MoreBindsThanAgreedAreAlreadyBound) {
  with("binds", "2");
  start();
  const std::shared_ptr<Esme> second = bind();
  EXPECT_EQ(try_bind()->refusal, "ESME_RALYBND");
  second->unbind();
  run_until([&] { return stat("unbinds") == 1; });
  EXPECT_TRUE(try_bind()->bound()) << "its place was given back";
}

TEST_F(CentreTest, ABrokenSessionIsAlreadyBoundForAWhile) {
  with("binds", "1");
  with("already-bound-for", "300ms");
  start();
  const auto broke = std::chrono::steady_clock::now();
  esme_->close();
  run_until([&] { return stat("bound") == 0; });
  EXPECT_EQ(try_bind()->refusal, "ESME_RALYBND");
  run_until([&] {
    io_.run_for(milliseconds(20));
    return try_bind()->bound();
  });
  EXPECT_GE(std::chrono::steady_clock::now() - broke, milliseconds(300));
}

TEST_F(CentreTest, AHalfOpenConnectionHearsAndSaysNothing) {
  with("half-open-after", "2");
  start();
  for (uint16_t i = 0; i < 3; ++i) esme_->submit("8613800138000", "hello", i);
  run_until([&] { return stat("half_open") == 1; });
  esme_->write_octets(std::string("\0\0\0\x10\0\0\0\x15\0\0\0\0\0\0\0\x63", 16));
  const std::shared_ptr<Esme> again = bind();
  run_until([&] { return !again->receipts.empty(); });
  EXPECT_EQ(stat("submits"), 2) << "what comes later is not read";
  EXPECT_EQ(esme_->responses.find("0000000002"), std::string::npos);
  EXPECT_FALSE(esme_->closed());
  esme_->close();
  run_until([&] { return stat("bound") == 1; });
}

TEST_F(CentreTest, AnOutageEndsAllConnectionsAndServesNoneUntilItIsOver) {
  with("outage", "50ms..400ms");
  with("receipt-delay", "200ms");
  start();
  esme_->submit("8613800138000", "hello");
  run_until([&] { return esme_->closed(); });
  EXPECT_TRUE(try_bind()->closed());
  std::shared_ptr<Esme> again;
  run_until([&] {
    io_.run_for(milliseconds(20));
    return (again = try_bind())->bound();
  });
  run_until([&] { return !again->receipts.empty(); });
  EXPECT_EQ(stat("resets"), 1);
}

TEST_F(CentreTest, SlowResponsesAreOvertakenAndReceiptsMayComeBeforeThem) {
  with("response-delay", "0ms,0.5:100ms");
  start();
  for (uint16_t i = 0; i < 20; ++i) esme_->submit("8613800138000", "hello", i);
  run_until([&] { return std::count(esme_->receipts.begin(), esme_->receipts.end(), ' ') == 20; });
  EXPECT_LT(std::count(esme_->responses.begin(), esme_->responses.end(), ' '), 20) << "early ones";
  run_until(
      [&] { return std::count(esme_->responses.begin(), esme_->responses.end(), ' ') == 20; });
  std::string in_order;
  for (int i = 1; i <= 20; ++i)
    in_order += (i < 10 ? "000000000" : "00000000") + std::to_string(i) + " ";
  EXPECT_NE(esme_->responses, in_order);
}

TEST_F(CentreTest, CongestionIsToldWithEachResponse) {
  with("throttle-above", "10");
  with("congestion-state", "true");
  start();
  esme_->submit("8613800138000", "hello", 0);
  run_until([&] { return !esme_->responses.empty(); });
  EXPECT_EQ(esme_->congestion, 20) << "one in half a second, of ten a second";
  for (uint16_t i = 1; i < 20; ++i) esme_->submit("8613800138000", "hello", i);
  run_until([&] { return esme_->congestion == 100; });
  EXPECT_NE(esme_->responses.find("ESME_RTHROTTLED"), std::string::npos);
}

TEST_F(CentreTest, ReceiptsComeInEachForm) {
  with("receipt-text", "none");
  start();
  esme_->submit("8613800138000", "hello");
  run_until([&] { return !esme_->receipts.empty(); });
  EXPECT_EQ(esme_->receipts, "0000000001=DELIVRD ");
  EXPECT_EQ(esme_->receipt_octets, 0u) << "the TLVs said it";
}

TEST_F(CentreTest, AReceiptMayBeInThePayload) {
  with("receipt-text", "message_payload");
  start();
  esme_->submit("8613800138000", "hello");
  run_until([&] { return !esme_->receipts.empty(); });
  EXPECT_EQ(esme_->receipts, "0000000001=DELIVRD ");
  EXPECT_EQ(esme_->receipt_octets, 0u);
}

TEST_F(CentreTest, AReceiptMayComeTwice) {
  with("double-receipts", "1");
  start();
  esme_->submit("8613800138000", "hello");
  run_until([&] { return stat("receipts/answered") == 2; });
  EXPECT_EQ(esme_->receipts, "0000000001=DELIVRD 0000000001=DELIVRD ");
  EXPECT_EQ(stat("receipts_doubled"), 1);
  EXPECT_EQ(stat("receipts/redelivered"), 0) << "it is another, and not the same again";
}

TEST_F(CentreTest, AReceiptMayBeCutShort) {
  with("truncate-receipts", "1");
  start();
  for (uint16_t i = 0; i < 20; ++i) esme_->submit("8613800138000", "hello", i);
  run_until([&] { return stat("receipts/answered") == 20; });
  EXPECT_EQ(stat("receipts_truncated"), 20);
  EXPECT_LT(esme_->receipt_octets, 20u * 100) << "half of them, on average";
  EXPECT_EQ(stat("violations/total"), 0);
}

TEST_F(CentreTest, AHandsetMayWriteUnasked) {
  with("unasked-reply", "1:TD");
  with("optout-watch", "优惠");
  start();
  esme_->submit("8613800138000", "hello");
  run_until([&] { return stat("replies/answered") == 1; });
  EXPECT_EQ(esme_->replies, "8613800138000:TD ");
  esme_->submit("8613800138000", "优惠", 2);
  run_until([&] { return stat("submits") == 2; });
  EXPECT_EQ(stat("sent_after_optout/at_all"), 1);
}

}  // namespace
}  // namespace tact::bench
