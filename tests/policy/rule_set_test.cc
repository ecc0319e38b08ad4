// SPDX-License-Identifier: Apache-2.0
#include "policy/rule_set.h"

#include "tests/policy/fixture.h"

namespace tact::policy {
namespace {

std::string errors_of(const RuleSetSpec& spec) {
  std::string all;
  for (const SpecError& e : build(spec).errors) all += e.path + "\n";
  return all;
}

// A spec without data files: errors come back quickly.
RuleSetSpec small() {
  RuleSetSpec spec;
  spec.brands.push_back({.id = 1, .name = "b", .signatures = {"甲乙"}, .contacts = {"955XX"}});
  spec.accounts.push_back({.id = 1, .name = "a", .brands = {1}});
  return spec;
}

TEST(rule_set, every_error_is_listed_with_its_path) {
  RuleSetSpec spec = small();
  spec.brands.push_back(
      {.id = 1, .signatures = {"【甲】", "甲乙", "一二三四五六七八九十一二三四五六七"}});
  spec.brands.push_back({.id = 0, .signatures = {}, .contacts = {"--"}, .marker = "call us"});
  spec.accounts.push_back({.id = 1, .default_class = Class{9}, .brands = {7}});
  spec.accounts.push_back({.id = 0, .brands = {}});
  spec.classes[4].window = {Minutes(7 * 60), Minutes(20 * 60)};
  spec.classes[3].window = {Minutes(0), Minutes(0)};
  spec.classes[2].segments_hard = 1;
  spec.cap_month = 13;
  spec.freq_week = 0;
  spec.zones = {{86, {"Asia/Beijing2"}}};
  spec.lexicon = {{.category = LexiconRow::Category::adv, .term = "--"}};
  spec.countries = {{.code = 86, .marker = "bye", .marker_classes = 1}, {.code = 86}};
  EXPECT_EQ(errors_of(spec),
            "classes[2].segments\nclasses[3].window\nclasses[4].window\ncap_month\nfreq_week\n"
            "brands[1].signatures[0]\nbrands[1].signatures[2]\nbrands[1].contacts\nbrands[1].id\n"
            "brands[2].id\nbrands[2].signatures\nbrands[2].contacts[0]\nbrands[2].marker\n"
            "accounts[1].default_class\naccounts[1].brands\naccounts[1].id\naccounts[2].id\n"
            "accounts[2].brands\ncountries[0].marker\ncountries[1].code\nzones[0]\nlexicon\n");
}

TEST(rule_set, two_brands_may_not_share_a_signature) {
  RuleSetSpec spec = small();
  spec.brands.push_back({.id = 2, .signatures = {"甲乙"}, .contacts = {"955XX"}});
  EXPECT_EQ(errors_of(spec), "brands[1].signatures\n");
}

TEST(rule_set, no_window_is_wider_than_the_floor) {
  RuleSetSpec spec = small();
  spec.classes[4].window = {Minutes(8 * 60), Minutes(22 * 60)};
  EXPECT_EQ(errors_of(spec), "");
  spec.classes[4].window.to = Minutes(22 * 60 + 1);
  EXPECT_EQ(errors_of(spec), "classes[4].window\n");
}

TEST(rule_set, digest_tells_any_change_and_nothing_else) {
  const auto digest = [](const RuleSetSpec& s) { return build(s).rules->digest_text(); };
  const std::string first = digest(small());
  EXPECT_EQ(first, digest(small()));
  EXPECT_EQ(first.size(), 16u);
  RuleSetSpec other = small();
  other.cap_month = 7;
  EXPECT_NE(digest(other), first);
  other = small();
  other.mask_personal_numbers = true;
  EXPECT_NE(digest(other), first);
  other = small();
  other.lexicon = {{.category = LexiconRow::Category::adv, .term = "保本"}};
  EXPECT_NE(digest(other), first);
  other = small();
  other.accounts[0].replies.help = "955XX";
  EXPECT_NE(digest(other), first);
}

TEST(rule_set, a_menu_is_chosen_from_without_doubt) {
  RuleSetSpec spec = small();
  RepliesSpec& replies = spec.accounts[0].replies;
  replies.menu = {{"查账单", ""}, {"!", ""}, {"查 账单", ""}, {"帮助", ""}, {"T", ""}};
  replies.opt_out_words = {"", "HELP", "QXTZ"};
  const std::string at = "accounts[0].replies.";
  EXPECT_EQ(errors_of(spec), at + "menu[1].label\n" + at + "menu[2].label\n" + at +
                                 "menu[3].label\n" + at + "menu[4].label\n" + at +
                                 "opt_out_words[0]\n" + at + "opt_out_words[1]\n");
  replies = {};
  for (char c = 'a'; c < 'k'; ++c) replies.menu.push_back({std::string(3, c), ""});
  EXPECT_EQ(errors_of(spec), at + "menu\n");
}

TEST(rule_set, a_year_without_holidays_is_visible) {
  using std::chrono::year_month_day;
  const auto day = [](int y) {
    return year_month_day(std::chrono::year(y), std::chrono::month(5), std::chrono::day(1));
  };
  EXPECT_TRUE(test::rules()->calendar_covers("CN", day(2026)));
  EXPECT_FALSE(test::rules()->calendar_covers("CN", day(2027)));
  EXPECT_FALSE(test::rules()->calendar_covers("US", day(2026)));
}

TEST(rule_set, countries_go_by_the_longest_code) {
  EXPECT_EQ(test::rules()->country_of("+8613800138000"), "CN");
  EXPECT_EQ(test::rules()->country_of("85291234567"), "HK");
  EXPECT_EQ(test::rules()->country_of("garbage"), "-");
}

TEST(rule_set, classes_that_nothing_counts_take_no_slot) {
  for (const Class cls : {Class::marketing, Class::otp, Class::crisis}) {
    EXPECT_TRUE(test::rules()->counted(cls)) << name(cls);
  }
  EXPECT_FALSE(test::rules()->counted(Class::unset));
  RuleSetSpec spec = test::bank();
  for (ClassRules& rules : spec.classes) rules.cap_day = rules.cap_minute = rules.cap_hour = 0;
  EXPECT_TRUE(build(spec).rules->counted(Class::crisis)) << "COOLDOWN";
  for (ClassRules& rules : spec.classes) rules.cooldown = {};
  EXPECT_FALSE(build(spec).rules->counted(Class::crisis));
  EXPECT_FALSE(build(spec).rules->counted(Class::otp));
  EXPECT_TRUE(build(spec).rules->counted(Class::collection));
}

TEST(rule_set, nothing_is_compared_with_what_is_forgotten) {
  RuleSetSpec spec = test::bank();
  spec.classes[size_t(Class::otp) - 1].cooldown = std::chrono::hours(73);
  spec.escalate_after = 13;
  spec.stages = {{"", 13}};
  const BuildResult result = build(spec);
  ASSERT_EQ(result.errors.size(), 4u);
  EXPECT_EQ(result.errors[0].path, "classes[0].cooldown");
  EXPECT_EQ(result.errors[1].path, "stages[0].name");
  EXPECT_EQ(result.errors[2].path, "stages[0].cap_month");
  EXPECT_EQ(result.errors[3].path, "escalate_after");
}

TEST(data, a_term_with_groups_is_each_of_its_spellings) {
  const std::string header = "category\tterm\texceptions\tflags\tbasis\n";
  const auto parsed = [&](const std::string& term) {
    return parse_lexicon(header + "ADV\t" + term + "\tx\tneg\t\n");
  };
  for (const char* damaged : {"(a", "a)", "(a(b)c)", ")a(", "(a|b))"}) {
    EXPECT_EQ(parsed(damaged).errors.size(), 1u) << damaged;
    EXPECT_EQ(parsed(damaged).rows.size(), 0u) << damaged;
  }
  std::string many;
  for (int i = 0; i < 11; ++i) many += "(a|b)";
  EXPECT_EQ(parsed(many).errors.size(), 1u) << "2,048 spellings";
  std::string all;
  for (const LexiconRow& row : parsed("(a|b)c(d|)").rows) {
    all += row.term + ' ';
    EXPECT_TRUE(row.negatable);
    EXPECT_EQ(row.exceptions, std::vector<std::string>{"x"});
  }
  EXPECT_EQ(all, "acd ac bcd bc ");
}

TEST(data, errors_carry_their_line) {
  const auto lexicon = parse_lexicon(
      "# "
      "comment\ncategory\tterm\texceptions\tflags\tbasis\nADV\t保本\t\tneg\t\nADVX\tx\t\t\t\nADV\t"
      "\t\t\t\n"
      "ADV\ta\tb||c\t\t\nADV\ta\t\tnag\t\nADV\ta\r\n");
  ASSERT_EQ(lexicon.rows.size(), 1u);
  std::vector<int> lines;
  for (const DataError& e : lexicon.errors) lines.push_back(e.line);
  EXPECT_EQ(lines, (std::vector<int>{4, 5, 6, 7, 8}));
  EXPECT_EQ(parse_holidays("date\tkind\tname\n2026-02-30\toff\tx\n2026-02-01\tmaybe\tx\n", "CN")
                .errors.size(),
            2u);
  EXPECT_EQ(parse_zones("prefix\tzones\n0\tA\nx\tA\n86\tA&&B\n1234567890\tA\n").errors.size(), 4u);
  EXPECT_EQ(parse_zones("").errors.size(), 1u);
  EXPECT_EQ(parse_zones("wrong\theader\n").errors.size(), 1u);
  const std::string header =
      "code\tiso\tfrom\tto\tsunday\tmarker\tmarker_classes\tconfirmation\tbasis\n";
  EXPECT_EQ(
      parse_countries(header + "86\tCN\t9:00\t20:00\t00:00\tm\tMARKETING\t\t\n").errors.size(), 1u);
  EXPECT_EQ(
      parse_countries(header + "86\tCN\t09:00\t24:01\t00:00\tm\tMARKETING\t\t\n").errors.size(),
      1u);
  EXPECT_EQ(parse_countries(header + "86\tCN\t09:00\t20:00\t00:00\tm\tADS\t\t\n").errors.size(),
            1u);
  EXPECT_EQ(parse_countries(header + "86\tCN\t09:00\t20:00\t00:00\tm\tMARKETING\t\t\n").rows.size(),
            1u);
}

}  // namespace
}  // namespace tact::policy
