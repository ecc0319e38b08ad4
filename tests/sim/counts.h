// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tact::sim {

// How much happened in a run, as the peers saw it.
struct Counts {
  uint64_t messages = 0, submissions = 0, doubled = 0, events = 0, receipts = 0, replies = 0,
           answers = 0;

  Counts& operator+=(const Counts& other) {
    messages += other.messages;
    submissions += other.submissions;
    doubled += other.doubled;
    events += other.events;
    receipts += other.receipts;
    replies += other.replies;
    answers += other.answers;
    return *this;
  }
};

}  // namespace tact::sim
