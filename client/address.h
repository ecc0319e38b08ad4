// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tact::client {

struct Address {
  std::string host;
  uint16_t port = 0;
};

// "host:port" or "[v6]:port"; nothing when it is neither or the port is not 1..65535.
std::optional<Address> parse_address(std::string_view text);

}  // namespace tact::client
