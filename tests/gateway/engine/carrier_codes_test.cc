// SPDX-License-Identifier: Apache-2.0
// What a carrier's codes say of a number, and what follows for the next message to it.
#include "gateway/engine/carrier_codes.h"

#include <gtest/gtest.h>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;

// On one shard, and with tenant and route on two: what is a call there is mail here.
class CarrierCodesTest : public ::testing::TestWithParam<bool> {
 protected:
  EngineSettings settings() const { return GetParam() ? two_shards() : one_shard(); }
};

// Sends a notice and lets the carrier say so of it.
void fail_with(World& world, Producer& producer, const std::string& stat, const std::string& err) {
  const size_t before = world.centre().seen.size();
  producer.push({message_of(Class::notification)});
  world.run_for(1s);
  ASSERT_EQ(world.centre().seen.size(), before + 1);
  const auto seen = world.centre().seen.back();
  world.centre().deliver({.from = seen.to,
                          .to = "1069000055",
                          .esm_class = 0x04,
                          .octets = "id:" + seen.id +
                                    " sub:001 dlvrd:000 submit date:2603181015 "
                                    "done date:2603181016 stat:" +
                                    stat + " err:" + err + " text:"});
  world.run_for(1s);
}

std::string rules(World& world, Producer& producer, Class cls) {
  const auto job = producer.push({message_of(cls)});
  world.run_for(1s);
  std::string all;
  for (const auto& fired : producer.result(job).fired()) all += fired.rule() + ' ';
  return all;
}

TEST_P(CarrierCodesTest, ThreeHardFailuresInARowMakeANumberDead) {
  World world(settings());
  auto& producer = world.producer();
  for (int i = 0; i < 2; ++i) fail_with(world, producer, "UNDELIV", "000");
  fail_with(world, producer, "DELIVRD", "000");
  for (int i = 0; i < 2; ++i) fail_with(world, producer, "UNDELIV", "MK:0001");
  EXPECT_EQ(world.store.table(Table::facts).size(), 1u);
  world.restart();
  world.run_for(1s);
  EXPECT_FALSE(world.suppression->get(raw(kBrand), world.hasher.hash("8613800138000")).blocks[3]);
  fail_with(world, producer, "EXPIRED", "");
  EXPECT_EQ(rules(world, producer, Class::collection), "NUMBER_DEAD ");
  EXPECT_EQ(rules(world, producer, Class::otp), "");
  EXPECT_EQ(rules(world, producer, Class::notification), "");
  EXPECT_TRUE(world.store.table(Table::facts).empty());
  world.restart();
  world.run_for(1s);
  EXPECT_EQ(rules(world, producer, Class::collection), "NUMBER_DEAD ");
}

TEST_P(CarrierCodesTest, AMarkEndsAfterItsTimeAndIsSetAnewByTheNextSign) {
  World world(settings());
  auto& producer = world.producer();
  fail_with(world, producer, "UNDELIV", "MBBLACK");
  EXPECT_EQ(rules(world, producer, Class::collection), "CARRIER_BLACK ");
  world.run_for(89 * 24h);
  EXPECT_EQ(rules(world, producer, Class::collection), "CARRIER_BLACK ");
  world.run_for(24h);
  EXPECT_EQ(rules(world, producer, Class::collection), "");
  fail_with(world, producer, "REJECTD", "1015");
  EXPECT_EQ(rules(world, producer, Class::marketing), "CARRIER_BLACK ");
}

TEST_P(CarrierCodesTest, ACodeInThePlaceOfTheStateIsAFailure) {
  World world(settings());
  auto& producer = world.producer();
  fail_with(world, producer, "SC:0016", "");
  ASSERT_FALSE(producer.events.empty());
  const auto& last = producer.events.rbegin()->second;
  EXPECT_TRUE(last.final());
  EXPECT_EQ(last.receipt().state(), proto::UNDELIVERABLE);
  EXPECT_EQ(last.receipt().error(), "SC:0016");
  EXPECT_EQ(rules(world, producer, Class::collection), "CARRIER_BLACK ");
  // What nobody knows stays unknown, and the message waits for its last receipt.
  fail_with(world, producer, "XY:0001", "");
  EXPECT_FALSE(producer.events.rbegin()->second.final());
}

TEST_P(CarrierCodesTest, TooOftenIsAPauseOfADay) {
  World world(settings());
  auto& producer = world.producer();
  fail_with(world, producer, "UNDELIV", "BEYONDD");
  EXPECT_EQ(rules(world, producer, Class::collection), "PAUSE ");
}

TEST_P(CarrierCodesTest, TheRoutesOwnCodesComeFirst) {
  EngineSettings own = settings();
  own.routes.front().carrier_codes = {{"MBBLACK", CarrierSays::nothing},
                                      {"UNDELIV", CarrierSays::nothing},
                                      {"Z9*", CarrierSays::black}};
  World world(own);
  auto& producer = world.producer();
  for (int i = 0; i < 3; ++i) fail_with(world, producer, "UNDELIV", "MBBLACK");
  EXPECT_EQ(rules(world, producer, Class::collection), "");
  fail_with(world, producer, "UNDELIV", "Z99");
  EXPECT_EQ(rules(world, producer, Class::marketing), "CARRIER_BLACK ");
}

TEST_P(CarrierCodesTest, ARefusedTextIsToldToOperatorsOnceInTenMinutes) {
  World world(settings());
  auto& producer = world.producer();
  const auto told = [&] {
    return std::ranges::count_if(world.told, [](const World::Told& t) {
      return std::holds_alternative<CarrierNotice>(t.notice);
    });
  };
  for (int i = 0; i < 3; ++i) fail_with(world, producer, "UNDELIV", "KEYWORD");
  EXPECT_EQ(told(), 1);
  fail_with(world, producer, "UNDELIV", "00138");
  EXPECT_EQ(told(), 2);
  const auto& notice = std::get<CarrierNotice>(world.told.back().notice);
  EXPECT_EQ(notice.says, CarrierSays::signature);
  EXPECT_EQ(notice.code, "00138");
  world.run_for(10min);
  fail_with(world, producer, "UNDELIV", "MA:0009");
  EXPECT_EQ(told(), 3);
  EXPECT_EQ(rules(world, producer, Class::collection), "") << "nothing of it is the number's fault";
}

TEST_P(CarrierCodesTest, AStatusThatIsFinalCountsLikeAReceipt) {
  World world(settings());
  auto& producer = world.producer();
  world.centre().on_submit = [](const Centre::Seen&) {
    return Centre::Say{Centre::Answer::refuse, smpp::Status::ESME_RINVDSTADR};
  };
  for (int i = 0; i < 3; ++i) {
    producer.push({message_of(Class::notification)});
    world.run_for(1s);
  }
  EXPECT_EQ(rules(world, producer, Class::collection), "NUMBER_DEAD ");
}

INSTANTIATE_TEST_SUITE_P(Shards, CarrierCodesTest, ::testing::Bool());

TEST(CarrierCodesMeaning, AWholeCodeGoesBeforeItsBeginningAndTheLongerOneFirst) {
  EngineSettings settings = one_shard();
  auto& route = settings.routes.front();
  route.carrier_codes = {{"MK:*", CarrierSays::often}, {"MK:00*", CarrierSays::black}};
  World world(settings);
  Directory directory(settings);
  FakeStore store(1);
  FakeWire wire;
  MaskSealer sealer{7};
  Backlog backlog;
  ShardContext context{.id = ShardId{0},
                       .settings = settings,
                       .directory = directory,
                       .store = store,
                       .wire = wire,
                       .sealer = sealer,
                       .hasher = world.hasher,
                       .suppression = *world.suppression,
                       .backlog = backlog,
                       .gate{settings.rules, [](auto&&...) { return 1; }},
                       .stats{},
                       .out{ShardId{0}, settings.limits, sealer},
                       .effects{},
                       .rng = Rng(1),
                       .now{},
                       .event{},
                       .tenants{}};
  RouteStats stats;
  const CarrierCodes codes(context, route, stats);
  const std::pair<const char*, CarrierSays> expected[] = {
      {"MK:0001", CarrierSays::black},    {"MK:1", CarrierSays::often},
      {"MA:0001", CarrierSays::black},    {"MA:0022", CarrierSays::often},
      {"MA:0099", CarrierSays::content},  {"MN:0001", CarrierSays::dead},
      {"2:4", CarrierSays::dead},         {"", CarrierSays::nothing},
      {"000", CarrierSays::nothing},      {"REJECTD", CarrierSays::nothing},
      {"UNDELIVX", CarrierSays::nothing}, {"MK", CarrierSays::nothing},
      {"UNKNOWN", CarrierSays::nothing}};
  for (const auto& [code, says] : expected) EXPECT_EQ(codes.meaning(code), says) << code;
}

}  // namespace
}  // namespace tact::gateway::test
