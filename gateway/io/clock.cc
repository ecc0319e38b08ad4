// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/clock.h"

#include <algorithm>
#include <ctime>

#include "gateway/engine/check.h"

namespace tact::gateway {

Clock::Clock(std::chrono::milliseconds offset, Civil not_before)
    : offset_(offset),
      last_mono_(boot_time()),
      civil_(std::max(wall_time(), not_before).time_since_epoch()) {
  const Civil wall = wall_time();
  if (not_before <= wall + kTolerance) return;
  // The last run was ahead of a clock that has been accepted.
  ahead_ = not_before - wall;
  disputed_ = waiting_ = true;
  steps_.add();
}

Mono Clock::boot_time() {
  timespec now{};
  CHECK(::clock_gettime(CLOCK_BOOTTIME, &now) == 0);
  return Mono(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

Civil Clock::wall_time() const {
  const auto now = std::chrono::system_clock::now() + offset_;
  return std::chrono::time_point_cast<std::chrono::milliseconds>(now);
}

Now Clock::read(Mono mono, Civil wall) {
  mono = std::max(mono, last_mono_);
  const std::chrono::nanoseconds passed = mono - last_mono_;
  last_mono_ = mono;
  const std::chrono::nanoseconds gained = waiting_ ? passed / 2 : passed;
  civil_ += gained;
  ahead_ -= passed - gained;
  const std::chrono::nanoseconds ahead = civil_ - wall.time_since_epoch();
  const bool agree =
      waiting_ ? ahead <= std::chrono::nanoseconds::zero() : std::chrono::abs(ahead) <= kTolerance;
  if (agree && ahead >= -kTolerance) {
    disputed_ = waiting_ = false;
  } else if (!disputed_ || std::chrono::abs(ahead - ahead_) > kTolerance) {
    steps_.add();
    disputed_ = true;
    waiting_ = false;
    ahead_ = ahead;
    since_ = mono;
  } else if (!waiting_ && mono - since_ >= kStable) {
    if (ahead > std::chrono::nanoseconds::zero()) {
      waiting_ = true;
    } else {
      civil_ = wall.time_since_epoch();
      disputed_ = false;
    }
  }
  const auto civil = std::chrono::duration_cast<std::chrono::milliseconds>(civil_);
  return {mono, Civil(civil), disputed_ ? wall : Civil{}};
}

}  // namespace tact::gateway
