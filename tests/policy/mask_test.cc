// SPDX-License-Identifier: Apache-2.0
// Numbers of cards and identities, cut to their last four where the rule set says so.
#include "policy/content.h"
#include "policy/normalise.h"
#include "tests/policy/fixture.h"

namespace tact::policy {
namespace {

using test::labels;

TEST(mask, what_is_no_number_stays) {
  for (const std::string text :
       {"", "尾号1111的卡", "4111 1111 1111 1112", "4111111111111", "\xff"}) {
    EXPECT_EQ(mask_personal_numbers(text), text);
  }
}

TEST(mask, each_number_is_cut_however_it_is_written) {
  EXPECT_EQ(mask_personal_numbers("卡4111111111111111已激活"), "卡****1111已激活");
  EXPECT_EQ(mask_personal_numbers("卡4111 1111-1111 1111。"), "卡****1111。");
  EXPECT_EQ(mask_personal_numbers("卡４１１１１１１１１１１１１１１１"), "卡****1111");
  EXPECT_EQ(mask_personal_numbers("4111\u200b1111\u200b1111\u200b1111"), "****1111");
  EXPECT_EQ(mask_personal_numbers("证件11010519491231002X，卡4111111111111111，卡5500005555555559"),
            "证件****002x，卡****1111，卡****5559");
}

TEST(mask, more_than_a_text_may_have_are_not_masked) {
  std::string text;
  for (int i = 0; i < kMaskedMax; ++i) text += "卡4111111111111111。";
  EXPECT_TRUE(mask_personal_numbers(text));
  EXPECT_FALSE(mask_personal_numbers(text + "卡4111111111111111"));
}

class MaskTest : public testing::Test {
 protected:
  Verdict admit(bool masks, const std::string& text) {
    RuleSetSpec spec = test::bank();
    spec.mask_personal_numbers = masks;
    Gate gate(build(std::move(spec)).rules, test::segments);
    Submission s = test::promotion();
    s.cls = Class::notification;
    s.text = text;
    return gate.admit(s, book_.find(s.number), suppression_);
  }
  ContactBook book_{test::kTenant};
  Suppression suppression_;
};

TEST_F(MaskTest, a_rule_set_says_whether_such_a_text_is_refused_or_cut) {
  const std::string text = "【XX银行】您的卡4111 1111 1111 1111已激活。";
  EXPECT_EQ(admit(false, text).action, Action::reject);
  const Verdict v = admit(true, text);
  EXPECT_EQ(v.action, Action::rewrite);
  EXPECT_EQ(labels(v), "PII_PAN");
  EXPECT_EQ(v.text, "【XX银行】您的卡****1111已激活。");
}

TEST_F(MaskTest, both_kinds_and_the_signature_are_mended_in_one_text) {
  const Verdict v = admit(true, "证件11010519491231002X的卡4111111111111111已激活。");
  EXPECT_EQ(v.action, Action::rewrite);
  EXPECT_EQ(labels(v), "SIG_PREPEND PII_PAN PII_ID");
  EXPECT_EQ(v.text, "【XX银行】证件****002x的卡****1111已激活。");
}

TEST_F(MaskTest, what_cannot_be_masked_is_refused) {
  std::string text = "【XX银行】";
  for (int i = 0; i <= kMaskedMax; ++i) text += "卡4111111111111111。";
  EXPECT_EQ(admit(true, text).action, Action::reject);
}

}  // namespace
}  // namespace tact::policy
