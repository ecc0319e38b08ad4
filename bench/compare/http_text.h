// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tact::bench {

// One request or response of HTTP/1.1 at the front of what was read.
struct HttpMessage {
  std::string_view start_line;
  std::size_t octets = 0;  // of head and body
};

// Nothing while it has not come whole. Throws std::runtime_error for what is no HTTP, or has a body
// without Content-Length.
std::optional<HttpMessage> parse_http(std::string_view input);

// 0 when it is no status line.
int status_of(std::string_view start_line);

// Appends `text` as the value of a query.
void append_escaped(std::string& query, std::string_view text);

}  // namespace tact::bench
