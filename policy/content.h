// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tact::policy {

// A link in a folded text, with or without a scheme: what a handset would make clickable.
struct Link {
  std::string_view host;  // as folded; without user, port, path
  bool foreign = false;   // letters outside ASCII, or punycode: it may look like another host
};
// Appends the links of a folded text; views into it.
void find_links(std::string_view folded, std::vector<Link>& out);
// Is `host` one of `allowed` ("s.bank.cn"; "*.bank.cn" for all hosts below bank.cn)?
bool host_allowed(std::string_view host, const std::vector<std::string>& allowed);

// A full payment card number: 13-19 digits, first digit 3-6, Luhn check digit (ISO/IEC 7812-1);
// unbroken, or in groups as printed on cards.
bool has_card_number(std::string_view folded);
// A full resident identity number: 17 digits and a check digit or X, a date at digits 7-14 (GB
// 11643-1999); unbroken, or in groups.
bool has_identity_number(std::string_view folded);

// A template variable nobody filled: ${x}, {{x}}, {1}, #x#, null, undefined. `raw` keeps its
// case: the surname "Null" is none.
bool has_unfilled_variable(std::string_view folded, std::string_view raw);

}  // namespace tact::policy
