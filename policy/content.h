// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/normalise.h"

namespace tact::policy {

// A link in a folded text, with or without a scheme: what a handset would make clickable.
struct Link {
  std::string_view host;  // as folded; without user, port, path
  bool foreign = false;   // letters outside ASCII, or punycode: it may look like another host
};
// Appends the links of a text; views into it.
void find_links(const Folded&, std::vector<Link>& out);
// Is `host` one of `allowed` ("s.bank.cn"; "*.bank.cn" for all hosts below bank.cn)?
bool host_allowed(std::string_view host, const std::vector<std::string>& allowed);

// The first of each of the numbers that no message may show in full, unbroken or in groups; views
// into the folded text, empty: none.
struct PersonalNumbers {
  // A payment card: 13-19 digits, first digit 3-6, Luhn check digit (ISO/IEC 7812-1).
  std::string_view card;
  // A resident's identity: 17 digits with a date at digits 7-14, and a check digit or X (GB
  // 11643-1999).
  std::string_view identity;
};
PersonalNumbers find_personal_numbers(const Folded&);
// The text with `****` and the last four characters in the place of each of them. Nothing: there
// are more than kMaskedMax, which no honest text has.
inline constexpr int kMaskedMax = 8;
std::optional<std::string> mask_personal_numbers(std::string_view utf8);

// A template variable nobody filled: ${x}, {{x}}, {1}, #x#, null, undefined; a view into the folded
// text, empty: none. `raw` keeps its case: the surname "Null" is none.
std::string_view find_unfilled_variable(const Folded&, std::string_view raw);

}  // namespace tact::policy
