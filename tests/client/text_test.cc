// SPDX-License-Identifier: Apache-2.0
// The small readers and writers of text: times, addresses, UTF-8, tables, opt-outs.
#include <gtest/gtest.h>

#include "client/address.h"
#include "client/suppressions.h"
#include "client/table.h"
#include "client/time_text.h"
#include "client/utf8.h"

namespace tact::client {
namespace {

TEST(ParseTime, DamagedTimesAreRefused) {
  for (const char* text :
       {"", "2026-03-01", "2026-03-01T09:00:00", "2026-02-29T09:00:00Z", "2026-13-01T09:00:00Z",
        "2026-03-01T24:00:00Z", "2026-03-01T09:60:00Z", "2026-03-01T09:00:00+8", "-5",
        "2026-03-01T09:00:00.Z", "2026-03-01T09:00", "2026-03-01T09:00:Z", "2026-03-01T09Z",
        "2026-03-01T09:00:00Zx", "99999999999999999999"}) {
    EXPECT_FALSE(parse_time_ms(text)) << text;
  }
}

TEST(ParseTime, OffsetsAndFractions) {
  EXPECT_EQ(parse_time_ms("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_time_ms("2024-02-29T23:59:59.999Z"), 1709251199999);
  EXPECT_EQ(parse_time_ms("2026-03-01T09:00:00+08:00"), 1772326800000);
  EXPECT_EQ(parse_time_ms("2026-03-01 01:00:00.1234567Z"), 1772326800123);
  EXPECT_EQ(parse_time_ms("1772326800000"), 1772326800000);
  EXPECT_EQ(parse_time_ms("2026-03-01T09:00+08:00"), 1772326800000) << "without seconds";
  EXPECT_EQ(format_time(1772326800007), "2026-03-01T01:00:00Z");
  EXPECT_EQ(format_clock(1772326800007), "01:00:00.007");
}

TEST(ParseDuration, DamagedDurationsAreRefused) {
  for (const char* text : {"", "h", "12", "-1h", "1.5h", "1w", "1h30m", " 1h", "99999999999d"}) {
    EXPECT_FALSE(parse_duration_s(text)) << text;
  }
  EXPECT_EQ(parse_duration_s("90s"), 90);
  EXPECT_EQ(parse_duration_s("15m"), 900);
  EXPECT_EQ(parse_duration_s("36h"), 129'600);
  EXPECT_EQ(parse_duration_s("400d"), 34'560'000);
}

TEST(ParseAddress, DamagedAddressesAreRefused) {
  for (const char* text : {"", "host", ":1", "host:", "host:0", "host:65536", "a:b:1", "[]:1"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
  EXPECT_EQ(parse_address("[::1]:7070")->host, "::1");
  EXPECT_EQ(parse_address("localhost:7070")->port, 7070);
}

TEST(Utf8, DamagedTextIsNot) {
  for (const char* text : {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE4\xB8", "\x80"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
  EXPECT_TRUE(is_utf8("验证码 123 😀"));
}

TEST(Table, ChineseCountsDoubleAndControlCharactersDoNotReachTheTerminal) {
  Table table({"A", "B"});
  table.add({"验证", "x"});
  table.add({"\x1b[2J", "y"});
  EXPECT_EQ(table.render(), "A     B\n验证  x\n [2J  y\n");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(grouped(123), "123");
}

TEST(Suppressions, DamagedLinesAreRefused) {
  for (const char* line :
       {"", "{", "[]", "{}", R"({"number_hash":"12"})", R"({"number_hash":"00f1e2d3c4b5a69g"})",
        R"({"to":"12ab5678"})", R"({"to":"+8613800138000","classes":["SPAM"]})",
        R"({"to":"+8613800138000","classes":"OTP"})", R"({"to":"+8613800138000","blocked":1})"}) {
    std::string error;
    EXPECT_FALSE(parse_listed(line, error)) << line;
    EXPECT_FALSE(error.empty()) << line;
  }
}

TEST(Suppressions, ALineOfTheExportComesBack) {
  std::string error;
  const auto listed = parse_listed(
      R"({"brand":"b","number_hash":"00f1e2d3c4b5a697","classes":["MARKETING","COLLECTION"],)"
      R"("since":1772326800000,"proof":"mo-7","blocked":false,"new":1})",
      error);
  ASSERT_TRUE(listed) << error;
  EXPECT_EQ(listed->entry.brand(), "b");
  EXPECT_EQ(format_hash(listed->entry.number_hash()), "00f1e2d3c4b5a697");
  EXPECT_EQ(listed->entry.classes_size(), 2);
  EXPECT_EQ(listed->entry.since_ms(), 1772326800000);
  EXPECT_FALSE(listed->blocked);
}

}  // namespace
}  // namespace tact::client
