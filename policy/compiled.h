// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/calendar.h"
#include "policy/lexicon.h"
#include "policy/prefix.h"
#include "policy/rule_set.h"
#include "policy/template.h"

namespace tact::policy {

// A brand as the rules read it.
struct Brand {
  const BrandSpec* spec = nullptr;
  std::vector<std::string> contacts;  // squeezed
  std::vector<std::string> hosts;     // lower case
};

// Of an account's replies, as decide() wants them: views into the spec.
struct ReplyWords {
  std::vector<std::string_view> menu;
  std::vector<std::string_view> opt_out;
};

// An account's templates, by id and version.
using Templates = std::map<std::string, std::map<std::string, Template, std::less<>>, std::less<>>;

struct RuleSet::Impl {
  RuleSetSpec spec;
  uint64_t digest = 0;
  std::unique_ptr<const Lexicon> lexicon;
  Zones zones;
  Calendar calendar;
  boost::unordered_flat_map<uint16_t, const AccountSpec*> accounts;
  boost::unordered_flat_map<uint16_t, ReplyWords> reply_words;  // by account
  boost::unordered_flat_map<uint16_t, Templates> templates;     // likewise
  boost::unordered_flat_map<uint16_t, Brand> brands;
  PrefixMap countries;  // by calling code; 0: others; to an index into spec.countries

  // The row of the longest calling code; the row of code 0 if there is none. Never null once built.
  const CountryRow* country(std::string_view digits) const;
};

}  // namespace tact::policy
