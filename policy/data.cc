// SPDX-License-Identifier: Apache-2.0
#include "policy/data.h"

#include <array>
#include <charconv>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "policy/template.h"

namespace tact::policy {
namespace {

using Cells = std::vector<std::string_view>;

std::vector<std::string_view> split(std::string_view s, char separator) {
  std::vector<std::string_view> parts;
  for (size_t at = 0;;) {
    const size_t end = s.find(separator, at);
    parts.push_back(s.substr(at, end - at));
    if (end == std::string_view::npos) return parts;
    at = end + 1;
  }
}

template <typename Number>
std::optional<Number> number(std::string_view s) {
  Number n{};
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), n);
  if (error != std::errc{} || end != s.data() + s.size()) return std::nullopt;
  return n;
}

// "HH:MM", up to "24:00".
std::optional<std::chrono::minutes> time_of_day(std::string_view s) {
  if (s.size() != 5 || s[2] != ':') return std::nullopt;
  const auto h = number<unsigned>(s.substr(0, 2));
  const auto m = number<unsigned>(s.substr(3));
  if (!h || !m || *m > 59 || *h * 60 + *m > 24 * 60) return std::nullopt;
  return std::chrono::minutes(*h * 60 + *m);
}

std::optional<std::chrono::year_month_day> date_of(std::string_view s) {
  if (s.size() != 10 || s[4] != '-' || s[7] != '-') return std::nullopt;
  const auto y = number<int>(s.substr(0, 4));
  const auto m = number<unsigned>(s.substr(5, 2));
  const auto d = number<unsigned>(s.substr(8));
  if (!y || !m || !d) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*y), std::chrono::month(*m),
                                         std::chrono::day(*d)};
  return date.ok() ? std::optional(date) : std::nullopt;
}

// Walks the lines; `row` fills a Row from cells and says what is wrong, or returns "".
template <typename Row>
Parsed<Row> parse(std::string_view tsv, std::string_view header,
                  const std::function<std::string(const Cells&, Row&)>& row) {
  Parsed<Row> parsed;
  const size_t columns = split(header, '\t').size();
  bool headed = false;
  int number_of_line = 0;
  if (tsv.starts_with("\xef\xbb\xbf")) tsv.remove_prefix(3);
  for (std::string_view line : split(tsv, '\n')) {
    ++number_of_line;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    if (!headed) {
      headed = true;
      if (line == header) continue;
      parsed.errors.push_back({number_of_line, "expected the header \"" + std::string(header) +
                                                   "\", got \"" + std::string(line) + "\""});
      return parsed;
    }
    const Cells cells = split(line, '\t');
    Row value;
    std::string wrong = cells.size() == columns
                            ? row(cells, value)
                            : "expected " + std::to_string(columns) + " columns, got " +
                                  std::to_string(cells.size());
    if (wrong.empty()) {
      parsed.rows.push_back(std::move(value));
    } else {
      parsed.errors.push_back({number_of_line, std::move(wrong)});
    }
  }
  if (!headed) parsed.errors.push_back({1, "no header line"});
  return parsed;
}

std::string quoted(std::string_view what, std::string_view got) {
  return "expected " + std::string(what) + ", got \"" + std::string(got) + "\"";
}

constexpr std::array<std::string_view, 14> kCategories = {
    "THREAT", "INSULT", "DISCLOSE", "IMPERSONATE", "MISLEAD", "PAYPATH", "REBORROW",
    "SLANG",  "STATE",  "ADV",      "PROMO",       "OTP",     "RATE",    "ANNUALISED"};

// The spellings of a term with groups: "(通知|联系)(您的|你的|)单位" is six terms. Nothing: a group
// within a group, one that never ends, or far too many spellings.
std::optional<std::vector<std::string>> spellings(std::string_view term) {
  constexpr size_t kMost = 1000;
  std::vector<std::string> all{""};
  while (!term.empty()) {
    const size_t open = std::min(term.find('('), term.size());
    const size_t close = term.find(')');
    if (close < open) return std::nullopt;
    for (std::string& s : all) s += term.substr(0, open);
    if (open == term.size()) break;
    if (close == term.npos) return std::nullopt;
    const std::string_view group = term.substr(open + 1, close - open - 1);
    if (group.find('(') != group.npos) return std::nullopt;
    std::vector<std::string> longer;
    for (const std::string& s : all) {
      for (const auto word : split(group, '|')) longer.push_back(s + std::string(word));
    }
    if (longer.size() > kMost) return std::nullopt;
    all = std::move(longer);
    term.remove_prefix(close + 1);
  }
  return all;
}

std::string lexicon_row(const Cells& c, LexiconRow& row) {
  size_t category = 0;
  while (category < kCategories.size() && kCategories[category] != c[0]) ++category;
  if (category == kCategories.size()) return quoted("a category", c[0]);
  row.category = static_cast<LexiconRow::Category>(category);
  if (c[1].empty()) return "the term is empty";
  row.term = c[1];
  if (!spellings(row.term)) return quoted("groups such as (a|b) of at most 1000 spellings", c[1]);
  if (!c[2].empty()) {
    for (const auto e : split(c[2], '|')) {
      if (e.empty()) return "an exception is empty";
      row.exceptions.emplace_back(e);
    }
  }
  for (const auto flag : split(c[3], ',')) {
    if (flag == "neg") {
      row.negatable = true;
    } else if (flag == "clause") {
      row.clause = true;
    } else if (!flag.empty()) {
      return quoted("the flags neg, clause", flag);
    }
  }
  return "";
}

std::string holiday_row(const Cells& c, HolidayRow& row) {
  const auto date = date_of(c[0]);
  if (!date) return quoted("a date YYYY-MM-DD", c[0]);
  if (c[1] != "off" && c[1] != "work") return quoted("off or work", c[1]);
  row.date = *date;
  row.off = c[1] == "off";
  row.name = c[2];
  return "";
}

std::string zone_row(const Cells& c, ZoneRow& row) {
  const auto prefix = number<uint32_t>(c[0]);
  if (!prefix || *prefix == 0 || c[0].size() > 9 || c[0][0] == '0') {
    return quoted("a prefix of 1 to 9 digits", c[0]);
  }
  row.prefix = *prefix;
  for (const auto zone : split(c[1], '&')) {
    if (zone.empty()) return quoted("zone names joined by &", c[1]);
    row.zones.emplace_back(zone);
  }
  return "";
}

std::string country_row(const Cells& c, CountryRow& row) {
  const auto code = number<uint32_t>(c[0]);
  if (!code || *code > 999) return quoted("a calling code (0: all others)", c[0]);
  const auto from = time_of_day(c[2]);
  const auto to = time_of_day(c[3]);
  const auto sunday = time_of_day(c[4]);
  if (!from || !to || !sunday || *from >= *to) return "expected three times HH:MM, from before to";
  row.code = *code;
  row.iso = c[1];
  row.from = *from;
  row.to = *to;
  row.sunday_from = *sunday;
  row.marker = c[5];
  for (const auto text : split(c[6], ',')) {
    if (text.empty()) continue;
    const auto cls = parse_class(text);
    if (!cls) return quoted("class names joined by commas", c[6]);
    row.marker_classes |= mask(*cls);
  }
  row.confirmation = c[7];
  return "";
}

constexpr size_t kNameMax = 64;

std::string template_row(const Cells& c, TemplateRow& row) {
  if (c[0].empty() || c[0].size() > kNameMax) return quoted("an id of 1 to 64 octets", c[0]);
  if (c[1].empty() || c[1].size() > kNameMax) return quoted("a version, or -", c[1]);
  row.id = c[0];
  row.version = c[1] == "-" ? std::string_view{} : c[1];
  for (size_t at = 0; at < c[2].size(); ++at) {
    const bool line_end = c[2].substr(at, 2) == "\\n";
    row.text += line_end ? '\n' : c[2][at];
    at += line_end ? 1 : 0;
  }
  return Template(row.text).wrong();
}

}  // namespace

Parsed<TemplateRow> parse_templates(std::string_view tsv) {
  std::set<std::pair<std::string, std::string>> known;
  return parse<TemplateRow>(tsv, "id\tversion\ttext", [&](const Cells& c, TemplateRow& row) {
    const std::string wrong = template_row(c, row);
    if (!wrong.empty() || known.emplace(row.id, row.version).second) return wrong;
    return "template \"" + row.id + "\" has this version already";
  });
}

Parsed<LexiconRow> parse_lexicon(std::string_view tsv) {
  auto parsed = parse<LexiconRow>(tsv, "category\tterm\texceptions\tflags\tbasis", lexicon_row);
  std::vector<LexiconRow> rows;
  for (const LexiconRow& row : parsed.rows) {
    const auto terms = spellings(row.term);
    for (const std::string& term : *terms) rows.emplace_back(row).term = term;
  }
  parsed.rows = std::move(rows);
  return parsed;
}

Parsed<HolidayRow> parse_holidays(std::string_view tsv, std::string_view country) {
  auto parsed = parse<HolidayRow>(tsv, "date\tkind\tname", holiday_row);
  for (HolidayRow& row : parsed.rows) row.country = country;
  return parsed;
}

Parsed<ZoneRow> parse_zones(std::string_view tsv) {
  return parse<ZoneRow>(tsv, "prefix\tzones", zone_row);
}

Parsed<CountryRow> parse_countries(std::string_view tsv) {
  return parse<CountryRow>(tsv,
                           "code\tiso\tfrom\tto\tsunday\tmarker\tmarker_classes\t"
                           "confirmation\tbasis",
                           country_row);
}

}  // namespace tact::policy
