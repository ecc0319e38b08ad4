// SPDX-License-Identifier: Apache-2.0
#include "policy/normalise.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/policy/fixture.h"

namespace tact::policy {
namespace {

TEST(normalise, broken_utf8_is_reported_and_replaced) {
  for (const char* bad : {"\xff", "a\xc3", "\xe9\x80", "\xc0\x80", "\xed\xa0\x80",
                          "\xf5\x80\x80\x80", "\xf4\x90\x80\x80", "x\x80y"}) {
    Folded f;
    EXPECT_FALSE(fold(bad, f)) << bad;
    EXPECT_NE(f.text.find("\xef\xbf\xbd"), f.text.npos);
  }
  Folded f;
  EXPECT_TRUE(fold("", f));
  EXPECT_EQ(f.text, "");
}

TEST(normalise, vectors) {
  for (const auto& row : test::read_tsv("tests/vectors/policy/normalise.tsv")) {
    SCOPED_TRACE("line " + std::to_string(row.line));
    EXPECT_EQ(folded(row["text"]), row["folded"]);
    EXPECT_EQ(squeezed(row["text"]), row["squeezed"]);
  }
}

TEST(normalise, a_combining_mark_joins_the_letter_before_it) {
  EXPECT_EQ(folded("Cafe\u0301"), "caf\u00e9");
  EXPECT_EQ(folded("\u0301"), "\u0301");
  EXPECT_EQ(folded("\U0001f64f\ufe0fT"), "\U0001f64ft");
}

TEST(normalise, fast_and_slow_paths_agree_and_folding_is_idempotent) {
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (int i = 0; i < 12; ++i) {
      char32_t c = 0;
      do {
        c = random() % (round % 3 == 0 ? 0x20000 : round % 3 == 1 ? 0x500 : 0xa000);
      } while (c >= 0xd800 && c < 0xe000);
      append_utf8(c, text);
    }
    const std::string once = folded(text);
    ASSERT_EQ(folded(once), once) << text;
    // A combining mark makes the slow path run over its neighbourhood.
    ASSERT_EQ(folded(text + "\u0300x"), folded(once + "\u0300x")) << text;
  }
}

TEST(normalise, origins_point_into_the_text) {
  Folded f;
  fold("老 - 赖, Ab", f);
  squeeze(f);
  EXPECT_EQ(f.squeezed, "老赖ab");
  for (size_t i = 0; i < f.squeezed.size(); ++i)
    EXPECT_EQ(f.text[f.origin(i).offset], f.squeezed[i]);
  EXPECT_EQ(f.origin(0).clause, f.origin(5).clause);
  EXPECT_LT(f.origin(5).clause, f.origin(6).clause);
}

}  // namespace
}  // namespace tact::policy
