// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/storage.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <atomic>
#include <filesystem>
#include <set>

#include "gateway/engine/audit.h"
#include "gateway/io/stored_number.h"
#include "tests/gateway/io/fault_files.h"
#include "tests/gateway/io/temp_folder.h"

namespace tact::gateway {
namespace {

using namespace std::chrono_literals;

constexpr LaneId kLane{RouteId{1}, Class::marketing};
constexpr ShardId kA{0}, kB{1};
constexpr auto kPatience = 10s;

BatchPtr batch_of(int messages) {
  BatchBuilder builder;
  for (int i = 0; i < messages; ++i) {
    Message message;
    message.id = MessageId{static_cast<uint64_t>(i + 1)};
    message.to = "8613800138000";
    builder.add(message);
  }
  return builder.take(kLane.cls);
}

class Plain final : public Sealer {
 public:
  uint16_t seal(std::span<uint8_t>, std::span<uint8_t, 12>, std::span<uint8_t, 16>) override {
    return 0;
  }
  bool open(uint16_t, std::span<uint8_t>, std::span<const uint8_t, 12>,
            std::span<const uint8_t, 16>) override {
    return true;
  }
};

std::string stored(const Batch& batch) {
  Plain plain;
  return seal_batch(raw(batch.cls()), static_cast<uint16_t>(batch.size()), batch.body(), plain);
}

std::unique_ptr<Commit> commit_of(ShardId from, uint64_t turn) {
  auto commit = std::make_unique<Commit>();
  commit->from = from;
  commit->turn = turn;
  commit->civil = from_ms(1'000 + static_cast<int64_t>(turn));
  return commit;
}
void append_lane(Commit& commit, int messages, ShardId home = kA) {
  const BatchPtr batch = batch_of(messages);
  commit.lanes.push_back({kLane, home, stored(*batch), batch});
  commit.bytes += commit.lanes.back().stored.size();
}
void append_later(Commit& commit, uint64_t due_ms) {
  LaterAppend append;
  append.owner = owner_of(TenantId{1});
  append.cls = Class::otp;
  append.due_ms = due_ms;
  append.stored = "batch";
  commit.later.push_back(append);
}
void append_event(Commit& commit, uint16_t count) {
  EventAppend append;
  append.upstream = UpstreamId{1};
  append.count = count;
  append.stored = std::string(kBatchHeader, '\0');
  append.stored[2] = static_cast<char>(count);
  commit.events.push_back(append);
}

template <typename T>
std::vector<T> mail_of(const Delivery& delivery) {
  std::vector<T> found;
  for (const MailBody& body : delivery.mail) {
    if (const auto* mail = std::get_if<T>(&body)) found.push_back(*mail);
  }
  return found;
}

// A store with its storage thread and two shards that only remember what they are told.
class StorageTest : public testing::Test {
 protected:
  void open(StorageSettings settings = {}, rocksdb::Env* env = nullptr) {
    RocksSettings rocks;
    rocks.folder = folder_.path();
    rocks.number_key_check = "12345678";
    rocks.env = env;
    settings.shards = 2;
    OpenFailure failure;
    rocks_ = Rocks::open(rocks, fatal(), &failure);
    ASSERT_NE(rocks_, nullptr) << failure.message;
    storage_ = std::make_unique<Storage>(
        *rocks_, suppression_, settings,
        [this](ShardId shard, Delivery&& delivery) { delivered(shard, std::move(delivery)); },
        [this](ShardId, Loaded&& loaded) {
          std::lock_guard lock(mutex_);
          loaded_.push_back(std::move(loaded));
          told_.notify_all();
        },
        fatal());
  }
  void TearDown() override { close(); }
  void close() {
    if (storage_) storage_->stop();
    storage_.reset();
    rocks_.reset();
  }

  Fatal fatal() {
    return [this](const std::string& reason) {
      std::lock_guard lock(mutex_);
      fatals_.push_back(reason);
      told_.notify_all();
    };
  }
  void delivered(ShardId shard, Delivery&& delivery) {
    std::lock_guard lock(mutex_);
    Delivery& all = told_to_[raw(shard)];
    blocked_at_completion_.push_back(suppression_.blocked(7, 4711, Class::marketing));
    for (const Committed& committed : delivery.committed) {
      all.committed.push_back(committed);
      told_order_.emplace_back(shard, committed.turn);
    }
    for (MailBody& body : delivery.mail) all.mail.push_back(std::move(body));
    told_.notify_all();
  }
  // Everything told to a shard so far, once it knows of `commits`.
  Delivery told(ShardId shard, size_t commits) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(told_.wait_for(lock, kPatience,
                               [&] { return told_to_[raw(shard)].committed.size() >= commits; }));
    return told_to_[raw(shard)];
  }
  Loaded load(LoadRequest request) {
    std::unique_lock lock(mutex_);
    const size_t before = loaded_.size();
    lock.unlock();
    storage_->load(kA, std::move(request));
    lock.lock();
    EXPECT_TRUE(told_.wait_for(lock, kPatience, [&] { return loaded_.size() > before; }));
    return loaded_.size() > before ? loaded_.back() : Loaded{};
  }

  TempFolder folder_;
  policy::Suppression suppression_;
  std::unique_ptr<Rocks> rocks_;
  std::unique_ptr<Storage> storage_;

  std::mutex mutex_;
  std::condition_variable told_;
  Delivery told_to_[2];
  std::vector<std::pair<ShardId, uint64_t>> told_order_;
  std::vector<bool> blocked_at_completion_;
  std::vector<Loaded> loaded_;
  std::vector<std::string> fatals_;
};

TEST_F(StorageTest, FailedFsyncIsFatalOnceAndTellsNobody) {
  const auto files = std::make_shared<FaultFiles>();
  const auto env = rocksdb::NewCompositeEnv(files);
  open({}, env.get());
  storage_->start();
  auto first = commit_of(kA, 1);
  append_lane(*first, 1);
  storage_->commit(std::move(first));
  told(kA, 1);

  files->fail_after(0);
  for (uint64_t turn = 2; turn < 10; ++turn) {
    auto commit = commit_of(kA, turn);
    append_lane(*commit, 1);
    Publish publish;
    publish.entry.scope = 7;
    publish.entry.number = 4711;
    publish.entry.blocks.fill(1);
    commit->publish.push_back(publish);
    storage_->commit(std::move(commit));
  }
  {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(told_.wait_for(lock, kPatience, [&] { return !fatals_.empty(); }));
  }
  storage_->stop();
  EXPECT_EQ(fatals_.size(), 1u);
  EXPECT_NE(fatals_[0].find("the disk is full"), std::string::npos);
  EXPECT_EQ(told_to_[0].committed.size(), 1u);
  EXPECT_FALSE(suppression_.blocked(7, 4711, Class::marketing));
  files->fail_after(-1);
  close();
}

TEST_F(StorageTest, CommitsOfAShardAreToldInOrderAndLanesHaveNoHoles) {
  open();
  constexpr uint64_t kTurns = 200;
  for (uint64_t turn = 1; turn <= kTurns; ++turn) {
    for (ShardId shard : {kA, kB}) {
      auto commit = commit_of(shard, turn);
      append_lane(*commit, 3, kB);
      storage_->commit(std::move(commit));
    }
  }
  storage_->start();
  for (ShardId shard : {kA, kB}) {
    const Delivery delivery = told(shard, kTurns);
    for (uint64_t turn = 1; turn <= kTurns; ++turn) {
      EXPECT_EQ(delivery.committed[turn - 1].turn, turn);
    }
  }
  const auto appended = mail_of<Appended>(told(kB, kTurns));
  ASSERT_EQ(appended.size(), 2 * kTurns);
  for (size_t i = 0; i < appended.size(); ++i) {
    EXPECT_EQ(appended[i].seq, 3 * i);
    EXPECT_EQ(appended[i].batch->size(), 3u);
  }
  // They waited together, so they were written together.
  EXPECT_EQ(storage_->stats().commits.get(), 2 * kTurns);
  EXPECT_EQ(storage_->stats().groups.get(), 1u);
  EXPECT_EQ(storage_->stats().syncs.get(), 1u);
}

TEST_F(StorageTest, AGroupStaysBelowItsLimitUnlessOneCommitExceedsItAlone) {
  StorageSettings settings;
  settings.group_bytes = 10'000;
  open(settings);
  uint64_t turn = 0;
  for (const size_t bytes : {6'000, 4'000, 6'000, 6'000, 12'000, 1'000}) {
    auto commit = commit_of(kA, ++turn);
    append_lane(*commit, 1);
    commit->bytes = bytes;
    storage_->commit(std::move(commit));
  }
  storage_->start();
  told(kA, 6);
  EXPECT_EQ(storage_->stats().groups.get(), 5u);
}

TEST_F(StorageTest, OtpAndOutcomesOfOneShardGoBeforeTheBulkOfAnother) {
  StorageSettings settings;
  settings.group_bytes = 10'000;
  open(settings);
  const auto hand_over = [&](ShardId shard, uint64_t turn, bool urgent) {
    auto commit = commit_of(shard, turn);
    append_lane(*commit, 1, kA);
    commit->bytes = 5'000;
    commit->urgent = urgent;
    storage_->commit(std::move(commit));
  };
  for (uint64_t turn = 1; turn <= 6; ++turn) hand_over(kA, turn, false);
  hand_over(kB, 1, false);
  hand_over(kB, 2, true);
  hand_over(kB, 3, false);
  storage_->start();
  told(kA, 6);
  told(kB, 3);
  EXPECT_EQ(told_order_,
            (std::vector<std::pair<ShardId, uint64_t>>{
                {kB, 1}, {kB, 2}, {kA, 1}, {kA, 2}, {kA, 3}, {kA, 4}, {kA, 5}, {kA, 6}, {kB, 3}}));
}

TEST_F(StorageTest, MailAloneIsDeliveredWithoutAWrite) {
  open();
  storage_->start();
  auto commit = commit_of(kA, 1);
  commit->mail.push_back({kB, ReplySettled{RouteId{1}, 42}});
  storage_->commit(std::move(commit));
  told(kA, 1);
  storage_->stop();
  const auto settled = mail_of<ReplySettled>(told_to_[1]);
  ASSERT_EQ(settled.size(), 1u);
  EXPECT_EQ(settled[0].answer, 42u);
  EXPECT_EQ(storage_->stats().syncs.get(), 0u);
}

TEST_F(StorageTest, SuppressionIsInForceBeforeAnybodyIsTold) {
  open();
  storage_->start();
  auto commit = commit_of(kA, 1);
  commit->puts.push_back({Table::suppressed, suppressed_key(7, 4711), "record"});
  Publish publish;
  publish.entry.scope = 7;
  publish.entry.number = 4711;
  publish.entry.blocks[raw(Class::marketing) - 1] = 1;
  commit->publish.push_back(publish);
  storage_->commit(std::move(commit));
  told(kA, 1);
  std::lock_guard lock(mutex_);
  EXPECT_EQ(blocked_at_completion_, std::vector<bool>{true});
}

TEST_F(StorageTest, EverythingOfACommitSurvivesAReopen) {
  open();
  storage_->start();
  auto commit = commit_of(kA, 5);
  append_lane(*commit, 4);
  append_event(*commit, 2);
  append_later(*commit, 9'000);
  commit->plain.push_back({Table::audit, std::string("\0\0\0\x05", 4), "audit"});
  commit->puts.push_back({Table::facts, "kept", "1"});
  commit->puts.push_back({Table::facts, "gone", "1"});
  commit->deletes.push_back({Table::facts, "gone"});
  commit->ranges.push_back({Table::lanes, lane_key(kLane, 0), lane_key(kLane, 100)});
  commit->lease_block = true;
  storage_->commit(std::move(commit));
  const Delivery first = told(kA, 1);
  EXPECT_EQ(first.committed[0].block, 1u);
  EXPECT_EQ(mail_of<EventsStored>(first).at(0).seq, 1u);
  EXPECT_EQ(storage_->stats().audit_bytes.get(), 4u + 8u + 5u + kAuditLink)
      << "prefix, sequence, record, hash of the one before";
  close();

  open();
  EXPECT_EQ(rocks_->lane_tail(kLane), 4u);
  EXPECT_EQ(rocks_->event_tail(UpstreamId{1}), 3u);
  EXPECT_EQ(rocks_->last_civil(), from_ms(1'005));
  EXPECT_EQ(rocks_->get(Table::facts, "kept"), "1");
  EXPECT_EQ(rocks_->get(Table::facts, "gone"), std::nullopt);
  int audits = 0;
  rocks_->scan(Table::audit, "", "", [&](std::string_view key, std::string_view value) {
    EXPECT_EQ(key.size(), 12u);
    EXPECT_EQ(value, "audit" + std::string(kAuditLink, '\0'));
    return ++audits > 0;
  });
  EXPECT_EQ(audits, 1);

  storage_->start();
  auto next = commit_of(kA, 6);
  append_lane(*next, 1);
  append_event(*next, 1);
  append_later(*next, 9'000);
  next->lease_block = true;
  storage_->commit(std::move(next));
  const Delivery second = told(kA, 2);
  EXPECT_EQ(second.committed[1].block, 2u);
  EXPECT_EQ(mail_of<Appended>(second).at(1).seq, 4u);
  EXPECT_EQ(mail_of<EventsStored>(second).at(1).seq, 3u);
  // One counter for later and audit: 0 and 1 were taken before the reopening.
  EXPECT_EQ(mail_of<Waiting>(second).at(1).key.seq, 2u);
}

// A crash may cut the log anywhere behind the last fsync; here it is cut anywhere at all.
TEST_F(StorageTest, TornLogHoldsWholeCommitsOnly) {
  open();
  storage_->start();
  for (uint64_t turn = 1; turn <= 3; ++turn) {
    auto commit = commit_of(kA, turn);
    append_lane(*commit, 1);
    append_event(*commit, 1);
    commit->puts.push_back({Table::facts, "fact " + std::to_string(turn), "1"});
    storage_->commit(std::move(commit));
    told(kA, turn);
  }
  close();
  namespace fs = std::filesystem;
  std::string log;
  for (const auto& file : fs::directory_iterator(folder_.path())) {
    if (file.path().extension() == ".log") log = std::max(log, file.path().filename().string());
  }
  const auto size = static_cast<size_t>(fs::file_size(folder_.path(log)));
  ASSERT_GT(size, 500u);
  std::set<uint64_t> seen;
  for (size_t eighth = 0; eighth <= 8; ++eighth) {
    TempFolder torn;
    fs::copy(folder_.path(), torn.path("store"), fs::copy_options::recursive);
    fs::resize_file(torn.path("store/" + log), size * eighth / 8);
    RocksSettings settings;
    settings.folder = torn.path("store");
    settings.number_key_check = "12345678";
    OpenFailure failure;
    const auto rocks = Rocks::open(settings, fatal(), &failure);
    ASSERT_NE(rocks, nullptr) << failure.message;
    const uint64_t whole = rocks->lane_tail(kLane);
    seen.insert(whole);
    EXPECT_EQ(rocks->event_tail(UpstreamId{1}), whole + 1);
    EXPECT_EQ(rocks->last_civil(), from_ms(whole == 0 ? 0 : 1'000 + static_cast<int64_t>(whole)));
    for (uint64_t turn = 1; turn <= 3; ++turn) {
      EXPECT_EQ(rocks->get(Table::facts, "fact " + std::to_string(turn)).has_value(),
                turn <= whole);
    }
  }
  EXPECT_EQ(seen.size(), 4u) << "the cuts shall fall into every commit";
}

TEST_F(StorageTest, BlocksLeasedAtTheStartAreNotLeasedAgain) {
  open();
  EXPECT_EQ(rocks_->lease_block(), 1u);
  EXPECT_EQ(rocks_->lease_block(), 2u);
  storage_->start();
  auto commit = commit_of(kA, 1);
  commit->lease_block = true;
  storage_->commit(std::move(commit));
  EXPECT_EQ(told(kA, 1).committed[0].block, 3u);
  close();
  open();
  EXPECT_EQ(rocks_->lease_block(), 4u);
}

TEST_F(StorageTest, LaterIsClampedBehindWhatWasPromoted) {
  const Owner owner = owner_of(TenantId{1});
  open();
  storage_->start();
  auto commit = commit_of(kA, 1);
  append_later(*commit, 5'000);
  storage_->commit(std::move(commit));
  const LaterKey waiting = mail_of<Waiting>(told(kA, 1)).at(0).key;
  EXPECT_EQ(waiting.due_ms, 5'000u);

  auto promote = commit_of(kA, 2);
  promote->promoted.push_back({waiting});
  promote->ranges.push_back(
      {Table::later, later_key(waiting), later_key({owner, Class::otp, 5'000, waiting.seq + 1})});
  append_later(*promote, 10);
  storage_->commit(std::move(promote));
  const LaterKey clamped = mail_of<Waiting>(told(kA, 2)).at(1).key;
  EXPECT_GT(clamped, waiting);
  EXPECT_EQ(clamped.due_ms, 5'000u);
  close();

  open();
  storage_->start();
  auto after = commit_of(kA, 3);
  append_later(*after, 10);
  append_later(*after, 6'000);
  storage_->commit(std::move(after));
  const auto all = mail_of<Waiting>(told(kA, 3));
  EXPECT_EQ(all.at(2).key.due_ms, 5'000u);
  EXPECT_GT(all.at(2).key, clamped);
  EXPECT_EQ(all.at(3).key.due_ms, 6'000u);
}

TEST_F(StorageTest, LoadOfLaterClosesItsStretch) {
  const Owner owner = owner_of(TenantId{1});
  open();
  storage_->start();
  auto commit = commit_of(kA, 1);
  append_later(*commit, 100);
  storage_->commit(std::move(commit));
  told(kA, 1);
  LoadRequest request;
  request.table = Table::later;
  request.begin = later_key({owner, Class::otp, 0, 0});
  request.end = later_key({owner, Class::otp, 2'000, 0});
  EXPECT_EQ(load(request).records.size(), 1u);

  auto late = commit_of(kB, 1);
  append_later(*late, 100);
  storage_->commit(std::move(late));
  told(kB, 1);
  EXPECT_EQ(mail_of<Waiting>(told(kA, 1)).at(1).key.due_ms, 2'000u);
}

TEST_F(StorageTest, ALoadThatOnlyLooksClosesNothing) {
  const Owner owner = owner_of(TenantId{1});
  open();
  storage_->start();
  LoadRequest request;
  request.table = Table::later;
  request.begin = later_key({owner, Class::otp, 0, 0});
  request.end = prefix_end(std::string_view(request.begin).substr(0, 4));
  EXPECT_TRUE(load(request).records.empty());
  auto commit = commit_of(kA, 1);
  append_later(*commit, 100);
  storage_->commit(std::move(commit));
  EXPECT_EQ(mail_of<Waiting>(told(kA, 1)).at(0).key.due_ms, 100u);
  EXPECT_EQ(load(request).records.size(), 1u);
}

TEST_F(StorageTest, LoadStartsAtTheBatchThatHoldsASequenceAndKeepsItsLimits) {
  open();
  storage_->start();
  for (uint64_t turn = 1; turn <= 5; ++turn) {
    auto commit = commit_of(kA, turn);
    append_lane(*commit, 10);
    storage_->commit(std::move(commit));
  }
  told(kA, 5);
  LoadRequest request;
  request.id = 77;
  request.table = Table::lanes;
  request.begin = lane_key(kLane, 25);
  request.end = prefix_end(lane_prefix(kLane));
  request.from_before = true;
  Loaded all = load(request);
  EXPECT_EQ(all.id, 77u);
  ASSERT_EQ(all.records.size(), 3u);
  EXPECT_EQ(all.records[0].first, lane_key(kLane, 20));
  EXPECT_EQ(all.records[0].second, stored(*batch_of(10)));
  EXPECT_FALSE(all.more);

  request.records_max = 2;
  const Loaded two = load(request);
  EXPECT_EQ(two.records.size(), 2u);
  EXPECT_TRUE(two.more);

  request.bytes_max = 1;  // less than one batch: still one, or nobody would ever get on
  EXPECT_EQ(load(request).records.size(), 1u);

  // Before the first batch of this lane lies another lane: not its business.
  const LaneId next{kLane.route, Class{raw(kLane.cls)}};
  request.begin = lane_key({RouteId{2}, next.cls}, 3);
  request.end = prefix_end(lane_prefix({RouteId{2}, next.cls}));
  EXPECT_TRUE(load(request).records.empty());
  // Unless a floor says that it is.
  request.floor = lane_prefix(kLane);
  const Loaded last = load(request);
  ASSERT_EQ(last.records.size(), 1u);
  EXPECT_EQ(last.records[0].first, lane_key(kLane, 40));
}

TEST_F(StorageTest, IntervalSyncsByItselfAndOsNever) {
  for (const auto durability : {Durability::interval, Durability::os}) {
    StorageSettings settings;
    settings.durability = durability;
    settings.sync_interval = 5ms;
    told_to_[0] = {};
    open(settings);
    storage_->start();
    auto commit = commit_of(kA, 1);
    append_lane(*commit, 1);
    storage_->commit(std::move(commit));
    told(kA, 1);
    storage_->stop();
    EXPECT_EQ(storage_->stats().syncs.get(), durability == Durability::interval ? 1u : 0u);
    close();
  }
}

TEST_F(StorageTest, StopFinishesWhatWasHandedOver) {
  open();
  std::atomic<int> reads{0};
  for (uint64_t turn = 1; turn <= 50; ++turn) {
    auto commit = commit_of(kA, turn);
    append_lane(*commit, 1);
    storage_->commit(std::move(commit));
    storage_->read([&reads] { ++reads; });
  }
  storage_->start();
  storage_->stop();
  EXPECT_EQ(told_to_[0].committed.size(), 50u);
  EXPECT_EQ(reads, 50);
}

}  // namespace
}  // namespace tact::gateway
