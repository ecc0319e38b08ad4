// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>

#include "gateway/config/context.h"

// Where a link connects to.
namespace tact::gateway::config {
namespace {

// A port at the end of "name:port" or "[address]:port"; an address of IPv6 alone has none.
bool take_port(std::string_view& text, uint16_t& port) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return true;
  if (text.starts_with('[') ? text[colon - 1] != ']' : text.find(':') != colon) return true;
  const std::string_view digits = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), port);
  text = text.substr(0, colon);
  return error == std::errc() && end == digits.end() && port != 0;
}

std::optional<Endpoint> endpoint(std::string_view text, uint16_t port) {
  if (!take_port(text, port)) return std::nullopt;
  if (text.starts_with('[')) {
    if (!text.ends_with(']')) return std::nullopt;
    text = text.substr(1, text.size() - 2);
  }
  const auto is_part = [](char c) { return c > ' ' && c <= '~' && c != '[' && c != ']'; };
  if (text.empty() || !std::ranges::all_of(text, is_part)) return std::nullopt;
  return Endpoint{std::string(text), port};
}

}  // namespace

std::vector<Endpoint> read_hosts(const proto::Link& link, const std::string& path,
                                 Context& context) {
  const auto port = static_cast<uint16_t>(link.port());
  const std::string one = path + ".host", several = path + ".hosts";
  const bool is_one = context.has(one);
  if (is_one == context.has(several)) {
    context.problem(is_one ? several : path,
                    is_one ? "host and hosts: only one is allowed" : "missing \"host\" in " + path);
  }
  if (is_one) {
    context.check_not_empty(one, link.host());
    return {{link.host(), port}};
  }
  std::vector<Endpoint> out;
  for (int i = 0; i < link.hosts_size(); ++i) {
    const std::string at = item(several, i);
    const auto host = endpoint(link.hosts(i), port);
    if (!host) {
      context.problem(at,
                      "expected a host such as \"smsc.example.net\" or, with its port, "
                      "\"smsc.example.net:2776\"");
    } else if (std::ranges::find(out, *host) != out.end()) {
      context.problem(at, "duplicate host \"" + link.hosts(i) + '"');
    } else {
      out.push_back(*host);
    }
  }
  if (link.hosts().empty() && !context.is_told(several)) {
    context.problem(several, several + " must not be empty");
  }
  return out;
}

}  // namespace tact::gateway::config
