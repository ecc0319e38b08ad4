// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "bench/load/histogram.h"
#include "proto/job.pb.h"

namespace tact::bench {

inline constexpr std::size_t kClasses = proto::MessageClass_ARRAYSIZE;

// What happened in each second of a run: element i of a series is what fell into [i, i + 1) seconds
// after the beginning. The last second is seldom a whole one. REQUIRES: times do not go back, and
// none is before the beginning by more than a moment, which counts as the first second.
class Timeline {
 public:
  enum Kind : uint8_t { kSubmitted, kAcknowledged, kFinal };
  static constexpr std::size_t kKinds = 3;

  struct Latency {  // of the messages acknowledged in one second; zeros when none was
    uint64_t p50_ns = 0;
    uint64_t p99_ns = 0;
    uint64_t max_ns = 0;
  };

  void begin(int64_t now_ns) { began_ns_ = now_ns; }
  void count(Kind kind, proto::MessageClass message_class, int64_t now_ns);
  void acknowledgement_took(uint64_t latency_ns, int64_t now_ns);

  std::size_t seconds() const { return seconds_; }
  // All of length seconds().
  std::vector<uint64_t> series(Kind kind, proto::MessageClass message_class) const;
  std::vector<Latency> acknowledgement() const;

 private:
  std::size_t second_of(int64_t now_ns);
  Latency latency_of_current() const;

  int64_t began_ns_ = 0;
  std::size_t seconds_ = 0;
  std::array<std::array<std::vector<uint64_t>, kClasses>, kKinds> counts_;
  std::vector<Latency> latencies_;  // of the seconds before the one that goes on
  Histogram current_;               // of the second that goes on
};

}  // namespace tact::bench
