// SPDX-License-Identifier: Apache-2.0
// What carriers do to a gateway: other spellings of ids, receipts ahead of their responses,
// throttling, broken connections, silence. Every message ends once, as its class wants it (issue
// 2).
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "tests/e2e/gateway.h"
#include "tests/e2e/load.h"

namespace tact::e2e {
namespace {

std::vector<proto::Message> mixed(uint64_t count) {
  std::vector<proto::Message> job;
  for (uint64_t n = 0; n < count; ++n) {
    job.push_back(message(class_of(n), number(n), std::to_string(n), n));
  }
  return job;
}

// Messages that ended so.
size_t ended(const Ledger& ledger, proto::Event::WhatCase what) {
  size_t count = 0;
  for (const auto& [reference, life] : ledger.lives) count += life.end() == what;
  return count;
}

void expect_one_end_each(const Ledger& ledger) {
  EXPECT_TRUE(ledger.events_in_sequence);
  for (const auto& [reference, life] : ledger.lives) {
    EXPECT_EQ(life.acknowledged, 1) << reference;
    EXPECT_EQ(life.finals, 1) << reference;
    EXPECT_FALSE(life.after_final) << reference;
  }
}

// Most submits that it counted in one second of its clock.
int64_t busiest_second(const Carrier& carrier) {
  const auto statistics = carrier.statistics();
  int64_t most = 0;
  for (const auto& second : statistics.at("per_second").as_array()) {
    most = std::max(most, second.at("submits").to_number<int64_t>());
  }
  return most;
}

bool resends(uint64_t n) { return class_of(n) == proto::OTP || class_of(n) == proto::NOTIFICATION; }

class CarrierOf : public ::testing::Test {
 protected:
  void begin(const std::vector<std::string>& options, const GatewaySettings& settings = {}) {
    carrier_ = std::make_unique<Carrier>(folder_, options);
    gateway_ = std::make_unique<Gateway>(folder_, carrier_->port(), settings);
    ASSERT_TRUE(gateway_->start());
    producer_ = std::make_unique<Producer>(gateway_->address(), "stream");
  }
  // Sends, and waits for every end.
  Ledger live(std::vector<proto::Message> job, Millis limit = Millis(60'000)) {
    if (!producer_) throw std::runtime_error("nothing runs");
    const size_t messages = job.size();
    producer_->send(std::move(job));
    EXPECT_TRUE(producer_->wait_acknowledged(messages));
    EXPECT_TRUE(producer_->wait_finals(messages, limit));
    const Ledger ledger = producer_->ledger();
    expect_one_end_each(ledger);
    return ledger;
  }

  Folder folder_;
  std::unique_ptr<Carrier> carrier_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<Producer> producer_;
};

// What somebody reads who is woken because a link is down.
TEST(LinkThatIsDown, SaysWhyWhenNobodyListens) {
  Folder folder;
  Gateway gateway(folder, free_port());
  ASSERT_TRUE(gateway.start());
  EXPECT_TRUE(wait_until(Millis(10'000), [&] {
    return gateway.metric("tact_link_bind_failures_total", {"reason=\"connect\""}) >= 3;
  }));
  EXPECT_EQ(gateway.metric("tact_link_up"), 0);
  const std::string log = gateway.log();
  for (const char* told : {R"("what":"link: no connection","route":"carrier","link":"carrier-1")",
                           "Connection refused", R"("failures":3,"retry_in_ms":)"}) {
    EXPECT_NE(log.find(told), std::string::npos) << told << " is missing in\n" << log;
  }
}

TEST(LinkThatIsDown, SaysWhyWhenItsBindIsRefused) {
  Folder folder;
  Carrier carrier(folder, {"--password", "another8"});
  Gateway gateway(folder, carrier.port());
  ASSERT_TRUE(gateway.start());
  EXPECT_TRUE(wait_until(Millis(10'000), [&] {
    return gateway.metric("tact_link_bind_failures_total", {"reason=\"refused\""}) >= 1;
  }));
  const std::string log = gateway.log();
  EXPECT_NE(log.find(R"("status":"ESME_RINVPASWD")"), std::string::npos) << log;
  EXPECT_EQ(log.find("secret08"), std::string::npos) << "a password in the log";
}

TEST_F(CarrierOf, ReceiptsThatComeBeforeTheirResponses) {
  begin({"--response-delay", "200ms..300ms", "--receipt-delay", "5ms..20ms"});
  const Ledger ledger = live(mixed(100));
  EXPECT_EQ(ended(ledger, proto::Event::kReceipt), 100u);
  EXPECT_GT(gateway_->metric("tact_receipts_parked_total"), 0) << "no receipt came early";
}

TEST_F(CarrierOf, IdsThatAreHexInResponsesAndDecimalInReceipts) {
  begin(
      {"--id-format", "hex-receipt-dec", "--id-start", "3735928559", "--receipt-delay",
       "20ms..50ms"},
      {.route = "response_id_base: hex\nreceipt_id_base: decimal\nuser_message_reference: false"});
  const Ledger ledger = live(mixed(100));
  EXPECT_EQ(ended(ledger, proto::Event::kReceipt), 100u);
}

TEST_F(CarrierOf, IdsInAlphanumericsAndReceiptsWithParameters) {
  begin({"--id-format", "alnum", "--receipt-tlvs", "true", "--receipt-delay", "20ms..50ms",
         "--receipt-state", "0.3:UNDELIV"});
  const Ledger ledger = live(mixed(100));
  EXPECT_EQ(ended(ledger, proto::Event::kReceipt), 100u);
  size_t undelivered = 0;
  for (const auto& [reference, life] : ledger.lives) {
    undelivered += life.final_event()->receipt().state() == proto::UNDELIVERABLE;
  }
  EXPECT_GT(undelivered, 10u);
  EXPECT_LT(undelivered, 60u);
}

TEST_F(CarrierOf, ATextOfThreePartsWithAnEmojiOnTheBoundary) {
  begin({"--receipt-delay", "20ms..50ms"}, {.route = "concat: udh8"});
  // A part holds 67 units of UCS-2; the emoji takes the 67th and the 68th if nobody looks.
  const std::string begin_text = "【XX银行】尊敬的客户,您申请的个人住房贷款资料已初步审核通过,";
  std::string text = begin_text;
  const auto units = [](const std::string& utf8) {
    size_t count = 0;
    for (const unsigned char c : utf8) count += (c & 0xC0) != 0x80 ? (c >= 0xF0 ? 2 : 1) : 0;
    return count;
  };
  while (units(text) < 66) text += "好";
  text += "😀";
  while (units(text) < 160) text += "的";
  auto one = message(proto::NOTIFICATION, number(1), "long", 1);
  one.set_text(text);
  const Ledger ledger = live({one});
  const Life& life = ledger.lives.at("long");
  EXPECT_EQ(life.result.segments(), 3u);
  EXPECT_EQ(life.end(), proto::Event::kReceipt);
  EXPECT_EQ(life.final_event()->receipt().state(), proto::DELIVERED);
  const auto log = carrier_->log();
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log[0].parts, 3);
  EXPECT_EQ(log[0].text, text) << "the text arrived otherwise";
  EXPECT_EQ(carrier_->count("submits"), 3);
  EXPECT_EQ(carrier_->count("violations.total"), 0);
}

TEST_F(CarrierOf, ThrottlingBelowTheConfiguredRate) {
  constexpr int kCarrierRate = 100, kContract = 400;
  constexpr size_t kMessages = 500;
  begin({"--throttle-above", std::to_string(kCarrierRate), "--receipt-delay", "20ms..50ms"},
        {.rate_pdus = kContract, .route = "retries_max: 255"});
  const Ledger ledger = live(mixed(kMessages));
  EXPECT_EQ(ended(ledger, proto::Event::kReceipt), kMessages);
  EXPECT_EQ(carrier_->count("messages"), static_cast<int64_t>(kMessages));
  EXPECT_EQ(carrier_->count("duplicates"), 0);
  const int64_t throttled = carrier_->count("submit_status.ESME_RTHROTTLED");
  EXPECT_GT(throttled, 0) << "nobody was throttled";
  const int64_t busiest = busiest_second(*carrier_);
  // A second of the carrier's clock may hold the ends of two of ours: the rate, and twice the
  // burst.
  EXPECT_LE(busiest, kContract + 2 * kContract / 10);
  std::printf("%zu messages, %ld throttled, at most %ld submits in a second (contract %d)\n",
              kMessages, throttled, busiest, kContract);
}

TEST_F(CarrierOf, TheContractsRateIsKept) {
  constexpr int kContract = 100;
  constexpr size_t kMessages = 400;
  begin({"--receipt-delay", "20ms..50ms"}, {.rate_pdus = kContract});
  live(mixed(kMessages));
  const int64_t busiest = busiest_second(*carrier_);
  EXPECT_LE(busiest, kContract + 2 * kContract / 10);
  std::printf("at most %ld submits in a second (contract %d)\n", busiest, kContract);
}

TEST_F(CarrierOf, ConnectionsThatBreakInTheMiddleOfAWindow) {
  constexpr size_t kMessages = 400;
  begin({"--reset-after", "60", "--response-delay", "5ms..30ms", "--receipt-delay", "50ms..200ms",
         "--receipt-tlvs", "true"},
        {.rate_pdus = 1000, .window = 20, .route = "settle_time: 1s"});
  const Ledger ledger = live(mixed(kMessages));
  size_t unknown = 0;
  std::map<std::string, int> arrived;
  for (const auto& delivered : carrier_->log()) ++arrived[delivered.to];
  for (uint64_t n = 0; n < kMessages; ++n) {
    const Life& life = ledger.lives.at(std::to_string(n));
    if (life.end() != proto::Event::kReceipt) {
      EXPECT_EQ(life.end(), proto::Event::kUnknown) << n;
      EXPECT_FALSE(resends(n)) << n;
      ++unknown;
    }
    if (!resends(n)) {
      EXPECT_LE(arrived[number(n).substr(1)], 1) << n;
    }
  }
  EXPECT_GT(carrier_->count("resets"), 2);
  std::printf("%ld resets: %zu unknown reported, %ld sent twice\n", carrier_->count("resets"),
              unknown, carrier_->count("duplicates"));
}

TEST_F(CarrierOf, SilenceIsSettledByClass) {
  constexpr size_t kMessages = 200;
  // Neither answers nor, in time, receipts: the class alone decides.
  begin({"--withhold-responses", "0.2", "--receipt-delay", "6s..7s"},
        {.window = 200, .open = 512, .route = "settle_time: 1s"});
  const Ledger ledger = live(mixed(kMessages), Millis(90'000));
  const int64_t withheld = carrier_->count("withheld");
  EXPECT_GT(withheld, 10);
  size_t unknown = 0;
  std::map<std::string, int> arrived;
  for (const auto& delivered : carrier_->log()) ++arrived[delivered.to];
  for (uint64_t n = 0; n < kMessages; ++n) {
    const Life& life = ledger.lives.at(std::to_string(n));
    if (resends(n)) {
      EXPECT_EQ(life.end(), proto::Event::kReceipt) << n;
    } else {
      EXPECT_LE(arrived[number(n).substr(1)], 1) << n;
      unknown += life.end() == proto::Event::kUnknown;
    }
  }
  EXPECT_GT(unknown, 0u);
  std::printf("%ld answers withheld: %zu unknown reported, %ld sent again\n", withheld, unknown,
              carrier_->count("duplicates"));
}

TEST_F(CarrierOf, SilenceIsSettledByTheReceipt) {
  constexpr size_t kMessages = 200;
  begin({"--withhold-responses", "0.2", "--receipt-delay", "1200ms..1500ms", "--receipt-tlvs",
         "true"},
        {.window = 200, .open = 512, .route = "settle_time: 20s"});
  const Ledger ledger = live(mixed(kMessages));
  EXPECT_EQ(ended(ledger, proto::Event::kReceipt), kMessages);
  EXPECT_GT(carrier_->count("withheld"), 10);
  EXPECT_EQ(carrier_->count("duplicates"), 0);
}

}  // namespace
}  // namespace tact::e2e
