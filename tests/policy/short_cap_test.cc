// SPDX-License-Identifier: Apache-2.0
// CAP_SHORT and PREFERRED_SLOT.
#include "tests/policy/fixture.h"

namespace tact::policy::test {
namespace {

using namespace std::chrono_literals;

using ShortCapTest = Correspondence;

Submission code(std::string_view text, Instant now) {
  Submission s = promotion();
  s.cls = Class::otp;
  s.text = text;
  s.now = now;
  return s;
}
const Instant kNow = at("2026-03-18T10:15+08:00");
const std::string kCodes[] = {"【XX银行】验证码100001", "【XX银行】验证码100002",
                              "【XX银行】验证码100003", "【XX银行】验证码100004",
                              "【XX银行】验证码100005", "【XX银行】验证码100006"};

TEST_F(ShortCapTest, a_second_code_within_a_minute_is_refused_and_the_sixth_within_an_hour) {
  EXPECT_EQ(labels(send(code(kCodes[0], kNow))), "");
  EXPECT_EQ(labels(judge(code(kCodes[1], kNow + 59'999ms))), "CAP_SHORT");
  for (int i = 1; i < 5; ++i) EXPECT_EQ(labels(send(code(kCodes[i], kNow + i * 1min))), "") << i;
  const Verdict sixth = judge(code(kCodes[5], kNow + 59min));
  EXPECT_EQ(labels(sixth), "CAP_SHORT");
  EXPECT_EQ(sixth.fired[0].detail, "5 an hour");
  EXPECT_EQ(labels(judge(code(kCodes[5], kNow + 60min))), "") << "the first has left the hour";
}

TEST_F(ShortCapTest, codes_of_another_brand_do_not_count_for_the_minute) {
  send(code(kCodes[0], kNow));
  Submission other = code("【YY信用卡】验证码100001", kNow + 1s);
  other.account = 2;
  other.brand = 2;
  EXPECT_EQ(labels(judge(other)), "");
}

TEST_F(ShortCapTest, ten_notices_a_minute_are_enough) {
  Submission notice = promotion();
  notice.cls = Class::notification;
  for (int i = 0; i < 10; ++i) {
    const std::string text = "【XX银行】您尾号1234的账户支出" + std::to_string(i) + "元。";
    notice.text = text;
    notice.now = kNow + i * 1s;
    EXPECT_EQ(labels(send(notice)), "") << i;
  }
  notice.text = "【XX银行】您尾号1234的账户支出11元。";
  EXPECT_EQ(labels(judge(notice)), "CAP_SHORT");
}

// Hours that a class had better keep to.
RuleSetSpec with_slots() {
  RuleSetSpec spec = bank();
  spec.classes[size_t(Class::marketing) - 1].preferred = {
      {{Minutes(10 * 60 + 30), Minutes(11 * 60 + 30)}}, {{Minutes(19 * 60), Minutes(20 * 60)}}};
  return spec;
}

TEST_F(ShortCapTest, preferred_hours_are_waited_for) {
  use(with_slots());
  for (const auto& [now, until] : {std::pair("10:15", "10:30"), {"12:00", "19:00"}}) {
    Submission s = promotion();
    s.now = at("2026-03-18T" + std::string(now) + "+08:00");
    const Verdict v = judge(s);
    EXPECT_EQ(labels(v), "PREFERRED_SLOT");
    EXPECT_EQ(v.action, Action::defer);
    EXPECT_EQ(iso(v.until), "2026-03-18T" + std::string(until) + ":00+08:00");
  }
  Submission s = promotion();
  s.now = at("2026-03-18T11:00+08:00");
  EXPECT_EQ(labels(judge(s)), "");
  s.now = at("2026-02-17T11:00+08:00");
  const Verdict holiday = judge(s);
  EXPECT_EQ(labels(holiday), "HOLIDAY PREFERRED_SLOT");
  EXPECT_EQ(iso(holiday.until), "2026-02-24T10:30:00+08:00");
}

// Requirement 46: daytime on weekdays, the morning at the weekend.
TEST_F(ShortCapTest, the_weekend_may_have_hours_of_its_own) {
  RuleSetSpec spec = bank();
  constexpr uint8_t kWeekend = 0b1000001;
  spec.classes[size_t(Class::marketing) - 1].preferred = {
      {{Minutes(10 * 60), Minutes(17 * 60)}, static_cast<uint8_t>(0x7f & ~kWeekend)},
      {{Minutes(9 * 60), Minutes(11 * 60)}, kWeekend}};
  use(std::move(spec));
  for (const auto& [now, until] : {std::pair("2026-03-20T16:00", ""),  // a Friday
                                   {"2026-03-20T17:00", "2026-03-21T09:00"},
                                   {"2026-03-21T11:00", "2026-03-22T09:00"},
                                   {"2026-03-22T10:59", ""},
                                   {"2026-03-22T11:00", "2026-03-23T10:00"}}) {
    Submission s = promotion();
    s.now = at(std::string(now) + "+08:00");
    const Verdict v = judge(s);
    EXPECT_EQ(v.action == Action::defer ? iso(v.until).substr(0, 16) : "", until) << now;
  }
}

TEST_F(ShortCapTest, a_preference_never_costs_a_message_its_life) {
  use(with_slots());
  Submission s = promotion();
  s.now = at("2026-03-18T12:00+08:00");
  s.expires_at = s.now + 1h;
  EXPECT_EQ(labels(judge(s)), "") << "it would expire before 19:00";
}

TEST(Preferred, hours_outside_of_the_window_are_a_fault_of_the_rules) {
  RuleSetSpec spec = with_slots();
  spec.classes[size_t(Class::marketing) - 1].preferred.push_back(
      {{Minutes(8 * 60), Minutes(9 * 60)}});
  spec.classes[size_t(Class::collection) - 1].preferred = {
      {{Minutes(9 * 60), Minutes(11 * 60)}, 0}};
  const BuildResult result = build(std::move(spec));
  ASSERT_EQ(result.errors.size(), 2u);
  EXPECT_EQ(result.errors[0].path, "classes[3].preferred") << "on no day";
  EXPECT_EQ(result.errors[1].path, "classes[4].preferred");
}

}  // namespace
}  // namespace tact::policy::test
