// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/log.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

namespace tact::gateway {
namespace {

class LogTest : public testing::Test {
 protected:
  std::vector<std::string> lines() {
    log_.flush();
    std::vector<std::string> found;
    std::istringstream in(out_.str());
    for (std::string line; std::getline(in, line);) found.push_back(line);
    return found;
  }
  // Behind the time, which differs from run to run.
  std::string last() {
    const std::string line = lines().back();
    return line.substr(line.find("\"level\""));
  }

  std::ostringstream out_;
  Log log_{Level::info, Log::Format::json, std::make_shared<spdlog::sinks::ostream_sink_mt>(out_)};
};

TEST_F(LogTest, HostileTextStaysInsideItsString) {
  log_.line(Level::warning, "bad frame", {{"text", "a\"b\\c\nd\x01\xff\xed\xa0\x80 拒收"}});
  EXPECT_EQ(last(),
            "\"level\":\"warning\",\"what\":\"bad frame\",\"text\":\"a\\\"b\\\\c\\u000ad\\u0001"
            "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD 拒收\"}");
  EXPECT_EQ(lines().size(), 1u);
}

TEST_F(LogTest, PercentSignsAndBracesAreText) {
  log_.line(Level::info, "rate {} %v", {{"name", "{0} %s"}});
  EXPECT_EQ(last(), R"("level":"info","what":"rate {} %v","name":"{0} %s"})");
}

TEST_F(LogTest, FieldsKeepTheirTypes) {
  log_.line(Level::error, "types",
            {{"i", -1}, {"u", UINT64_MAX}, {"d", 0.5}, {"b", true}, {"h", hex(0xabc)}});
  EXPECT_EQ(last(),
            R"("level":"error","what":"types","i":-1,"u":18446744073709551615,"d":0.5,"b":true,)"
            R"("h":"0000000000000abc"})");
  EXPECT_EQ(lines()[0].substr(0, 10), "{\"time\":\"2");
}

TEST(LogAsText, HostileTextStaysInsideItsQuotes) {
  std::ostringstream out;
  Log log{Level::info, Log::Format::text, std::make_shared<spdlog::sinks::ostream_sink_mt>(out)};
  log.line(Level::warning, "link: lost", {{"link", "a\"b\nc"}, {"n", 3}, {"up", false}});
  log.flush();
  const std::string line = out.str();
  EXPECT_EQ(line.substr(line.find('Z')),
            "Z warning link: lost link=\"a\\\"b\\u000ac\" n=3 up=false\n");
}

TEST_F(LogTest, LinesBelowTheLeastLevelAreNotWritten) {
  log_.line(Level::debug, "detail");
  EXPECT_TRUE(lines().empty());
}

TEST_F(LogTest, FloodOfOneKindIsCutAndOthersAreNot) {
  for (uint32_t i = 0; i < Log::kBurst + 100; ++i) log_.line(Level::info, "flood", {{"i", i}});
  log_.line(Level::info, "other");
  EXPECT_EQ(lines().size(), Log::kBurst + 1);
  EXPECT_EQ(last(), R"("level":"info","what":"other"})");
}

}  // namespace
}  // namespace tact::gateway
