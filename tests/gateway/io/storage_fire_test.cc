// SPDX-License-Identifier: Apache-2.0
// The real store on a disk that fills up, dies, or forgets: every end is one of those that
// deploy/runbook.md names, and what was told to a shard is there afterwards.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "gateway/io/storage.h"
#include "tests/gateway/io/fault_files.h"
#include "tests/gateway/io/temp_folder.h"

namespace tact::gateway {
namespace {

constexpr ShardId kShard{0};

std::string fact(uint64_t turn) { return "fact " + std::to_string(turn); }

// One life of a process on the folder: opens, commits turn by turn, each with a fact and an event
// that belong together, until it has made `turns` of them or the disk has ended it.
class Life {
 public:
  Life(const std::string& folder, const std::shared_ptr<FaultFiles>& files,
       Durability durability = Durability::always)
      : env_(rocksdb::NewCompositeEnv(files)) {
    RocksSettings settings;
    settings.folder = folder;
    settings.number_key_check = "12345678";
    settings.write_buffer_bytes = 64 << 10;  // flushes and new logs happen within the test
    settings.env = env_.get();
    rocks_ = Rocks::open(settings, fatal(), &failure);
    if (rocks_ == nullptr || fatals > 0) return;
    StorageSettings with;
    with.durability = durability;
    storage_ = std::make_unique<Storage>(
        *rocks_, suppression_, with,
        [this](ShardId, Delivery&& delivery) {
          for (const auto& committed : delivery.committed) told = committed.turn;
        },
        [](ShardId, Loaded&&) {}, fatal());
    storage_->start();
  }
  ~Life() { stop(); }

  bool opened() const { return storage_ != nullptr; }
  void commit(uint64_t from, uint64_t turns) {
    for (uint64_t turn = from; turn < from + turns && fatals == 0; ++turn) {
      auto commit = std::make_unique<Commit>();
      commit->from = kShard;
      commit->turn = turn;
      commit->civil = from_ms(1'000 + static_cast<int64_t>(turn));
      commit->puts.push_back({Table::facts, fact(turn), std::string(2'000, 'x')});
      EventAppend append;
      append.upstream = UpstreamId{1};
      append.count = 1;
      append.stored = std::string(kBatchHeader, '\0');
      append.stored[2] = 1;
      commit->events.push_back(append);
      storage_->commit(std::move(commit));
      while (told < turn && fatals == 0) std::this_thread::yield();
    }
  }
  void stop() {
    if (storage_) storage_->stop();
    storage_.reset();
    rocks_.reset();
  }

  OpenFailure failure;
  std::atomic<uint64_t> told{0};
  std::atomic<int> fatals{0};

 private:
  Fatal fatal() {
    return [this](const std::string&) { ++fatals; };
  }

  std::unique_ptr<rocksdb::Env> env_;
  policy::Suppression suppression_;
  std::unique_ptr<Rocks> rocks_;
  std::unique_ptr<Storage> storage_;
};

// What a start finds: all turns up to some one, each whole. Returns that one.
uint64_t found(const std::string& folder) {
  RocksSettings settings;
  settings.folder = folder;
  settings.number_key_check = "12345678";
  OpenFailure failure;
  const auto rocks = Rocks::open(
      settings, [](const std::string& reason) { ADD_FAILURE() << reason; }, &failure);
  EXPECT_NE(rocks, nullptr) << failure.message;
  if (rocks == nullptr) return 0;
  const uint64_t turns = rocks->event_tail(UpstreamId{1}) - 1;
  for (uint64_t turn = 1; turn <= turns; ++turn) {
    EXPECT_TRUE(rocks->get(Table::facts, fact(turn))) << turn << " of " << turns;
  }
  EXPECT_FALSE(rocks->get(Table::facts, fact(turns + 1)));
  return turns;
}

TEST(StorageFire, DiskThatIsFullFromAnyOperationOnEndsTheProcessOnceAndKeepsWhatWasTold) {
  constexpr uint64_t kTurns = 60;
  bool whole = false;
  for (int64_t operations = 0; !whole; operations = operations * 5 / 4 + 1) {
    ASSERT_LT(operations, 100'000) << "the disk never had room for all";
    TempFolder folder;
    const auto files = std::make_shared<FaultFiles>();
    files->fail_after(operations);
    uint64_t told = 0;
    {
      Life life(folder.path("store"), files);
      if (life.opened()) life.commit(1, kTurns);
      whole = life.told == kTurns && life.fatals == 0;
      EXPECT_TRUE(whole || !life.opened() || life.fatals == 1) << operations;
      EXPECT_TRUE(life.opened() || !life.failure.message.empty()) << operations;
      told = life.told;
      life.stop();
    }
    // There is room again: the log on disk is the truth.
    EXPECT_GE(found(folder.path("store")), told) << operations;
    if (testing::Test::HasFailure()) return;
  }
}

TEST(StorageFire, PowerLossForgetsNothingThatWasTold) {
  for (const uint8_t kept : {uint8_t{0}, uint8_t{100}, uint8_t{200}, uint8_t{255}}) {
    TempFolder folder;
    const auto files = std::make_shared<FaultFiles>();
    Life life(folder.path("store"), files);
    ASSERT_TRUE(life.opened());
    life.commit(1, 80);
    const uint64_t told = life.told;
    life.stop();
    files->lose_unsynced(kept);
    EXPECT_EQ(found(folder.path("store")), told) << int{kept};
  }
}

// The control of the test above: without an fsync per group a power loss does forget, and what is
// left is still a whole beginning.
TEST(StorageFire, PowerLossWithoutSyncForgetsAnEndAndNeverAMiddle) {
  TempFolder folder;
  const auto files = std::make_shared<FaultFiles>();
  Life life(folder.path("store"), files, Durability::os);
  ASSERT_TRUE(life.opened());
  life.commit(1, 5);
  EXPECT_GT(files->unsynced(), 0u);
  life.stop();
  files->lose_unsynced(128);
  EXPECT_LT(found(folder.path("store")), 5u);
}

TEST(StorageFire, ManyLivesEachEndedByTheDiskLoseNothing) {
  TempFolder folder;
  const auto files = std::make_shared<FaultFiles>();
  uint64_t next = 1, ends = 0;
  for (int life = 0; life < 25; ++life) {
    files->fail_after(40 + 37 * life % 160);
    uint64_t told = next - 1;
    {
      Life alive(folder.path("store"), files);
      if (alive.opened()) alive.commit(next, 100);
      told = std::max<uint64_t>(told, alive.told);
      ends += alive.fatals;
      alive.stop();
    }
    files->fail_after(-1);
    files->lose_unsynced(static_cast<uint8_t>(life * 10));
    const uint64_t kept = found(folder.path("store"));
    ASSERT_GE(kept, told) << "life " << life;
    next = kept + 1;
  }
  EXPECT_GT(ends, 10u) << "the disk shall end most of these lives";
}

}  // namespace
}  // namespace tact::gateway
