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
                                                        {"reply", "no arrow"},
                                                        {"reply", "pattern=>"},
                                                        {"deliver-window", "0"},
                                                        {"log-every", "0"}}) {
    Scenario scenario;
    const std::string error = set(scenario, key, value);
    EXPECT_NE(error.find(key), std::string::npos) << key << " " << value << ": " << error;
    EXPECT_EQ(scenario.response_delay, Scenario().response_delay);
    EXPECT_TRUE(scenario.replies.empty());
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

TEST(Scenario, FileSetsWhatTheCommandLineWould) {
  Scenario scenario;
  EXPECT_EQ(read_scenario(scenario,
                          "seed 7\r\n"
                          "response-delay 1ms..2.5ms\n"
                          "status 0.1:ESME_RSYSERR,0.2:ESME_RMSGQFUL\n"
                          "reply 优惠=>回T 谢谢\n"
                          "reply-number +8613800138000=TD\n"
                          "  id-format   hex-receipt-dec"),
            "");
  EXPECT_EQ(scenario.seed, 7u);
  EXPECT_EQ(scenario.response_delay.max, std::chrono::microseconds(2500));
  ASSERT_EQ(scenario.statuses.size(), 2u);
  EXPECT_EQ(scenario.statuses[1].choice, smpp::Status::ESME_RMSGQFUL);
  EXPECT_EQ(scenario.replies.at(0).text, "回T 谢谢");
  EXPECT_EQ(scenario.number_replies.at(0).pattern, "+8613800138000");
  EXPECT_EQ(scenario.id_format, IdFormat::hex_receipt_dec);
}

}  // namespace
}  // namespace tact::bench
