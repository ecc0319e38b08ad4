// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string_view>

namespace tact::policy {

// Characters of which every text that a regular expression finds has at least one; nullopt: there
// are none, or the expression is not understood. It tells cheaply, and without being told twice,
// where a search is in vain.
//
// Understood are literals, [sets], [^sets], (?:groups), (?!none of these) and (?<!none of
// these), | ? * + {m,n} . ^ $ \b.
std::optional<std::set<char32_t>> needed_characters(std::string_view regex);

}  // namespace tact::policy
