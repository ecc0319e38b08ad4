// SPDX-License-Identifier: Apache-2.0
// Keeps a few jobs of all four everyday classes under way, until it is stopped. Message `n` has the
// reference `n`, goes to number(n) and has the class class_of(n).
#pragma once

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/producer.h"

namespace tact::e2e {

inline proto::MessageClass class_of(uint64_t n) {
  constexpr std::array kClasses{proto::OTP, proto::NOTIFICATION, proto::MARKETING,
                                proto::COLLECTION};
  return kClasses[n % kClasses.size()];
}

class Load {
 public:
  Load(Producer& producer, uint64_t most)
      : producer_(producer), most_(most), thread_([this] { run(); }) {}
  ~Load() { stop(); }
  // How many messages were sent.
  uint64_t stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    return sent_;
  }

 private:
  static constexpr size_t kJob = 50, kJobsUnderWay = 8;

  void run() {
    while (!stop_ && sent_ < most_) {
      if (producer_.unacknowledged() < kJobsUnderWay) {
        std::vector<proto::Message> job;
        for (size_t i = 0; i < kJob; ++i, ++sent_) {
          job.push_back(message(class_of(sent_), number(sent_), std::to_string(sent_), sent_));
        }
        producer_.send(std::move(job));
      }
      std::this_thread::sleep_for(Millis(20));
    }
  }

  Producer& producer_;
  const uint64_t most_;
  std::atomic<bool> stop_{false};
  uint64_t sent_ = 0;  // of the thread, then of who stopped it
  std::thread thread_;
};

}  // namespace tact::e2e
