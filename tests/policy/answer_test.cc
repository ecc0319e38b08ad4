// SPDX-License-Identifier: Apache-2.0
#include "policy/answer.h"

#include "tests/policy/fixture.h"

namespace tact::policy {
namespace {

constexpr std::string_view kHandset = "8613800138000";

std::shared_ptr<const RuleSet> with(const std::function<void(RepliesSpec&)>& change) {
  RuleSetSpec spec = test::bank();
  change(spec.accounts[0].replies);
  BuildResult built = build(std::move(spec));
  for (const SpecError& e : built.errors) ADD_FAILURE() << e.path << ": " << e.message;
  return built.rules;
}

std::shared_ptr<const RuleSet> with_menu() {
  return with([](RepliesSpec& r) {
    r.menu = {{"查账单", "账单见手机银行。"}, {"查额度", ""}};
    r.help = "咨询请拨955XX。";
    r.opt_out = "{brand}:您已退订。";
    r.opt_out_words = {"QXTZ"};
  });
}

std::string answered(const RuleSet& rules, std::string_view text, bool open = true,
                     bool fresh = true) {
  const Reply reply = decide(text, reply_context(rules, 1, open));
  return answer_to(rules, 1, 1, kHandset, reply, fresh).text;
}

TEST(answer, nobody_is_answered_where_nothing_is_configured) {
  for (const char* text : {"1", "HELP", "TD", "START"}) {
    EXPECT_EQ(answered(*test::rules(), text), "") << text;
  }
  const auto rules = with_menu();
  const Reply help = decide("HELP", {});
  EXPECT_EQ(answer_to(*rules, 0, 1, kHandset, help, true).text, "") << "nobody's number";
  EXPECT_EQ(answer_to(*rules, 1, 1, "10086", help, true).text, "") << "a service, not a handset";
}

TEST(answer, a_choice_counts_while_the_menu_is_open) {
  const auto rules = with_menu();
  EXPECT_EQ(answered(*rules, "1"), "账单见手机银行。");
  EXPECT_EQ(answered(*rules, "回复1查账单"), "账单见手机银行。");
  EXPECT_EQ(answered(*rules, "2"), "") << "only told";
  EXPECT_EQ(answered(*rules, "3"), "");
  EXPECT_EQ(answered(*rules, "1", false), "");
  EXPECT_EQ(decide("1", reply_context(*rules, 2, true)).kind, Reply::Kind::none)
      << "another account's";
}

TEST(answer, help_is_given_at_any_time) {
  EXPECT_EQ(answered(*with_menu(), "帮助", false), "咨询请拨955XX。");
  EXPECT_EQ(answered(*with_menu(), "怎么退订", false), "咨询请拨955XX。");
}

TEST(answer, an_opt_out_is_confirmed_when_it_is_new) {
  const auto rules = with_menu();
  EXPECT_EQ(answered(*rules, "TD"), "XX银行:您已退订。");
  EXPECT_EQ(answered(*rules, "qxtz"), "XX银行:您已退订。") << "a word of its own";
  EXPECT_EQ(answered(*rules, "TD", true, false), "");
}

TEST(answer, a_country_may_expect_a_confirmation) {
  const Reply stop = decide("STOP", {});
  const Answer us = answer_to(*test::rules(), 1, 1, "12125550123", stop, true);
  EXPECT_TRUE(us.confirmation);
  EXPECT_TRUE(us.text.starts_with("XX银行: you have opted out")) << us.text;
  EXPECT_EQ(answer_to(*test::rules(), 1, 1, kHandset, stop, true).text, "");
  EXPECT_EQ(answer_to(*with_menu(), 1, 1, "12125550123", stop, true).text, "XX银行:您已退订。");
}

// The country's text has to pass the gate of whoever configured nothing.
TEST(answer, the_confirmations_of_countries_pass_the_gate) {
  const auto rules = test::rules();
  Gate gate(rules, test::segments);
  const Suppression nobody;
  Submission s = test::promotion();
  s.to = "12125550123";
  s.cls = Class::notification;
  s.confirmation = true;
  const std::string text = answer_to(*rules, 1, 1, s.to, decide("STOP", {}), true).text;
  s.text = text;
  const Verdict v = gate.admit(s, {}, nobody);
  EXPECT_LE(v.action, Action::rewrite) << test::labels(v);
}

TEST(answer, no_cap_holds_a_confirmation) {
  const auto rules = with([](RepliesSpec&) {});
  Gate gate(rules, test::segments);
  const Suppression nobody;
  ContactBook book(test::kTenant);
  Submission s = test::promotion();
  s.cls = Class::notification;
  s.text = "【XX银行】您已退订。";
  for (MessageId id = 1; id <= 10; ++id) {
    book.settle(s.number, id, 1, Class::notification, 0, s.now, s.now);
  }
  EXPECT_EQ(test::labels(gate.admit(s, book.find(s.number), nobody)), "CAP_SHORT");
  s.confirmation = true;
  EXPECT_EQ(gate.admit(s, book.find(s.number), nobody).action, Action::pass);
  for (MessageId id = 11; id <= 50; ++id) {
    book.settle(s.number, id, 1, Class::notification, 0, s.now, s.now);
  }
  EXPECT_EQ(gate.admit(s, book.find(s.number), nobody).action, Action::pass);
}

}  // namespace
}  // namespace tact::policy
