// SPDX-License-Identifier: Apache-2.0
// What a carrier tells a second time: answered, and without a second effect.
#include <gtest/gtest.h>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;
using smpp::MessageState;

constexpr std::string_view kHandset = "8613800138000";

Centre::Delivery reply(std::string text) {
  return {.from = std::string(kHandset), .to = "1069000055", .octets = std::move(text)};
}

Centre::Delivery part(int index, int total, std::string text) {
  auto delivery = reply("");
  delivery.esm_class = smpp::kUdhi;
  delivery.octets = {5, 0, 3, 42, static_cast<char>(total), static_cast<char>(index)};
  delivery.octets += text;
  return delivery;
}

size_t replies(const Producer& producer) {
  return static_cast<size_t>(
      std::ranges::count_if(producer.events, [](const auto& e) { return e.second.has_reply(); }));
}

size_t audited(World& world, AuditRecord::Kind kind) {
  size_t count = 0;
  world.audit([&](const AuditRecord& record) { count += record.kind == kind; });
  return count;
}

// On one shard, and with tenant and route on two.
class Repeats : public ::testing::TestWithParam<bool> {
 protected:
  static EngineSettings settings() { return GetParam() ? two_shards() : one_shard(); }
  static const RouteStats& stats(World& world) { return world.route_stats(GetParam() ? 1 : 0); }
  // Told, answered, and the session ends before anybody can be sure that the answer arrived.
  static void tell_and_cut(World& world, std::string text) {
    world.centre().deliver(reply(std::move(text)));
    world.run_for(1s);
    world.centre().drop(0);
    world.run_for(5s);
  }
};

TEST_P(Repeats, AReplyThatComesAgainAfterItsSessionWasLostHasOneEffect) {
  World world(settings());
  auto& producer = world.producer();
  tell_and_cut(world, "TD");
  const auto again = world.centre().deliver(reply("TD"));
  world.run_for(1h);
  EXPECT_TRUE(world.centre().delivery(again).answered);
  EXPECT_EQ(replies(producer), 1u);
  EXPECT_EQ(audited(world, AuditRecord::Kind::reply), 1u);
  EXPECT_EQ(audited(world, AuditRecord::Kind::suppressed), 1u);
  EXPECT_EQ(stats(world).replies_duplicate.get(), 1u);
}

TEST_P(Repeats, AReplyHasOneEffectWhereverACrashCutsIt) {
  for (uint64_t fuse = 0; fuse < 6; ++fuse) {
    World world(settings());
    auto& producer = world.producer();
    world.run_for(1s);
    world.store.set_fuse(fuse);
    const auto told = world.centre().deliver(reply("TD"));
    world.run();
    world.crash();
    world.start();
    world.run_for(1s);
    const auto again = world.centre().deliver(reply("TD"));
    world.run_for(1s);
    EXPECT_TRUE(world.centre().delivery(told).answered) << fuse;
    EXPECT_TRUE(world.centre().delivery(again).answered) << fuse;
    EXPECT_EQ(replies(producer), 1u) << fuse;
    EXPECT_EQ(audited(world, AuditRecord::Kind::reply), 1u) << fuse;
    EXPECT_TRUE(
        world.suppression->blocked(raw(kBrand), world.hasher.hash(kHandset), Class::marketing));
  }
}

TEST_P(Repeats, ARepeatThatComesBeforeTheEffectIsDurableIsAnsweredWithIt) {
  World world(settings());
  auto& producer = world.producer();
  world.run_for(1s);
  world.commits = false;
  const auto first = world.centre().deliver(reply("1"));
  const auto again = world.centre().deliver(reply("1"));
  world.run_for(2s);
  EXPECT_FALSE(world.centre().delivery(first).answered);
  EXPECT_FALSE(world.centre().delivery(again).answered);
  world.commits = true;
  world.run_for(1s);
  EXPECT_TRUE(world.centre().delivery(first).answered);
  EXPECT_TRUE(world.centre().delivery(again).answered);
  EXPECT_EQ(replies(producer), 1u);
}

TEST_P(Repeats, TheSameWordsWithinAMinuteAreARepeatAndLaterAreNot) {
  World world(settings());
  auto& producer = world.producer();
  world.centre().deliver(reply("1"));
  world.run_for(30s);
  world.centre().deliver(reply("1"));
  world.run_for(1s);
  EXPECT_EQ(replies(producer), 1u);
  world.run_for(2min);
  world.centre().deliver(reply("1"));
  world.run_for(1s);
  EXPECT_EQ(replies(producer), 2u);
}

TEST_P(Repeats, AnAnswerThatCameLateMayNotHaveCounted) {
  World world(settings());
  auto& producer = world.producer();
  world.run_for(1s);
  world.commits = false;
  world.centre().deliver(reply("1"));
  world.run_for(20s);
  world.commits = true;
  world.run_for(10min);
  world.centre().deliver(reply("1"));
  world.run_for(1s);
  EXPECT_EQ(replies(producer), 1u);
  // This one was answered in time, so the next one is the person's.
  world.run_for(2min);
  world.centre().deliver(reply("1"));
  world.run_for(1s);
  EXPECT_EQ(replies(producer), 2u);
}

TEST_P(Repeats, AnOptOutAfterAnOptInCountsThoughItIsWordForWordTheFirst) {
  World world(settings());
  world.producer();
  for (const char* text : {"TD", "START", "TD"}) {
    world.centre().deliver(reply(text));
    world.run_for(1s);
  }
  const auto number = world.hasher.hash(kHandset);
  EXPECT_TRUE(world.suppression->blocked(raw(kBrand), number, Class::marketing));
  world.restart();
  for (const char* text : {"START", "TD"}) {
    world.centre().deliver(reply(text));
    world.run_for(1s);
  }
  EXPECT_TRUE(world.suppression->blocked(raw(kBrand), number, Class::marketing));
}

// Losing an opt-out is worse than hearing one twice: what could be a repeat counts where somebody
// has allowed MARKETING again in between.
TEST_P(Repeats, AnOptOutAfterItsNumberWasAllowedAgainCountsThoughItMayBeARepeat) {
  World world(settings());
  auto& producer = world.producer();
  tell_and_cut(world, "TD");
  const auto number = world.hasher.hash(kHandset);
  proto::Control control;
  auto& entry = *control.mutable_allow()->add_entries();
  entry.set_brand("bank");
  entry.set_to("+" + std::string(kHandset));
  producer.push(control);
  world.run_for(1s);
  ASSERT_FALSE(world.suppression->blocked(raw(kBrand), number, Class::marketing));
  const auto again = world.centre().deliver(reply("TD"));
  world.run_for(1s);
  EXPECT_TRUE(world.centre().delivery(again).answered);
  EXPECT_TRUE(world.suppression->blocked(raw(kBrand), number, Class::marketing));
  EXPECT_EQ(replies(producer), 2u);
  world.centre().deliver(reply("TD"));
  world.run_for(1s);
  EXPECT_EQ(replies(producer), 2u);
}

TEST_P(Repeats, APartThatComesAgainAfterItsReplyWasReadIsNoReplyOfItsOwn) {
  World world(settings());
  auto& producer = world.producer();
  world.centre().deliver(part(1, 2, "T"));
  world.centre().deliver(part(2, 2, "D"));
  world.run_for(1s);
  ASSERT_EQ(replies(producer), 1u);
  world.restart();
  for (const int index : {1, 2}) {
    const auto again = world.centre().deliver(part(index, 2, index == 1 ? "T" : "D"));
    world.run_for(1s);
    EXPECT_TRUE(world.centre().delivery(again).answered);
  }
  EXPECT_TRUE(world.store.table(Table::parts).empty());
  world.run_for(11min);
  EXPECT_EQ(replies(producer), 1u);
}

TEST_P(Repeats, AReplyIsForgottenAfterADay) {
  World world(settings());
  auto& producer = world.producer();
  tell_and_cut(world, "1");
  EXPECT_FALSE(world.store.table(Table::remembered).empty());
  world.run_for(25h);
  world.centre().deliver(reply("1"));
  world.run_for(2min);
  EXPECT_EQ(replies(producer), 2u);
  world.run_for(1h);
  world.centre().deliver(reply("2"));  // wakes it
  world.run_for(1h);
  EXPECT_LE(world.store.table(Table::remembered).size(), 3u);
}

// ---- Receipts.

uint64_t send(World& world, Producer& producer, Class cls = Class::otp) {
  const auto job = producer.push({message_of(cls)});
  world.run_for(1s);
  return producer.result(job).message_id();
}

void expect_quiet_repeat(World& world, const Centre::Seen& seen, const RouteStats& stats,
                         std::string id = "", MessageState state = MessageState::delivered) {
  const auto before = stats.receipts_duplicate.get();
  const auto again = world.centre().receipt(seen, state, std::move(id));
  world.run_for(1s);
  EXPECT_TRUE(world.centre().delivery(again).answered);
  EXPECT_EQ(stats.receipts_duplicate.get(), before + 1);
  EXPECT_TRUE(world.store.table(Table::parked).empty());
}

TEST_P(Repeats, AReceiptToldAgainIsNeitherAnEventNorParkedAlsoAfterARestart) {
  World world(settings());
  auto& producer = world.producer();
  const auto id = send(world, producer);
  const auto seen = world.centre().seen.at(0);
  world.centre().receipt(seen, MessageState::delivered);
  world.run_for(1s);
  expect_quiet_repeat(world, seen, stats(world));
  world.restart();
  world.run_for(1s);
  expect_quiet_repeat(world, seen, stats(world));
  expect_quiet_repeat(world, seen, stats(world), "0000" + seen.id);
  expect_quiet_repeat(world, seen, stats(world), "", MessageState::enroute);
  EXPECT_EQ(producer.finals(id), 1u);
}

TEST_P(Repeats, AReceiptToldAgainInItsOtherBaseIsKnown) {
  auto bases = settings();
  bases.routes.front().response_id_base = smpp::IdBase::hex;
  bases.routes.front().receipt_id_base = smpp::IdBase::decimal;
  World world(bases);
  world.centre().name_id = [](uint64_t) { return "1f4a"; };
  auto& producer = world.producer();
  const auto id = send(world, producer);
  const auto seen = world.centre().seen.at(0);
  world.centre().receipt(seen, MessageState::delivered, "8010");
  world.run_for(1s);
  expect_quiet_repeat(world, seen, stats(world), "0000008010");
  EXPECT_EQ(producer.finals(id), 1u);
}

TEST_P(Repeats, TheReceiptOfEachPartOfALongMessageIsKnown) {
  World world(settings());
  auto& producer = world.producer();
  auto message = message_of(Class::notification);
  std::string text = "【XX银行】";
  for (int i = 0; i < 100; ++i) text += "账";
  message.set_text(text);
  producer.push({message});
  world.run_for(1s);
  const auto seen = world.centre().seen;
  ASSERT_EQ(seen.size(), 2u);
  world.centre().receipt(seen[0], MessageState::delivered);
  world.run_for(1s);
  expect_quiet_repeat(world, seen[0], stats(world));  // while the other one is awaited
  world.centre().receipt(seen[1], MessageState::delivered);
  world.run_for(1s);
  expect_quiet_repeat(world, seen[0], stats(world));
  expect_quiet_repeat(world, seen[1], stats(world));
  EXPECT_EQ(audited(world, AuditRecord::Kind::progress), 1u);
  EXPECT_EQ(audited(world, AuditRecord::Kind::receipt), 1u);
}

TEST_P(Repeats, AReceiptToldTwiceBeforeItsResponseLeavesNothingParked) {
  auto plain = settings();
  plain.routes.front().user_message_reference = false;
  World world(plain);
  auto& producer = world.producer();
  world.centre().on_submit = [](const auto&) { return Centre::Say{Centre::Answer::silence, {}}; };
  const auto id = send(world, producer);
  const auto seen = world.centre().seen.at(0);
  world.centre().receipt(seen, MessageState::enroute);
  world.centre().receipt(seen, MessageState::delivered);
  world.centre().receipt(seen, MessageState::delivered);
  world.run_for(1s);
  EXPECT_EQ(world.store.table(Table::parked).size(), 1u);
  EXPECT_EQ(stats(world).receipts_duplicate.get(), 1u);
  world.centre().answer(seen);
  world.run_for(1s);
  EXPECT_EQ(producer.finals(id), 1u);
  EXPECT_TRUE(world.store.table(Table::parked).empty());
  expect_quiet_repeat(world, seen, stats(world));
}

TEST_P(Repeats, AnIdThatComesAgainAfterDaysBelongsToTheNewMessage) {
  World world(settings());
  world.centre().name_id = [](uint64_t) { return "77"; };
  auto& producer = world.producer();
  for (int day = 0; day < 3; ++day) {
    const auto id = send(world, producer);
    EXPECT_EQ(producer.finals(id), 0u);
    world.centre().receipt(world.centre().seen.back(), MessageState::delivered);
    world.run_for(1s);
    EXPECT_EQ(producer.finals(id), 1u) << day;
    world.run_for(48h);
  }
}

TEST_P(Repeats, TheOldestIsForgottenBeyondTheLimit) {
  auto few = settings();
  few.limits.remembered = 2;
  World world(few);
  auto& producer = world.producer();
  for (int i = 0; i < 3; ++i) {
    send(world, producer);
    world.centre().receipt(world.centre().seen.back(), MessageState::delivered);
    world.run_for(1s);
  }
  const auto seen = world.centre().seen;
  expect_quiet_repeat(world, seen[2], stats(world));
  expect_quiet_repeat(world, seen[1], stats(world));
  world.centre().receipt(seen[0], MessageState::delivered);
  world.run_for(1s);
  EXPECT_EQ(world.store.table(Table::parked).size(), 1u);
}

TEST(DamagedRemembered, IsCountedAndStopsNoStart) {
  World world(one_shard());
  auto& producer = world.producer();
  const auto id = send(world, producer);
  world.centre().receipt(world.centre().seen.at(0), MessageState::delivered);
  world.run_for(1s);
  world.store.table(Table::remembered).begin()->second.back() ^= 1;
  world.restart();
  EXPECT_EQ(world.shard().stats().unreadable.get(), 1u);
  EXPECT_EQ(producer.finals(id), 1u);
}

INSTANTIATE_TEST_SUITE_P(Shards, Repeats, ::testing::Bool(),
                         [](const auto& with) { return with.param ? "Two" : "One"; });

}  // namespace
}  // namespace tact::gateway::test
