// SPDX-License-Identifier: Apache-2.0
#include "bench/compare/http_text.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace tact::bench {
namespace {

constexpr std::size_t kHeadMax = 64 * 1024;

// `name` in small letters.
bool begins_with(std::string_view line, std::string_view name) {
  const auto same = [](char small, char c) {
    return c == small || (c >= 'A' && c <= 'Z' && (c | 0x20) == small);
  };
  return line.size() >= name.size() && std::equal(name.begin(), name.end(), line.begin(), same);
}

std::size_t body_octets(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  std::size_t octets = 0;
  const auto [end, error] = std::from_chars(line.begin(), line.end(), octets);
  if (error != std::errc() || end != line.end()) throw std::runtime_error("no Content-Length");
  return octets;
}

}  // namespace

std::optional<HttpMessage> parse_http(std::string_view input) {
  constexpr std::string_view kLength = "content-length:";
  const std::size_t head = input.find("\r\n\r\n");
  if (head > kHeadMax && input.size() > kHeadMax) throw std::runtime_error("an endless head");
  if (head == std::string_view::npos) return std::nullopt;
  HttpMessage message{input.substr(0, input.find("\r\n")), head + 4};
  if (message.start_line.find("HTTP/1.") == std::string_view::npos) {
    throw std::runtime_error("expected HTTP/1.x, got \"" + std::string(message.start_line) + "\"");
  }
  for (std::size_t at = message.start_line.size(); at < head;) {
    const std::size_t begin = at + 2;
    at = input.find("\r\n", begin);
    const std::string_view line = input.substr(begin, at - begin);
    if (begins_with(line, "transfer-encoding:")) throw std::runtime_error("a chunked body");
    if (begins_with(line, kLength)) message.octets += body_octets(line.substr(kLength.size()));
  }
  return message.octets <= input.size() ? std::optional(message) : std::nullopt;
}

int status_of(std::string_view start_line) {
  constexpr std::string_view kBegin = "HTTP/1.1 ";
  int status = 0;
  if (start_line.size() < kBegin.size() || !start_line.starts_with("HTTP/1.")) return 0;
  std::from_chars(start_line.begin() + kBegin.size(), start_line.end(), status);
  return status;
}

void append_escaped(std::string& query, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    const bool plain = (octet >= '0' && octet <= '9') ||
                       ((octet | 0x20) >= 'a' && (octet | 0x20) <= 'z') || octet == '-' ||
                       octet == '.' || octet == '_';
    if (plain) {
      query += c;
    } else {
      query += '%';
      query += kDigits[octet >> 4];
      query += kDigits[octet & 15];
    }
  }
}

}  // namespace tact::bench
