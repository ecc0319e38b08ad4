// SPDX-License-Identifier: Apache-2.0
// What must hold for every PDU, drawn from the field tables: 200 of each kind, from a fixed seed
// that a failure names.
#include <gtest/gtest.h>

#include "smpp/print.h"
#include "smpp/segment.h"
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

TEST(Property, MaskedLineTellsNoDigitOfAnAddressAndNoText) {
  SubmitSm pdu = test::sample_submit();
  TlvWriter tlvs;
  tlvs.octets(Tag::message_payload, test::octets_of("secret text"))
      .octets(Tag::callback_num, test::octets_of("8613800138000"));
  pdu.tlvs = tlvs.tlvs();
  const std::string line = print({{}, pdu});
  EXPECT_EQ(line.find("1380"), line.npos) << line;
  EXPECT_EQ(line.find("1068"), line.npos) << line;
  EXPECT_EQ(line.find("hello"), line.npos) << line;
  EXPECT_EQ(line.find("secret"), line.npos) << line;
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

TEST(Property, TextSurvivesEachCodingThatTakesIt) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    test::Generator generator(seed);
    const std::string text = random_text(generator, seed % 2 == 0);
    for (const Coding coding : {Coding::gsm7, Coding::latin1, Coding::ascii, Coding::ucs2}) {
      Bytes octets;
      if (to_octets(text, coding, octets) != TextError::none) continue;
      std::string back;
      to_utf8(octets, coding, back);
      ASSERT_EQ(back, text) << name(coding) << " seed " << seed;
    }
  }
}

TEST(Property, RandomOctetsBecomeValidUtf8InEveryCoding) {
  test::Rng rng(3);
  for (int round = 0; round < 2000; ++round) {
    Bytes octets(rng() % 40);
    for (auto& octet : octets) octet = static_cast<std::uint8_t>(rng());
    for (const Coding coding : {Coding::gsm7, Coding::latin1, Coding::ascii, Coding::ucs2}) {
      std::string text;
      to_utf8(octets, coding, text);
      ASSERT_TRUE(is_valid_utf8(text));
    }
  }
}

}  // namespace
}  // namespace tact::smpp
