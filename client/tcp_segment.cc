// SPDX-License-Identifier: Apache-2.0
#include "client/tcp_segment.h"

#include <arpa/inet.h>

#include <algorithm>

namespace tact::client {
namespace {

using smpp::Octets;

// Link types, https://www.tcpdump.org/linktypes.html.
constexpr std::uint32_t kNull = 0, kEthernet = 1, kRaw = 101, kLoop = 108, kLinuxCooked = 113,
                        kIpv4 = 228, kIpv6 = 229, kLinuxCooked2 = 276;
constexpr std::uint8_t kTcp = 6;

std::uint16_t u16(Octets octets, std::size_t at) {
  return static_cast<std::uint16_t>(octets[at] << 8 | octets[at + 1]);
}

bool skip(Octets& rest, std::size_t size) {
  if (rest.size() < size) return false;
  rest = rest.subspan(size);
  return true;
}

// Leaves what the type of the link layer says is IP.
bool skip_ethernet(Octets& rest) {
  if (rest.size() < 14) return false;
  std::size_t at = 12;
  std::uint16_t type = u16(rest, at);
  while (type == 0x8100 || type == 0x88A8) {  // VLAN tags
    at += 4;
    if (rest.size() < at + 2) return false;
    type = u16(rest, at);
  }
  return (type == 0x0800 || type == 0x86DD) && skip(rest, at + 2);
}

// False where there is no IP.
bool skip_link(std::uint32_t type, Octets& rest, std::string_view& problem) {
  switch (type) {
    case kEthernet:
      return skip_ethernet(rest);
    case kLinuxCooked:
      return skip(rest, 16);
    case kLinuxCooked2:
      return skip(rest, 20);
    case kNull:
    case kLoop:
      return skip(rest, 4);
    case kRaw:
    case kIpv4:
    case kIpv6:
      return true;
    default:
      problem = "a link layer that is not known here";
      return false;
  }
}

// The payload of an IPv4 packet, if it is TCP. The lengths end it: short frames are padded. A
// length of 0 is what is captured where the network card divides the packet.
bool read_ipv4(Octets& rest, Segment& out, std::string_view& problem) {
  const std::size_t header = (rest[0] & 0x0Fu) * 4u;
  if (header < 20 || rest.size() < header) {
    problem = "an IPv4 header is cut short";
    return false;
  }
  if (rest[9] != kTcp) return false;
  if ((u16(rest, 6) & 0x3FFF) != 0) {
    problem = "IP fragments";
    return false;
  }
  const std::size_t total = u16(rest, 2);
  if (total >= header) rest = rest.first(std::min(rest.size(), total));
  std::copy_n(rest.begin() + 12, 4, out.from.address.begin());
  std::copy_n(rest.begin() + 16, 4, out.to.address.begin());
  return skip(rest, header);
}

bool read_ipv6(Octets& rest, Segment& out, std::string_view& problem) {
  constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kFragment = 44, kOptions = 60;
  if (rest.size() < 40) {
    problem = "an IPv6 header is cut short";
    return false;
  }
  const std::size_t length = u16(rest, 4);
  std::uint8_t next = rest[6];
  out.from.ipv6 = out.to.ipv6 = true;
  std::copy_n(rest.begin() + 8, 16, out.from.address.begin());
  std::copy_n(rest.begin() + 24, 16, out.to.address.begin());
  rest = rest.subspan(40);
  if (length > 0) rest = rest.first(std::min(rest.size(), length));
  while (next == kHopByHop || next == kRouting || next == kOptions) {
    if (rest.size() < 8) return false;
    next = rest[0];
    if (!skip(rest, 8u + rest[1] * 8u)) return false;
  }
  if (next == kFragment) problem = "IP fragments";
  return next == kTcp;
}

}  // namespace

std::string to_string(const Endpoint& endpoint) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(endpoint.ipv6 ? AF_INET6 : AF_INET, endpoint.address.data(), text, sizeof text);
  const std::string port = std::to_string(endpoint.port);
  return endpoint.ipv6 ? '[' + std::string(text) + "]:" + port : std::string(text) + ':' + port;
}

bool read_segment(const Packet& packet, Segment& out, std::string_view& problem) {
  out = {};
  problem = {};
  Octets rest(packet.octets);
  if (!skip_link(packet.link_type, rest, problem) || rest.empty()) return false;
  const int version = rest[0] >> 4;
  if (version == 4) {
    if (!read_ipv4(rest, out, problem)) return false;
  } else if (version != 6 || !read_ipv6(rest, out, problem)) {
    return false;
  }
  const std::size_t header = rest.size() < 20 ? 0 : (rest[12] >> 4) * 4u;
  if (header < 20 || rest.size() < header) {
    problem = "a TCP header is cut short";
    return false;
  }
  out.from.port = u16(rest, 0);
  out.to.port = u16(rest, 2);
  out.sequence = std::uint32_t{u16(rest, 4)} << 16 | u16(rest, 6);
  out.fin = (rest[13] & 0x01) != 0;
  out.syn = (rest[13] & 0x02) != 0;
  out.rst = (rest[13] & 0x04) != 0;
  out.payload = rest.subspan(header);
  return true;
}

}  // namespace tact::client
