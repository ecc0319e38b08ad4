// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace tact::gateway {

// What failed of TLS, as far as operators count it apart; the reason beside it says it in words.
enum class TlsFault : uint8_t {
  none,
  expired,     // the peer's certificate, or it is not valid yet
  unknown_ca,  // who vouches for it is not among ours
  host_name,   // it is somebody else's
  timeout,     // of the handshake
  other,       // versions, an alert of the peer's, no TLS at all
};
inline constexpr size_t kTlsFaults = 6;

}  // namespace tact::gateway
