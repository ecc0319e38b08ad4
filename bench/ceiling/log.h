// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

namespace tact::bench {

// Writes one group of records at a time with one fsync, on a thread of its own that lives as long
// as the process. What comes meanwhile is the caller's to gather: that is the group commit.
class Log {
 public:
  // `on_synced` is called on the thread, once for each write().
  Log(const std::string& folder, std::function<void()> on_synced)
      : on_synced_(std::move(on_synced)) {
    rocksdb::Options options;
    options.create_if_missing = true;
    // Nobody reads it again: the oldest files go, and nothing is compacted.
    options.compaction_style = rocksdb::kCompactionStyleFIFO;
    options.compaction_options_fifo.max_table_files_size = 256u << 20;
    options.compression = rocksdb::kNoCompression;
    rocksdb::DB* db = nullptr;
    const auto status = rocksdb::DB::Open(options, folder, &db);
    if (!status.ok()) throw std::runtime_error(status.ToString());
    db_.reset(db);
    std::thread([this] { run(); }).detach();
  }

  // REQUIRES: the last group is synced. `group` stays as it is until this one is.
  void write(rocksdb::WriteBatch& group) {
    {
      const std::lock_guard lock(mutex_);
      group_ = &group;
    }
    wake_.notify_one();
  }

 private:
  [[noreturn]] void run() {
    rocksdb::WriteOptions synced;
    synced.sync = true;
    for (;;) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return group_ != nullptr; });
      rocksdb::WriteBatch* const group = std::exchange(group_, nullptr);
      lock.unlock();
      const auto status = db_->Write(synced, group);
      if (!status.ok()) throw std::runtime_error(status.ToString());
      on_synced_();
    }
  }

  const std::function<void()> on_synced_;
  std::unique_ptr<rocksdb::DB> db_;
  std::mutex mutex_;
  std::condition_variable wake_;
  rocksdb::WriteBatch* group_ = nullptr;  // guarded by mutex_
};

}  // namespace tact::bench
