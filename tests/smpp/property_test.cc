// SPDX-License-Identifier: Apache-2.0
// What must hold for every PDU, drawn from the field tables: 200 of each kind, from a fixed seed
// that a failure names.
#include <gtest/gtest.h>

#include "smpp/alphabet.h"
#include "smpp/gbk.h"
#include "smpp/print.h"
#include "smpp/segment.h"
#include "smpp/septets.h"
#include "smpp/time.h"
#include "smpp/utf8.h"
#include "tests/smpp/sample.h"

namespace tact::smpp {
namespace {

using test::Bytes;

constexpr std::uint64_t kSeeds = 200;

TEST(Property, DecodeOfEncodeIsTheSamePdu) {
  test::for_every_pdu([]<class P>() {
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      test::Generator generator(seed);
      const P original = generator.make<P>();
      Bytes octets;
      ASSERT_TRUE(encode(original, static_cast<Status>(seed), 77, octets).ok())
          << name(P::kCommand) << " seed " << seed;
      ASSERT_EQ(frame(octets).length, octets.size());
      Pdu pdu;
      const CodecResult result = decode(octets, pdu);
      ASSERT_TRUE(result.ok()) << name(P::kCommand) << " seed " << seed << " " << result.field;
      ASSERT_TRUE(equal(pdu.body, Body(original))) << name(P::kCommand) << " seed " << seed;
      EXPECT_EQ(pdu.header.command_id, P::kCommand);
      EXPECT_EQ(static_cast<std::uint64_t>(pdu.header.command_status), seed);
      EXPECT_EQ(pdu.header.sequence_number, 77u);
    }
  });
}

TEST(Property, ParseOfPrintIsTheSamePdu) {
  test::for_every_pdu([]<class P>() {
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      test::Generator generator(seed);
      const Bytes octets = test::encoded(generator.make<P>(), 9, static_cast<Status>(seed));
      Pdu pdu;
      ASSERT_TRUE(decode(octets, pdu).ok());
      const std::string line = print(pdu, {.reveal = true});
      Bytes again;
      ASSERT_EQ(parse(line, again), "") << line;
      ASSERT_EQ(again, octets) << line;
    }
  });
}

// What decodes prints and parses, whether it may be sent or not.
TEST(Property, ParseOfPrintIsTheSamePduWhereARuleIsBroken) {
  int broken = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    test::Generator generator(seed);
    DeliverSm pdu = generator.make<DeliverSm>();
    Bytes tlvs(pdu.tlvs.encoded().begin(), pdu.tlvs.encoded().end());
    append_tlv(Tag::message_state, test::octets_of(std::string(seed % 4, 'x')), tlvs);
    append_tlv(Tag::message_payload, test::octets_of("y"), tlvs);
    pdu.tlvs = Tlvs(tlvs);
    if (seed % 3 == 0) pdu.validity_period = "1";
    Bytes sent, again;
    broken += !encode(pdu, Status::ESME_ROK, 9, sent).ok();
    const Bytes octets = test::encoded(pdu, 9);
    Pdu read;
    ASSERT_TRUE(decode(octets, read).ok());
    const std::string line = print(read, {.reveal = true});
    ASSERT_EQ(parse(line, again), "") << line;
    ASSERT_EQ(again, octets) << line;
  }
  EXPECT_GT(broken, 150);
}

TEST(Property, MaskedLineTellsNoDigitOfAnAddressAndNoText) {
  SubmitSm pdu = test::sample_submit();
  TlvWriter tlvs;
  tlvs.octets(Tag::message_payload, test::octets_of("secret text"))
      .octets(Tag::callback_num, test::octets_of("8613800138000"))
      .octets(static_cast<Tag>(0x1400), test::octets_of("8613800138000"))
      .c_string(Tag::additional_status_info_text, "no such number: 8613800138000")
      .u16(Tag::user_message_reference, 7);
  pdu.tlvs = tlvs.tlvs();
  const std::string line = print({{}, pdu});
  EXPECT_EQ(line.find("1380"), line.npos) << line;
  EXPECT_EQ(line.find("1068"), line.npos) << line;
  EXPECT_EQ(line.find("hello"), line.npos) << line;
  EXPECT_EQ(line.find("secret"), line.npos) << line;
  EXPECT_NE(line.find("tlv.user_message_reference=7"), line.npos) << line;
  EXPECT_NE(line.find("destination_addr=\"*************\""), line.npos) << line;
}

/// A random text from the characters that are hard: one and two septets, one and two units.
std::string random_text(test::Generator& generator, bool gsm) {
  static constexpr std::string_view kGsm[] = {"a", "é", "€", "[", "\n"};
  static constexpr std::string_view kUcs2[] = {"a", "é", "€", "中", "😀"};
  std::string text;
  for (std::size_t i = generator.below(600); i > 0; --i) {
    text += gsm ? kGsm[generator.below(5)] : kUcs2[generator.below(5)];
  }
  return text;
}

TEST(Property, PartsTogetherAreTheTextAndNoneIsTooLong) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    test::Generator generator(seed);
    const std::string text = random_text(generator, seed % 2 == 0);
    const auto concat = static_cast<Concat>(generator.below(3));
    const SegmentPlan planned = plan(text, concat);
    ASSERT_EQ(planned.error, TextError::none);
    const PartLimits limits = part_limits(planned.coding, concat);
    Segments segments;
    ASSERT_EQ(segments.split(text, {.concat = concat, .reference = 0xABCD}), TextError::none);
    ASSERT_EQ(segments.size(), planned.parts) << seed;
    std::string joined;
    for (int k = 0; k < segments.size(); ++k) {
      SubmitSm pdu;
      segments.part(k).apply_to(pdu);
      const PartInfo info = part_info(pdu);
      std::string slice;
      to_utf8(info.text, planned.coding, slice);
      // A divided pair would not come back as the same characters.
      ASSERT_TRUE(is_valid_utf8(slice));
      ASSERT_EQ(slice.find("\xEF\xBF\xBD"), slice.npos) << seed;
      ASSERT_LE(*length(slice, planned.coding), segments.size() == 1 ? limits.alone : limits.each);
      ASSERT_LE(pdu.short_message.size(), 254u);
      if (segments.size() > 1) {
        ASSERT_EQ(info.index, k + 1);
        ASSERT_EQ(info.total, segments.size());
        ASSERT_EQ(info.reference, concat == Concat::udh8 ? 0xCD : 0xABCD);
      }
      joined += slice;
    }
    ASSERT_EQ(joined, text) << seed;
  }
}

constexpr Coding kCodings[] = {Coding::gsm7, Coding::latin1, Coding::ascii, Coding::ucs2,
                               Coding::gbk};

TEST(Property, TextSurvivesEachCodingThatTakesIt) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    test::Generator generator(seed);
    const std::string text = random_text(generator, seed % 2 == 0);
    for (const Coding coding : kCodings) {
      Bytes octets;
      if (to_octets(text, coding, octets) != TextError::none) continue;
      std::string back;
      to_utf8(octets, coding, back);
      ASSERT_EQ(back, text) << name(coding) << " seed " << seed;
    }
  }
}

/// Every pair of tables, of one language or of two.
template <class Body>
void for_every_shift(Body&& body) {
  for (std::uint8_t locking = 0; locking < kLanguageCount; ++locking) {
    for (std::uint8_t single = 0; single < kLanguageCount; ++single) {
      body(Shift{static_cast<Language>(locking), static_cast<Language>(single)});
    }
  }
}

/// All that the tables have, in an order that the seed makes.
std::string text_of(Shift shift, std::uint64_t seed) {
  std::vector<char16_t> characters;
  for (const auto* table : {&alphabet::kLocking[static_cast<std::size_t>(shift.locking)],
                            &alphabet::kSingle[static_cast<std::size_t>(shift.single)]}) {
    for (std::size_t septet = 0; septet < table->size(); ++septet) {
      const bool is_character = septet != alphabet::kEscape && (*table)[septet] != 0;
      if (is_character) characters.push_back((*table)[septet]);
    }
  }
  test::Generator generator(seed);
  std::string text;
  for (std::size_t left = characters.size(); left > 0; --left) {
    std::swap(characters[generator.below(left)], characters[left - 1]);
    utf8::append(characters[left - 1], text);
  }
  return text;
}

TEST(Property, TextSurvivesEachPairOfNationalTables) {
  for_every_shift([](Shift shift) {
    const std::string text = text_of(shift, 1);
    Bytes octets, packed, unpacked;
    std::string back;
    ASSERT_EQ(to_octets(text, Coding::gsm7, octets, shift), TextError::none);
    ASSERT_EQ(length(text, Coding::gsm7, shift), octets.size());
    to_utf8(octets, Coding::gsm7, back, shift);
    ASSERT_EQ(back, text) << name(shift.locking) << " " << name(shift.single);
    for (unsigned fill = 0; fill < 7; ++fill) {
      packed.clear();
      unpacked.clear();
      pack_septets(octets, fill, packed);
      ASSERT_EQ(packed.size(), (octets.size() * 7 + fill + 7) / 8);
      unpack_septets(packed, fill, unpacked, octets.size());
      ASSERT_EQ(unpacked, octets) << fill;
    }
  });
}

/// Has a text come back? Packed it may lose an @ at its end.
bool is_same(const std::string& back, const std::string& text, bool packed) {
  return back == text || (packed && back + '@' == text);
}

TEST(Property, PartsByNationalTablesTogetherAreTheTextAndNoMoreThanUcs2Takes) {
  int shifted = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    test::Generator generator(seed);
    const auto language = static_cast<Language>(1 + generator.below(kLanguageCount - 1));
    std::string all = text_of({language, language}, seed) + text_of({}, seed);
    std::erase(all, '\r');  // of packed septets some are dropped
    std::string_view rest(all);
    const std::string text(take_part(rest, Coding::ucs2, 2 + generator.below(400)));
    const auto concat = generator.below(2) == 0 ? Concat::udh8 : Concat::udh16;
    const Dialect dialect{.packed = generator.below(2) == 0,
                          .gbk = static_cast<std::uint8_t>(generator.below(2) * 15),
                          .languages = {language}};
    const SegmentPlan planned = plan(text, concat, dialect);
    ASSERT_LE(planned.parts, plan(text, concat).parts);
    Segments segments;
    ASSERT_EQ(segments.split(text, {.concat = concat, .dialect = dialect}), TextError::none);
    ASSERT_EQ(segments.size(), planned.parts) << seed;
    std::string joined;
    for (int k = 0; k < segments.size(); ++k) {
      SubmitSm pdu;
      segments.part(k).apply_to(pdu);
      const PartInfo info = part_info(pdu);
      ASSERT_EQ(info.shift, planned.shift) << seed;
      read_text(info, pdu.data_coding, dialect, joined);
      ASSERT_EQ(info.header, pdu.short_message.size() - info.text.size());
      const bool unpacked = planned.coding == Coding::gsm7 && !dialect.packed;
      ASSERT_LE(info.header * 8 + info.text.size() * (unpacked ? 7 : 8), 140u * 8) << seed;
    }
    ASSERT_TRUE(is_same(joined, text, dialect.packed)) << seed << joined << text;
    shifted += planned.shift != Shift{} ? 1 : 0;
  }
  EXPECT_GT(shifted, 100);
}

/// What is packed or in GBK comes back part by part.
TEST(Property, PartsInEachDialectTogetherAreTheText) {
  static constexpr std::string_view kCharacters[][4] = {
      {"a", "é", "€", "@"}, {"a", "é", "囍", "，"}, {"a", "€", "中", "😀"}};
  int packed = 0, in_gbk = 0;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    test::Generator generator(seed);
    std::string text = "x";
    for (std::size_t left = generator.below(500); left > 0; --left) {
      text += kCharacters[seed % 3][generator.below(4)];
    }
    const SplitOptions options{.concat = static_cast<Concat>(generator.below(4)),
                               .dialect = {.packed = generator.below(2) == 0, .gbk = 15},
                               .reference = 5};
    Segments segments;
    ASSERT_EQ(segments.split(text, options), TextError::none);
    const SegmentPlan planned = plan(text, options.concat, options.dialect);
    ASSERT_EQ(segments.size(), options.concat == Concat::payload ? 1 : planned.parts);
    std::string joined;
    for (int k = 0; k < segments.size(); ++k) {
      SubmitSm pdu;
      segments.part(k).apply_to(pdu);
      const PartInfo info = part_info(pdu);
      read_text(info, pdu.data_coding, options.dialect, joined);
      const bool several_septets = planned.coding == Coding::gsm7 && !options.dialect.packed;
      if (options.concat != Concat::payload && !several_septets) {
        ASSERT_LE(pdu.short_message.size(), 140u) << seed;
      }
    }
    if (planned.coding == Coding::gsm7 && options.dialect.packed) ++packed;
    if (planned.coding == Coding::gbk) ++in_gbk;
    ASSERT_TRUE(is_same(joined, text, options.dialect.packed)) << seed << joined << text;
  }
  EXPECT_GT(packed, 50);
  EXPECT_GT(in_gbk, 100);
}

/// Against the table that others have: FNV-1a of the characters in the order of their codes, low
/// octet first, as the GBK of glibc and that of Python give it; 0 where there is none.
TEST(Property, GbkIsTheTableThatOthersHave) {
  std::uint64_t digest = 0xcbf29ce484222325;
  int characters = 0;
  for (unsigned lead = 0x81; lead <= 0xFE; ++lead) {
    for (unsigned trail = 0x40; trail <= 0xFE; ++trail) {
      if (trail == 0x7F) continue;
      const char16_t character =
          gbk::character_of(static_cast<std::uint8_t>(lead), static_cast<std::uint8_t>(trail));
      for (const unsigned octet : {character & 0xFFu, character >> 8 & 0xFFu}) {
        digest = (digest ^ octet) * 0x100000001b3;
      }
      if (character == 0) continue;
      ++characters;
      ASSERT_EQ(gbk::code_of(character), lead << 8 | trail);
    }
  }
  EXPECT_EQ(characters, 21791);
  EXPECT_EQ(digest, 0xd73d3138f1f2f2f5);
}

TEST(Property, RandomOctetsBecomeValidUtf8ByEachPairOfNationalTables) {
  test::Rng rng(4);
  for_every_shift([&rng](Shift shift) {
    Bytes octets(200);
    for (auto& octet : octets) octet = static_cast<std::uint8_t>(rng());
    std::string text;
    to_utf8(octets, Coding::gsm7, text, shift);
    ASSERT_TRUE(is_valid_utf8(text));
  });
}

TEST(Property, RandomOctetsBecomeValidUtf8InEveryCoding) {
  test::Rng rng(3);
  for (int round = 0; round < 2000; ++round) {
    Bytes octets(rng() % 40);
    for (auto& octet : octets) octet = static_cast<std::uint8_t>(rng());
    for (const Coding coding : kCodings) {
      std::string text;
      to_utf8(octets, coding, text);
      ASSERT_TRUE(is_valid_utf8(text));
    }
  }
}

// Whatever the zone, the text of a time is read as that time, to the tenth of a second.
TEST(Property, ATimeIsReadAsItWasWritten) {
  using namespace std::chrono;
  test::Rng rng(1);
  const Instant now = sys_days(2026y / March / 18);
  for (int i = 0; i < 100'000; ++i) {
    const auto apart = milliseconds(static_cast<int64_t>(rng() % (49ull * 365 * 86'400'000)));
    const Instant at = rng() % 2 ? now + apart : now - apart;
    const int quarters = static_cast<int>(rng() % 97) - kQuartersMax;
    const ReadTime back = read_time(absolute_time(at, quarters), now);
    ASSERT_EQ(name(back.error), "none");
    ASSERT_EQ(back.at, at - at.time_since_epoch() % 100) << quarters;
    const auto delay = apart % days(32);
    const ReadTime later = read_time(relative_time(delay), now);
    ASSERT_TRUE(later.relative);
    ASSERT_EQ(later.at, now + floor<seconds>(delay));
  }
}

// Any octets: an error, or a time.
TEST(Property, NoTextOfATimeIsTooStrange) {
  test::Rng rng(2);
  constexpr std::string_view kLikely = "0123456789+-R:";
  for (int i = 0; i < 100'000; ++i) {
    std::string text;
    for (std::size_t k = rng() % 3 ? 16 : rng() % 20; k > 0; --k) {
      text += rng() % 20 ? kLikely[rng() % kLikely.size()] : static_cast<char>(rng());
    }
    read_time(text, Instant(std::chrono::milliseconds(static_cast<int64_t>(rng() % (1ull << 42)))));
  }
}

}  // namespace
}  // namespace tact::smpp
