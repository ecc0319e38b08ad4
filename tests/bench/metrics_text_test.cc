// SPDX-License-Identifier: Apache-2.0
#include "bench/load/metrics_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace tact::bench {
namespace {

TEST(MetricsText, DamagedLinesAreNamed) {
  for (const char* line :
       {"tact_x", "tact_x ", "tact_x{", "tact_x{a=\"b} 1", "tact_x{a=\"b\"}", "tact_x{a=\"b\"}1",
        "tact_x one", "tact_x 1x", "{a=\"b\"} 1", "<html>", "tact_x\x01 1", "tact_x{a=\"\\"}) {
    try {
      parse_metrics(std::string("tact_y 1\n") + line + "\n");
      ADD_FAILURE() << line;
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string(error.what()).find("line 2 "), std::string::npos) << error.what();
    }
  }
}

TEST(MetricsText, NothingIsNoSample) {
  EXPECT_TRUE(parse_metrics("").empty());
  EXPECT_TRUE(parse_metrics("\n\n# HELP tact_x what it is\n# TYPE tact_x counter\n  \n").empty());
}

TEST(MetricsText, FamilyNameAndValueOfASample) {
  const auto samples = parse_metrics(
      "plain 17\n"
      "some_bucket{class=\"OTP\",le=\"0.5\"} 1.5e3\n"
      "stamped{a=\"b\"} -2 1700000000000\n"
      "odd{a=\"x} \\\" y\"} +Inf\n"
      "last NaN");
  ASSERT_EQ(samples.size(), 5u);
  EXPECT_EQ(samples[0].family, "plain");
  EXPECT_EQ(samples[0].name, "plain");
  EXPECT_EQ(samples[0].value, 17);
  EXPECT_EQ(samples[1].family, "some_bucket");
  EXPECT_EQ(samples[1].name, "some_bucket{class=\"OTP\",le=\"0.5\"}");
  EXPECT_EQ(samples[1].value, 1500);
  EXPECT_EQ(samples[2].value, -2);
  EXPECT_EQ(samples[3].name, "odd{a=\"x} \\\" y\"}");
  EXPECT_TRUE(std::isinf(samples[3].value));
  EXPECT_TRUE(std::isnan(samples[4].value));
}

}  // namespace
}  // namespace tact::bench
