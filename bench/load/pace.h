// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tact::bench {

// A part of a run. Rates are messages a second.
struct Phase {
  std::chrono::microseconds duration{0};
  bool unlimited = false;  // as fast as jobs are acknowledged
  double rate_begin = 0;   // ... rising or falling evenly to
  double rate_end = 0;
};

// "30s 1000", "30s 1000..20000" or "30s max". Empty, or what is wrong.
std::string read_phase(std::string_view text, Phase& phase);
// A rate of it: "1000", "1000..20000" or "max".
std::string read_rate(std::string_view text, Phase& phase);

// When the messages of a run are due, phase after phase. What a rate makes due is sent, be it late;
// an unlimited phase ends with its time. Times are nanoseconds since the run began.
class Pace {
 public:
  explicit Pace(std::vector<Phase> phases) : phases_(std::move(phases)) {}

  // When the next message is due: in the past when it is late, `elapsed_ns` itself in an unlimited
  // phase. Nothing when all has been sent.
  std::optional<int64_t> due_ns(int64_t elapsed_ns);
  // How many of at most `count` messages may go together: phases are not mixed. REQUIRES: due_ns()
  // has just told a time.
  uint32_t together(uint32_t count) const;
  void sent(uint32_t count) { sent_ += count; }
  // Whether the clock says when to send next: not in an unlimited phase, nor after the last one.
  bool by_clock() const { return at_ < phases_.size() && !phases_[at_].unlimited; }

 private:
  int64_t phase_ns() const { return std::chrono::nanoseconds(phases_[at_].duration).count(); }
  uint64_t planned() const;   // messages of the present phase; it has a rate
  int64_t offset_ns() const;  // at which the next of them is due, from the phase's begin

  const std::vector<Phase> phases_;
  std::size_t at_ = 0;    // the present phase
  int64_t began_ns_ = 0;  // when it was due to begin
  uint64_t sent_ = 0;     // messages of it
};

}  // namespace tact::bench
