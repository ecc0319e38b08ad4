// SPDX-License-Identifier: Apache-2.0
#include "bench/smsc/scenario.h"

#include <gtest/gtest.h>

namespace tact::bench {
namespace {

TEST(Scenario, DamagedValuesAreToldAndChangeNothing) {
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, std::string>>{{"colour", "red"},
                                                        {"port", "70000"},
                                                        {"port", "x"},
                                                        {"seed", ""},
                                                        {"response-delay", "5"},
                                                        {"response-delay", "2s..1s"},
                                                        {"receipt-delay", "-1s"},
                                                        {"receipt-state", "0.5:LOST"},
                                                        {"receipt-state", "1.5:UNDELIV"},
                                                        {"status", "0.1:ESME_RNONSENSE"},
                                                        {"status", "ESME_RSYSERR"},
                                                        {"id-format", "octal"},
                                                        {"withhold-responses", "2"},
                                                        {"withhold-responses", "nan"},
                                                        {"deliver-timeout", "nans"},
                                                        {"response-delay", "1ms,2s..3s"},
                                                        {"response-delay", "1ms,2:1s"},
                                                        {"response-delay", "1ms,0.6:1s,0.6:2s"},
                                                        {"throttle-above", ""},
                                                        {"contract", "2000"},
                                                        {"contract", "2000:0"},
                                                        {"contract", "2000:x"},
                                                        {"throttle-above", "5,10s"},
                                                        {"throttle-above", "5,10s:4,9s:3"},
                                                        {"throttle-above", "5,10s:-1"},
                                                        {"account", "bank"},
                                                        {"account", "bank pass binds=x"},
                                                        {"account", "bank pass colour=red"},
                                                        {"outage", "10s"},
                                                        {"outage", "10s..5s"},
                                                        {"receipt-text", "nowhere"},
                                                        {"default-alphabet", "gbk"},
                                                        {"packed-septets", "yes"},
                                                        {"gbk-data-coding", "0"},
                                                        {"gbk-data-coding", "8"},
                                                        {"gbk-data-coding", "256"},
                                                        {"delivery-tlv", "1402=0a"},
                                                        {"delivery-tlv", "0x14021=0a"},
                                                        {"delivery-tlv", "0x1402=a"},
                                                        {"delivery-tlv", "0x=0a"},
                                                        {"unasked-reply", "0.5:"},
                                                        {"unasked-reply", "TD"},
                                                        {"reply", "no arrow"},
                                                        {"reply", "pattern=>"},
                                                        {"deliver-window", "0"},
                                                        {"log-every", "0"}}) {
    Scenario scenario;
    const std::string error = set(scenario, key, value);
    EXPECT_NE(error.find(key), std::string::npos) << key << " " << value << ": " << error;
    EXPECT_EQ(scenario.response_delay, Scenario().response_delay);
    EXPECT_TRUE(scenario.replies.empty());
    EXPECT_TRUE(scenario.unasked_replies.empty());
    EXPECT_TRUE(scenario.accounts.empty());
    EXPECT_TRUE(scenario.outages.empty());
    EXPECT_TRUE(scenario.delivery_tlvs.empty());
    EXPECT_EQ(scenario.dialect, smpp::Dialect());
    EXPECT_EQ(scenario.throttle_above.at(std::chrono::hours(1)), 0u);
  }
}

TEST(Scenario, SharesMayNotExceedOne) {
  Scenario scenario;
  EXPECT_EQ(set(scenario, "receipt-state", "0.6:UNDELIV"), "");
  EXPECT_NE(set(scenario, "receipt-state", "0.5:EXPIRED"), "");
}

TEST(Scenario, FileNamesTheLineThatIsWrong) {
  Scenario scenario;
  EXPECT_EQ(read_scenario(scenario, "# faults\n\nseed 7\nwithhold-responses lots\n"),
            "line 4: withhold-responses: expected a share between 0 and 1, got \"lots\"");
}

TEST(Scenario, ContractIsARateAndABurst) {
  Scenario scenario;
  EXPECT_EQ(set(scenario, "contract", "2000:300"), "");
  EXPECT_EQ(scenario.contract, (Contract{.rate = 2000, .burst = 300}));
  EXPECT_EQ(set(scenario, "contract", "0:0"), "");
}

TEST(Scenario, ScheduleHoldsEachValueFromItsTimeOn) {
  Scenario scenario;
  EXPECT_EQ(set(scenario, "throttle-above", "5000,20s:500,40s:5000"), "");
  const Schedule& rate = scenario.throttle_above;
  EXPECT_EQ(rate.at(std::chrono::seconds(0)), 5000u);
  EXPECT_EQ(rate.at(std::chrono::milliseconds(19'999)), 5000u);
  EXPECT_EQ(rate.at(std::chrono::seconds(20)), 500u);
  EXPECT_EQ(rate.at(std::chrono::hours(1)), 5000u);
}

TEST(Scenario, AccountsHaveLimitsOfTheirOwn) {
  Scenario scenario;
  EXPECT_EQ(set(scenario, "account", "bank pass01 binds=2 throttle-above=50,1s:5 window=10"), "");
  EXPECT_EQ(set(scenario, "account", "shop pass02"), "");
  ASSERT_EQ(scenario.accounts.size(), 2u);
  const AccountLimits& bank = scenario.accounts[0];
  EXPECT_EQ(bank.system_id + bank.password, "bankpass01");
  EXPECT_EQ(bank.binds, 2u);
  EXPECT_EQ(bank.window, 10u);
  EXPECT_EQ(bank.throttle_above.at(std::chrono::seconds(1)), 5u);
  EXPECT_EQ(scenario.accounts[1].binds, 0u);
}

TEST(Scenario, FileSetsWhatTheCommandLineWould) {
  Scenario scenario;
  EXPECT_EQ(read_scenario(scenario,
                          "seed 7\r\n"
                          "response-delay 1ms..2.5ms,0.01:1s..5s\n"
                          "status 0.1:ESME_RSYSERR,0.2:ESME_RMSGQFUL\n"
                          "reply 优惠=>回T 谢谢\n"
                          "reply-number +8613800138000=TD\n"
                          "  id-format   hex-receipt-dec"),
            "");
  EXPECT_EQ(scenario.seed, 7u);
  EXPECT_EQ(scenario.response_delay.usual.max, std::chrono::microseconds(2500));
  ASSERT_EQ(scenario.response_delay.tail.size(), 1u);
  EXPECT_EQ(scenario.response_delay.tail[0].choice.min, std::chrono::seconds(1));
  ASSERT_EQ(scenario.statuses.size(), 2u);
  EXPECT_EQ(scenario.statuses[1].choice, smpp::Status::ESME_RMSGQFUL);
  EXPECT_EQ(scenario.replies.at(0).text, "回T 谢谢");
  EXPECT_EQ(scenario.number_replies.at(0).pattern, "+8613800138000");
  EXPECT_EQ(scenario.id_format, IdFormat::hex_receipt_dec);
}

}  // namespace
}  // namespace tact::bench
