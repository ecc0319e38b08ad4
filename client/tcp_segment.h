// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "client/capture.h"
#include "smpp/types.h"

namespace tact::client {

struct Endpoint {
  std::array<std::uint8_t, 16> address{};  // the first four of IPv4
  bool ipv6 = false;
  std::uint16_t port = 0;

  auto operator<=>(const Endpoint&) const = default;
};

// "10.0.0.1:2775", "[2001:db8::1]:2775".
std::string to_string(const Endpoint& endpoint);

// What a packet holds of a TCP connection; the payload points into the packet.
struct Segment {
  Endpoint from, to;
  std::uint32_t sequence = 0;
  bool syn = false, fin = false, rst = false;
  smpp::Octets payload;
};

// False for a packet without TCP. Where it has some that cannot be read, `problem` says why: a
// damaged header, a fragment, a link layer other than Ethernet, Linux cooked, raw IP and loopback.
bool read_segment(const Packet& packet, Segment& out, std::string_view& problem);

}  // namespace tact::client
