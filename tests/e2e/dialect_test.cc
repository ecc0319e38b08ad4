// SPDX-License-Identifier: Apache-2.0
// A carrier with ways of its own: packed septets, GBK, parameters that SMPP does not know. What it
// reads is what the producer wrote, and the other way round.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/e2e/gateway.h"
#include "tests/e2e/producer.h"

namespace tact::e2e {
namespace {

// In Chinese to a number at home, in GSM 7-bit to one abroad; each is replied to in kind.
constexpr const char* kAbroad = "447700900123";
constexpr const char* kCode = "Your verification code is 493021.";
constexpr const char* kReplyAtHome = "谢谢，收到";
constexpr const char* kReplyAbroad = "Thank you @ XX {bank}";

const std::string kOwnTlv = "\xca\xfe";

std::vector<std::string> carrier_options() {
  return {"--packed-septets",  "true",
          "--gbk-data-coding", "15",
          "--delivery-tlv",    "0x1402=cafe",
          "--receipt-delay",   "20ms..50ms",
          "--optout-text",     "退订",
          "--reply-number",    number(1).substr(1) + "=" + kReplyAtHome,
          "--reply-number",    std::string(kAbroad) + "=" + kReplyAbroad};
}

const char* const kRoute = R"(packed_septets: true
gbk_data_coding: 15
submit_tlvs:
  - {tag: "0x1400", attribute: dlt_entity, terminated: true}
  - {tag: "0x1401", hex: 0a0b}
capture_tlvs: ["0x1402"])";

bool bears_the_carriers_own(const auto& tlvs) {
  return tlvs.size() == 1 && tlvs[0].tag() == 0x1402 && tlvs[0].value() == kOwnTlv;
}

std::vector<std::string> replies(const Ledger& ledger) {
  std::vector<std::string> texts;
  for (const proto::Event& event : ledger.others) {
    if (event.has_reply() && bears_the_carriers_own(event.reply().tlvs())) {
      texts.push_back(event.reply().text());
    }
  }
  std::ranges::sort(texts);
  return texts;
}

TEST(Dialect, TextsAndParametersOfTheCarriersOwnComeThroughBothWays) {
  Folder folder;
  Carrier carrier(folder, carrier_options());
  Gateway gateway(folder, carrier.port(), {.route = kRoute, .attributes = "dlt_entity: '1101'"});
  ASSERT_TRUE(gateway.start());
  Producer producer(gateway.address(), "stream");
  proto::Message abroad = message(proto::OTP, kAbroad, "abroad", 2);
  abroad.set_text(kCode);
  const proto::Message home = message(proto::NOTIFICATION, number(1), "home", 1);
  producer.send({home, abroad});
  ASSERT_TRUE(producer.wait_finals(2));
  EXPECT_TRUE(producer.wait(Millis(20'000),
                            [](const Ledger& ledger) { return replies(ledger).size() == 2; }));

  const Ledger ledger = producer.ledger();
  for (const char* reference : {"home", "abroad"}) {
    const proto::Event* end = ledger.lives.at(reference).final_event();
    ASSERT_TRUE(end != nullptr && end->has_receipt()) << reference;
    EXPECT_TRUE(bears_the_carriers_own(end->receipt().tlvs()));
  }
  EXPECT_EQ(replies(ledger), (std::vector<std::string>{kReplyAbroad, kReplyAtHome}));
  std::vector<std::string> texts;
  for (const Delivered& delivered : carrier.log()) {
    texts.push_back(delivered.text);
    // user_message_reference, and the route's two that this account has.
    EXPECT_EQ(delivered.tlvs.substr(0, 8), "02040002");
    EXPECT_EQ(delivered.tlvs.substr(12),
              "14000005313130310014010002"
              "0a0b");
  }
  std::ranges::sort(texts);
  EXPECT_EQ(texts, (std::vector<std::string>{kCode, home.text()}));
  EXPECT_EQ(carrier.count("violations.total"), 0);
  EXPECT_EQ(gateway.stop(), 0);
}

}  // namespace
}  // namespace tact::e2e
