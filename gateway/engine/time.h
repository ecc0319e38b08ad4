// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include "policy/submission.h"
#include "smpp/types.h"

namespace tact::gateway {

// Time since an origin of the machine's steady clock: timers, pacer, latencies. Meaningless after a
// restart.
using Mono = smpp::Mono;

// Wall clock, milliseconds: windows, caps, validity, everything stored. See DESIGN "Two clocks".
using Civil = policy::Instant;

inline constexpr Mono kNever = Mono::max();

// Read once per turn by the shard's thread; within a turn time stands still.
struct Now {
  Mono mono{};
  Civil civil{};
  // What the wall clock says while it disagrees with `civil`: what may wait is sent only when both
  // permit it. The epoch: they agree.
  Civil disputed{};
};

inline int64_t to_ms(Civil t) { return t.time_since_epoch().count(); }
inline Civil from_ms(int64_t ms) { return Civil(std::chrono::milliseconds(ms)); }

}  // namespace tact::gateway
