// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include "gateway/engine/store.h"
#include "gateway/io/rocks.h"

namespace tact::gateway {

// The thread that reads the running store: page loads of shards, and what an operator asks for.
// Apart from the storage thread, so that neither lengthens anybody's fsync (DESIGN 17.13).
class Reader {
 public:
  using Answer = std::function<void(ShardId, Loaded&&)>;

  // `answer` is called on the reader's thread and must not block.
  Reader(Rocks&, Answer);
  ~Reader();

  void start();
  // Finishes everything handed over, then joins. Nothing may be handed over any more.
  void stop();

  // Any thread.
  void load(ShardId, LoadRequest);
  // Any thread. Runs work between loads; keep it to what a page of results needs.
  void run(std::function<void()> work);

 private:
  struct Load {
    ShardId from{};
    LoadRequest request;
  };
  using Task = std::variant<Load, std::function<void()>>;

  void push(Task);
  void work();

  // Constant after construction.
  Rocks& rocks_;
  const Answer answer_;
  std::thread thread_;

  // Guarded by mutex_.
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Task> inbox_;
  bool stopping_ = false;
};

}  // namespace tact::gateway
