// SPDX-License-Identifier: Apache-2.0
// What a carrier means by a text, in both directions.
#include <gtest/gtest.h>

#include <algorithm>

#include "smpp/segment.h"
#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;
using smpp::Coding;
using smpp::Concat;
using smpp::Language;

constexpr const char* kAbroad = "905321234567";

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (; times > 0; --times) out += text;
  return out;
}

struct Case {
  smpp::Dialect dialect;
  Concat concat = Concat::udh16;
  std::string to = kAbroad;
  std::string text;
  int data_coding = 0;
  uint32_t segments = 1;
  size_t pdus = 1;
  size_t octets = 0;  // of the first PDU, behind its UDH; 0: as many as there are
};

const std::string kStorm = "Storm warning, stay at home";  // 27 septets
const std::string kChinese = "【XX银行】台风红色预警，请勿外出。";
const std::string kTurkish = repeated("ışığ ", 20);

const Case kCases[] = {
    {.text = kStorm, .octets = 27},
    {.text = "@ home: 5 €", .octets = 12},
    {.dialect = {.zero = Coding::ascii}, .text = "@ home", .octets = 6},
    {.dialect = {.zero = Coding::ascii}, .text = "Größe", .data_coding = 8, .octets = 10},
    {.dialect = {.zero = Coding::latin1}, .text = "Größe", .octets = 5},
    {.dialect = {.zero = Coding::latin1},
     .text = kTurkish,
     .data_coding = 8,
     .segments = 2,
     .pdus = 2},
    {.dialect = {.zero = Coding::ucs2}, .text = kStorm, .octets = 54},
    // Packed: 27 septets are 24 octets; seven bits that are left over read as nothing.
    {.dialect = {.packed = true}, .text = kStorm, .octets = 24},
    {.dialect = {.packed = true}, .text = "seven..", .octets = 7},
    {.dialect = {.packed = true},
     .text = repeated(kStorm, 8),
     .segments = 2,
     .pdus = 2,
     .octets = 133},
    {.dialect = {.packed = true}, .text = "ğ", .data_coding = 8, .octets = 2},
    // GBK has the whole text, or UCS-2 takes it.
    {.dialect = {.gbk = 15},
     .to = "8613800138000",
     .text = kChinese,
     .data_coding = 15,
     .octets = 34},
    {.dialect = {.gbk = 15}, .to = "8613800138000", .text = kChinese + "😀", .data_coding = 8},
    {.dialect = {.gbk = 15}, .text = kStorm},
    {.dialect = {.gbk = 15},
     .to = "8613800138000",
     .text = kChinese + repeated("大风", 30),
     .data_coding = 15,
     .segments = 2,
     .pdus = 2},
    // A national language where it takes fewer parts.
    {.text = kTurkish, .data_coding = 8, .segments = 2, .pdus = 2},
    {.dialect = {.languages = {Language::turkish}}, .text = kTurkish, .octets = 100},
    {.dialect = {.packed = true, .languages = {Language::turkish}}, .text = kTurkish, .octets = 88},
    {.dialect = {.languages = {Language::turkish}}, .text = "ışığ", .data_coding = 8},
    {.dialect = {.languages = {Language::hindi}},
     .text = kTurkish,
     .data_coding = 8,
     .segments = 2,
     .pdus = 2},
    // The other ways of carrying a long text.
    {.concat = Concat::sar, .text = kTurkish, .data_coding = 8, .segments = 2, .pdus = 2},
    {.dialect = {.packed = true},
     .concat = Concat::sar,
     .text = repeated(kStorm, 8),
     .segments = 2,
     .pdus = 2,
     .octets = 134},
    {.concat = Concat::payload, .text = kTurkish, .data_coding = 8, .segments = 2, .pdus = 1},
};

EngineSettings settings_of(const Case& c) {
  auto settings = one_shard();
  settings.routes.front().dialect = c.dialect;
  settings.routes.front().concat = c.concat;
  return settings;
}

class Dialects : public ::testing::TestWithParam<Case> {};

TEST_P(Dialects, TheCheapestCodingIsSentAndAsManyPartsAsWereCounted) {
  const Case& c = GetParam();
  World world(settings_of(c));
  world.centre().dialect = c.dialect;
  auto message = message_of(Class::crisis, c.to);
  message.set_text(c.text);
  Producer& producer = world.producer();
  const auto job = producer.push({message});
  world.run_for(2s);
  ASSERT_EQ(producer.result(job).outcome(), proto::QUEUED)
      << producer.result(job).ShortDebugString();
  EXPECT_EQ(producer.result(job).segments(), c.segments);
  const auto& seen = world.centre().seen;
  ASSERT_EQ(seen.size(), c.pdus);
  std::string text;
  for (const auto& one : seen) {
    EXPECT_EQ(static_cast<int>(one.data_coding), c.data_coding);
    text += one.text;
  }
  EXPECT_EQ(text, c.text);
  if (c.octets != 0) {
    EXPECT_EQ(seen.front().octets.size(), c.octets);
  }
}

TEST_P(Dialects, AReplyIsReadAsTheCarrierMeansIt) {
  const Case& c = GetParam();
  World world(settings_of(c));
  Producer& producer = world.producer();
  smpp::Segments segments;
  ASSERT_EQ(segments.split(c.text, {.concat = c.concat, .dialect = c.dialect}),
            smpp::TextError::none);
  // What message_payload and SAR carry is read alike; the fake centre has no TLVs for them.
  if (c.concat == Concat::sar || c.concat == Concat::payload) return;
  for (int k = 0; k < segments.size(); ++k) {
    const smpp::Part part = segments.part(k);
    world.centre().deliver({.from = c.to,
                            .to = "1069000055",
                            .esm_class = part.esm_class,
                            .octets = {part.short_message.begin(), part.short_message.end()},
                            .data_coding = part.data_coding});
  }
  world.run_for(1s);
  const auto told = std::ranges::find_if(
      producer.events, [](const auto& event) { return event.second.has_reply(); });
  ASSERT_NE(told, producer.events.end());
  EXPECT_EQ(told->second.reply().text(), c.text);
}

INSTANTIATE_TEST_SUITE_P(Of, Dialects, ::testing::ValuesIn(kCases));

// Each message is counted as its own route splits it.
TEST(Dialect, SegmentsAreThoseOfTheRouteThatTheMessageTakes) {
  auto settings = one_shard();
  RouteSettings turkish = settings.routes.front();
  turkish.id = RouteId{2};
  turkish.name = "turkish";
  turkish.dialect.languages = {Language::turkish};
  settings.routes.push_back(turkish);
  auto& routing = settings.tenants.front().routing;
  routing.insert(routing.begin(), {{Class::crisis}, {}, {}, {{turkish.id}}});
  World world(settings);
  Producer& producer = world.producer();
  auto message = message_of(Class::crisis, kAbroad);
  message.set_text(kTurkish);
  const auto by_table = producer.push({message});
  message.set_message_class(proto::NOTIFICATION);
  const auto as_ucs2 = producer.push({message});
  world.run_for(2s);
  EXPECT_EQ(producer.result(by_table).segments(), 1u);
  EXPECT_EQ(producer.result(as_ucs2).segments(), 2u);
  EXPECT_EQ(world.centre(turkish.id).seen.size(), 1u);
  EXPECT_EQ(world.centre(kRoute).seen.size(), 2u);
}

}  // namespace
}  // namespace tact::gateway::test
