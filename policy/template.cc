// SPDX-License-Identifier: Apache-2.0
#include "policy/template.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "policy/compiled.h"
#include "policy/content.h"
#include "policy/normalise.h"

namespace tact::policy {
namespace {

constexpr size_t kTextMax = 500;   // POLICY 2.4: two vendors' limit
constexpr size_t kValueMax = 100;  // of a place

bool has_only(std::string_view value, std::u32string_view allowed) {
  for (size_t at = 0; at < value.size();) {
    const Decoded c = decode_utf8(value, at);
    if (!c.good || allowed.find(c.cp) == allowed.npos) return false;
    at += c.bytes;
  }
  return true;
}

bool has_digit(std::string_view value) { return std::ranges::any_of(value, ascii_digit); }

const char* unfit_text(std::string_view value) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; };
  if (std::ranges::any_of(value, control)) return "a line end or control character";
  // Folded, so that full-width and invisible characters are no way around it.
  Folded folded;
  if (!fold(value, folded)) return "no UTF-8";
  squeeze(folded);
  if (folded.text.find_first_of("{}[]<>#$%\\") != std::string::npos) return "a bracket or mark";
  for (const std::string_view bracket : {"【", "】", "〔", "〕", "〖", "〗"}) {
    if (value.find(bracket) != value.npos) return "a bracket or mark";
  }
  std::vector<Link> links;
  find_links(folded, links);
  return links.empty() ? nullptr : "a link";
}

}  // namespace

Template::Template(std::string_view text) : wrong_(read(text)) {}

std::string Template::read(std::string_view text) {
  if (code_points(text) > kTextMax) return "the text has more than 500 characters";
  while (true) {
    const size_t open = text.find('{');
    const std::string_view before = text.substr(0, open);
    if (before.find('}') != before.npos) return "a } without its {";
    if (open == text.npos) break;
    const size_t close = text.find('}', open);
    if (close == text.npos) return "a { without its }";
    Place place;
    place.before = before;
    const std::string wrong = read_place(text.substr(open + 1, close - open - 1), place);
    if (!wrong.empty()) return wrong;
    places_.push_back(std::move(place));
    text.remove_prefix(close + 1);
  }
  rest_ = text;
  std::string fixed = rest_;
  for (const Place& place : places_) fixed += place.before;
  return squeezed(fixed).empty() ? "a template needs words of its own" : "";
}

std::string Template::read_place(std::string_view inside, Place& place) {
  constexpr auto kTypes =
      std::to_array<std::pair<std::string_view, Type>>({{"text", Type::text},
                                                        {"number", Type::number},
                                                        {"amount", Type::amount},
                                                        {"date", Type::date},
                                                        {"code", Type::code}});
  const std::string shown = "{" + std::string(inside) + "}";
  const size_t first = inside.find(':'), last = inside.rfind(':');
  if (first == inside.npos || first == last) return "expected {name:type:max}, got " + shown;
  place.name = inside.substr(0, first);
  const auto plain = [](char c) { return ascii_letter(c) || ascii_digit(c) || c == '_'; };
  if (place.name.empty() || !std::ranges::all_of(place.name, plain)) {
    return "a name has letters, digits and _, got " + shown;
  }
  const std::string_view type = inside.substr(first + 1, last - first - 1);
  const auto known = std::ranges::find(kTypes, type, &std::pair<std::string_view, Type>::first);
  if (known == kTypes.end()) return "a type is text, number, amount, date or code, got " + shown;
  place.type = known->second;
  const std::string_view max = inside.substr(last + 1);
  const auto [end, error] = std::from_chars(max.data(), max.data() + max.size(), place.max);
  if (error != std::errc{} || end != max.data() + max.size() || place.max < 1 ||
      place.max > kValueMax) {
    return "a length is 1 to 100, got " + shown;
  }
  return "";
}

const char* Template::misfit(const Place& place, std::string_view value) {
  if (value.find_first_not_of(' ') == value.npos) return "empty";
  if (code_points(value) > place.max) return "too long";
  switch (place.type) {
    case Type::text:
      return unfit_text(value);
    case Type::number:
      return has_only(value, U"0123456789") ? nullptr : "no number";
    case Type::amount:
      return has_only(value, U"0123456789,.") && has_digit(value) ? nullptr : "no amount";
    case Type::date:
      return has_only(value, U"0123456789-/.: 年月日时分") && has_digit(value) ? nullptr
                                                                               : "no date";
    case Type::code:
      return std::ranges::all_of(value, [](char c) { return ascii_letter(c) || ascii_digit(c); })
                 ? nullptr
                 : "no code";
  }
  return "no type";
}

std::string Template::fill(std::span<const Variable> variables, std::string& out) const {
  const auto find = [&](std::string_view name) {
    return std::ranges::find(variables, name, &Variable::name);
  };
  for (auto it = variables.begin(); it != variables.end(); ++it) {
    if (find(it->name) != it) return std::string(it->name) + ": twice";
    if (std::ranges::find(places_, it->name, &Place::name) == places_.end()) {
      return std::string(it->name) + ": no such place";
    }
  }
  std::string text;
  for (const Place& place : places_) {
    const auto given = find(place.name);
    if (given == variables.end()) return place.name + ": missing";
    if (const char* wrong = misfit(place, given->value)) return place.name + ": " + wrong;
    text += place.before;
    text += given->value;
  }
  out += text;
  out += rest_;
  return "";
}

std::string render(const RuleSet& rules, uint16_t account, std::string_view id,
                   std::string_view version, std::span<const Template::Variable> variables,
                   std::string& out) {
  const auto templates = rules.impl().templates.find(account);
  if (templates == rules.impl().templates.end()) return "no such template";
  const auto versions = templates->second.find(id);
  if (versions == templates->second.end()) return "no such template";
  auto chosen = versions->second.find(version);
  if (chosen == versions->second.end()) chosen = versions->second.find("");
  if (chosen == versions->second.end()) return "no such version";
  return chosen->second.fill(variables, out);
}

}  // namespace tact::policy
