// SPDX-License-Identifier: Apache-2.0
// The chain through the audit as storage writes it, and what a check of it says.
#include "gateway/io/audit_chain.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <condition_variable>
#include <sstream>

#include "gateway/io/audit_check.h"
#include "gateway/io/storage.h"
#include "gateway/io/trace.h"
#include "tests/gateway/io/audit_files.h"
#include "tests/gateway/io/temp_folder.h"

namespace tact::gateway {
namespace {

using namespace std::chrono_literals;

const Civil kMidnight = from_ms(1'773'792'000'000);  // 2026-03-18 00:00:00Z
using Records = std::vector<std::pair<std::string, std::string>>;

class AuditChainTest : public testing::Test {
 protected:
  void SetUp() override { open(); }
  void TearDown() override { close(); }

  void open() {
    RocksSettings settings;
    settings.folder = folder_.path("store");
    OpenFailure failure;
    rocks_ = Rocks::open(
        settings, [](const std::string& reason) { ADD_FAILURE() << reason; }, &failure);
    ASSERT_NE(rocks_, nullptr) << failure.message;
    storage_ = std::make_unique<Storage>(
        *rocks_, suppression_, StorageSettings{},
        [this](ShardId, Delivery&& delivery) {
          const std::lock_guard guard(mutex_);
          committed_ += delivery.committed.size();
          told_.notify_all();
        },
        [](ShardId, Loaded&&) {}, [](const std::string& reason) { ADD_FAILURE() << reason; });
    storage_->start();
  }
  void close() {
    if (storage_) storage_->stop();
    storage_.reset();
    rocks_.reset();
  }

  // A commit with a batch of the audit for each of the times, and its write.
  void commit(std::vector<Civil> times) {
    auto commit = std::make_unique<Commit>();
    commit->turn = ++turn_;
    for (const Civil at : times) {
      Bytes body;
      append_audit(audit_record(1, turn_, at), body);
      commit->plain.push_back({Table::audit,
                               audit_prefix(static_cast<uint32_t>(to_ms(at) / 3'600'000)),
                               seal_batch(0, 1, body, sealer_)});
    }
    storage_->commit(std::move(commit));
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(told_.wait_for(lock, 10s, [this] { return committed_ >= turn_; }));
  }
  void erase_before(Civil hour) {
    auto commit = std::make_unique<Commit>();
    commit->turn = ++turn_;
    commit->ranges.push_back({Table::audit, audit_prefix(0),
                              audit_prefix(static_cast<uint32_t>(to_ms(hour) / 3'600'000))});
    storage_->commit(std::move(commit));
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(told_.wait_for(lock, 10s, [this] { return committed_ >= turn_; }));
  }

  Records records() {
    Records all;
    rocks_->scan(Table::audit, "", "", [&](std::string_view key, std::string_view value) {
      all.emplace_back(key, value);
      return true;
    });
    return all;
  }
  void put(const std::string& key, const std::string& value) {
    ASSERT_TRUE(rocks_->db().Put({}, rocks_->table(Table::audit), key, value).ok());
  }
  void erase(const std::string& key) {
    ASSERT_TRUE(rocks_->db().Delete({}, rocks_->table(Table::audit), key).ok());
  }

  // Lines of a whole check; each page as small as it gets when `small`.
  std::vector<std::string> check(bool small = false) {
    std::vector<std::string> all;
    AuditCheckPoint from;
    for (std::string cursor = "begin"; !cursor.empty();) {
      AuditCheck page(*rocks_, sealer_, from, UINT32_MAX, kMidnight + 30h);
      while (page.step() && !small) {
      }
      std::vector<std::string> lines;
      std::istringstream in(page.lines());
      for (std::string line; std::getline(in, line);) lines.push_back(line);
      cursor = value_of(lines.back(), "cursor");
      if (!cursor.empty()) {
        const auto next = parse_audit_check_cursor(cursor);
        EXPECT_TRUE(next) << cursor;
        from = *next;
      }
      lines.pop_back();
      all.insert(all.end(), lines.begin(), lines.end());
    }
    return all;
  }
  std::vector<std::string> broken(const std::vector<std::string>& lines) {
    std::vector<std::string> places;
    for (const std::string& line : lines) {
      const std::string place = value_of(line, "broken");
      if (!place.empty()) places.push_back(place);
    }
    return places;
  }
  static std::string value_of(const std::string& line, const std::string& name) {
    const size_t at = line.find("\"" + name + "\":\"");
    if (at == std::string::npos) return "";
    const size_t begin = at + name.size() + 4;
    return line.substr(begin, line.find('"', begin) - begin);
  }
  static std::string place_of(const std::string& key) {
    return trace_cursor({key_u32(key, 0), key_u64(key, 4)});
  }

  TempFolder folder_;
  PlainSealer sealer_;
  policy::Suppression suppression_;
  std::unique_ptr<Rocks> rocks_;
  std::unique_ptr<Storage> storage_;
  uint64_t turn_ = 0;

  std::mutex mutex_;
  std::condition_variable told_;
  uint64_t committed_ = 0;  // guarded by mutex_
};

TEST_F(AuditChainTest, EachFlippedBitIsFoundAndNamed) {
  commit({kMidnight + 1h});
  commit({kMidnight + 2h});
  commit({kMidnight + 3h});
  const Records all = records();
  ASSERT_EQ(all.size(), 3u);
  const auto& [key, value] = all[1];
  for (size_t bit = 0; bit < 8 * value.size(); ++bit) {
    std::string damaged = value;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    put(key, damaged);
    const auto places = broken(check());
    ASSERT_FALSE(places.empty()) << "bit " << bit;
    EXPECT_EQ(places.front(), place_of(key)) << "bit " << bit;
  }
  put(key, value);
  EXPECT_TRUE(broken(check()).empty());
}

// Whoever can write a right checksum cannot make the next record agree.
TEST_F(AuditChainTest, ARecordThatWasWrittenAnewIsToldByTheNextOne) {
  for (int hour = 1; hour <= 3; ++hour) commit({kMidnight + hour * 1h});
  const Records all = records();
  Bytes body;
  append_audit(audit_record(2, 99, kMidnight + 2h), body);
  const std::string link = all[1].second.substr(all[1].second.size() - kAuditLink);
  put(all[1].first, seal_batch(0, 1, body, sealer_) + link);
  const auto lines = check();
  ASSERT_EQ(broken(lines), std::vector<std::string>{place_of(all[2].first)});
  EXPECT_EQ(value_of(lines[0], "after"), place_of(all[1].first));
  EXPECT_EQ(value_of(lines[0], "time"), "2026-03-18T03:00:00.000Z");
}

TEST_F(AuditChainTest, WhatIsTakenOutOrPutInOrLosesItsHashIsTold) {
  for (int hour = 1; hour <= 4; ++hour) commit({kMidnight + hour * 1h});
  const Records all = records();
  erase(all[1].first);
  EXPECT_EQ(broken(check()), std::vector<std::string>{place_of(all[2].first)});
  put(all[1].first, all[1].second);

  std::string between = all[1].first;
  ++between.back();
  put(between, all[1].second);
  EXPECT_EQ(broken(check()).front(), place_of(between));
  erase(between);

  put(all[2].first, all[2].second.substr(0, all[2].second.size() - kAuditLink));
  EXPECT_EQ(broken(check()).front(), place_of(all[2].first));
  put(all[2].first, all[2].second);
  EXPECT_TRUE(broken(check()).empty());
}

TEST_F(AuditChainTest, DaysAreToldWithTheirLastHashAndGoOnOverARestart) {
  commit({kMidnight - 1min, kMidnight - 1min});
  close();
  open();
  commit({kMidnight + 1min});
  const Records all = records();
  AuditHasher hasher;
  const auto hash_of = [&](size_t i) { return hex(hasher.hash(all[i].first, all[i].second)); };
  EXPECT_EQ(check(),
            (std::vector<std::string>{
                R"({"day":"2026-03-17","complete":true,"batches":2,"records":2,"unchained":0,)"
                R"("hash":")" +
                    hash_of(1) + R"("})",
                R"({"day":"2026-03-18","complete":true,"batches":1,"records":1,"unchained":0,)"
                R"("hash":")" +
                    hash_of(2) + R"("})"}));
}

TEST_F(AuditChainTest, AfterRetentionItHoldsFromTheFirstRecordThatIsKept) {
  for (int hour = 1; hour <= 5; ++hour) commit({kMidnight + hour * 1h});
  erase_before(kMidnight + 4h);
  ASSERT_EQ(records().size(), 2u);
  EXPECT_TRUE(broken(check()).empty());
  commit({kMidnight + 6h});
  EXPECT_TRUE(broken(check()).empty());
}

TEST_F(AuditChainTest, RecordsFromBeforeTheChainAreCountedAndItsFirstOneHoldsTheLast) {
  AuditFiles old(*rocks_);
  old.add({audit_record(1, 1, kMidnight - 2h)});
  old.add({audit_record(1, 2, kMidnight - 1h)});
  close();
  open();
  commit({kMidnight + 1h});
  const auto lines = check();
  EXPECT_TRUE(broken(lines).empty());
  EXPECT_NE(lines[0].find("\"unchained\":2"), std::string::npos) << lines[0];
  erase(records()[1].first);
  EXPECT_EQ(broken(check()).size(), 1u);
}

// Shards see an hour begin in another order, and a clock may be set back by more.
TEST_F(AuditChainTest, WhatBelongsToAnHourThatIsOverLiesUnderTheNewest) {
  commit({kMidnight + 5h, kMidnight + 5h - 1ms});
  commit({kMidnight + 1h});
  close();
  open();
  commit({kMidnight + 2h});
  const auto hour = static_cast<uint32_t>(to_ms(kMidnight + 5h) / 3'600'000);
  for (const auto& [key, value] : records()) EXPECT_EQ(key_u32(key, 0), hour);
  EXPECT_EQ(records().size(), 4u);
  EXPECT_TRUE(broken(check()).empty());
  // And is found there, though the clock says less.
  TraceQuery query;
  query.number = 1;
  const EngineSettings settings;
  const Directory directory(settings);
  Trace trace(*rocks_, sealer_, directory, query, kMidnight + 3h);
  while (trace.step()) {
  }
  const std::string lines = trace.lines();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 5) << lines;
}

TEST_F(AuditChainTest, ACheckPageByPageSaysTheSame) {
  for (int i = 0; i < 40; ++i) {
    commit(std::vector<Civil>(50, kMidnight + i * 1h));
  }
  const Records all = records();
  std::string damaged = all[777].second;
  damaged[50] = static_cast<char>(damaged[50] ^ 1);
  put(all[777].first, damaged);
  erase(all[1'200].first);
  const std::vector<std::string> expected{place_of(all[777].first), place_of(all[1'201].first)};
  EXPECT_EQ(broken(check(false)), expected);
  EXPECT_EQ(broken(check(true)), expected);
}

TEST_F(AuditChainTest, CursorsOfAnotherKindAreRefused) {
  AuditCheckPoint point;
  point.next = {5, 7};
  point.before = AuditCheckPoint::Before::chained;
  point.hash.fill(0xab);
  const std::string cursor = audit_check_cursor(point);
  EXPECT_EQ(parse_audit_check_cursor(cursor)->hash, point.hash);
  for (size_t at = 0; at < cursor.size(); ++at) {
    std::string wrong = cursor;
    wrong[at] = 'x';
    EXPECT_FALSE(parse_audit_check_cursor(wrong)) << at;
    EXPECT_FALSE(parse_audit_check_cursor(cursor.substr(0, at))) << at;
  }
  EXPECT_FALSE(parse_audit_check_cursor(cursor + "0"));
}

}  // namespace
}  // namespace tact::gateway
