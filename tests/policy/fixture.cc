// SPDX-License-Identifier: Apache-2.0
#include "tests/policy/fixture.h"

#include <cstdio>
#include <fstream>
#include <sstream>

#include "policy/normalise.h"

namespace tact::policy::test {
namespace {

std::string unescaped(const std::string& s) {
  std::string out;
  for (size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '\\' && i + 1 < s.size() && s[i + 1] == 'n') {
      out += '\n';
      ++i;
    } else if (s[i] == '\\' && i + 5 < s.size() && s[i + 1] == 'u') {
      append_utf8(static_cast<char32_t>(std::stoul(s.substr(i + 2, 4), nullptr, 16)), out);
      i += 5;
    } else {
      out += s[i];
    }
  }
  return out;
}

template <typename R>
std::vector<R> good(Parsed<R> parsed) {
  for (const DataError& e : parsed.errors) ADD_FAILURE() << "line " << e.line << ": " << e.message;
  return std::move(parsed.rows);
}

}  // namespace

std::string read_file(const std::string& path) {
  std::ifstream in(std::string(TACT_SOURCE_DIR) + "/" + path);
  EXPECT_TRUE(in) << path;
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

std::vector<Row> read_tsv(const std::string& path) {
  std::stringstream in(read_file(path));
  std::vector<std::string> header;
  std::vector<Row> rows;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    std::vector<std::string> cells;
    std::stringstream parts(line + "\t");
    for (std::string cell; std::getline(parts, cell, '\t');) cells.push_back(cell);
    if (header.empty()) {
      header = cells;
      continue;
    }
    Row row{number, {}};
    for (size_t i = 0; i < header.size(); ++i) {
      row.cells[header[i]] = i < cells.size() ? cells[i] : "";
    }
    row.cells["text"] = unescaped(row.cells["text"]);
    rows.push_back(std::move(row));
  }
  EXPECT_FALSE(rows.empty()) << path;
  return rows;
}

Instant at(std::string_view text) {
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, zh = 0, zm = 0;
  char sign = '+';
  const std::string t(text);
  if (std::sscanf(t.c_str(), "%d-%d-%dT%d:%d:%d%c%d:%d", &y, &mo, &d, &h, &mi, &s, &sign, &zh,
                  &zm) != 9) {
    s = 0;
    const int n =
        std::sscanf(t.c_str(), "%d-%d-%dT%d:%d%c%d:%d", &y, &mo, &d, &h, &mi, &sign, &zh, &zm);
    EXPECT_EQ(n, 8) << t;
  }
  using namespace std::chrono;
  const sys_days day =
      year(y) / month(static_cast<unsigned>(mo)) / std::chrono::day(static_cast<unsigned>(d));
  const auto offset = hours(zh) + minutes(zm);
  const auto local = day + hours(h) + minutes(mi) + seconds(s);
  return sign == '-' ? Instant(local + offset) : Instant(local - offset);
}

std::string iso(Instant t) {
  using namespace std::chrono;
  const auto local = t + hours(8);
  const auto day = floor<days>(local);
  const year_month_day date(day);
  const hh_mm_ss time(floor<seconds>(local - day));
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d+08:00", int(date.year()),
                unsigned(date.month()), unsigned(date.day()), int(time.hours().count()),
                int(time.minutes().count()), int(time.seconds().count()));
  return text;
}

RuleSetSpec bank() {
  RuleSetSpec spec;
  spec.brands.push_back({.id = 1,
                         .name = "bank",
                         .signatures = {"XX银行"},
                         .contacts = {"955XX", "800-555-0100"},
                         .link_hosts = {"s.xxbank.cn"}});
  spec.brands.push_back(
      {.id = 2, .name = "cards", .signatures = {"YY信用卡"}, .contacts = {"400-600-1234"}});
  spec.brands.push_back({.id = 3,
                         .name = "notices",
                         .signatures = {"YY通知"},
                         .link_hosts = {"*.yybank.cn"},
                         .classes = mask(Class::otp) | mask(Class::notification)});
  spec.accounts.push_back({.id = 1, .name = "core", .brands = {1}});
  spec.accounts.push_back({.id = 2,
                           .name = "cards",
                           .default_class = Class::notification,
                           .sources = {"10690001", "10690002"},
                           .brands = {2, 3}});
  spec.lexicon = good(parse_lexicon(read_file("policy/data/lexicon_zh.tsv")));
  spec.holidays = good(parse_holidays(read_file("policy/data/holidays_cn.tsv"), "CN"));
  spec.zones = good(parse_zones(read_file("policy/data/zones.tsv")));
  spec.countries = good(parse_countries(read_file("policy/data/countries.tsv")));
  return spec;
}

std::shared_ptr<const RuleSet> rules() {
  static const std::shared_ptr<const RuleSet> built = [] {
    BuildResult result = build(bank());
    for (const SpecError& e : result.errors) ADD_FAILURE() << e.path << ": " << e.message;
    return result.rules;
  }();
  return built;
}

int segments(std::string_view s, const Submission&, const Verdict&) {
  bool ascii = true;
  int units = 0;
  for (size_t pos = 0; pos < s.size();) {
    const Decoded d = decode_utf8(s, pos);
    ascii &= d.cp < 0x80;
    units += d.cp > 0xffff ? 2 : 1;
    pos += d.bytes;
  }
  const int one = ascii ? 160 : 70;
  const int part = ascii ? 153 : 67;
  return units <= one ? 1 : (units + part - 1) / part;
}

Submission promotion() {
  Submission s;
  s.account = 1;
  s.cls = Class::marketing;
  s.to = "+8613800138000";
  s.text = "【XX银行】周末刷卡立减20元。详询955XX,拒收请回复R";
  s.number = kNumber;
  s.consent = true;
  s.now = at("2026-03-18T10:15+08:00");
  return s;
}

Submission dunning() {
  Submission s = promotion();
  s.cls = Class::collection;
  s.text = "【XX银行】王先生您好,您的信用贷本期应还2,350.00元,请致电955XX,谢谢。";
  s.role = Role::debtor;
  s.consent = false;
  return s;
}

std::string labels(const Verdict& v) {
  std::string all;
  for (const Fired& f : v.fired) all += (all.empty() ? "" : " ") + label(f);
  return all;
}

Verdict Correspondence::judge(Submission s) {
  s.id = ++last_id_;
  return gate_.admit(s, book_.find(kNumber), suppression_);
}

Verdict Correspondence::send(Submission s) {
  const Verdict v = judge(s);
  if (v.action == Action::reject) return v;
  const bool deferred = v.action == Action::defer;
  const Instant when = deferred ? v.until : s.now;
  book_.reserve(kNumber, last_id_, v.brand, v.cls, when, s.now, v.like);
  if (!deferred) book_.settle(kNumber, last_id_, v.brand, v.cls, v.advertised, when, s.now);
  return v;
}

void Correspondence::use(RuleSetSpec spec) {
  BuildResult result = build(std::move(spec));
  ASSERT_TRUE(result.rules) << result.errors.at(0).message;
  gate_.use(result.rules);
}

}  // namespace tact::policy::test
