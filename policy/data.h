// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/verdict.h"

namespace tact::policy {

// The data files of policy/data/: UTF-8, tab-separated, one header line, '#' starts a comment line.
// Parsers take the contents and collect every error; the rows of good lines come back all the same.
struct DataError {
  int line = 0;  // 1-based
  std::string message;
};
template <typename Row>
struct Parsed {
  std::vector<Row> rows;
  std::vector<DataError> errors;
};

// category term exceptions flags basis. A term with groups, "(通知|联系)(您的|)单位", becomes a row
// for each of its spellings.
struct LexiconRow {
  enum class Category : uint8_t {
    threat,
    insult,
    disclose,
    impersonate,
    mislead,
    paypath,
    reborrow,
    slang,
    state,       // LEX_*
    adv,         // advertising superlatives and promises
    promo,       // words of an offer: not in one-time codes
    otp,         // words that make a one-time code
    rate,        // daily or monthly rates, which need an annualised one beside them
    annualised,  // words that show an annualised rate
  };
  Category category{};
  std::string term;
  std::vector<std::string> exceptions;  // longer phrases in which the term is harmless
  bool negatable = false;               // flag "neg": harmless behind a negation ("不保本")
  bool clause = false;  // flag "clause": does not match across , . : ; ! ? and brackets
};
Parsed<LexiconRow> parse_lexicon(std::string_view tsv);

// date kind name (kind: off | work), one file per country
struct HolidayRow {
  std::string country;  // ISO 3166, "CN"
  std::chrono::year_month_day date;
  bool off = true;  // false: a make-up working day
  std::string name;
};
Parsed<HolidayRow> parse_holidays(std::string_view tsv, std::string_view country);

// prefix zones (IANA names joined by '&')
struct ZoneRow {
  uint32_t prefix = 0;  // digits of the number from the country code on, at most 9
  std::vector<std::string> zones;
};
Parsed<ZoneRow> parse_zones(std::string_view tsv);

// code iso from to sunday marker marker_classes confirmation basis: hours stricter than the class's
// own window, for MARKETING, COLLECTION and NOTIFICATION that is not urgent.
struct CountryRow {
  uint32_t code = 0;  // calling code
  std::string iso;
  std::chrono::minutes from{0};
  std::chrono::minutes to{24 * 60};
  std::chrono::minutes sunday_from{0};  // later start on Sundays; 24 h: not on Sundays
  std::string marker;                   // appended opt-out marker
  ClassMask marker_classes = 0;         // that must bear one
  std::string confirmation;             // of an opt-out, where one is expected; {brand} in it
};
Parsed<CountryRow> parse_countries(std::string_view tsv);

// id version text: a text with places such as {name:text:10} (template.h); "-": the version for
// whoever asks for none that is there. `\n` in it is a line end.
struct TemplateRow {
  std::string id;
  std::string version;  // empty: the common one
  std::string text;
};
Parsed<TemplateRow> parse_templates(std::string_view tsv);

}  // namespace tact::policy
