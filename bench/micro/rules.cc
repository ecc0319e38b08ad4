// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/rules.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace tact::bench {
namespace {

std::string read(const std::string& name) {
  std::ifstream in(std::string(TACT_SOURCE_DIR) + "/policy/data/" + name);
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

template <typename Row>
std::vector<Row> good(policy::Parsed<Row> parsed) {
  for (const auto& e : parsed.errors) std::fprintf(stderr, "%d: %s\n", e.line, e.message.c_str());
  if (!parsed.errors.empty() || parsed.rows.empty()) std::exit(78);
  return std::move(parsed.rows);
}

// Four characters of the common block, by a permutation of small numbers: no two terms are equal.
std::string made_up_term(uint32_t n) {
  std::string term;
  uint32_t x = n * 2'654'435'761u;
  for (int i = 0; i < 4; ++i, x >>= 8) {
    const uint32_t c = 0x5000 + (x & 0xff) * 16 + static_cast<uint32_t>(i);
    term += {static_cast<char>(0xe0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3f)),
             static_cast<char>(0x80 | (c & 0x3f))};
  }
  return term;
}

uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

}  // namespace

std::vector<policy::LexiconRow> lexicon(size_t terms_min) {
  auto rows = good(policy::parse_lexicon(read("lexicon_zh.tsv")));
  for (uint32_t n = 1; rows.size() < terms_min; ++n) {
    rows.push_back({.category = policy::LexiconRow::Category::slang, .term = made_up_term(n)});
  }
  return rows;
}

std::shared_ptr<const policy::RuleSet> rules(size_t terms_min, std::string signature) {
  policy::RuleSetSpec spec;
  spec.brands.push_back({.id = 1,
                         .name = "bank",
                         .signatures = {std::move(signature)},
                         .contacts = {"955XX"},
                         .link_hosts = {"s.xxbank.cn"}});
  spec.accounts.push_back({.id = 1, .name = "core", .brands = {1}});
  spec.lexicon = lexicon(terms_min);
  spec.holidays = good(policy::parse_holidays(read("holidays_cn.tsv"), "CN"));
  spec.zones = good(policy::parse_zones(read("zones.tsv")));
  spec.countries = good(policy::parse_countries(read("countries.tsv")));
  auto built = policy::build(std::move(spec));
  for (const auto& e : built.errors) {
    std::fprintf(stderr, "%s: %s\n", e.path.c_str(), e.message.c_str());
  }
  if (!built.rules) std::exit(78);
  return built.rules;
}

std::string recipient(uint64_t n) {
  const std::string tail = std::to_string(n % 1'000'000'000);
  return "8613" + std::string(9 - tail.size(), '0') + tail;
}

uint64_t number_hash(uint64_t n) { return mix(n + 0x9E3779B97F4A7C15); }

}  // namespace tact::bench
