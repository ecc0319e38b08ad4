// SPDX-License-Identifier: Apache-2.0
#include "policy/needed.h"

#include <gtest/gtest.h>

namespace tact::policy {
namespace {

using Set = std::set<char32_t>;

TEST(needed_characters, of_a_sequence_one_of_its_rarest_part) {
  EXPECT_EQ(needed_characters("td"), Set{'t'});
  EXPECT_EQ(needed_characters("(?:a|b|c)(?:d|e)"), (Set{'d', 'e'}));
  EXPECT_EQ(needed_characters("[a-c]x{2,3}"), Set{'x'});
}

TEST(needed_characters, of_alternatives_one_of_each) {
  EXPECT_EQ(needed_characters("退订|拒收|stop"), (Set{U'退', U'拒', 's'}));
  EXPECT_EQ(needed_characters("(?:ab|cd)+"), (Set{'a', 'c'}));
  EXPECT_EQ(needed_characters("ab|.*"), std::nullopt);
  EXPECT_EQ(needed_characters("ab|"), std::nullopt);
}

TEST(needed_characters, what_may_be_missing_is_not_needed) {
  EXPECT_EQ(needed_characters("a?b*(?:c|d)?e"), Set{'e'});
  EXPECT_EQ(needed_characters("x{0,2}y"), Set{'y'});
  EXPECT_EQ(needed_characters("\\bx.{0,4}[^y]$"), Set{'x'});
  EXPECT_EQ(needed_characters("(?!a)b"), Set{'b'});
  EXPECT_EQ(needed_characters("(?<!a)b"), Set{'b'});
  EXPECT_EQ(needed_characters("a?"), std::nullopt);
  EXPECT_EQ(needed_characters("[^a]"), std::nullopt);
}

TEST(needed_characters, a_set_may_have_ranges_and_a_hyphen) {
  EXPECT_EQ(needed_characters("[a-c-]"), (Set{'-', 'a', 'b', 'c'}));
  EXPECT_EQ(needed_characters("[ -]"), (Set{' ', '-'}));
}

TEST(needed_characters, nothing_is_said_of_what_is_not_understood) {
  for (const char* odd : {"(a)", "a(?:b", "a)b", "[ab", "a\\d", "[\\d]", "a{2", "(?=a)b", "*a",
                          "[a--z]", "[a-\\d]", "[]"}) {
    EXPECT_EQ(needed_characters(odd), std::nullopt) << odd;
  }
}

}  // namespace
}  // namespace tact::policy
