// SPDX-License-Identifier: Apache-2.0
// More messages wait for receipts than memory is meant to hold; long messages and their references.
#include <gtest/gtest.h>

#include <set>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;
using smpp::MessageState;

std::string number(int i) { return "86138001" + std::to_string(10'000 + i); }

EngineSettings with_room_for(uint64_t awaiting) {
  auto settings = one_shard();
  settings.limits.awaiting = awaiting;
  settings.routes.front().receipt_timeout = 3'600s;
  return settings;
}

proto::Message long_message(std::string_view to) {
  auto message = message_of(Class::crisis, to);
  std::string text = "【XX银行】";
  for (int i = 0; i < 100; ++i) text += "风";
  message.set_text(text);
  return message;
}

void send(World& world, Producer& producer, int count) {
  std::vector<proto::Message> messages;
  for (int i = 0; i < count; ++i) {
    messages.push_back(message_of(Class::crisis, number(i)));
    messages.back().set_reference(number(i));
  }
  producer.push(messages);
  world.run_for(5s);
}

std::map<std::string, int> finals(const Producer& producer) {
  std::map<std::string, int> finals;
  for (const auto& [sequence, event] : producer.events) {
    if (event.final()) ++finals[event.reference()];
  }
  return finals;
}

TEST(Spill, EveryReceiptFindsItsMessageAlsoAfterARestart) {
  for (const bool restart : {false, true}) {
    World world(with_room_for(5));
    auto& producer = world.producer();
    send(world, producer, 50);
    if (restart) world.restart();
    world.run_for(1s);
    EXPECT_EQ(world.route_stats().awaiting.get(), 50u);
    EXPECT_EQ(world.route_stats().awaiting_spilled.get(), 45u);
    const auto seen = world.centre().seen;
    ASSERT_EQ(seen.size(), 50u);
    for (size_t i = 0; i < 50; ++i) {
      world.centre().receipt(seen[i * 7 % 50], MessageState::delivered);
    }
    world.run_for(5s);
    EXPECT_EQ(finals(producer).size(), 50u);
    for (const auto& [reference, count] : finals(producer)) EXPECT_EQ(count, 1) << reference;
    EXPECT_EQ(world.store.awaiting(), 0u);
    EXPECT_EQ(world.route_stats().awaiting.get(), 0u);
  }
}

TEST(Spill, AReceiptIsAnsweredAfterItsLoadAndItsCommit) {
  World world(with_room_for(1));
  auto& producer = world.producer();
  send(world, producer, 5);
  world.commits = false;
  const auto receipt = world.centre().receipt(world.centre().seen[0], MessageState::delivered);
  world.run_for(5s);
  EXPECT_FALSE(world.centre().delivery(receipt).answered);
  EXPECT_EQ(finals(producer).size(), 0u);
  world.commits = true;
  world.run_for(1s);
  EXPECT_TRUE(world.centre().delivery(receipt).answered);
  EXPECT_EQ(finals(producer).size(), 1u);
}

TEST(Spill, ReceiptsThatComeTogetherFindOneMessage) {
  World world(with_room_for(1));
  auto& producer = world.producer();
  const auto job = producer.push({long_message(number(99))});
  world.run_for(1s);
  send(world, producer, 5);
  ASSERT_GE(world.route_stats().awaiting_spilled.get(), 5u);
  const auto seen = world.centre().seen;
  for (const size_t i : {0, 1, 0, 1}) world.centre().receipt(seen[i], MessageState::delivered);
  world.run_for(1s);
  EXPECT_EQ(producer.finals(producer.result(job).message_id()), 1u);
  EXPECT_EQ(world.route_stats().receipts_duplicate.get(), 2u);
  EXPECT_TRUE(world.store.table(Table::parked).empty());
}

TEST(Spill, APartOfASpilledMessageIsNotForgottenWhenItIsSpilledAgain) {
  World world(with_room_for(1));
  auto& producer = world.producer();
  const auto job = producer.push({long_message(number(99))});
  world.run_for(1s);
  send(world, producer, 5);
  const auto seen = world.centre().seen;
  world.centre().receipt(seen[0], MessageState::undeliverable);
  world.run_for(1s);
  EXPECT_EQ(world.route_stats().awaiting_spilled.get(), 5u);
  world.centre().receipt(seen[1], MessageState::delivered);
  world.run_for(1s);
  const auto id = producer.result(job).message_id();
  ASSERT_EQ(producer.finals(id), 1u);
  EXPECT_EQ(producer.fate(id)->receipt().state(), proto::UNDELIVERABLE);
}

TEST(Spill, WhatNeverGetsAReceiptEndsByAge) {
  for (const bool restart : {false, true}) {
    World world(with_room_for(5));
    auto& producer = world.producer();
    send(world, producer, 600);
    if (restart) world.restart();
    world.run_for(59min);
    EXPECT_TRUE(finals(producer).empty());
    world.run_for(3min);
    EXPECT_EQ(finals(producer).size(), 600u);
    for (const auto& [reference, count] : finals(producer)) EXPECT_EQ(count, 1) << reference;
    EXPECT_EQ(world.store.awaiting(), 0u);
  }
}

TEST(Spill, ADamagedRecordIsCountedAndItsReceiptParked) {
  World world(with_room_for(1));
  auto& producer = world.producer();
  send(world, producer, 5);
  world.store.table(Table::awaiting).begin()->second.back() ^= 1;
  const auto receipt = world.centre().receipt(world.centre().seen[0], MessageState::delivered);
  world.run_for(1s);
  EXPECT_TRUE(world.centre().delivery(receipt).answered);
  EXPECT_EQ(world.shard().stats().unreadable.get(), 1u);
  EXPECT_EQ(world.store.table(Table::parked).size(), 1u);
}

TEST(Spill, ACrashWhileARecordIsLoadedLosesNothing) {
  World world(with_room_for(1));
  auto& producer = world.producer();
  send(world, producer, 5);
  world.centre().receipt(world.centre().seen[0], MessageState::delivered);
  for (int i = 0; i < 2; ++i) world.step();
  world.restart();
  world.run_for(2s);
  EXPECT_EQ(finals(producer).size(), 1u);
}

// ---- References on the air (DESIGN 17.8).

TEST(References, OfLongMessagesToOneNumberAreNeverTwiceUnderWay) {
  for (const auto concat : {smpp::Concat::udh8, smpp::Concat::udh16}) {
    auto settings = one_shard();
    settings.routes.front().concat = concat;
    settings.routes.front().rate_pdus = 10'000;
    settings.routes.front().links.front().session.window = 100;
    World world(settings);
    auto& producer = world.producer();
    std::vector<proto::Message> messages(300, long_message(number(1)));
    messages.push_back(long_message(number(2)));
    producer.push(messages);
    world.run_for(30s);
    const size_t under_way = concat == smpp::Concat::udh8 ? 256 : 300;
    auto& centre = world.centre();
    ASSERT_EQ(centre.seen.size(), 2 * under_way + 2);
    std::set<uint16_t> references;
    for (const auto& seen : centre.seen) {
      if (seen.to == number(1)) references.insert(seen.reference);
    }
    EXPECT_EQ(references.size(), under_way);
    // As their receipts come, the others follow.
    for (const auto& seen : std::vector<Centre::Seen>(centre.seen)) {
      centre.receipt(seen, MessageState::delivered);
    }
    centre.receipts = true;
    world.run_for(30s);
    EXPECT_EQ(centre.seen.size(), 602u);
    const auto ended = std::ranges::count_if(
        producer.events, [](const auto& event) { return event.second.final(); });
    EXPECT_EQ(ended, 301);
  }
}

TEST(References, AreFreeAgainWhenNoReceiptHasComeForAnHour) {
  auto settings = one_shard();
  settings.routes.front().concat = smpp::Concat::udh8;
  settings.routes.front().rate_pdus = 10'000;
  World world(settings);
  auto& producer = world.producer();
  producer.push(std::vector<proto::Message>(257, long_message(number(1))));
  world.run_for(59min);
  EXPECT_EQ(world.centre().seen.size(), 512u);
  world.run_for(2min);
  EXPECT_EQ(world.centre().seen.size(), 514u);
}

}  // namespace
}  // namespace tact::gateway::test
