// SPDX-License-Identifier: Apache-2.0
#include "bench/load/plan.h"

#include <gtest/gtest.h>

namespace tact::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string set(Plan& plan, std::string_view key, std::string_view value) {
  return set(plan_settings(), plan, key, value);
}

TEST(Plan, DamagedValuesAreToldAndChangeNothing) {
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, std::string>>{{"colour", "red"},
                                                        {"rate", ""},
                                                        {"rate", "fast"},
                                                        {"rate", "-1"},
                                                        {"rate", "1.."},
                                                        {"rate", "nan"},
                                                        {"rate", "1e9"},
                                                        {"duration", "10"},
                                                        {"duration", "nans"},
                                                        {"phase", "1000"},
                                                        {"phase", "10s"},
                                                        {"phase", "10s 5 6"},
                                                        {"messages", "many"},
                                                        {"class", ""},
                                                        {"class", "SPAM"},
                                                        {"class", "OTP=0.5"},
                                                        {"class", "OTP=0.5,CRISIS=0.6"},
                                                        {"class", "OTP=x"},
                                                        {"class", "OTP=-1,CRISIS=2"},
                                                        {"recipients", "unique:1"},
                                                        {"recipients", "each:0"},
                                                        {"recipients", "people"},
                                                        {"recipients", "people:2000000000"},
                                                        {"recipients", "zipf:100"},
                                                        {"recipients", "zipf:0:100"},
                                                        {"recipients", "zipf:nan:100"},
                                                        {"text", "chinese"},
                                                        {"text", "chinese:10"},
                                                        {"text", "klingon:60"},
                                                        {"text", "latin:60=0.5"},
                                                        {"later", "0.5"},
                                                        {"later", "2:1s"},
                                                        {"later", "0.5:2s..1s"},
                                                        {"night", "1.5"},
                                                        {"opt-out", "nan"},
                                                        {"also-upstream", "name"},
                                                        {"also-upstream", ":file"},
                                                        {"streams", "0"},
                                                        {"streams", "256"},
                                                        {"batch", "1025"},
                                                        {"outstanding", "0"},
                                                        {"in-flight", "0"},
                                                        {"queued", "some"},
                                                        {"settle", "soon"}}) {
    Plan plan;
    const std::string error = set(plan, key, value);
    EXPECT_NE(error.find(key), std::string::npos) << key << " " << value << ": " << error;
    EXPECT_TRUE(plan.load.phases.empty());
    EXPECT_TRUE(plan.more_upstreams.empty());
    EXPECT_EQ(plan.load.batch, LoadOptions().batch);
    EXPECT_EQ(plan.load.streams, LoadOptions().streams);
    EXPECT_EQ(plan.workload.classes.size(), 1u);
    EXPECT_EQ(plan.workload.texts.size(), 1u);
    EXPECT_EQ(plan.workload.recipients.kind, RecipientMix::kEach);
    EXPECT_EQ(plan.workload.recipients.messages_each, 1u);
    EXPECT_EQ(plan.workload.later, 0);
    EXPECT_FALSE(plan.steady.unlimited);
    EXPECT_EQ(plan.steady.rate_begin, 1000);
    EXPECT_EQ(plan.steady.rate_end, 1000);
    EXPECT_EQ(plan.steady.duration, seconds(10));
  }
}

TEST(Plan, FileNamesTheLineThatIsWrong) {
  Plan plan;
  EXPECT_EQ(read_settings(plan_settings(), plan, "# load\n\nseed 7\nphase 1s quickly\n"),
            "line 4: phase: expected a rate such as 1000, 1000..20000 or max, got \"1s quickly\"");
}

TEST(Plan, FileSetsWhatTheCommandLineWould) {
  Plan plan;
  EXPECT_EQ(read_settings(plan_settings(), plan,
                          "seed 7\r\n"
                          "phase  2s   1000..5000\n"
                          "phase 500ms max\n"
                          "class OTP=0.25,MARKETING=0.75\n"
                          "recipients zipf:1.2:1000\n"
                          "text chinese:60=0.5,emoji:140=0.5\n"
                          "later 0.1:2s..1m\n"
                          "night 0.2\n"
                          "opt-out 0.01\n"
                          "signature 银行\n"
                          "also-upstream second:/run/second.token\n"
                          "streams 2\n"
                          "  settle   5s"),
            "");
  EXPECT_EQ(plan.workload.seed, 7u);
  ASSERT_EQ(plan.load.phases.size(), 2u);
  EXPECT_EQ(plan.load.phases[0].rate_begin, 1000);
  EXPECT_EQ(plan.load.phases[0].rate_end, 5000);
  EXPECT_EQ(plan.load.phases[1].duration, milliseconds(500));
  EXPECT_TRUE(plan.load.phases[1].unlimited);
  EXPECT_EQ(plan.workload.classes.at(1).message_class, proto::MARKETING);
  EXPECT_EQ(plan.workload.recipients.kind, RecipientMix::kZipf);
  EXPECT_EQ(plan.workload.recipients.people, 1000u);
  EXPECT_EQ(plan.workload.texts.at(1).alphabet, Alphabet::kEmoji);
  EXPECT_EQ(plan.workload.texts.at(1).characters, 140u);
  EXPECT_EQ(plan.workload.later_max, seconds(60));
  EXPECT_EQ(plan.workload.night, 0.2);
  EXPECT_EQ(plan.workload.signature, "银行");
  EXPECT_EQ(plan.more_upstreams.at(0).token_file, "/run/second.token");
  EXPECT_EQ(plan.load.streams, 2u);
  EXPECT_EQ(plan.load.settle, seconds(5));
}

}  // namespace
}  // namespace tact::bench
