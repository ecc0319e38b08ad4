// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/clock.h"

#include <algorithm>
#include <ctime>

#include "gateway/engine/check.h"

namespace tact::gateway {

Clock::Clock(std::chrono::milliseconds offset, Civil not_before)
    : offset_(offset),
      last_mono_(boot_time()),
      civil_(std::max(wall_time(), not_before).time_since_epoch()) {}

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
  const std::chrono::nanoseconds ahead = civil_ + passed - wall.time_since_epoch();
  if (behind_) {
    civil_ += passed / 2;
    behind_ = ahead > passed / 2;
  } else if (ahead > kTolerance) {
    steps_.add();
    behind_ = true;
    civil_ += passed / 2;
  } else if (ahead < -kTolerance) {
    steps_.add();
    civil_ = wall.time_since_epoch();
  } else {
    civil_ += passed;
  }
  return {mono, Civil(std::chrono::duration_cast<std::chrono::milliseconds>(civil_))};
}

}  // namespace tact::gateway
