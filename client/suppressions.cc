// SPDX-License-Identifier: Apache-2.0
#include "client/suppressions.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "client/message_fields.h"
#include "client/time_text.h"

namespace tact::client {
namespace {

namespace json = boost::json;

constexpr std::size_t kHashDigits = 16;
constexpr std::size_t kNumberDigitsMin = 7;
constexpr std::size_t kNumberDigitsMax = 15;

// Empty, or what is wrong with this member. Members unknown here are left to younger clients.
std::string set_member(ListedSuppression& listed, std::string_view name, const json::value& value) {
  proto::Suppression& entry = listed.entry;
  if (name == "blocked") {
    if (!value.is_bool()) return "blocked: expected true or false";
    listed.blocked = value.get_bool();
  } else if (name == "classes") {
    if (!value.is_array()) return "classes: expected a list";
    for (const json::value& member : value.get_array()) {
      proto::MessageClass parsed{};
      if (!member.is_string() || !parse_class(member.get_string(), parsed)) {
        return "classes: no such class";
      }
      entry.add_classes(parsed);
    }
  } else if (name == "since") {
    const std::string text =
        value.is_string() ? std::string(value.get_string()) : json::serialize(value);
    const auto time = parse_time_ms(text);
    if (!time) return "since: not a time";
    entry.set_since_ms(*time);
  } else if (name == "brand" || name == "number_hash" || name == "proof" || name == "to") {
    if (!value.is_string()) return std::string(name) + ": expected a string";
    const json::string& text = value.get_string();
    if (name == "brand") entry.set_brand(text.c_str(), text.size());
    if (name == "proof") entry.set_proof(text.c_str(), text.size());
    if (name == "to" && !set_number(entry, text)) return "to: not a number";
    if (name == "number_hash") {
      const auto hash = parse_hash(text);
      if (!hash) return "number_hash: expected 16 hex digits";
      entry.set_number_hash(*hash);
    }
  }
  return {};
}

}  // namespace

std::optional<ListedSuppression> parse_listed(std::string_view line, std::string& error) {
  json::error_code failure;
  const json::value parsed = json::parse(line, failure);
  if (failure || !parsed.is_object()) {
    error = "expected one JSON object a line";
    return std::nullopt;
  }
  ListedSuppression listed;
  for (const auto& [name, value] : parsed.get_object()) {
    error = set_member(listed, name, value);
    if (!error.empty()) return std::nullopt;
  }
  if (listed.entry.to().empty() && listed.entry.number_hash() == 0) {
    error = "neither to nor number_hash";
    return std::nullopt;
  }
  return listed;
}

bool set_number(proto::Suppression& entry, std::string_view text) {
  if (text.starts_with("hash:")) {
    const auto hash = parse_hash(text.substr(5));
    if (hash) entry.set_number_hash(*hash);
    return hash.has_value();
  }
  const std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
  if (digits.size() < kNumberDigitsMin || digits.size() > kNumberDigitsMax ||
      digits.find_first_not_of("0123456789") != std::string_view::npos) {
    return false;
  }
  entry.set_to(std::string(text));
  return true;
}

std::optional<uint64_t> parse_hash(std::string_view text) {
  uint64_t hash = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), hash, 16);
  if (error != std::errc() || end != text.end() || text.size() != kHashDigits) return std::nullopt;
  return hash;
}

std::string format_hash(uint64_t hash) {
  char digits[kHashDigits];
  const auto [end, error] = std::to_chars(digits, digits + kHashDigits, hash, 16);
  const std::string text(digits, end);
  return std::string(kHashDigits - text.size(), '0') + text;
}

}  // namespace tact::client
