// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gateway/engine/store.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Env;
}  // namespace rocksdb

namespace tact::gateway {

// A fault of the machine that nothing may follow (I12): logs the reason and ends the process with
// exit code 74. Tests inject one that returns; whoever called it then does nothing any more.
using Fatal = std::function<void(const std::string& reason)>;

inline constexpr uint32_t kFirstBlock = 1;  // of message ids: 0 is no message

struct RocksSettings {
  std::string folder;  // created when missing; its parent must exist
  // Check value of number_key: written into a new store, compared with an old one (DESIGN 17.3).
  std::string number_key_check;
  uint64_t write_buffer_bytes = 32ull << 20;  // of each busy table; quiet ones take a quarter
  int background_jobs = 2;
  rocksdb::Env* env = nullptr;  // tests: a file system that fails; else the machine's
};

struct OpenFailure {
  enum class Kind : uint8_t {
    unwritable,    // the folder cannot be created or written
    locked,        // another process has it open
    newer_format,  // written by a newer release
    number_key,    // written under another number_key
    damaged,       // not a store, or its bytes do not add up
    machine,       // anything else the file system answered
  };
  Kind kind{};
  std::string message;  // for the operator: what, where and what to do
};

// The store on disk: one RocksDB with a column family per Table (DESIGN 7). Read by anybody, from
// any thread; written by the storage thread alone once it runs, and before that by the start (the
// name registry). Lives until every reader and writer is gone.
class Rocks final : public StoreReader {
 public:
  // Null when the store cannot be opened; *failure says why.
  static std::unique_ptr<Rocks> open(const RocksSettings&, Fatal, OpenFailure* failure);
  ~Rocks() override;

  // A read error ends the process: a start on half of the data would send twice.
  void scan(
      Table, std::string_view begin, std::string_view end,
      const std::function<bool(std::string_view key, std::string_view value)>& visit) override;
  std::optional<std::string> get(Table, std::string_view key) override;
  // The record with the greatest key.
  std::optional<std::pair<std::string, std::string>> last(Table);
  // As asked for; an iterator never outlives it and always has an upper bound.
  Loaded load(const LoadRequest&);
  // The larger of the end of the last batch and the checkpoint's next; a new lane starts at 0.
  uint64_t lane_tail(LaneId) override;
  // The larger of the end of the last batch and events_acked + 1; so events start at 1.
  uint64_t event_tail(UpstreamId) override;

  // The name registry: small integers for names on disk, from 1, never reused (DESIGN 17.1).
  // Returns the known id, or stores the next one durably; nullopt when 65,535 are spent.
  // REQUIRES: storage does not run yet.
  std::optional<uint16_t> assign(char kind, std::string_view name);
  std::vector<std::pair<std::string, uint16_t>> names(char kind);

  // What tells the data key of this id from another (DESIGN 17.3); nothing: the store does not know
  // it. Durable at once. REQUIRES: storage does not run yet.
  std::optional<std::string> key_check(uint16_t id);
  void put_key_check(uint16_t id, const std::string& check);

  // Takes the next block of message ids, durably, and never gives it again (I11); for the start of
  // a shard, which takes further ones by commit. REQUIRES: storage does not run yet.
  uint32_t lease_block();

  // The wall clock of the last commit; the epoch in a new store (DESIGN 17.4).
  Civil last_civil();
  // Octets on disk, tables and log; reads counters only.
  uint64_t disk_bytes() const;

  rocksdb::DB& db() { return *db_; }
  rocksdb::ColumnFamilyHandle* table(Table t) const { return tables_[static_cast<size_t>(t)]; }

 private:
  explicit Rocks(Fatal);
  bool check_format(const RocksSettings&, OpenFailure*);
  void put_meta(std::string_view key, const std::string& value);
  bool write_format(const RocksSettings&, OpenFailure*);
  uint64_t last_batch_end(Table, std::string_view prefix);

  // Constant after construction.
  const Fatal fatal_;
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kTables> tables_{};
};

}  // namespace tact::gateway
