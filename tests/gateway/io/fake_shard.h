// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/io/shard_thread.h"

namespace tact::gateway {

// A shard that writes down what it is told, and does on its thread what a test asks for.
class FakeShard {
 public:
  void connected(ConnectionId id) { note("connected " + std::to_string(raw(id))); }
  void received(ConnectionId id, ByteView bytes) {
    std::lock_guard lock(mutex_);
    bytes_[raw(id)].append(bytes.begin(), bytes.end());
    ++chunks_;
    told_.notify_all();
  }
  void closed(ConnectionId id, std::string_view reason, TlsFault tls) {
    last_fault_ = tls;
    note("closed " + std::to_string(raw(id)) + ": " + std::string(reason));
  }
  void accepted(ConnectionId id, ByteView first) {
    std::lock_guard lock(mutex_);
    accepted_.push_back(id);
    bytes_[raw(id)].append(first.begin(), first.end());
    told_.notify_all();
  }
  void deliver(Delivery&& delivery) {
    for (const Committed& committed : delivery.committed) {
      note("committed " + std::to_string(committed.turn));
    }
  }
  void loaded(Loaded&& loaded) { note("loaded " + std::to_string(loaded.id)); }
  void use(std::shared_ptr<const policy::RuleSet> rules) { note("use " + rules->digest_text()); }
  void turn(Now now) {
    std::unique_lock lock(mutex_);
    turns_.push_back(now);
    if (more_left_ > 0) --more_left_;
    std::vector<std::function<void()>> work;
    work.swap(work_);
    lock.unlock();
    for (auto& one : work) one();
    told_.notify_all();
  }
  Mono deadline() const {
    std::lock_guard lock(mutex_);
    return deadline_;
  }
  bool more() const {
    std::lock_guard lock(mutex_);
    return more_left_ > 0;
  }
  void drain(Now) { note("drain"); }
  bool drained() const {
    std::lock_guard lock(mutex_);
    return drained_;
  }
  const std::vector<Notice>& notices() const { return notices_; }  // the thread's

  // For the test's thread.
  template <typename Condition>
  bool wait(Condition condition, std::chrono::seconds patience = std::chrono::seconds(10)) {
    std::unique_lock lock(mutex_);
    return told_.wait_for(lock, patience, condition);
  }
  bool wait_for(const std::string& note) {
    return wait([&] { return has(note); });
  }
  bool noted(const std::string& note) const {
    std::lock_guard lock(mutex_);
    return has(note);
  }
  size_t turns() const {
    std::lock_guard lock(mutex_);
    return turns_.size();
  }
  std::string bytes(uint64_t id) {
    std::lock_guard lock(mutex_);
    return bytes_[id];
  }
  // REQUIRES: mutex_ is held
  bool has(const std::string& note) const {
    for (const std::string& one : notes_) {
      if (one.rfind(note, 0) == 0) return true;
    }
    return false;
  }
  // Runs `work` in a turn of the thread, and comes back when it has run.
  void run(ShardThread& thread, std::function<void()> work) {
    bool done = false;
    {
      std::lock_guard lock(mutex_);
      work_.push_back([&] {
        work();
        std::lock_guard inner(mutex_);
        done = true;
      });
    }
    thread.deliver({});
    wait([&] { return done; });
  }

  // Guarded by mutex_; wait() holds it.
  mutable std::mutex mutex_;
  std::condition_variable told_;
  std::vector<std::string> notes_;
  std::map<uint64_t, std::string> bytes_;
  std::vector<ConnectionId> accepted_;
  std::vector<Now> turns_;
  std::vector<std::function<void()>> work_;
  size_t chunks_ = 0;
  Mono deadline_ = kNever;
  int more_left_ = 0;
  bool drained_ = false;
  std::vector<Notice> notices_;
  std::atomic<TlsFault> last_fault_{};  // of the last connection that closed

 private:
  void note(std::string text) {
    std::lock_guard lock(mutex_);
    notes_.push_back(std::move(text));
    told_.notify_all();
  }
};

}  // namespace tact::gateway
