// SPDX-License-Identifier: Apache-2.0
#include "smpp/joiner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "smpp/segment.h"
#include "smpp/utf8.h"

namespace tact::smpp {
namespace {

using Bytes = std::vector<std::uint8_t>;

const Joiner::Origin kOrigin{"8613800138000", "1069", 7, 3, false};

PartText in(Coding coding, const Bytes& octets, Shift shift = {}) {
  return {coding, shift, octets};
}
PartText ucs2(const Bytes& octets) { return in(Coding::ucs2, octets); }

std::string joined(const std::vector<PartText>& texts) {
  Joiner joiner;
  Joiner::Origin origin = kOrigin;
  origin.total = static_cast<std::uint8_t>(texts.size());
  std::uint8_t index = 0;
  for (const PartText& text : texts) joiner.add(origin, ++index, text, 0, 0);
  std::string text = joiner.take(origin)->text;
  EXPECT_TRUE(is_valid_utf8(text));
  EXPECT_EQ(joiner.octets(), 0u);
  return text;
}

TEST(Joiner, HalvesOfASurrogatePairInTwoPartsAreOneCharacter) {
  const Bytes front = {0x4E, 0x2D, 0xD8, 0x3D}, back = {0xDE, 0x00, 0x00, 'a'};
  EXPECT_EQ(joined({ucs2(front), ucs2(back)}), "中😀a");
}

TEST(Joiner, AHalfWithoutTheOtherIsReplaced) {
  const Bytes high = {0xD8, 0x3D}, low = {0xDE, 0x00}, letter = {0x00, 'a'};
  EXPECT_EQ(joined({ucs2(high), ucs2(letter)}), "\uFFFDa");
  EXPECT_EQ(joined({ucs2(letter), ucs2(low)}), "a\uFFFD");
  EXPECT_EQ(joined({ucs2(low), ucs2(high)}), "\uFFFD\uFFFD");
  EXPECT_EQ(joined({ucs2(high), ucs2(high), ucs2(low)}), "\uFFFD😀");
}

TEST(Joiner, ACharacterInTwoPartsIsOne) {
  EXPECT_EQ(joined({in(Coding::gsm7, {'a', 0x1B}), in(Coding::gsm7, {0x65, 'b'})}), "a€b");
  EXPECT_EQ(joined({in(Coding::gbk, {'a', 0xC4}), in(Coding::gbk, {0xE3, 'b'})}), "a你b");
  EXPECT_EQ(joined({ucs2({0x4F, 0x60, 0x59}), ucs2({0x7D, 0x00, 'b', 0x00, 'c'})}), "你好bc");
}

TEST(Joiner, AMarkHoldsUntilThereIsAnother) {
  EXPECT_EQ(joined({ucs2({0xFF, 0xFE, 0x60, 0x4F}), ucs2({0x7D, 0x59})}), "你好");
  EXPECT_EQ(joined({ucs2({0xFF, 0xFE, 0x60, 0x4F}), ucs2({0xFF, 0xFE, 0x7D, 0x59})}), "你好");
  EXPECT_EQ(joined({ucs2({0xFF, 0xFE, 0x60, 0x4F}), ucs2({0xFE, 0xFF, 0x59, 0x7D})}), "你好");
}

TEST(Joiner, AnOctetTooManyCostsOneCharacter) {
  EXPECT_EQ(joined({ucs2({0x4F, 0x60, 0x00}), ucs2({0x59, 0x7D})}), "你\uFFFD好");
}

TEST(Joiner, OnlyNeighboursOfOneCodingAreReadAsOne) {
  EXPECT_EQ(joined({in(Coding::gsm7, {0x1B}), ucs2({0x59, 0x7D})}), " 好");
  EXPECT_EQ(joined({in(Coding::gsm7, {0x1B}), in(Coding::gsm7, {0x65}, {Language::urdu, {}})}),
            " " + joined({in(Coding::gsm7, {0x65}, {Language::urdu, {}})}));
  EXPECT_EQ(joined({PartText::utf8("\xED\xA0\xBD"), ucs2({0xDE, 0x00})}), "😀")
      << "a part that was stored as text";
  Joiner joiner;
  joiner.add(kOrigin, 1, in(Coding::gsm7, {0x1B}), 0, 0);
  joiner.add(kOrigin, 3, in(Coding::gsm7, {0x65}), 0, 0);
  EXPECT_EQ(joiner.octets(), 2u);
  EXPECT_EQ(joiner.take(kOrigin)->text, " e") << "what was between them is missing";
}

TEST(Joiner, WhatIsNoHalfStaysAsItIs) {
  for (const std::string text : {"", "\uD7FF", "\uE000", "한글", "a"}) {
    std::string joined = text;
    utf8::join_halves(joined);
    EXPECT_EQ(joined, text);
  }
  std::string cut = "\xED\xA0";  // octets that come from nowhere: three make a half
  utf8::join_halves(cut);
  EXPECT_EQ(cut, "\xED\xA0");
}

TEST(Joiner, PartsComeInAnyOrderAndDoubled) {
  std::vector<std::uint8_t> order = {1, 2, 3};
  do {
    Joiner joiner;
    for (const std::uint8_t index : order) {
      EXPECT_TRUE(joiner.add(kOrigin, index,
                             PartText::utf8(std::string(2, static_cast<char>('`' + index))),
                             10u * index, 5));
      EXPECT_FALSE(joiner.add(kOrigin, index, PartText::utf8("again"), 99, 6));
    }
    EXPECT_EQ(joiner.missing(kOrigin), 0u);
    const auto whole = joiner.take(kOrigin);
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->text, "aabbcc");
    EXPECT_EQ(whole->tags, (std::vector<std::uint64_t>{10, 20, 30}));
    EXPECT_EQ(joiner.size(), 0u);
  } while (std::ranges::next_permutation(order).found);
}

TEST(Joiner, WhatIsMissingIsLeftOut) {
  Joiner joiner;
  EXPECT_EQ(joiner.missing(kOrigin), 3u);
  EXPECT_FALSE(joiner.take(kOrigin));
  joiner.add(kOrigin, 3, PartText::utf8("c"), 0, 5);
  joiner.add(kOrigin, 1, PartText::utf8("a"), 4, 6);
  EXPECT_EQ(joiner.missing(kOrigin), 1u);
  const auto cut = joiner.take(kOrigin);
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->text, "ac");
  EXPECT_EQ(cut->since_ms, 5);
  EXPECT_EQ(cut->tags, std::vector<std::uint64_t>{4}) << "0 is no tag";
  EXPECT_EQ(joiner.missing(kOrigin), 3u) << "forgotten";
}

TEST(Joiner, TheOldestIsTakenFirstAndOriginsAreNotMixed) {
  Joiner joiner;
  std::vector<Joiner::Origin> origins(5, kOrigin);
  origins[1].wide_reference = true;
  origins[2].total = 4;
  origins[3].to = "1070";
  origins[4].reference = 8;
  std::int64_t now_ms = 100;
  for (const auto& origin : origins) joiner.add(origin, 1, PartText::utf8("x"), 1, --now_ms);
  joiner.add(origins[0], 2, PartText::utf8("y"), 1, 1);
  EXPECT_EQ(joiner.size(), 5u);
  for (std::size_t left = 5; left > 0; --left) {
    EXPECT_EQ(joiner.oldest_ms(), 100 - static_cast<std::int64_t>(left));
    const auto oldest = joiner.take_oldest();
    ASSERT_TRUE(oldest);
    EXPECT_EQ(oldest->origin, origins[left - 1]);
  }
  EXPECT_FALSE(joiner.oldest_ms());
  EXPECT_FALSE(joiner.take_oldest());
}

TEST(Joiner, OfThoseOfOneMillisecondTheFirstIsTheOldest) {
  Joiner joiner;
  for (std::uint16_t reference = 100; reference > 0; --reference) {
    Joiner::Origin origin = kOrigin;
    origin.reference = reference;
    joiner.add(origin, 1, PartText::utf8("x"), 0, 5);
  }
  for (std::uint16_t reference = 100; reference > 0; --reference) {
    EXPECT_EQ(joiner.take_oldest()->origin.reference, reference);
  }
}

}  // namespace
}  // namespace tact::smpp
