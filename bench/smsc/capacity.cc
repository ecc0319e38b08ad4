// SPDX-License-Identifier: Apache-2.0
#include "bench/smsc/capacity.h"

#include <algorithm>
#include <cmath>

namespace tact::bench {

bool Capacity::take(smpp::Mono time) {
  const double rate = rate_->at(time);
  if (rate == 0) return true;
  const double seconds = std::chrono::duration<double>(time - at_).count();
  at_ = time;
  constexpr double kMemory = 0.5;  // seconds
  offered_ = offered_ * std::exp(-seconds / kMemory) + 1;
  congestion_ = static_cast<uint8_t>(std::min(100.0, 100 * offered_ / kMemory / rate));
  tokens_ = std::min(rate, tokens_ + seconds * rate);
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

bool ContractRate::allows(smpp::Mono now) {
  if (contract_.rate == 0) return true;
  const double seconds = std::chrono::duration<double>(now - at_).count();
  at_ = now;
  tokens_ = std::min<double>(contract_.burst, tokens_ + seconds * contract_.rate);
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

}  // namespace tact::bench
