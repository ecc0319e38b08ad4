// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "gateway/engine/settings.h"
#include "smpp/status.h"

namespace tact::gateway {

// What a route does about a refusal.
struct Retry {
  RetryRule::Action action;
  bool is_final() const {
    return action == RetryRule::Action::fail || action == RetryRule::Action::fail_destination;
  }
  Millis wait;   // before the first of the next attempts; of fail_destination how long it holds
  uint32_t max;  // refused attempts, then it is final
};

// The route's rule for this status, else what the status's class asks for (smpp/status.h).
Retry retry_after(const RouteSettings& route, smpp::Status refusal);

// The wait of a message that has been refused `attempts` times before: doubled each time, up to 64
// times the first.
Millis doubled(Millis wait, uint8_t attempts);

// How people are told of a status: its name, and of one that has none its number, such as
// "vendor 0x00000412".
std::string status_text(smpp::Status);

}  // namespace tact::gateway
