// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "gateway/engine/settings.h"
#include "smpp/status.h"

namespace tact::gateway {

// A step in the life of a link, for the operators' log: what happened, and why. Holds nothing of
// any message.
struct LinkNotice {
  enum class Kind : uint8_t {
    binding,         // connected; the bind is on its way
    bound,           // reason: the SMSC's system_id
    connect_failed,  // no TCP connection: refused, unreachable, no such name, no answer in time
    bind_refused,    // status: the SMSC's
    bind_failed,     // connected, and the session ended before the bind was answered
    lost,            // a bound session ended
    unbound,         // at our wish: a drain
  };

  Kind kind{};
  RouteId route{};
  const LinkSettings* link = nullptr;
  std::string reason;
  smpp::Status status{};
  uint32_t failures = 0;  // attempts since the last bind
  Millis retry_in{0};     // 0: not tried again
};

}  // namespace tact::gateway
