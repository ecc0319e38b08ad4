// SPDX-License-Identifier: Apache-2.0
#include "policy/number.h"

#include <gtest/gtest.h>

namespace tact::policy {
namespace {

TEST(Number, WhatIsNoE164NumberIsRefused) {
  for (const auto* text : {"", "+", "123456", "1234567890123456", "0138001380", "86 138",
                           "86-138001", "86138001380a0", "++8613800138000"}) {
    EXPECT_EQ(e164_digits(text), "") << text;
  }
}

TEST(Number, PlusMakesNoDifference) {
  EXPECT_EQ(e164_digits("+8613800138000"), "8613800138000");
  EXPECT_EQ(e164_digits("8613800138000"), "8613800138000");
}

TEST(Number, ChineseMobileWithoutCodeIsNational) {
  EXPECT_TRUE(national_form("13800138000", 86));
  EXPECT_FALSE(national_form("13800138000", 1));     // there it is +1 380 013 8000
  EXPECT_FALSE(national_form("12025550123", 86));    // no Chinese mobile begins with 12
  EXPECT_FALSE(national_form("8613800138000", 86));  // has its code
  EXPECT_FALSE(national_form("1380013800x", 86));
}

TEST(Number, EverySpellingOfACarrierIsOneNumber) {
  for (const auto* text :
       {"8613800138000", "+8613800138000", "008613800138000", "13800138000", "013800138000"}) {
    EXPECT_EQ(carrier_digits(text, 86), "8613800138000") << text;
  }
}

TEST(Number, ForeignNumbersAndShortCodesStayAsTheyAre) {
  EXPECT_EQ(carrier_digits("85291234567", 86), "85291234567");
  EXPECT_EQ(carrier_digits("1069000055", 86), "1069000055");
  EXPECT_EQ(carrier_digits("BANK", 86), "BANK");
  EXPECT_EQ(carrier_digits("", 86), "");
}

}  // namespace
}  // namespace tact::policy
