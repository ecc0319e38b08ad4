// SPDX-License-Identifier: Apache-2.0
#include "policy/template.h"

#include "tests/policy/fixture.h"

namespace tact::policy {
namespace {

using Variables = std::vector<Template::Variable>;

std::string filled(std::string_view text, const Variables& variables) {
  const Template one(text);
  EXPECT_EQ(one.wrong(), "") << text;
  std::string out;
  const std::string wrong = one.fill(variables, out);
  EXPECT_TRUE(wrong.empty() || out.empty()) << "half a text";
  return wrong.empty() ? out : "? " + wrong;
}

TEST(template_, places_that_cannot_be_read_are_refused) {
  for (const char* text :
       {"你好{name", "你好name}", "你好{}", "你好{name}", "你好{name:text}", "你好{:text:5}",
        "你好{na me:text:5}", "你好{name:word:5}", "你好{name:text:0}", "你好{name:text:101}",
        "你好{name:text:5x}", "你好{a{b:text:5}}", "{name:text:5}", "{a:text:5},{b:text:5}!", ""}) {
    EXPECT_NE(Template(text).wrong(), "") << text;
  }
  std::string words;
  for (int i = 0; i < 500; ++i) words += "账";
  EXPECT_EQ(Template(words).wrong(), "");
  EXPECT_NE(Template(words + "单").wrong(), "");
}

TEST(template_, every_place_is_filled_and_nothing_else) {
  constexpr std::string_view kBill = "{name:text:5}您好,{month:number:2}月账单{sum:amount:12}元。";
  EXPECT_EQ(filled(kBill, {{"name", "王先生"}, {"month", "3"}, {"sum", "2,350.00"}}),
            "王先生您好,3月账单2,350.00元。");
  EXPECT_EQ(filled(kBill, {{"name", "王先生"}, {"month", "3"}}), "? sum: missing");
  EXPECT_EQ(filled(kBill, {{"name", "王"}, {"month", "3"}, {"sum", "1"}, {"day", "1"}}),
            "? day: no such place");
  EXPECT_EQ(filled(kBill, {{"name", "王"}, {"month", "3"}, {"sum", "1"}, {"sum", "2"}}),
            "? sum: twice");
  EXPECT_EQ(filled(kBill, {{"name", " "}, {"month", "3"}, {"sum", "1"}}), "? name: empty");
  EXPECT_EQ(filled(kBill, {{"name", "一二三四五六"}, {"month", "3"}, {"sum", "1"}}),
            "? name: too long");
  EXPECT_EQ(filled("同一{x:code:3},再次{x:code:3}", {{"x", "A1"}}), "同一A1,再次A1");
}

TEST(template_, no_link_bracket_or_mark_comes_in_through_a_text) {
  for (const char* value : {"evil.cn/x", "http://a.cn", "ｅｖｉｌ．ｃｎ／ｘ", "ev\u200bil.cn",
                            "【YY】", "[YY]", "［YY］", "{a}", "${a}", "#a#", "100%", "a\nb",
                            "a\tb", "\xff", "〔a〕", "<a>", "www.evil.com"}) {
    EXPECT_TRUE(filled("尊敬的{x:text:30}您好", {{"x", value}}).starts_with("? x: ")) << value;
  }
  for (const char* value : {"王先生", "O'Neil", "Anna-Maria", "3月15日(周日)", "XX支行"}) {
    EXPECT_FALSE(filled("尊敬的{x:text:30}您好", {{"x", value}}).starts_with("?")) << value;
  }
}

TEST(template_, a_value_is_of_its_type) {
  const auto fits = [](std::string_view type, std::string_view value) {
    const std::string text = "值{x:" + std::string(type) + ":20}";
    return !filled(text, {{"x", value}}).starts_with("?");
  };
  EXPECT_TRUE(fits("number", "0123"));
  EXPECT_FALSE(fits("number", "1.5"));
  EXPECT_FALSE(fits("number", "１２"));
  EXPECT_TRUE(fits("amount", "12,345.67"));
  EXPECT_FALSE(fits("amount", "-5"));
  EXPECT_FALSE(fits("amount", ".,"));
  EXPECT_TRUE(fits("date", "2026-03-18 10:15"));
  EXPECT_TRUE(fits("date", "3月18日10时"));
  EXPECT_FALSE(fits("date", "月日"));
  EXPECT_FALSE(fits("date", "明天"));
  EXPECT_TRUE(fits("code", "A1b2"));
  EXPECT_FALSE(fits("code", "A1.cn"));
}

TEST(template_, an_account_has_its_own_by_version_or_the_common_one) {
  RuleSetSpec spec = test::bank();
  spec.accounts[0].templates = {{"bill", "", "账单{n:number:5}元"},
                                {"bill", "zh-HK", "賬單{n:number:5}元"},
                                {"hk", "zh-HK", "賬單"}};
  const auto rules = build(std::move(spec)).rules;
  ASSERT_NE(rules, nullptr);
  const Variables one{{"n", "1"}};
  const auto rendered = [&](uint16_t account, const char* id, const char* version) {
    std::string out;
    const std::string wrong = render(*rules, account, id, version, one, out);
    return wrong.empty() ? out : wrong;
  };
  EXPECT_EQ(rendered(1, "bill", ""), "账单1元");
  EXPECT_EQ(rendered(1, "bill", "zh-HK"), "賬單1元");
  EXPECT_EQ(rendered(1, "bill", "en"), "账单1元");
  EXPECT_EQ(rendered(1, "hk", "en"), "no such version");
  EXPECT_EQ(rendered(1, "Bill", ""), "no such template");
  EXPECT_EQ(rendered(2, "bill", ""), "no such template") << "another account's";
}

TEST(template_, rows_are_read_with_their_lines) {
  const auto parsed = parse_templates(
      "# ours\nid\tversion\ttext\nbill\t-\t您好\\n账单{n:number:5}元\nbill\ten\tBill {n:number:5}\n"
      "bill\t-\t再次\n\t-\tx\nb\t\tx\nc\t-\t{n:number:5}\n");
  ASSERT_EQ(parsed.rows.size(), 2u);
  EXPECT_EQ(parsed.rows[0].text, "您好\n账单{n:number:5}元");
  EXPECT_EQ(parsed.rows[1].version, "en");
  std::vector<int> lines;
  for (const DataError& e : parsed.errors) lines.push_back(e.line);
  EXPECT_EQ(lines, (std::vector<int>{5, 6, 7, 8}));
}

}  // namespace
}  // namespace tact::policy
