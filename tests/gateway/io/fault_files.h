// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace tact::gateway {

// The machine's file system with two bad days: it fails from the n-th operation that changes
// something on (a full disk, a dying one), and it forgets what was not synced (a power loss). Made
// and removed files are durable at once: RocksDB syncs its folder, and that is its own concern.
class FaultFiles : public rocksdb::FileSystemWrapper {
 public:
  FaultFiles() : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FaultFiles"; }

  // The next `operations` succeed, all later ones fail; a negative number: none ever fails.
  void fail_after(int64_t operations) {
    std::lock_guard lock(mutex_);
    left_ = operations;
  }
  // REQUIRES: fail_after() was not negative. So many of its operations have been used up?
  bool failed() {
    std::lock_guard lock(mutex_);
    return failed_;
  }

  // A power loss: of what was written behind the last sync of each file, `kept` of 256 parts are
  // still there. REQUIRES: the store is closed.
  void lose_unsynced(uint8_t kept) {
    std::lock_guard lock(mutex_);
    for (const auto& [name, size] : files_) {
      if (!std::filesystem::exists(name)) continue;
      const uint64_t lost = size.written - size.synced;
      std::filesystem::resize_file(name, size.synced + lost * kept / 256);
    }
    files_.clear();
  }
  uint64_t unsynced() {
    std::lock_guard lock(mutex_);
    uint64_t octets = 0;
    for (const auto& [name, size] : files_) octets += size.written - size.synced;
    return octets;
  }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    if (auto status = operation(); !status.ok()) return status;
    const auto status = FileSystemWrapper::NewWritableFile(name, options, file, debug);
    if (status.ok()) {
      std::lock_guard lock(mutex_);
      files_[name] = {};
      file->reset(new File(std::move(*file), *this, name));
    }
    return status;
  }
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    if (auto status = operation(); !status.ok()) return status;
    const auto status = FileSystemWrapper::RenameFile(from, to, options, debug);
    std::lock_guard lock(mutex_);
    if (const auto it = files_.find(from); status.ok() && it != files_.end()) {
      files_[to] = it->second;
      files_.erase(it);
    }
    return status;
  }

 private:
  struct Size {
    uint64_t written = 0, synced = 0;
  };

  class File : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile>&& file, FaultFiles& files, std::string name)
        : FSWritableFileOwnerWrapper(std::move(file)), files_(files), name_(std::move(name)) {}
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      if (auto status = files_.operation(); !status.ok()) return status;
      const auto status = FSWritableFileOwnerWrapper::Append(data, options, debug);
      if (status.ok()) files_.wrote(name_, data.size());
      return status;
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&,
                             rocksdb::IODebugContext* debug) override {
      return Append(data, options, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
      if (auto status = files_.operation(); !status.ok()) return status;
      const auto status = FSWritableFileOwnerWrapper::Sync(options, debug);
      if (status.ok()) files_.synced(name_);
      return status;
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                            rocksdb::IODebugContext* debug) override {
      return Sync(options, debug);
    }

   private:
    FaultFiles& files_;
    const std::string name_;
  };

  rocksdb::IOStatus operation() {
    std::lock_guard lock(mutex_);
    if (left_ < 0) return rocksdb::IOStatus::OK();
    if (left_-- > 0) return rocksdb::IOStatus::OK();
    left_ = 0;
    failed_ = true;
    return rocksdb::IOStatus::NoSpace("the disk is full");
  }
  void wrote(const std::string& name, uint64_t octets) {
    std::lock_guard lock(mutex_);
    files_[name].written += octets;
  }
  void synced(const std::string& name) {
    std::lock_guard lock(mutex_);
    files_[name].synced = files_[name].written;
  }

  std::mutex mutex_;
  std::map<std::string, Size> files_;
  int64_t left_ = -1;
  bool failed_ = false;
};

}  // namespace tact::gateway
