// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/trace.h"

#include <gtest/gtest.h>

#include "gateway/engine/rng.h"
#include "tests/gateway/io/audit_files.h"
#include "tests/gateway/io/temp_folder.h"

namespace tact::gateway {
namespace {

using namespace std::chrono_literals;
using Kind = AuditRecord::Kind;

constexpr NumberHash kNumber = 0xc42e898d649c3007, kOther = 0x1111;
const Civil kNow = from_ms(1'773'799'200'000);  // 2026-03-18 02:00:00Z

class TraceTest : public testing::Test {
 protected:
  void SetUp() override {
    RocksSettings settings;
    settings.folder = folder_.path("store");
    OpenFailure failure;
    rocks_ = Rocks::open(
        settings, [](const std::string& reason) { ADD_FAILURE() << reason; }, &failure);
    ASSERT_NE(rocks_, nullptr) << failure.message;
    files_ = std::make_unique<AuditFiles>(*rocks_);
  }
  static TraceQuery of_number(NumberHash number = kNumber) {
    TraceQuery query;
    query.number = number;
    return query;
  }
  static TraceQuery of_id(uint64_t id) {
    TraceQuery query;
    query.id = MessageId{id};
    return query;
  }
  std::vector<std::string> page(const TraceQuery& query) {
    Trace trace(*rocks_, sealer_, directory_, query, kNow);
    while (trace.step()) {
    }
    std::vector<std::string> lines;
    std::istringstream in(trace.lines());
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
  static std::string cursor_of(const std::string& end) {
    const size_t at = end.find("\"cursor\":\"");
    return at == std::string::npos ? "" : end.substr(at + 10, 24);
  }

  TempFolder folder_;
  std::unique_ptr<Rocks> rocks_;
  std::unique_ptr<AuditFiles> files_;
  PlainSealer sealer_;
  EngineSettings settings_;
  Directory directory_{settings_};
};

TEST_F(TraceTest, DamagedRecordsAreCountedAndTheOthersTold) {
  files_->add({audit_record(kNumber, 1, kNow - 3h)});
  files_->put(kNow - 2h, "no batch at all");
  files_->add({audit_record(kNumber, 2, kNow - 1h)});
  const auto lines = page(of_number());
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_NE(lines[2].find("\"unreadable\":1"), std::string::npos) << lines[2];
}

TEST_F(TraceTest, NothingIsKnownOfANumberThatNeverCame) {
  files_->add({audit_record(kOther, 1, kNow - 3h)});
  auto query = of_number();
  query.since = kNow - 24h;
  EXPECT_EQ(page(query),
            std::vector<std::string>{R"({"searched_from":"2026-03-17T02:00:00.000Z"})"});
}

TEST_F(TraceTest, OneNumbersStepsComeOldestFirstOutOfMixedBatches) {
  files_->add({audit_record(kNumber, 7, kNow - 26h, Kind::admitted), audit_record(kOther, 8, kNow),
               audit_record(kNumber, 7, kNow - 26h)});
  files_->add(
      {audit_record(kOther, 8, kNow - 2h), audit_record(kNumber, 7, kNow - 2h, Kind::receipt)});
  const auto lines = page(of_number());
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0],
            R"({"time":"2026-03-17T00:00:00.000Z","what":"admitted","id":"7",)"
            R"("number_hash":"c42e898d649c3007","class":"OTP","result":"OUTCOME_UNSPECIFIED"})");
  EXPECT_NE(lines[1].find("\"submitted\""), std::string::npos);
  EXPECT_NE(lines[2].find("\"receipt\""), std::string::npos);
}

TEST_F(TraceTest, WhatIsOlderThanAskedForIsLeftOut) {
  for (int hours = 10; hours > 0; --hours) {
    files_->add({audit_record(kNumber, 1, kNow - hours * 1h - 1min)});
  }
  auto query = of_number();
  query.since = kNow - 5h;
  EXPECT_EQ(page(query).size(), 5u);
  EXPECT_EQ(page(query).back(), R"({"searched_from":"2026-03-17T21:00:00.000Z"})");
}

TEST_F(TraceTest, AMessagesHistoryEndsWithItsBeginning) {
  files_->put(kNow - 30h, "what is older is not even read");
  files_->add({audit_record(kNumber, 7, kNow - 2h, Kind::admitted)});
  files_->add({audit_record(kNumber, 7, kNow - 1h)});
  const auto lines = page(of_id(7));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[2].find("unreadable"), std::string::npos);
  EXPECT_EQ(cursor_of(lines[2]), "");
}

TEST_F(TraceTest, PagesGoOnWhereTheLastOneEndedUntilEverythingIsRead) {
  constexpr uint64_t kBatches = 1'500;
  Rng rng(1);  // what cannot be packed fills more than a page
  std::string notes(60'000, '\0');
  for (char& octet : notes) octet = static_cast<char>(rng.next());
  std::vector<AuditRecord> others(1'000, audit_record(kOther, 1, kNow));
  for (size_t i = 0; i < others.size(); ++i) {
    others[i].note = std::string_view(notes).substr(i * 60, 60);
  }
  for (uint64_t i = 0; i < kBatches; ++i) {
    const Civil at = kNow - 10h + i * 20s;
    others.front() = audit_record(kNumber, 1'000 + i, at);
    files_->add(others);
  }
  auto query = of_number();
  query.since = kNow - 11h;
  std::vector<std::string> all;
  size_t pages = 0;
  for (std::string cursor = "begin"; !cursor.empty(); ++pages) {
    auto lines = page(query);
    cursor = cursor_of(lines.back());
    query.before = parse_trace_cursor(cursor);
    lines.pop_back();
    all.insert(all.begin(), lines.begin(), lines.end());
    ASSERT_LT(pages, 20u);
  }
  EXPECT_GT(pages, 1u);
  ASSERT_EQ(all.size(), kBatches);
  for (uint64_t i = 0; i < kBatches; ++i) {
    EXPECT_NE(all[i].find("\"id\":\"" + std::to_string(1'000 + i) + "\""), std::string::npos);
  }
}

TEST_F(TraceTest, CursorsAreReadAsTheyAreWritten) {
  const History::Place place{0x00075f3e, 0xfedcba9876543210};
  EXPECT_EQ(parse_trace_cursor(trace_cursor(place)), place);
  for (const char* wrong : {"", "1", "00075f3efedcba987654321", "00075f3efedcba98765432101",
                            "00075f3efedcba987654321g", "+0075f3efedcba9876543210"}) {
    EXPECT_EQ(parse_trace_cursor(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace tact::gateway
