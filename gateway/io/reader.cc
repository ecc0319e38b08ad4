// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/reader.h"

#include "gateway/engine/check.h"

namespace tact::gateway {

Reader::Reader(Rocks& rocks, Answer answer) : rocks_(rocks), answer_(std::move(answer)) {}

Reader::~Reader() { stop(); }

void Reader::start() {
  thread_ = std::thread([this] { work(); });
}

void Reader::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Reader::load(ShardId from, LoadRequest request) { push(Load{from, std::move(request)}); }
void Reader::run(std::function<void()> work) { push(std::move(work)); }

void Reader::push(Task task) {
  {
    std::lock_guard lock(mutex_);
    CHECK(!stopping_);
    inbox_.push_back(std::move(task));
  }
  wake_.notify_one();
}

void Reader::work() {
  std::vector<Task> tasks;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !inbox_.empty(); });
      if (inbox_.empty()) return;
      tasks.swap(inbox_);
    }
    for (Task& task : tasks) {
      if (auto* load = std::get_if<Load>(&task)) {
        answer_(load->from, rocks_.load(load->request));
      } else {
        std::get<std::function<void()>>(task)();
      }
    }
    tasks.clear();
  }
}

}  // namespace tact::gateway
