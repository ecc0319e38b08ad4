// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/engine/store.h"

namespace tact::gateway::test {

// The disk in memory: what storage promises (store.h, io/storage.h), one step at a time, each when
// the test says so. A commit waits until write_one(); its completion waits until the shard takes
// it. A crash forgets all that waits and keeps all that was written.
class FakeStore final : public Store, public StoreReader {
 public:
  explicit FakeStore(uint16_t shards) : told_(shards), loaded_(shards) {}

  // ---- Store
  void commit(std::unique_ptr<Commit> commit) override { waiting_.push_back(std::move(commit)); }
  void load(ShardId, LoadRequest) override;

  // ---- StoreReader
  void scan(Table, std::string_view begin, std::string_view end,
            const std::function<bool(std::string_view, std::string_view)>& visit) override;
  std::optional<std::string> get(Table, std::string_view key) override;
  uint64_t lane_tail(LaneId) override;
  uint64_t event_tail(UpstreamId) override;

  // ---- Steps
  // The set that is published to, filled with what is stored: a process starts.
  void open(policy::Suppression& set);
  uint32_t lease_block();
  // The oldest commit that waits becomes durable. False: none waits, or the fuse has blown.
  bool write_one();
  // Answers the loads asked for. False: none was.
  bool serve_loads();
  bool loads_wanted() const { return !loads_.empty(); }
  bool has_news(ShardId) const;
  std::optional<Delivery> take_delivery(ShardId);
  std::vector<Loaded> take_loaded(ShardId);
  void crash();

  // After so many more commits nothing becomes durable any more.
  void set_fuse(std::optional<uint64_t> commits) { fuse_ = commits; }
  bool blown() const { return fuse_ && *fuse_ == 0; }
  size_t waiting() const { return waiting_.size(); }
  // The commit that was handed over last; it may have been written. Null: none since the start.
  uint64_t written() const { return written_; }

  // What is stored, for tests that look at it or damage it.
  std::map<std::string, std::string>& table(Table t) { return tables_[static_cast<size_t>(t)]; }
  // Messages that wait for receipts, by what is stored.
  uint64_t awaiting();

 private:
  using Place = std::pair<uint64_t, uint64_t>;  // due_ms, seq
  struct Load {
    ShardId from{};
    LoadRequest request;
  };

  void write(Commit&);
  void append_lanes(Commit&);
  void append_later(Commit&);
  void append_events(Commit&);
  void append_plain(Commit&);
  void promote(const LaterKey&);
  Loaded serve(const LoadRequest&);
  Place& floor(Owner, Class);
  uint64_t end_of_log(Table, std::string_view prefix);
  Delivery& told(ShardId shard) { return told_.at(raw(shard)); }

  std::array<std::map<std::string, std::string>, kTables> tables_;
  std::deque<std::unique_ptr<Commit>> waiting_;
  std::vector<Load> loads_;
  std::vector<Delivery> told_;
  std::vector<std::vector<Loaded>> loaded_;
  std::map<std::pair<Owner, Class>, Place> floors_;  // of this run: promoted, and closed by loads
  policy::Suppression* set_ = nullptr;
  uint64_t sequence_ = 1;
  uint64_t written_ = 0;
  uint32_t block_ = 1;
  std::optional<uint64_t> fuse_;
};

}  // namespace tact::gateway::test
