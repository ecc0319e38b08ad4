// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/engine/stats.h"
#include "gateway/engine/time.h"

namespace tact::gateway {

// The two clocks of a shard (DESIGN 17.4). `mono` is boot time, which goes on while the machine
// sleeps. `civil` is an anchor plus `mono`: it never goes back. The wall clock is only compared
// with it. Where the two part by more than kTolerance somebody has set the wall clock: that is
// counted, and `civil` goes on as it was, with the wall clock's opinion told beside it, until
//
//   - the wall clock is back where it was, or
//   - it has stood by its new time for kStable, and is believed: forward at once; backward `civil`
//     runs at half its pace until the wall clock has caught up (standing still would stop every
//     queue with it).
//
// A start is always a new anchor.
//
// One per shard, read by its thread alone.
class Clock {
 public:
  static constexpr std::chrono::milliseconds kTolerance{2'000};
  static constexpr std::chrono::minutes kStable{10};

  // The machine's clocks. `offset` is added to the wall clock (tests of hours and holidays);
  // `civil` starts at `not_before` if the wall clock is behind it.
  Clock(std::chrono::milliseconds offset, Civil not_before);

  Now read() { return read(boot_time(), wall_time()); }
  // What read() makes of these two readings.
  Now read(Mono mono, Civil wall);

  static Mono boot_time();
  Civil wall_time() const;  // offset included

  uint64_t steps() const { return steps_.get(); }  // any thread: how often the wall clock was set

 private:
  const std::chrono::milliseconds offset_;
  Mono last_mono_{};
  std::chrono::nanoseconds civil_{};  // since the epoch, as last read
  bool disputed_ = false;             // the wall clock says something else, and
  std::chrono::nanoseconds ahead_{};  // `civil` was so far ahead of it
  Mono since_{};                      // since then
  bool waiting_ = false;              // believed, and being waited for
  Counter steps_;
};

}  // namespace tact::gateway
