// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/pacer.h"

#include <algorithm>

namespace tact::gateway {

namespace {
using namespace std::chrono_literals;
constexpr Mono kStep = 1s;
// Many PDUs are in flight when a carrier begins to throttle: all their refusals are one message to
// us.
constexpr Mono kOneSignal = 500ms;

// congestion_state (SMPP 5.0 p. 147): 0 to 29 low, 80 to 90 as it should be, then too much.
constexpr uint8_t kLow = 30, kOptimum = 80, kNearing = 90, kCongested = 100;
constexpr Mono kStop = 1s;
// A carrier need not tell its state with every answer.
constexpr Mono kToldFor = 10s;

uint32_t burst_of(uint32_t rate, uint32_t burst) { return burst ? burst : std::max(1u, rate / 10); }
}  // namespace

Pacer::Pacer(uint32_t rate_pdus, uint32_t burst_pdus, Mono now)
    : contract_(rate_pdus),
      burst_(burst_of(rate_pdus, burst_pdus)),
      tokens_(rate_pdus, burst_, now),
      changed_(now) {}

bool Pacer::take(bool otp, uint32_t parts, Mono now) {
  grow(now);
  return now >= stopped_until_ && tokens_.take(parts, now, kept(otp));
}

Mono Pacer::next(bool otp, uint32_t parts, Mono now) {
  grow(now);
  return std::max(tokens_.next(parts, now, kept(otp)), stopped_until_);
}

void Pacer::throttled(Mono now) { fall(rate() / 2, now); }

void Pacer::congested(uint8_t state, Mono now) {
  congestion_ = state;
  congestion_until_ = now + kToldFor;
  if (state >= kCongested) {
    stopped_until_ = now + kStop;
    fall(rate() / 2, now);
  } else if (state >= kNearing) {
    fall(rate() - rate() / 8, now);
  }
}

void Pacer::fall(uint32_t to, Mono now) {
  if (rate() != contract_ && now - changed_ < kOneSignal) return;
  set(std::max({1u, contract_ / 64, to}), now);
}

void Pacer::grow(Mono now) {
  const bool told = now < congestion_until_;
  if (told && congestion_ >= kOptimum) return;
  const Mono step = told && congestion_ < kLow ? kStep / 4 : kStep;
  if (rate() >= contract_ || now - changed_ < step) return;
  set(std::min(contract_, rate() + std::max(1u, contract_ / 20)), now);
}

void Pacer::set(uint32_t rate, Mono now) {
  const uint32_t burst = rate == contract_ ? burst_ : std::min(burst_, burst_of(rate, 0));
  tokens_.set(rate, burst, now);
  changed_ = now;
}

}  // namespace tact::gateway
