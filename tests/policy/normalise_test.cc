// SPDX-License-Identifier: Apache-2.0
#include "policy/normalise.h"

#include <gtest/gtest.h>

#include <bitset>
#include <random>

#include "tests/policy/fixture.h"

namespace tact::policy {
namespace {

TEST(normalise, broken_utf8_is_reported_and_replaced) {
  for (const char* bad :
       {"\xff", "a\xc3", "\xe9\x80", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80",
        "\xf4\x90\x80\x80", "x\x80y", "中文\xe4\xb8", "中文\xe4\xb8\u0301", "中\xed\xa0\x80文",
        "中\xe0\x80\x80文", "中文\xe4\xb8\xe4\xb8\xad"}) {
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

// What fold notes on its way, told by the text alone.
void expect_notes(const Folded& f) {
  std::bitset<128> ascii;
  std::vector<uint32_t> heads, gaps;
  size_t digits = 0;
  for (size_t pos = 0; pos < f.text.size();) {
    const Decoded d = decode_utf8(f.text, pos);
    if (d.cp < 0x80) ascii[d.cp] = true;
    digits += d.cp >= '0' && d.cp <= '9';
    if (d.cp < 0x10000 && kMarkerHeads.find(char16_t(d.cp)) != kMarkerHeads.npos) {
      heads.push_back(uint32_t(pos));
    }
    if (squeezed(f.text.substr(pos, d.bytes)).empty()) {
      gaps.push_back(uint32_t(pos));
    }
    pos += d.bytes;
  }
  EXPECT_EQ(f.ascii, ascii) << f.text;
  EXPECT_EQ(f.digits, digits) << f.text;
  EXPECT_EQ(f.heads, heads) << f.text;
  std::vector<uint32_t> noted;
  for (const auto& gap : f.gaps) noted.push_back(gap.offset);
  EXPECT_EQ(noted, gaps) << f.text;
}

TEST(normalise, what_is_noted_is_there) {
  std::mt19937 random(11);
  const std::u32string some = U"退拒取谢謝.,{}#0９aA中文か\u3099\u0301\u200d\ufe0f😀【】… ";
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (int i = 0; i < 10; ++i) {
      char32_t c = some[random() % some.size()];
      if (random() % 4 == 0) c = random() % 0xd800;
      append_utf8(c, text);
    }
    Folded f;
    fold(text, f);
    expect_notes(f);
  }
}

// Each of them is folded by ICU, and becomes more than three octets for one of its own.
TEST(normalise, what_grows_finds_room) {
  std::string text, expected;
  for (int i = 0; i < 3000; ++i) {
    text += "a\ufdfa中";
    expected += "a" + folded("\ufdfa") + "中";
  }
  EXPECT_EQ(folded(text), expected);
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

// What each byte of a folding came from; marks that combine stay with their letter.
TEST(source_span, finds_the_place_in_the_text_as_written) {
  const auto written = [](std::string_view utf8, std::string_view part_of_folding) {
    Folded f;
    fold(utf8, f);
    const size_t begin = f.text.find(part_of_folding);
    EXPECT_NE(begin, std::string::npos) << f.text;
    const auto at = static_cast<uint32_t>(begin);
    const Span span = source_span(utf8, {at, at + static_cast<uint32_t>(part_of_folding.size())});
    return std::string(utf8.substr(span.begin, span.end - span.begin));
  };
  EXPECT_EQ(written("", ""), "");
  EXPECT_EQ(written("\xff老赖", "老赖"), "老赖") << "a bad octet before it";
  EXPECT_EQ(written("你这老赖,", "老赖"), "老赖");
  EXPECT_EQ(written("ＡＢＣ", "b"), "Ｂ");
  EXPECT_EQ(written("不要臉", "脸"), "臉");
  EXPECT_EQ(written("a\u200b\u200bb", "b"), "b");
  EXPECT_EQ(written("老\u200b赖x", "老赖"), "老\u200b赖");
  EXPECT_EQ(written("㈱会", "会"), "会");
  EXPECT_EQ(written("ﬁx", "f"), "ﬁ") << "one letter that became two";
  EXPECT_EQ(written("xe\u0301y", "é"), "e\u0301");
}

}  // namespace
}  // namespace tact::policy
