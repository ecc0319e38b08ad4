// SPDX-License-Identifier: Apache-2.0
// Exports of the audit, read and written.
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <fstream>

#include "client/audit_csv.h"
#include "client/audit_feed.h"

namespace tact::client {
namespace {

std::string file_of(const std::string& text) {
  std::string path = testing::TempDir() + "audit_lines";
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

TEST(AuditFeed, ALineThatIsNoRecordIsToldByItsNumber) {
  for (const char* damaged : {"{\"time\":", "[]", "7", "{} {}"}) {
    const std::string path = file_of("{\"what\":\"admitted\"}\n\n" + std::string(damaged) + "\n");
    try {
      read_audit_file(path, [](const std::string& line) { parse_object(line); });
      ADD_FAILURE() << damaged;
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(std::string(error.what()).find(path + ":3: no record: "), 0u) << error.what();
    }
  }
  EXPECT_THROW(read_audit_file("/nowhere/at/all", [](const std::string&) {}), std::runtime_error);
}

TEST(AuditFeed, TimesThatAreNoneAreRefused) {
  for (const char* day : {"2026-3-18", "2026-02-30", "yesterday", "2026-03-18T00:00:00Z"}) {
    EXPECT_THROW((AuditRange{.day = day, .since = "", .until = ""}.query()), CLI::ValidationError)
        << day;
  }
  EXPECT_THROW((AuditRange{.day = "", .since = "noon", .until = ""}.query()), CLI::ValidationError);
  EXPECT_THROW((AuditRange{.day = "", .since = "", .until = "36h"}.query()), CLI::ValidationError);
  EXPECT_EQ((AuditRange{.day = "2026-03-18", .since = "", .until = ""}.query()),
            "&since=1773792000000&until=1773878400000");
  EXPECT_EQ((AuditRange{.day = "", .since = "36h", .until = "2026-03-18T00:00:00Z"}.query()),
            "&last=129600&until=1773792000000");
}

TEST(AuditCsv, CellsThatASpreadsheetWouldRunAreText) {
  EXPECT_EQ(csv_cell("=1+1"), "'=1+1");
  EXPECT_EQ(csv_cell("@x,\"y\""), "\"'@x,\"\"y\"\"\"");
  EXPECT_EQ(csv_cell("a\nb"), "\"a\nb\"");
  EXPECT_EQ(csv_cell(""), "");
  EXPECT_EQ(csv_cell("验证码"), "验证码");
}

TEST(AuditCsv, ARowHasTheColumnsOfTheHeader) {
  const auto record = parse_object(
      R"({"time":"2026-03-18T02:15:01.024Z","what":"admitted","id":"7","campaign":"spring, one",)"
      R"("fired":[{"rule":"SIG_PREPEND","action":"REWRITE","detail":"XX银行"},{"rule":"WINDOW",)"
      R"("action":"DEFER"}],"urgent":true,"segments":2,"text":"a","newer":"left out"})");
  for (const bool texts : {false, true}) {
    const std::string header = audit_csv_header(texts), row = audit_csv(record, texts);
    EXPECT_EQ(std::count(header.begin(), header.end(), ','),
              std::count(row.begin(), row.end(), ',') - 1)
        << row;
    EXPECT_NE(row.find(",\"spring, one\","), std::string::npos) << row;
    EXPECT_NE(row.find(",SIG_PREPEND(XX银行) WINDOW,"), std::string::npos) << row;
    EXPECT_EQ(row.ends_with(",a"), texts) << row;
  }
}

}  // namespace
}  // namespace tact::client
