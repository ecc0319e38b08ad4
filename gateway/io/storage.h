// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "gateway/engine/stats.h"
#include "gateway/engine/store.h"
#include "gateway/io/audit_chain.h"
#include "gateway/io/reader.h"
#include "gateway/io/rocks.h"
#include "policy/suppression.h"

namespace rocksdb {
class WriteBatch;
}  // namespace rocksdb

namespace tact::gateway {

enum class Durability : uint8_t {
  always,    // a commit is told back after the fsync of its group
  interval,  // fsync every sync_interval; a loss of power may take that much
  os,        // never: survives the death of the process, not of the machine
};

struct StorageSettings {
  Durability durability = Durability::always;
  std::chrono::milliseconds sync_interval{50};  // of Durability::interval
  size_t group_bytes = 2u << 20;                // of a group, unless one commit exceeds it alone
  uint16_t shards = 1;
};

// One writer: the storage thread. Any reader.
struct StorageStats {
  static constexpr size_t kSizes = 12;  // groups of 1, up to 2, 4, ... 1,024, and more commits
  LatencyHistogram write;               // one group: WriteBatch and fsync
  std::array<Counter, kSizes> group_sizes;
  Counter groups, commits, bytes, syncs;
  Counter audit_bytes;  // of `bytes`, those of audit records and their keys
};

// The storage thread: the only writer of the store, of the suppression set and of every sequence
// that several shards share (DESIGN 6). It takes whatever commits wait, writes them as one
// RocksDB batch with one fsync, publishes the suppressions, and tells each shard once per group.
// No timer gathers a group: while one is synced, the next one waits.
//
// Kept here, with the numbers of DESIGN 8:
//   I2   one commit is inside one write: all of it or nothing.
//   I5   completions and mail follow the write, in the order of each shard's commits.
//   I8   suppressions are published before any completion of their group.
//   I12  after a failed write nothing is written or told any more; Fatal is called once.
//
// Within a commit the order of effects is: ranges, puts, deletes, promoted floors, appends. So a
// key that is put and deleted in one turn is gone, and what is appended survives the ranges.
//
// A load of a stretch of `later` (whose end is a whole key) closes it: what is appended afterwards
// is clamped behind that end. Hence everything at or below the last key that a load returned is
// known to its shard, and `Promoted` up to there loses nothing.
class Storage final : public Store {
 public:
  // Called on the storage thread; must not block and not call back.
  using Deliver = std::function<void(ShardId, Delivery&&)>;

  Storage(Rocks&, policy::Suppression&, const StorageSettings&, Deliver, Reader::Answer, Fatal);
  ~Storage() override;

  // What was handed over before waits until then.
  void start();
  // Finishes every commit and load handed over, syncs, and joins. Nothing may be handed over any
  // more.
  void stop();

  void commit(std::unique_ptr<Commit>) override;  // any thread
  void load(ShardId, LoadRequest) override;       // any thread
  void read(std::function<void()> work);          // any thread: runs on the reader's
  const StorageStats& stats() const { return stats_; }

 private:
  struct Load {
    ShardId from{};
    LoadRequest request;
  };
  struct Inbox {
    std::vector<std::unique_ptr<Commit>> commits;
    std::vector<Load> loads;
    bool empty() const { return commits.empty() && loads.empty(); }
  };

  using Group = std::span<std::unique_ptr<Commit>>;
  // The least (due_ms, seq) that may still be appended for one owner and class.
  using Floor = std::pair<uint64_t, uint64_t>;

  void work();
  bool wait(Inbox& taken);
  void commit_group();
  size_t group_size(Group) const;
  bool write(Group);
  void add(Commit&);
  void append_lanes(Commit&);
  void append_later(Commit&);
  void append_events(Commit&);
  void append_plain(Commit&);
  void promote(const Promoted&);
  void add_meta();
  bool sync_log();
  void complete(Group);
  void close_stretch(const LoadRequest&);
  Floor& floor(Owner, Class);
  template <typename T>
  void tell(ShardId, T mail);
  Delivery& delivery(ShardId);
  void fail(const std::string& reason);

  // Constant after construction.
  Rocks& rocks_;
  policy::Suppression& suppression_;
  const StorageSettings settings_;
  const Deliver deliver_;
  const Fatal fatal_;
  Reader reader_;
  std::thread thread_;

  // Owned by the storage thread.
  std::vector<std::unique_ptr<Commit>> waiting_;  // for their group
  std::unique_ptr<rocksdb::WriteBatch> batch_;    // its buffer is kept from group to group
  std::vector<Delivery> deliveries_;              // by shard
  std::map<LaneId, uint64_t> lane_tails_;
  std::map<UpstreamId, uint64_t> event_tails_;
  std::map<std::pair<Owner, Class>, Floor> floors_;
  // One counter for `later` and for every log whose sequences nobody awaits.
  uint64_t sequence_ = 0, sequence_stored_ = 0;
  AuditChain chain_;
  uint32_t block_ = 1;     // next id block
  Civil civil_{};          // greatest committed
  bool unsynced_ = false;  // Durability::interval: something waits for its fsync
  bool failed_ = false;
  std::chrono::steady_clock::time_point synced_{};
  StorageStats stats_;

  // Guarded by mutex_.
  std::mutex mutex_;
  std::condition_variable wake_;
  Inbox inbox_;
  bool stopping_ = false;
};

}  // namespace tact::gateway
