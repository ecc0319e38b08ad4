// SPDX-License-Identifier: Apache-2.0
// TLVs of the carrier's own: on each submit_sm, out of receipts and replies, and none for an SMSC
// that does not know them.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;
using smpp::MessageState;
using Values = std::map<uint16_t, std::string>;

constexpr uint16_t kEntity = 0x1400, kTemplate = 0x1401, kReference = 0x0204;
constexpr auto kNetworkError = static_cast<uint16_t>(smpp::Tag::network_error_code);

// As Indian carriers want it: who sends, and by which template.
EngineSettings with_tlvs() {
  EngineSettings settings = one_shard();
  auto& route = settings.routes.front();
  route.submit_tlvs = {{smpp::Tag{kEntity}, "", "entity", false},
                       {smpp::Tag{kTemplate}, "1107", "", true}};
  route.capture_tlvs = {smpp::Tag{kTemplate}, smpp::Tag{kNetworkError}};
  settings.tenants.front().accounts.front().attributes = {{"entity", "1101"}, {"other", "x"}};
  return settings;
}

uint64_t send(World& world, Producer& producer, proto::Message message) {
  const auto job = producer.push({std::move(message)});
  world.run_for(1s);
  return producer.result(job).message_id();
}

uint64_t send(World& world, Producer& producer) {
  return send(world, producer, message_of(Class::otp));
}

template <class Told>
Values values(const Told& told) {
  Values out;
  for (const auto& tlv : told.tlvs()) out[static_cast<uint16_t>(tlv.tag())] = tlv.value();
  return out;
}

size_t withheld(const World& world) {
  return static_cast<size_t>(std::ranges::count_if(world.told, [](const auto& told) {
    const auto* notice = std::get_if<LinkNotice>(&told.notice);
    return notice && notice->kind == LinkNotice::Kind::tlvs_withheld;
  }));
}

TEST(Tlvs, EveryPartBearsThoseOfTheRouteAndOfItsAccount) {
  World world(with_tlvs());
  auto message = message_of(Class::notification);
  std::string text = "【XX银行】";
  for (int i = 0; i < 100; ++i) text += "账";
  message.set_text(text);
  send(world, world.producer(), message);
  ASSERT_EQ(world.centre().seen.size(), 2u);
  for (const auto& part : world.centre().seen) {
    ASSERT_TRUE(part.user_message_reference);
    Values tlvs = part.tlvs;
    tlvs.erase(kReference);
    EXPECT_EQ(tlvs, (Values{{kEntity, "1101"}, {kTemplate, {"1107\0", 5}}}));
  }
  EXPECT_EQ(withheld(world), 0u);
}

TEST(Tlvs, AnAccountWithoutTheAttributeHasNoSuchTlv) {
  auto settings = with_tlvs();
  settings.tenants.front().accounts.front().attributes.clear();
  World world(std::move(settings));
  send(world, world.producer());
  const auto& tlvs = world.centre().seen.at(0).tlvs;
  EXPECT_FALSE(tlvs.contains(kEntity));
  EXPECT_TRUE(tlvs.contains(kTemplate));
}

TEST(Tlvs, AnSmscThatTellsNoVersionGetsNoneAndThatIsToldOnce) {
  World world(with_tlvs());
  world.centre().interface_version = 0x33;
  auto& producer = world.producer();
  const auto id = send(world, producer);
  EXPECT_EQ(world.centre().seen.at(0).tlvs, Values{});
  world.centre().drop(0);
  world.run_for(10s);
  send(world, producer);
  EXPECT_EQ(world.centre().seen.back().tlvs, Values{});
  EXPECT_EQ(withheld(world), 1u);
  world.centre().receipt(world.centre().seen.at(0), MessageState::delivered);
  world.run_for(1s);
  EXPECT_EQ(producer.finals(id), 1u) << "its id is enough";
}

TEST(Tlvs, ALinkThatSpeaksAnOlderVersionSendsNone) {
  auto settings = with_tlvs();
  auto& session = settings.routes.front().links.front().session;
  session.interface_version = 0x33;
  session.mode = smpp::BindMode::transmitter;
  World world(std::move(settings));
  send(world, world.producer());
  EXPECT_EQ(world.centre().seen.at(0).tlvs, Values{});
  EXPECT_EQ(withheld(world), 1u);
}

TEST(Tlvs, TheOperatorMayKnowBetterThanTheSmscTells) {
  auto settings = with_tlvs();
  settings.routes.front().links.front().session.assume_tlvs = true;
  World world(std::move(settings));
  world.centre().interface_version = 0x33;
  send(world, world.producer());
  EXPECT_EQ(world.centre().seen.at(0).tlvs.size(), 3u);
  EXPECT_EQ(withheld(world), 0u);
}

TEST(Tlvs, NothingIsToldWhereNothingIsMissing) {
  auto settings = one_shard();
  settings.routes.front().user_message_reference = false;
  World world(std::move(settings));
  world.centre().interface_version = 0x33;
  world.run_for(1s);
  EXPECT_EQ(withheld(world), 0u);
}

Centre::Delivery receipt_of(const std::string& id, Values tlvs) {
  return {.from = "8613800138000",
          .to = "1069000055",
          .esm_class = smpp::kReceiptType,
          .octets = "id:" + id + " stat:DELIVRD err:000",
          .tlvs = std::move(tlvs)};
}

TEST(Tlvs, ThoseOfAReceiptThatAreWantedStandInItsEvent) {
  World world(with_tlvs());
  auto& producer = world.producer();
  const auto id = send(world, producer);
  world.centre().deliver(
      receipt_of(world.centre().seen.at(0).id, {{kTemplate, std::string("\0\xff", 2)},
                                                {kNetworkError, std::string("\3\0\x22", 3)},
                                                {0x1402, "nobody asked for it"}}));
  world.run_for(1s);
  ASSERT_TRUE(producer.fate(id));
  EXPECT_EQ(
      values(producer.fate(id)->receipt()),
      (Values{{kTemplate, std::string("\0\xff", 2)}, {kNetworkError, std::string("\3\0\x22", 3)}}));
}

TEST(Tlvs, OneThatIsTooLongIsLeftOut) {
  World world(with_tlvs());
  auto& producer = world.producer();
  const auto id = send(world, producer);
  world.centre().deliver(receipt_of(world.centre().seen.at(0).id,
                                    {{kTemplate, std::string(256, 'x')}, {kNetworkError, ""}}));
  world.run_for(1s);
  ASSERT_TRUE(producer.fate(id));
  EXPECT_EQ(values(producer.fate(id)->receipt()), (Values{{kNetworkError, ""}}));
}

// With a reference and without one, which are two shapes on disk.
TEST(Tlvs, AReceiptThatComesBeforeItsResponseKeepsThemOverARestart) {
  for (const bool has_reference : {false, true}) {
    World world(with_tlvs());
    auto& producer = world.producer();
    auto early = receipt_of("00001001", {{kTemplate, "early"}});
    if (has_reference) early.user_message_reference = 9;
    world.centre().deliver(early);
    world.run_for(1s);
    ASSERT_EQ(world.store.table(Table::parked).size(), 1u);
    world.restart();
    EXPECT_EQ(world.shard().stats().unreadable.get(), 0u);
    const auto id = send(world, producer);
    ASSERT_EQ(producer.finals(id), 1u);
    EXPECT_EQ(values(producer.fate(id)->receipt()), (Values{{kTemplate, "early"}}));
  }
}

Values of_reply(const Producer& producer) {
  for (const auto& [sequence, event] : producer.events) {
    if (event.has_reply()) return values(event.reply());
  }
  ADD_FAILURE() << "no reply";
  return {};
}

TEST(Tlvs, ThoseOfAReplyStandInItsEvent) {
  for (const bool two_shards : {false, true}) {
    auto settings = with_tlvs();
    if (two_shards) {
      settings.shards = 2;
      settings.routes.front().shard = ShardId{1};
    }
    World world(std::move(settings));
    auto& producer = world.producer();
    world.run_for(1s);
    world.centre().deliver({.from = "8613800138000",
                            .to = "1069000055",
                            .octets = "hello",
                            .tlvs = {{kTemplate, "1"}, {0x1402, "2"}}});
    world.run_for(1s);
    EXPECT_EQ(of_reply(producer), (Values{{kTemplate, "1"}}));
  }
}

TEST(Tlvs, OfALongReplyTheLastPartsAreTold) {
  World world(with_tlvs());
  auto& producer = world.producer();
  world.run_for(1s);
  for (const char index : {2, 1}) {
    world.centre().deliver({.from = "8613800138000",
                            .to = "1069000055",
                            .esm_class = smpp::kUdhi,
                            .octets = {5, 0, 3, 42, 2, index, 'x'},
                            .tlvs = {{kTemplate, std::string(1, static_cast<char>('0' + index))}}});
    world.run_for(1s);
  }
  EXPECT_EQ(of_reply(producer), (Values{{kTemplate, "1"}}));
}

}  // namespace
}  // namespace tact::gateway::test
