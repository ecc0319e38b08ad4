// SPDX-License-Identifier: Apache-2.0
#include "policy/verdict.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "policy/rules.h"

namespace tact::policy {
namespace {

constexpr std::array<std::string_view, 6> kClasses = {"UNSET",        "OTP",        "CRISIS",
                                                      "NOTIFICATION", "COLLECTION", "MARKETING"};
constexpr std::array<std::string_view, 4> kRoles = {"UNSET", "DEBTOR", "GUARANTOR", "CONTACT"};
// What is found before or behind the gate has no row in its catalogue.
constexpr std::array<std::pair<Rule, std::string_view>, 7> kOutside = {{
    {Rule::field_invalid, "FIELD_INVALID"},
    {Rule::no_route, "NO_ROUTE"},
    {Rule::queue_full, "QUEUE_FULL"},
    {Rule::keys_full, "KEYS_FULL"},
    {Rule::cancels_full, "CANCELS_FULL"},
    {Rule::clock, "CLOCK"},
    {Rule::template_refused, "TEMPLATE"},
}};
constexpr std::array<std::string_view, 4> kActions = {"PASS", "REWRITE", "DEFER", "REJECT"};

bool same(std::string_view a, std::string_view upper) {
  return std::equal(a.begin(), a.end(), upper.begin(), upper.end(),
                    [](char x, char y) { return (x >= 'a' && x <= 'z' ? x - 'a' + 'A' : x) == y; });
}

}  // namespace

std::string_view name(Class c) {
  const auto i = static_cast<size_t>(c);
  return i < kClasses.size() ? kClasses[i] : "UNKNOWN";
}

std::optional<Class> parse_class(std::string_view s) {
  for (size_t i = 1; i < kClasses.size(); ++i) {
    if (same(s, kClasses[i])) return static_cast<Class>(i);
  }
  return std::nullopt;
}

std::optional<Role> parse_role(std::string_view s) {
  for (size_t i = 1; i < kRoles.size(); ++i) {
    if (same(s, kRoles[i])) return static_cast<Role>(i);
  }
  return std::nullopt;
}

std::string_view name(Action a) { return kActions[static_cast<size_t>(a)]; }

std::string_view name(Rule rule) {
  for (const RuleRow& row : catalogue()) {
    if (row.rule == rule) return row.name;
  }
  for (const auto& [outside, text] : kOutside) {
    if (outside == rule) return text;
  }
  return "NONE";
}

std::string label(const Fired& f) {
  std::string s(name(f.rule));
  if (f.rule == Rule::adv) s += "_" + f.detail;
  return s;
}

bool Verdict::fired_rule(Rule rule) const {
  return std::any_of(fired.begin(), fired.end(), [&](const Fired& f) { return f.rule == rule; });
}

}  // namespace tact::policy
