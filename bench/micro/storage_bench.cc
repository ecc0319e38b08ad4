// SPDX-License-Identifier: Apache-2.0
// Group commit on a real store: commits of a batch each are handed over at once, and it takes until
// all are on disk and told. The argument is how many. In TMPDIR: say what disk that is.
#include <benchmark/benchmark.h>
#include <rocksdb/db.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "bench/micro/messages.h"
#include "gateway/io/sealer.h"
#include "gateway/io/storage.h"

namespace {

using namespace tact::gateway;
using tact::bench::kBatch;
using tact::bench::kClass;

[[noreturn]] void fatal(const std::string& reason) {
  std::fprintf(stderr, "micro_bench: %s\n", reason.c_str());
  std::exit(74);
}

class World {
 public:
  World() {
    std::string pattern = std::filesystem::temp_directory_path() / "tact-micro-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    OpenFailure failure;
    rocks_ = Rocks::open({.folder = folder_, .number_key_check = "12345678"}, &fatal, &failure);
    if (!rocks_) fatal(failure.message);
    storage_ = std::make_unique<Storage>(
        *rocks_, suppression_, StorageSettings(),
        [this](ShardId, Delivery&& delivery) { told(delivery); }, [](ShardId, Loaded&&) {}, &fatal);
    storage_->start();
  }
  ~World() {
    storage_->stop();
    storage_.reset();
    rocks_.reset();
    std::filesystem::remove_all(folder_);
  }

  void commit(int count) {
    for (int i = 0; i < count; ++i) storage_->commit(next());
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return told_ == turn_; });
  }
  const StorageStats& stats() const { return storage_->stats(); }

 private:
  std::unique_ptr<Commit> next() {
    auto commit = std::make_unique<Commit>();
    commit->turn = ++turn_;
    commit->civil = from_ms(1'773'800'100'000);
    commit->lanes.push_back({kLane, ShardId{0}, stored_, batch_});
    commit->bytes = stored_.size();
    if (turn_ % kReclaim == 0) {  // as a lane does that keeps up
      commit->ranges.push_back({Table::lanes, lane_key(kLane, (turn_ - kReclaim) * kBatch),
                                lane_key(kLane, (turn_ - 1) * kBatch)});
    }
    return commit;
  }
  void told(const Delivery& delivery) {
    const std::lock_guard lock(mutex_);
    for (const Committed& committed : delivery.committed) told_ = committed.turn;
    wake_.notify_one();
  }

  static constexpr LaneId kLane{RouteId{1}, kClass};
  static constexpr uint64_t kReclaim = 655;  // 64k messages

  std::string folder_;
  const BatchPtr batch_ = tact::bench::batch();
  PlainSealer plain_;
  const std::string stored_ = seal_batch(raw(kClass), kBatch, batch_->body(), plain_);
  tact::policy::Suppression suppression_;
  std::unique_ptr<Rocks> rocks_;
  std::unique_ptr<Storage> storage_;
  uint64_t turn_ = 0;  // the last one handed over
  std::mutex mutex_;
  std::condition_variable wake_;
  uint64_t told_ = 0;  // guarded by mutex_
};

void storage(benchmark::State& state) {
  World world;
  const auto count = static_cast<int>(state.range(0));
  for (auto _ : state) world.commit(count);
  const auto commits = static_cast<double>(state.iterations()) * count;
  using benchmark::Counter;
  state.counters["messages/s"] = Counter(commits * kBatch, Counter::kIsRate);
  state.counters["commits/fsync"] = commits / static_cast<double>(world.stats().syncs.get());
}
BENCHMARK(storage)->Arg(1)->Arg(4)->Arg(16)->Arg(64)->UseRealTime();

}  // namespace
