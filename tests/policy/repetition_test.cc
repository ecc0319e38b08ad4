// SPDX-License-Identifier: Apache-2.0
// COOLDOWN, RETOUCH and ESCALATE: what is too much of the same.
#include "tests/policy/fixture.h"

namespace tact::policy::test {
namespace {

using namespace std::chrono_literals;

using RepetitionTest = Correspondence;
const Instant kNow = at("2026-03-18T10:15+08:00");  // a Wednesday
constexpr auto kDay = 24h;

Submission promotion_at(Instant now, std::string_view text = promotion().text) {
  Submission s = promotion();
  s.now = now;
  s.text = text;
  return s;
}
constexpr std::string_view kOther = "【XX银行】新客首刷有礼。详询955XX,拒收请回复R";
constexpr std::string_view kThird = "【XX银行】积分兑换季开始了。详询955XX,拒收请回复R";

TEST_F(RepetitionTest, a_text_is_not_sent_again_within_seven_days) {
  EXPECT_EQ(labels(send(promotion_at(kNow))), "");
  EXPECT_EQ(labels(judge(promotion_at(kNow + 2 * kDay))), "COOLDOWN");
  EXPECT_EQ(labels(judge(promotion_at(kNow + 7 * kDay - 1ms))), "COOLDOWN");
  EXPECT_EQ(labels(judge(promotion_at(kNow + 7 * kDay))), "");
  EXPECT_EQ(labels(judge(promotion_at(kNow + 2 * kDay, kOther))), "");
}

TEST_F(RepetitionTest, neither_amounts_nor_disguise_make_another_text) {
  send(promotion_at(kNow));
  for (const std::string_view text : {"【XX银行】周末刷卡立减500元。详询955XX,拒收请回复R",
                                      "【XX银行】周末 刷卡,立减２０元!详询955XX,拒收请回复R",
                                      "【XX银行】周末\u200b刷卡立減20元。詳詢955XX,拒收请回复R"}) {
    EXPECT_EQ(labels(judge(promotion_at(kNow + 2 * kDay, text))), "COOLDOWN") << text;
  }
}

TEST_F(RepetitionTest, what_is_planned_counts_and_what_is_given_up_does_not) {
  Submission night = promotion_at(at("2026-03-18T23:00+08:00"));
  EXPECT_EQ(labels(send(night)), "WINDOW");
  EXPECT_EQ(labels(judge(promotion_at(night.now + 1min))), "CAP_DAY WINDOW COOLDOWN");
  book_.release(kNumber, 1, night.now);
  EXPECT_EQ(labels(judge(promotion_at(night.now + 1min))), "WINDOW");
}

// Judged again it has its own slot, and its text has a signature more.
TEST_F(RepetitionTest, a_message_is_no_repetition_of_itself) {
  Submission s = promotion_at(at("2026-03-18T23:00+08:00"), "周末刷卡立减20元。详询955XX");
  const Verdict v = send(s);
  ASSERT_EQ(v.action, Action::defer);
  s.id = 1;
  s.text = v.text;
  s.now = v.until;
  const Verdict again = gate_.admit(s, book_.find(kNumber), suppression_);
  EXPECT_EQ(labels(again), "");
  EXPECT_EQ(again.like, v.like);
}

TEST_F(RepetitionTest, of_two_planned_alike_the_first_goes) {
  Submission s = promotion_at(kNow);
  book_.reserve(kNumber, 1, 1, Class::marketing, kNow, kNow, judge(s).like);
  book_.reserve(kNumber, 2, 1, Class::marketing, kNow + kDay, kNow, judge(s).like);
  s.id = 1;
  EXPECT_EQ(labels(gate_.admit(s, book_.find(kNumber), suppression_)), "");
  book_.settle(kNumber, 1, 1, Class::marketing, 0, kNow, kNow);
  s.id = 2;
  s.now = kNow + kDay;
  EXPECT_EQ(labels(gate_.admit(s, book_.find(kNumber), suppression_)), "COOLDOWN");
}

TEST_F(RepetitionTest, notices_repeat_only_where_they_are_urgent_and_differ_by_their_amounts) {
  Submission s = promotion_at(kNow, "【XX银行】您尾号1234的账户支出100元。");
  s.cls = Class::notification;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(labels(send(s)), "") << "a second purchase is a second";
  s.urgent = false;
  EXPECT_EQ(labels(send(s)), "");
  s.now += 10min - 1ms;
  EXPECT_EQ(labels(judge(s)), "COOLDOWN");
  s.text = "【XX银行】您尾号1234的账户支出101元。";
  EXPECT_EQ(labels(judge(s)), "");
}

TEST_F(RepetitionTest, a_warning_is_not_given_twice_an_hour) {
  Submission s = promotion_at(kNow, "【XX银行】系统今晚22点升级,请提前办理业务。");
  s.cls = Class::crisis;
  EXPECT_EQ(labels(send(s)), "");
  s.now += 59min;
  EXPECT_EQ(labels(judge(s)), "COOLDOWN");
  s.now += 1min;
  EXPECT_EQ(labels(judge(s)), "");
}

TEST_F(RepetitionTest, another_brand_may_say_the_same) {
  send(promotion_at(kNow));
  Submission s =
      promotion_at(kNow + 2 * kDay, "【YY信用卡】周末刷卡立减20元。详询400-600-1234,拒收请回复R");
  s.account = 2;
  s.brand = 2;
  EXPECT_EQ(labels(send(s)), "");
  s.now += 2 * kDay;
  EXPECT_EQ(labels(judge(s)), "COOLDOWN");
}

class RetouchTest : public Correspondence {
 protected:
  Submission touch(Instant now, std::string_view text) const {
    Submission s = promotion_at(now, text);
    s.campaign = "spring";
    return s;
  }
};

TEST_F(RetouchTest, a_campaign_touches_once_more_a_day_to_three_later) {
  send(touch(kNow, promotion().text));
  EXPECT_EQ(labels(judge(touch(kNow + 72h + 1ms, kOther))), "RETOUCH");
  // Not on the same day: CAP_DAY has put it off until it may.
  EXPECT_EQ(labels(judge(touch(kNow + 1h, kOther))), "CAP_DAY");
  EXPECT_EQ(labels(send(touch(kNow + 48h, kOther))), "");
  const Verdict third = judge(touch(kNow + 72h, kThird));
  EXPECT_EQ(labels(third), "RETOUCH");
  EXPECT_EQ(third.fired[0].detail, "twice already");
  Submission other = touch(kNow + 72h, kThird);
  other.campaign = "summer";
  EXPECT_EQ(labels(judge(other)), "");
  other.campaign = "";
  EXPECT_EQ(labels(judge(other)), "");
}

TEST_F(RetouchTest, on_the_same_day_it_is_refused_where_no_cap_puts_it_off) {
  RuleSetSpec spec = bank();
  spec.classes[size_t(Class::marketing) - 1].cap_day = 0;
  use(std::move(spec));
  send(touch(kNow, promotion().text));
  EXPECT_EQ(labels(judge(touch(kNow + 1h, kOther))), "RETOUCH");
}

TEST_F(RetouchTest, who_replied_is_left_alone) {
  send(touch(kNow, promotion().text));
  reply(kNow + 1h);
  const Verdict v = judge(touch(kNow + 48h, kOther));
  EXPECT_EQ(labels(v), "RETOUCH");
  EXPECT_EQ(v.fired[0].detail, "answered");
}

TEST_F(RetouchTest, a_campaign_of_another_producer_is_another) {
  send(touch(kNow, promotion().text));
  Submission s = touch(kNow + 4 * kDay, kOther);
  s.owner = 2;
  EXPECT_EQ(labels(judge(s)), "");
}

class EscalateTest : public Correspondence {
 protected:
  Submission reminder(Instant now) const {
    Submission s = dunning();
    s.now = now;
    return s;
  }
  static constexpr auto kWeek = 7 * kDay;
};

TEST_F(EscalateTest, after_three_reminders_in_vain_it_is_a_persons_turn) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(labels(send(reminder(kNow + i * kWeek))), "") << i;
  const Verdict fourth = judge(reminder(kNow + 3 * kWeek));
  EXPECT_EQ(labels(fourth), "ESCALATE");
  EXPECT_EQ(fourth.fired[0].detail, "3 unanswered");
  reply(kNow + 3 * kWeek);
  EXPECT_EQ(labels(send(reminder(kNow + 3 * kWeek))), "");
}

TEST_F(EscalateTest, a_reply_begins_the_count_anew) {
  send(reminder(kNow));
  send(reminder(kNow + kWeek));
  reply(kNow + kWeek + 1h);
  for (int i = 2; i < 5; ++i) EXPECT_EQ(labels(send(reminder(kNow + i * kWeek))), "") << i;
  EXPECT_EQ(labels(judge(reminder(kNow + 5 * kWeek))), "ESCALATE");
}

TEST_F(EscalateTest, one_a_month_counts_too) {
  for (int i = 0; i < 3; ++i) send(reminder(kNow + i * 28 * kDay));
  EXPECT_EQ(labels(judge(reminder(kNow + 3 * 28 * kDay))), "ESCALATE");
}

TEST_F(EscalateTest, emergency_is_no_way_around_it_and_another_brand_is_not_concerned) {
  for (int i = 0; i < 3; ++i) send(reminder(kNow + i * kWeek));
  Submission s = reminder(kNow + 3 * kWeek);
  s.emergency = true;
  EXPECT_EQ(labels(judge(s)), "ESCALATE");
  s.account = 2;
  s.brand = 2;
  s.text = "【YY信用卡】王先生您好,您的信用贷本期应还2,350.00元,请致电400-600-1234,谢谢。";
  EXPECT_EQ(labels(judge(s)), "");
}

TEST_F(EscalateTest, what_is_planned_behind_does_not_count) {
  send(reminder(kNow));
  send(reminder(kNow + kWeek));
  const Verdict planned = send(reminder(kNow + kWeek + 1h));
  ASSERT_EQ(labels(planned), "CAP_DAY FREQ_WEEK");
  Submission now = reminder(kNow + 9 * kDay);
  now.emergency = true;
  now.text = "【XX银行】王先生您好,您的信用贷今日到期,请致电955XX,谢谢。";
  EXPECT_FALSE(judge(now).fired_rule(Rule::escalate));
}

TEST_F(EscalateTest, the_mark_holds_at_both_looks) {
  suppression_.set(1, kNumber, mask(Class::collection), Block::escalated, true, kNow, 1);
  Submission s = reminder(kNow);
  EXPECT_EQ(labels(judge(s)), "ESCALATE");
  s.brand = 1;
  EXPECT_EQ(labels(gate_.release(s, suppression_)), "ESCALATE");
  s.cls = Class::marketing;
  EXPECT_EQ(labels(gate_.release(s, suppression_)), "");
}

}  // namespace
}  // namespace tact::policy::test
