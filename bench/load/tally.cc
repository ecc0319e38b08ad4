// SPDX-License-Identifier: Apache-2.0
#include "bench/load/tally.h"

#include <algorithm>

namespace tact::bench {

void Tally::sent(uint64_t first, uint64_t count, int64_t intended_ns, int64_t now_ns) {
  if (first == 0) {
    first_sent_ns_ = intended_ns;
    timeline_.begin(intended_ns);
  }
  for (uint64_t i = first; i < first + count; ++i) {
    const proto::MessageClass message_class = workload_.class_of(i);
    messages_.push_back({.intended_ns = intended_ns, .message_class = message_class});
    timeline_.count(Timeline::kSubmitted, message_class, now_ns);
  }
}

void Tally::acknowledged(uint64_t first, uint64_t count, const proto::JobAck& ack, int64_t now_ns) {
  last_progress_ns_ = now_ns;
  for (uint64_t i = 0; i < count; ++i) {
    State& message = messages_[first + i];
    message.acknowledged = true;
    ++acknowledged_;
    const auto latency_ns = static_cast<uint64_t>(now_ns - message.intended_ns);
    ack_latencies_[message.message_class].record(latency_ns);
    timeline_.count(Timeline::kAcknowledged, message.message_class, now_ns);
    timeline_.acknowledgement_took(latency_ns, now_ns);
    if (static_cast<int>(i) >= ack.results_size()) continue;
    const auto outcome = static_cast<std::size_t>(ack.results(static_cast<int>(i)).outcome());
    if (outcome < outcomes_.size()) ++outcomes_[outcome];
    message.deferred = outcome == proto::DEFERRED;
  }
}

void Tally::event(const proto::Event& event, int64_t now_ns) {
  if (!event.final() && !event.has_submitted()) return;
  const auto index = workload_.index_of(event.reference());
  if (!index || *index >= messages_.size()) return;
  State& message = messages_[*index];
  if (!message.taken) ++taken_;
  message.taken = true;
  if (!event.final()) return;
  if (message.final) {
    ++doubled_;
    return;
  }
  message.final = true;
  ++final_;
  ++finals_[event.what_case()];
  last_final_ns_ = last_progress_ns_ = now_ns;
  timeline_.count(Timeline::kFinal, message.message_class, now_ns);
  if (event.has_receipt() && event.receipt().state() == proto::DELIVERED) {
    ++delivered_;
    const int64_t delay_ns = std::chrono::nanoseconds(workload_.delay_of(*index)).count();
    const auto latency_ns =
        static_cast<uint64_t>(std::max<int64_t>(now_ns - message.intended_ns - delay_ns, 0));
    end_latencies_[message.message_class].record(latency_ns);
  }
}

double Tally::final_per_second() const {
  return seconds() > 0 ? static_cast<double>(final_) / seconds() : 0;
}

Histogram sum(const Tally::ByClass& by_class) {
  Histogram all;
  for (const Histogram& histogram : by_class) all.add(histogram);
  return all;
}

uint64_t Tally::unfinished() const {
  return static_cast<uint64_t>(
      std::count_if(messages_.begin(), messages_.end(),
                    [](const State& message) { return message.acknowledged && !message.final; }));
}

uint64_t Tally::deferred() const {
  return static_cast<uint64_t>(
      std::count_if(messages_.begin(), messages_.end(), [](const State& message) {
        return message.acknowledged && !message.final && message.deferred;
      }));
}

}  // namespace tact::bench
