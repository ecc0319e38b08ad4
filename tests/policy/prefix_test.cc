// SPDX-License-Identifier: Apache-2.0
#include "policy/prefix.h"

#include <gtest/gtest.h>

namespace tact::policy {
namespace {

TEST(prefix_map, the_longest_prefix_wins) {
  PrefixMap map;
  EXPECT_TRUE(map.put(1, 10));
  EXPECT_TRUE(map.put(1212, 11));
  EXPECT_TRUE(map.put(999999999, 12));
  EXPECT_EQ(map.find("12125550123"), 11u);
  EXPECT_EQ(map.find("12135550123"), 10u);
  EXPECT_EQ(map.find("1"), 10u);
  EXPECT_EQ(map.find("9999999990"), 12u);
  for (const char* none : {"", "99999999", "9999999980", "2125550123", "01"}) {
    EXPECT_EQ(map.find(none), std::nullopt) << none;
  }
}

TEST(prefix_map, what_is_no_digit_ends_the_number) {
  PrefixMap map;
  map.put(1, 10);
  map.put(12, 11);
  EXPECT_EQ(map.find("1x2"), 10u);
  EXPECT_EQ(map.find("1\xff"), 10u);
  EXPECT_EQ(map.find("+1"), std::nullopt);
}

TEST(prefix_map, zero_fits_every_number) {
  PrefixMap map;
  map.put(86, 1);
  map.put(0, 2);
  EXPECT_EQ(map.find(""), 2u);
  EXPECT_EQ(map.find("8"), 2u);
  EXPECT_EQ(map.find("86138"), 1u);
  EXPECT_EQ(map.find("44"), 2u);
}

TEST(prefix_map, a_prefix_put_twice_has_the_second_value) {
  PrefixMap map;
  EXPECT_TRUE(map.put(86, 1));
  EXPECT_FALSE(map.put(86, 2));
  EXPECT_EQ(map.find("86"), 2u);
}

}  // namespace
}  // namespace tact::policy
