// SPDX-License-Identifier: Apache-2.0
#include "policy/gate.h"

#include <set>

#include "policy/rules.h"
#include "tests/policy/fixture.h"

namespace tact::policy {
namespace {

using std::chrono::hours;
using test::at;
using test::iso;
using test::labels;

class GateTest : public testing::Test {
 protected:
  Verdict admit(const Submission& s) { return gate_.admit(s, book_.find(s.number), suppression_); }
  Gate gate_{test::rules(), test::segments};
  ContactBook book_{test::kTenant};
  Suppression suppression_;
};

TEST_F(GateTest, broken_utf8_is_refused_in_every_class) {
  Submission s = test::promotion();
  s.text = "【XX银行】\xff";
  for (int c = 1; c <= kClassCount; ++c) {
    s.cls = static_cast<Class>(c);
    EXPECT_TRUE(admit(s).fired_rule(Rule::text_invalid));
  }
}

TEST_F(GateTest, what_was_taken_back_is_refused_at_both_looks_in_every_class) {
  SuppressionEntry entry;
  entry.scope = kWithdrawnScope;
  entry.number = withdrawn_key(3, "spring");
  entry.proof = 100;
  entry.blocks.fill(static_cast<BlockMask>(Block::withdrawn));
  suppression_.put(entry);
  Submission s = test::promotion();
  s.owner = 3;
  s.id = 99;
  s.campaign = "spring";
  for (int c = 1; c <= kClassCount; ++c) {
    s.cls = static_cast<Class>(c);
    EXPECT_TRUE(admit(s).fired_rule(Rule::cancelled)) << c;
    EXPECT_TRUE(gate_.release(s, suppression_).fired_rule(Rule::cancelled)) << c;
  }
  s.owner = 4;
  EXPECT_FALSE(admit(s).fired_rule(Rule::cancelled));
  EXPECT_FALSE(gate_.release(s, suppression_).fired_rule(Rule::cancelled));
}

TEST_F(GateTest, an_unknown_class_is_refused_and_other_faults_are_listed_too) {
  Submission s = test::promotion();
  s.cls = Class{77};
  s.to = "12";
  const Verdict v = admit(s);
  EXPECT_EQ(v.action, Action::reject);
  EXPECT_EQ(labels(v), "CLASS_UNKNOWN NUMBER_INVALID");
}

TEST_F(GateTest, a_rejected_text_is_not_rewritten) {
  Submission s = test::promotion();
  s.text = "刷卡立减20元,955XX";
  s.consent = false;
  const Verdict v = admit(s);
  EXPECT_EQ(v.action, Action::reject);
  EXPECT_TRUE(v.text.empty());
  EXPECT_EQ(labels(v), "NO_CONSENT SIG_PREPEND MARKER_APPEND");
}

TEST_F(GateTest, no_detail_carries_the_number) {
  Submission s = test::promotion();
  s.to = "+86138001380001234567";
  s.text = "【XX银行】卡4111111111111111,身份11010519491231002X";
  for (const Fired& f : admit(s).fired) {
    EXPECT_EQ(f.detail.find("138001380"), f.detail.npos);
    EXPECT_EQ(f.detail.find("411111"), f.detail.npos);
    EXPECT_EQ(f.detail.find("110105"), f.detail.npos);
  }
}

TEST_F(GateTest, advertised_keywords_are_told_for_the_reply) {
  Submission s = test::promotion();
  EXPECT_EQ(admit(s).advertised, bit(Keyword::r));
  s.text = "【XX银行】刷卡立减20元。955XX,退订回N";
  EXPECT_EQ(admit(s).advertised, bit(Keyword::n));
  s.text = "【XX银行】刷卡立减20元。955XX";
  EXPECT_EQ(admit(s).advertised, bit(Keyword::r)) << "the marker appended";
  EXPECT_EQ(advertised_keywords("退订回T或拒收请回复R"), bit(Keyword::t) | bit(Keyword::r));
}

TEST_F(GateTest, a_reservation_planned_ahead_counts_and_the_messages_own_does_not) {
  Submission s = test::dunning();
  s.now = at("2026-03-18T21:00+08:00");
  s.id = 5;
  const Verdict first = admit(s);
  ASSERT_EQ(first.action, Action::defer);
  book_.reserve(s.number, 5, first.brand, first.cls, first.until, s.now);
  EXPECT_EQ(admit(s).until, first.until) << "judged again, its own slot aside";
  s.id = 6;
  EXPECT_EQ(iso(admit(s).until), "2026-03-26T09:00:00+08:00");
}

TEST_F(GateTest, otp_beyond_its_daily_cap_is_refused_not_deferred) {
  Submission s = test::promotion();
  s.cls = Class::otp;
  s.text = "【XX银行】验证码482913";
  for (MessageId id = 1; id <= 10; ++id) {
    EXPECT_EQ(admit(s).action, Action::pass);
    book_.reserve(s.number, id, 1, Class::otp, s.now - id * hours(2), s.now);
  }
  const Verdict v = admit(s);
  EXPECT_EQ(v.action, Action::reject);
  EXPECT_EQ(labels(v), "CAP_DAY");
  s.now += hours(24);
  EXPECT_EQ(admit(s).action, Action::pass);
}

TEST_F(GateTest, a_pause_defers_and_an_open_one_ends_in_expiry) {
  Submission s = test::promotion();
  suppression_.set(1, s.number, mask(Class::marketing), Block::pause, true, s.now, 1,
                   s.now + hours(72));
  EXPECT_EQ(admit(s).until, s.now + hours(72));
  suppression_.set(1, s.number, mask(Class::marketing), Block::pause, true, s.now, 1);
  EXPECT_EQ(labels(admit(s)), "PAUSE EXPIRED");
}

TEST_F(GateTest, strangers_and_dead_numbers_get_no_collection_but_their_codes) {
  Submission s = test::dunning();
  suppression_.set(1, s.number, kAllClasses, Block::wrong_party, true, s.now, 1);
  suppression_.set(1, s.number, kAllClasses, Block::dead_number, true, s.now, 1);
  suppression_.set(1, s.number, kAllClasses, Block::carrier, true, s.now, 1);
  EXPECT_EQ(labels(admit(s)), "WRONG_PARTY NUMBER_DEAD CARRIER_BLACK");
  s.cls = Class::otp;
  s.text = "【XX银行】验证码482913";
  EXPECT_EQ(admit(s).action, Action::pass);
}

TEST_F(GateTest, deferral_counts_from_the_first_admission) {
  Submission s = test::promotion();
  s.now = at("2026-03-18T21:00+08:00");
  s.accepted = s.now - hours(239);
  EXPECT_EQ(labels(admit(s)), "WINDOW EXPIRED");
  s.accepted = s.now - hours(228);
  EXPECT_EQ(admit(s).action, Action::defer);
}

class ReleaseTest : public GateTest {
 protected:
  ReleaseTest() {
    s_ = test::promotion();
    s_.brand = 1;
    s_.text = {};
    s_.account = 0;
  }
  Verdict release() { return gate_.release(s_, suppression_); }
  Submission s_;
};

TEST_F(ReleaseTest, needs_neither_text_nor_account_nor_consent) {
  s_.consent = false;
  const Verdict v = release();
  EXPECT_EQ(v.action, Action::pass) << labels(v);
}

TEST_F(ReleaseTest, sees_an_opt_out_that_came_after_admission) {
  suppression_.set(1, s_.number, mask(Class::marketing), Block::opt_out, true, s_.now, 1);
  EXPECT_EQ(labels(release()), "OPTED_OUT");
  s_.cls = Class::otp;
  EXPECT_EQ(release().action, Action::pass);
}

TEST_F(ReleaseTest, sees_the_end_of_validity) {
  s_.expires_at = s_.now;
  EXPECT_EQ(labels(release()), "EXPIRED");
}

TEST_F(ReleaseTest, defers_what_came_too_late_for_the_window) {
  s_.now = at("2026-03-18T20:00+08:00");
  const Verdict v = release();
  EXPECT_EQ(v.action, Action::defer);
  EXPECT_EQ(iso(v.until), "2026-03-19T09:00:00+08:00");
  s_.now = at("2026-10-03T11:00+08:00");
  EXPECT_EQ(labels(release()), "HOLIDAY");
}

TEST_F(GateTest, a_new_rule_set_counts_from_the_next_message) {
  RuleSetSpec spec = test::bank();
  spec.lexicon.push_back({.category = LexiconRow::Category::adv, .term = "周末"});
  EXPECT_EQ(admit(test::promotion()).action, Action::pass);
  gate_.use(build(spec).rules);
  EXPECT_EQ(labels(admit(test::promotion())), "ADV_周末");
}

TEST(catalogue, each_rule_has_one_name_and_each_name_one_rule) {
  std::map<std::string_view, Rule> rules;
  std::map<Rule, std::string_view> names;
  for (const RuleRow& row : catalogue()) {
    EXPECT_EQ(rules.emplace(row.name, row.rule).first->second, row.rule) << row.name;
    EXPECT_EQ(names.emplace(row.rule, row.name).first->second, row.name);
    EXPECT_TRUE(row.looks == 0 ||
                (row.phase == Phase::time || row.phase == Phase::hint ? row.next != nullptr
                                                                      : row.judge != nullptr));
  }
  for (const Rule r : {Rule::lex_state, Rule::cap_month, Rule::adv, Rule::zone_unknown}) {
    EXPECT_TRUE(names.contains(r));
  }
  EXPECT_EQ(name(Rule::none), "NONE");
  EXPECT_EQ(name(Rule::field_invalid), "FIELD_INVALID");
  EXPECT_EQ(name(Rule::no_route), "NO_ROUTE");
  EXPECT_EQ(name(Rule::queue_full), "QUEUE_FULL");
  EXPECT_EQ(name(Rule::keys_full), "KEYS_FULL");
}

TEST(reply_effects, follow_the_class_replied_to) {
  Reply out{.kind = Reply::Kind::opt_out};
  EXPECT_EQ(blocked_classes(out, Class::marketing), mask(Class::marketing));
  EXPECT_EQ(blocked_classes(out, Class::collection), kOptionalClasses);
  EXPECT_EQ(blocked_classes(out, Class::notification),
            mask(Class::marketing) | mask(Class::notification));
  EXPECT_EQ(blocked_classes(out, Class::unset), kOptionalClasses);
  out.stop_all = true;
  EXPECT_EQ(blocked_classes(out, Class::marketing), kOptionalClasses | mask(Class::notification));
  EXPECT_EQ(blocked_classes(Reply{}, Class::marketing), 0);
  EXPECT_EQ(freed_classes(Reply{}), 0);
}

TEST(replies, keywords_of_the_context) {
  EXPECT_EQ(label(decide("N", {})), "NONE");
  EXPECT_EQ(label(decide("N", {.advertised = bit(Keyword::n)})), "OPT_OUT");
  EXPECT_EQ(label(decide("d", {.advertised = bit(Keyword::d)})), "OPT_OUT");
  EXPECT_EQ(label(decide("1", {})), "NONE") << "no active menu";
  constexpr auto kOwn = std::to_array<std::string_view>({"Ciao"});
  EXPECT_EQ(label(decide("ｃｉａｏ", {.keywords = kOwn})), "OPT_OUT");
  EXPECT_EQ(label(decide("c-i a o", {.keywords = kOwn})), "OPT_OUT");
  EXPECT_EQ(label(decide("\xff\xfe", {})), "NONE");
  EXPECT_EQ(label(decide(std::string(1 << 20, 'T'), {})), "NONE");
}

TEST(Halted, a_campaign_waits_at_both_looks_and_codes_do_not) {
  Gate gate(test::rules(), test::segments);
  Suppression suppression;
  SuppressionEntry entry;
  entry.number = halted_key(campaign_digest(7, "spring"));
  entry.proof = kAllMessages;
  entry.blocks.fill(static_cast<BlockMask>(Block::withdrawn));
  suppression.put(entry);
  Submission s = test::promotion();
  s.owner = 7;
  s.campaign = "spring";
  s.id = 5;
  const Verdict v = gate.admit(s, {}, suppression);
  EXPECT_EQ(labels(v), "BREAKER");
  EXPECT_EQ(v.until, s.now + hours(6));
  s.brand = 1;
  EXPECT_EQ(labels(gate.release(s, suppression)), "BREAKER");
  s.cls = Class::otp;
  EXPECT_EQ(labels(gate.release(s, suppression)), "");
  s.cls = Class::marketing;
  for (const char* other : {"summer", ""}) {
    s.campaign = other;
    EXPECT_EQ(labels(gate.release(s, suppression)), "") << other;
  }
  s.campaign = "spring";
  s.owner = 8;
  EXPECT_EQ(labels(gate.release(s, suppression)), "");
  s.owner = 7;
  entry.blocks = {};
  suppression.put(entry);
  EXPECT_EQ(labels(gate.release(s, suppression)), "");
}

// Two of a month where others get eight; whom nobody placed is like the others.
TEST(Stages, WhoStandsThereHasACapOfHisOwn) {
  RuleSetSpec spec = test::bank();
  spec.stages = {{"repaid", 2}, {"application", 12}};
  Gate gate(build(std::move(spec)).rules, test::segments);
  const Suppression suppression;
  ContactBook book(test::kTenant);
  for (MessageId id = 1; id <= 8; ++id) {
    const Instant then = test::at("2026-03-01T10:00+08:00") + std::chrono::hours(25) * id;
    book.settle(test::kNumber, id, 1, Class::marketing, 0, then, then);
    Submission s = test::promotion();
    s.id = 100;
    for (const auto& [stage, cap] :
         {std::pair("", 8u), {"repaid", 2u}, {"application", 12u}, {"nowhere", 8u}}) {
      s.stage = stage;
      const Verdict v = gate.admit(s, book.find(test::kNumber), suppression);
      EXPECT_EQ(v.fired_rule(Rule::cap_month), id >= cap) << stage << ' ' << id;
    }
  }
}

}  // namespace
}  // namespace tact::policy
