// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "bench/smsc/scenario.h"
#include "smpp/types.h"

namespace tact::bench {

// How many submit_sm a second a carrier takes, all in all or of one system_id: a bucket of one
// second's worth, whose rate follows a schedule. Time counts from the schedule's beginning.
class Capacity {
 public:
  // 0 takes everything. REQUIRES: `rate` outlives this object.
  explicit Capacity(const Schedule& rate) : rate_(&rate), tokens_(rate.at({})) {}

  // One submit_sm: false when it is too many.
  bool take(smpp::Mono time);

  // How much of the capacity was asked for lately, 0 to 100: a congestion_state.
  uint8_t congestion() const { return congestion_; }

 private:
  const Schedule* rate_;
  double tokens_;
  double offered_ = 0;  // submit_sm of the last half second, the older the less
  smpp::Mono at_{};
  uint8_t congestion_ = 0;
};

// Whether an ESME keeps to its contract: in no stretch of time, however short or long, more than
// `rate` a second and `burst` beside. It judges only, and hinders nothing.
class ContractRate {
 public:
  // A rate of 0 allows everything.
  explicit ContractRate(const Contract& contract) : contract_(contract), tokens_(contract.burst) {}

  // One submit_sm: false when it is beyond the contract. What is beyond it does not count against
  // the next.
  bool allows(smpp::Mono now);

 private:
  const Contract contract_;
  double tokens_;
  smpp::Mono at_{};
};

}  // namespace tact::bench
