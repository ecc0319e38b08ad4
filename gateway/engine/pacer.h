// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/engine/settings.h"
#include "gateway/engine/time.h"
#include "policy/rate.h"

namespace tact::gateway {

// The pace of one carrier account over all its links, in PDUs (I10): a token bucket at the
// contract's rate, halved when the carrier says ESME_RTHROTTLED and grown by a twentieth of the
// contract each second after that (additive increase, multiplicative decrease). It belongs to the
// route, so it survives every reconnect.
//
// A carrier that tells its congestion_state wants to be kept at 80 to 90: below it the rate grows,
// from 80 on it stays, from 90 on it falls, at 100 everything stops for a second. Never above the
// contract, whatever it says.
//
// An eighth of the burst is kept for OTP (DESIGN 17.13): what comes below it has the whole rate,
// and finds the bucket empty before OTP does.
class Pacer {
 public:
  Pacer(uint32_t rate_pdus, uint32_t burst_pdus, Mono now);

  // Takes the tokens of a message's parts, or says no. Of a message with more parts than the burst
  // only the burst must be there: it goes into debt by the rest.
  bool take(bool otp, uint32_t parts, Mono now);
  // When take() of as many may succeed; at that time it does.
  Mono next(bool otp, uint32_t parts, Mono now);
  void throttled(Mono now);
  void congested(uint8_t state, Mono now);
  uint32_t rate() const { return tokens_.rate(); }

 private:
  uint32_t kept(bool otp) const { return otp ? 0 : tokens_.burst() / 8; }
  void fall(uint32_t to, Mono now);
  void grow(Mono now);
  void set(uint32_t rate, Mono now);

  const uint32_t contract_;
  const uint32_t burst_;
  policy::TokenBucket tokens_;
  Mono changed_;
  uint8_t congestion_ = 0;
  Mono congestion_until_{};  // then what was told is too old
  Mono stopped_until_{};
};

}  // namespace tact::gateway
