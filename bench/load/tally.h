// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "bench/load/histogram.h"
#include "bench/load/timeline.h"
#include "bench/load/workload.h"
#include "proto/event.pb.h"

namespace tact::bench {

// What became of each message of a run. Times are nanoseconds of one steady clock; latencies count
// from when a job was meant to be sent, so that a stall of the sender or of the gateway shows; to
// the end of a message that is to be sent later from then.
class Tally {
 public:
  explicit Tally(const Workload& workload) : workload_(workload) {}

  // The messages first .. first + count - 1 were sent. REQUIRES: `first` is the number sent so far.
  void sent(uint64_t first, uint64_t count, int64_t intended_ns, int64_t now_ns);
  void acknowledged(uint64_t first, uint64_t count, const proto::JobAck& ack, int64_t now_ns);
  void event(const proto::Event& event, int64_t now_ns);

  uint64_t sent_count() const { return messages_.size(); }
  uint64_t acknowledged_count() const { return acknowledged_; }
  uint64_t final_count() const { return final_; }
  uint64_t taken_count() const { return taken_; }  // by the carrier, or ended before that
  uint64_t doubled() const { return doubled_; }    // final events beyond the first of a message
  // Acknowledged without a final event; `deferred` are those of them that the gate deferred, which
  // is no loss.
  uint64_t unfinished() const;
  uint64_t deferred() const;
  uint64_t lost() const { return unfinished() - deferred(); }
  uint64_t outcome(proto::Outcome outcome) const { return outcomes_[outcome]; }
  // Final events by kind, Event::WhatCase.
  uint64_t finals(proto::Event::WhatCase what) const { return finals_[what]; }
  uint64_t delivered() const { return delivered_; }

  int64_t first_sent_ns() const { return first_sent_ns_; }
  int64_t last_final_ns() const { return last_final_ns_; }
  int64_t last_progress_ns() const { return last_progress_ns_; }
  // The whole life of all messages: from the first submission to the last final event.
  double seconds() const { return static_cast<double>(last_final_ns_ - first_sent_ns_) / 1e9; }
  double final_per_second() const;

  using ByClass = std::array<Histogram, kClasses>;
  const ByClass& ack_latencies() const { return ack_latencies_; }  // per message
  const ByClass& end_latencies() const { return end_latencies_; }  // of delivered messages
  const Timeline& timeline() const { return timeline_; }           // from first_sent_ns() on

 private:
  struct State {
    int64_t intended_ns = 0;
    proto::MessageClass message_class{};
    bool acknowledged = false;
    bool deferred = false;
    bool taken = false;
    bool final = false;
  };

  const Workload& workload_;
  std::vector<State> messages_;
  uint64_t acknowledged_ = 0;
  uint64_t taken_ = 0;
  uint64_t final_ = 0;
  uint64_t doubled_ = 0;
  uint64_t delivered_ = 0;
  std::array<uint64_t, 8> outcomes_{};
  std::array<uint64_t, 32> finals_{};
  int64_t first_sent_ns_ = 0;
  int64_t last_final_ns_ = 0;
  int64_t last_progress_ns_ = 0;
  ByClass ack_latencies_;
  ByClass end_latencies_;
  Timeline timeline_;
};

// Of all classes together.
Histogram sum(const Tally::ByClass& by_class);

}  // namespace tact::bench
