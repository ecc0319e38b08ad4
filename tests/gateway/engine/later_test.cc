// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/later.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>
#include <set>

#include "gateway/engine/record_io.h"
#include "tests/gateway/engine/sealers.h"

namespace tact::gateway {
namespace {

constexpr Owner kOwner{Owner::Kind::route, 3};
constexpr Owner kOther{Owner::Kind::route, 4};

// The table, its floors and its clamp, as store.h promises them.
class Disk final : public StoreReader {
 public:
  LaterKey append(Owner owner, Class cls, uint64_t due_ms) {
    LaterKey key{owner, cls, due_ms, next_seq_++};
    const LaterKey& least = closed_[{owner, cls}];
    if (std::pair(key.due_ms, key.seq) < std::pair(least.due_ms, least.seq)) {
      key.due_ms = least.due_ms + (key.seq < least.seq ? 1 : 0);
    }
    records_.insert(later_key(key));
    return key;
  }
  void close(const LoadRequest& load) {
    const LaterKey end = *parse_later_key(load.end);
    LaterKey& least = closed_[{end.owner, end.cls}];
    least = std::max(least, end);
  }
  void promote(const LaterKey& key) {
    Bytes value;
    RecordWriter out(value);
    out.integer(key.due_ms);
    out.integer(key.seq);
    floors_[floor_key(key.owner, key.cls)] = {value.begin(), value.end()};
    promoted_[{key.owner, key.cls}] = {key.owner, key.cls, key.due_ms, key.seq + 1};
  }
  void erase(const std::string& begin, const std::string& end) {
    records_.erase(records_.lower_bound(begin), records_.lower_bound(end));
  }
  // Of a restart only what was promoted is remembered.
  void forget_what_is_closed() { closed_ = promoted_; }

  void scan(Table table, std::string_view begin, std::string_view end,
            const std::function<bool(std::string_view, std::string_view)>& visit) override {
    EXPECT_EQ(table, Table::later);
    ++scans;
    for (auto at = records_.lower_bound(std::string(begin)); at != records_.end() && *at < end;
         ++at) {
      if (!visit(*at, "")) return;
    }
  }
  std::optional<std::string> get(Table, std::string_view key) override {
    const auto at = floors_.find(std::string(key));
    if (at == floors_.end()) return std::nullopt;
    return at->second;
  }
  uint64_t lane_tail(LaneId) override { return 0; }
  uint64_t event_tail(UpstreamId) override { return 0; }

  int scans = 0;
  const std::set<std::string>& records() const { return records_; }

 private:
  uint64_t next_seq_ = 1;
  std::set<std::string> records_;
  std::map<std::string, std::string> floors_;
  std::map<std::pair<Owner, Class>, LaterKey> closed_, promoted_;
};

std::vector<LaterKey> read(const Disk& disk, const LoadRequest& load, size_t most, bool& more) {
  std::vector<LaterKey> keys;
  auto at = disk.records().lower_bound(load.begin);
  for (; at != disk.records().end() && *at < load.end && keys.size() < most; ++at) {
    keys.push_back(*parse_later_key(*at));
  }
  more = at != disk.records().end() && *at < load.end;
  return keys;
}

class LaterTest : public testing::Test {
 protected:
  LaterTest() { later_.start(disk_); }

  LaterKey append(Class cls, uint64_t due_ms) {
    const LaterKey key = disk_.append(kOwner, cls, due_ms);
    later_.waiting(key);
    return key;
  }
  // One whole load. The dues it promoted.
  std::vector<uint64_t> promote(Class cls, int64_t now_ms, size_t most = 1000) {
    std::vector<uint64_t> dues;
    const auto load = later_.wants_load(cls, from_ms(now_ms));
    if (!load) return dues;
    disk_.close(*load);
    bool more = false;
    for (const LaterKey& key : read(disk_, *load, most, more)) {
      dues.push_back(key.due_ms);
      disk_.promote(key);
      later_.promoted(key, 1);
    }
    later_.load_done(cls, more);
    return dues;
  }
  std::unique_ptr<Commit> reclaim(Mono now) {
    CommitBuilder out(ShardId{0}, limits_, sealer_);
    later_.reclaim(now, out);
    return out.take(1, Civil{});
  }

  using Dues = std::vector<uint64_t>;
  Disk disk_;
  Later later_{kOwner};
  LimitSettings limits_;
  PlainSealer sealer_;
};

TEST_F(LaterTest, NothingIsDueWhereNothingWaits) {
  EXPECT_FALSE(later_.next_due());
  EXPECT_FALSE(later_.wants_load(Class::otp, from_ms(1'000'000)));
}

TEST_F(LaterTest, ABatchIsPromotedWhenItIsDueAndNotBefore) {
  append(Class::otp, 5000);
  EXPECT_EQ(later_.next_due(), from_ms(5000));
  EXPECT_EQ(promote(Class::otp, 4999), Dues{});
  EXPECT_EQ(promote(Class::otp, 5000), Dues{5000});
  EXPECT_FALSE(later_.next_due());
}

TEST_F(LaterTest, AnOtpDoesNotStandBehindOtherClasses) {
  for (int i = 0; i < 1000; ++i) append(Class::marketing, 1000);
  append(Class::otp, 1500);
  ASSERT_TRUE(later_.wants_load(Class::marketing, from_ms(2000)));  // and its answer takes long
  EXPECT_EQ(later_.next_due(), from_ms(1500));
  EXPECT_EQ(promote(Class::otp, 2000), Dues{1500});
}

TEST_F(LaterTest, OnlyOneLoadOfAClassIsUnderWay) {
  append(Class::otp, 1000);
  EXPECT_TRUE(later_.wants_load(Class::otp, from_ms(2000)));
  EXPECT_FALSE(later_.wants_load(Class::otp, from_ms(3000)));
  EXPECT_FALSE(later_.next_due());
}

TEST_F(LaterTest, ALoadThatMetItsLimitIsFollowedByAnother) {
  for (uint64_t due = 1; due <= 5; ++due) append(Class::crisis, due);
  EXPECT_EQ(promote(Class::crisis, 10, 2), (Dues{1, 2}));
  EXPECT_EQ(promote(Class::crisis, 10, 2), (Dues{3, 4}));
  EXPECT_EQ(promote(Class::crisis, 10, 2), Dues{5});
  EXPECT_FALSE(later_.next_due());
}

TEST_F(LaterTest, WhatIsAppendedDuringALoadIsClampedBehindItAndFound) {
  append(Class::otp, 1000);
  const auto load = later_.wants_load(Class::otp, from_ms(2000));
  ASSERT_TRUE(load);
  disk_.close(*load);
  EXPECT_EQ(append(Class::otp, 1500).due_ms, 2001u);
  bool more = false;
  for (const LaterKey& key : read(disk_, *load, 10, more)) later_.promoted(key, 1);
  later_.load_done(Class::otp, more);
  EXPECT_EQ(later_.next_due(), from_ms(2001));
  EXPECT_EQ(promote(Class::otp, 2001), Dues{2001});
}

TEST_F(LaterTest, TwoTimesOfOneBucketAreBothPromotedSoon) {
  append(Class::otp, 1024);
  append(Class::otp, 1030);
  append(Class::otp, 1100);
  EXPECT_EQ(promote(Class::otp, 1025), Dues{1024});
  EXPECT_LE(*later_.next_due(), from_ms(1030 + 128));
  EXPECT_EQ(promote(Class::otp, to_ms(*later_.next_due())), (Dues{1030, 1100}));
  EXPECT_FALSE(later_.next_due());
}

TEST_F(LaterTest, ARestartFindsWhatWaitsBehindTheFloorWithASeekPerTime) {
  append(Class::otp, 1000);
  promote(Class::otp, 1000);
  for (int i = 0; i < 500; ++i) append(Class::otp, 90'000);
  append(Class::marketing, 50'000);
  disk_.append(kOther, Class::otp, 2000);
  disk_.scans = 0;
  Later restarted(kOwner);
  restarted.start(disk_);
  EXPECT_LE(disk_.scans, 2 * kClasses);
  EXPECT_EQ(restarted.next_due(), from_ms(50'000));
  EXPECT_FALSE(restarted.wants_load(Class::otp, from_ms(89'999)));
  EXPECT_TRUE(restarted.wants_load(Class::otp, from_ms(90'000)));
}

TEST_F(LaterTest, WhatWasPromotedIsDeletedAsOneRangeAfterHalfAMinute) {
  EXPECT_FALSE(reclaim(std::chrono::seconds(100)));
  const LaterKey stays = append(Class::otp, 9000);
  for (uint64_t due = 1; due <= 5; ++due) append(Class::otp, due * 200);
  promote(Class::otp, 8000);
  EXPECT_FALSE(reclaim(std::chrono::seconds(129)));
  const auto commit = reclaim(std::chrono::seconds(130));
  ASSERT_TRUE(commit);
  ASSERT_EQ(commit->ranges.size(), 1u);
  disk_.erase(commit->ranges[0].begin, commit->ranges[0].end);
  EXPECT_EQ(disk_.records(), std::set{later_key(stays)});
  EXPECT_FALSE(reclaim(std::chrono::seconds(200)));
}

TEST_F(LaterTest, WhatWasPromotedIsDeletedAfterManyMessages) {
  EXPECT_FALSE(reclaim(Mono{0}));
  for (uint64_t i = 0; i < 64; ++i) append(Class::marketing, 1000);
  bool more = false;
  const auto load = later_.wants_load(Class::marketing, from_ms(1000));
  for (const LaterKey& key : read(disk_, *load, 100, more)) later_.promoted(key, 1024);
  later_.load_done(Class::marketing, more);
  EXPECT_TRUE(reclaim(Mono{1}));
}

// Against a table that knows everything: late mail, loads cut short, dues in the past, crashes.
class LaterHistory {
 public:
  explicit LaterHistory(uint64_t seed) : random_(seed) { restart(); }

  std::string run() {
    for (int i = 0; i < 600 && broken_.empty(); ++i) step();
    now_ += 100'000;
    for (int i = 0; i < 200 && broken_.empty(); ++i) {
      deliver();
      for (const Class cls : kClassOrder) load(cls);
    }
    if (broken_.empty() && promoted_.size() != appended_) broken_ = "lost";
    if (broken_.empty() && later_->next_due()) broken_ = "waits for what is not there";
    return broken_;
  }

 private:
  uint64_t below(uint64_t n) { return random_() % n; }
  Class any_class() { return kClassOrder[below(2)]; }

  void step() {
    switch (below(7)) {
      case 0:
      case 1:
        append();
        break;
      case 2:
        now_ += below(200);
        break;
      case 3:
        deliver();
        break;
      case 4:
      case 5:
        load(any_class());
        break;
      case 6:
        if (below(20) == 0) restart();
        reclaim();
        break;
    }
    if (mail_.empty() && loads_.empty()) check_next_due();
  }

  void append() {
    const uint64_t due = below(8) == 0 ? now_ - below(50) : now_ + below(500);
    const LaterKey key = disk_.append(kOwner, any_class(), due);
    if (key.due_ms < due) broken_ = "clamped backwards";
    mail_.push_back(key);
    ++appended_;
  }
  void deliver() {
    for (; !mail_.empty(); mail_.pop_front()) later_->waiting(mail_.front());
  }

  // First asked for, then read and told; mail of what was appended before comes first.
  void load(Class cls) {
    const auto under_way = loads_.find(cls);
    if (under_way == loads_.end()) {
      const auto load = later_->wants_load(cls, from_ms(static_cast<int64_t>(now_)));
      if (!load) return;
      disk_.close(*load);
      loads_[cls] = *load;
      return;
    }
    deliver();
    bool more = false;
    for (const LaterKey& key : read(disk_, under_way->second, 1 + below(5), more)) {
      if (key.due_ms > now_) broken_ = "promoted before its time";
      if (!promoted_.insert(key.seq).second) broken_ = "promoted twice";
      disk_.promote(key);
      later_->promoted(key, 1);
    }
    later_->load_done(cls, more);
    loads_.erase(cls);
  }

  void reclaim() {
    CommitBuilder out(ShardId{0}, limits_, sealer_);
    mono_ += std::chrono::seconds(31);
    later_->reclaim(mono_, out);
    const auto commit = out.take(1, Civil{});
    if (!commit) return;
    for (const DeleteRange& range : commit->ranges) disk_.erase(range.begin, range.end);
  }

  // Never told later than a bucket behind the truth.
  void check_next_due() {
    const auto told = later_->next_due();
    uint64_t first = UINT64_MAX;
    for (const std::string& record : disk_.records()) {
      const LaterKey key = *parse_later_key(record);
      if (!promoted_.count(key.seq)) first = std::min(first, key.due_ms);
    }
    if (first == UINT64_MAX) return;
    if (!told || *told > from_ms(static_cast<int64_t>(first + 128))) broken_ = "told too late";
  }

  void restart() {
    mail_.clear();
    loads_.clear();
    disk_.forget_what_is_closed();
    later_ = std::make_unique<Later>(kOwner);
    later_->start(disk_);
  }

  std::mt19937_64 random_;
  uint64_t now_ = 1'000'000;
  Mono mono_{};
  uint64_t appended_ = 0;
  std::string broken_;
  Disk disk_;
  std::unique_ptr<Later> later_;
  std::deque<LaterKey> mail_;
  std::map<Class, LoadRequest> loads_;
  std::set<uint64_t> promoted_;
  LimitSettings limits_;
  PlainSealer sealer_;
};

TEST(Later, PromotesEveryBatchOnceAndInTime) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    ASSERT_EQ(LaterHistory(seed).run(), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace tact::gateway
