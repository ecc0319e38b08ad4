// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace tact::policy {

// A token bucket in integers: `rate` tokens a second, at most `burst` saved up. Time is a monotonic
// clock's reading and never goes back (an earlier one counts as the latest seen). In any window of
// length w at most burst + rate * w tokens are taken, plus one debt.
class TokenBucket {
 public:
  using Mono = std::chrono::nanoseconds;  // since an arbitrary origin

  // REQUIRES: 1 <= rate <= 1'000'000, 1 <= burst <= 1'000'000. Starts full.
  TokenBucket(uint32_t rate, uint32_t burst, Mono now);

  // Takes n if as many, or the burst, are there, and leaves `keep` of the burst for who asks with
  // less. A message of more parts than the burst may thus go into debt, which later takers wait
  // off. REQUIRES: keep < burst
  bool take(uint32_t n, Mono now, uint32_t keep = 0);
  // The earliest time at which take(n, keep) succeeds if nobody else takes; <= now: at once.
  Mono next(uint32_t n, Mono now, uint32_t keep = 0) const;
  // Changes the rate from now on; what is saved up stays, cut to the new burst.
  void set(uint32_t rate, uint32_t burst, Mono now);

  uint32_t rate() const { return rate_; }
  uint32_t burst() const { return burst_; }

 private:
  void refill(Mono now);
  int64_t needed(uint32_t n, uint32_t keep) const;

  // Level in units of 1e-9 token: rate tokens a second add `rate` units a nanosecond.
  uint32_t rate_;
  uint32_t burst_;
  int64_t level_;
  Mono last_;
};

}  // namespace tact::policy
