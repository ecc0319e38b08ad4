// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>

#include "gateway/engine/settings.h"
#include "gateway/engine/tls_fault.h"
#include "proto/stream.pb.h"
#include "smpp/status.h"

namespace tact::gateway {

// What the operators' log is told. Holds nothing of any message.

// A step in the life of a link: what happened, and why.
struct LinkNotice {
  enum class Kind : uint8_t {
    binding,         // connected; the bind is on its way
    bound,           // reason: the SMSC's system_id
    connect_failed,  // no TCP connection: refused, unreachable, no such name, no answer in time
    tls_failed,      // connected, but not to whom it should be, or not safely; tls: what failed
    bind_refused,    // status: the SMSC's
    bind_failed,     // connected, and the session ended before the bind was answered
    tlvs_withheld,   // bound, to an SMSC that takes no TLVs; reason: what it does not get
    lost,            // a bound session ended
    unbound,         // at our wish: a drain
  };

  Kind kind{};
  RouteId route{};
  const LinkSettings* link = nullptr;
  const Endpoint* host = nullptr;  // of the link's
  std::string reason;
  smpp::Status status{};
  TlsFault tls = TlsFault::none;
  uint32_t failures = 0;  // attempts since the last bind
  Millis retry_in{0};     // 0: not tried again
};

// A connection of an upstream that is closed for an error; its producer is told the same.
struct UpstreamNotice {
  const UpstreamSettings* upstream = nullptr;
  proto::Error::Code code{};
  std::string reason;
};

// A carrier refuses a text or a signature, which a person has to see to.
struct CarrierNotice {
  RouteId route{};
  CarrierSays says{};
  std::string code;
};

// A campaign loses so many of its readers that it waits until a person lets it go on.
struct HaltedNotice {
  const TenantSettings* tenant = nullptr;
  std::string campaign;
};

using Notice = std::variant<LinkNotice, UpstreamNotice, CarrierNotice, HaltedNotice>;

}  // namespace tact::gateway
