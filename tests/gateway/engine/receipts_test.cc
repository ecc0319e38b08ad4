// SPDX-License-Identifier: Apache-2.0
// Receipts in the shapes and at the times that carriers send them.
#include <gtest/gtest.h>

#include "gateway/engine/record_io.h"
#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;
using smpp::IdBase;
using smpp::MessageState;

uint64_t send(World& world, Producer& producer, proto::Message message) {
  const auto job = producer.push({std::move(message)});
  world.run_for(1s);
  return producer.result(job).message_id();
}

uint64_t send(World& world, Producer& producer) {
  return send(world, producer, message_of(Class::otp));
}

proto::Message long_message() {
  auto message = message_of(Class::notification);
  std::string text = "【XX银行】";
  for (int i = 0; i < 100; ++i) text += "账";
  message.set_text(text);
  return message;
}

Centre::Delivery receipt_text(std::string octets) {
  return {.from = "8613800138000",
          .to = "1069000055",
          .esm_class = smpp::kReceiptType,
          .octets = std::move(octets)};
}

// Does a receipt with this id end a message whose response said that one?
bool finds(EngineSettings settings, const std::string& response, const std::string& receipt,
           IdBase response_base = IdBase::opaque, IdBase receipt_base = IdBase::opaque) {
  settings.routes.front().response_id_base = response_base;
  settings.routes.front().receipt_id_base = receipt_base;
  World world(std::move(settings));
  world.centre().name_id = [&](uint64_t) { return response; };
  auto& producer = world.producer();
  const auto id = send(world, producer);
  world.centre().receipt(world.centre().seen.at(0), MessageState::delivered, receipt);
  world.run_for(1s);
  return producer.finals(id) == 1;
}

TEST(Receipts, IdsAreFoundInEveryShape) {
  const auto s = one_shard();
  EXPECT_TRUE(finds(s, "1f4a", "8010", IdBase::hex, IdBase::decimal));
  EXPECT_TRUE(finds(s, "8010", "1F4A", IdBase::decimal, IdBase::hex));
  EXPECT_TRUE(finds(s, "1f4a", "0000008010", IdBase::hex, IdBase::decimal));
  EXPECT_TRUE(finds(s, "0000001f4a", "8010", IdBase::hex, IdBase::decimal));
  EXPECT_TRUE(finds(s, "00B8BE19", "b8be19"));
  EXPECT_TRUE(finds(s, "12345", "0000012345"));
  EXPECT_TRUE(finds(s, "812FC7470000001B", "812fc7470000001b"));
  EXPECT_TRUE(finds(s, "812FC7470000001B", "9308878062554710043", IdBase::hex, IdBase::decimal));
  EXPECT_TRUE(finds(s, "9308878062554710043", "812FC7470000001B", IdBase::decimal, IdBase::hex));
  EXPECT_TRUE(finds(s, "2f1c6a52-0d4e-4c56", "2F1C6A52-0D4E-4C56"));
  EXPECT_FALSE(finds(s, "8010", "8011"));
}

TEST(Receipts, ACarrierMayHaveItsOwnWords) {
  EngineSettings settings = one_shard();
  settings.routes.front().receipt_form = {
      {"MsgID="}, {"Status="}, {}, {{"1", MessageState::undeliverable}}};
  World world(std::move(settings));
  world.centre().name_id = [](uint64_t) { return "77a1"; };
  auto& producer = world.producer();
  const auto id = send(world, producer);
  world.centre().deliver(receipt_text("MsgID=77A1;Status=1"));
  world.run_for(1s);
  ASSERT_EQ(producer.finals(id), 1u);
  EXPECT_EQ(producer.fate(id)->receipt().state(), proto::UNDELIVERABLE);
}

// How many values a histogram holds up to this bound, and above it.
std::pair<uint64_t, uint64_t> around(const LatencyHistogram& histogram,
                                     std::chrono::seconds bound) {
  std::pair<uint64_t, uint64_t> counts;
  for (size_t i = 0; i <= LatencyHistogram::kBounds.size(); ++i) {
    const bool below = i < LatencyHistogram::kBounds.size() &&
                       std::chrono::microseconds(LatencyHistogram::kBounds[i]) <= bound;
    (below ? counts.first : counts.second) += histogram.bucket(i);
  }
  return counts;
}

TEST(Receipts, HowLongTheyTakeIsToldByClass) {
  World world(one_shard());
  auto& producer = world.producer();
  send(world, producer);
  world.centre().receipt(world.centre().seen.at(0), MessageState::delivered);
  world.run_for(1s);
  const auto late = send(world, producer, message_of(Class::notification));
  world.run_for(100s);
  world.centre().receipt(world.centre().seen.at(1), MessageState::delivered);
  world.run_for(1s);
  ASSERT_EQ(producer.finals(late), 1u);

  const auto& lanes = world.route_stats().lanes;
  const auto& otp = lanes[static_cast<size_t>(Class::otp)];
  const auto& notification = lanes[static_cast<size_t>(Class::notification)];
  const auto& marketing = lanes[static_cast<size_t>(Class::marketing)];
  EXPECT_EQ(around(otp.receipt, 60s), std::pair(1ul, 0ul));
  EXPECT_EQ(around(notification.receipt, 60s), std::pair(0ul, 1ul));
  EXPECT_EQ(around(marketing.receipt, 60s), std::pair(0ul, 0ul));
  EXPECT_EQ(around(otp.round_trip, 1s), std::pair(1ul, 0ul));
  EXPECT_EQ(around(notification.round_trip, 1s), std::pair(1ul, 0ul));
  EXPECT_EQ(around(marketing.round_trip, 1s), std::pair(0ul, 0ul));
}

TEST(Receipts, AParameterAloneIsEnough) {
  World world(one_shard());
  auto& producer = world.producer();
  const auto id = send(world, producer);
  auto receipt = receipt_text("");
  receipt.receipted_message_id = world.centre().seen.at(0).id;
  receipt.message_state = static_cast<uint8_t>(MessageState::undeliverable);
  world.centre().deliver(receipt);
  world.run_for(1s);
  ASSERT_TRUE(producer.fate(id));
  EXPECT_EQ(producer.fate(id)->receipt().state(), proto::UNDELIVERABLE);
}

TEST(Receipts, AnIdCutShortInTheTextIsReadFromTheParameter) {
  World world(one_shard());
  world.centre().name_id = [](uint64_t) { return "1234567890ABCDEF"; };
  auto& producer = world.producer();
  const auto id = send(world, producer);
  auto receipt = receipt_text("id:1234567890 sub:001 dlvrd:001 stat:DELIVRD err:000");
  receipt.receipted_message_id = "1234567890ABCDEF";
  world.centre().deliver(receipt);
  world.run_for(1s);
  EXPECT_EQ(producer.finals(id), 1u);
}

TEST(Receipts, ATextCutShortIsReadAsFarAsItGoes) {
  World world(one_shard());
  auto& producer = world.producer();
  const auto id = send(world, producer);
  // Without its state it says nothing; with it, it says enough.
  const std::string name = world.centre().seen.at(0).id;
  const auto useless = world.centre().deliver(receipt_text("id:" + name + " sub:001 dlv"));
  world.run_for(1s);
  EXPECT_TRUE(world.centre().delivery(useless).answered);
  EXPECT_EQ(producer.finals(id), 0u);
  world.centre().deliver(receipt_text("id:" + name + " submit date:26031810 stat:DELIV"));
  world.run_for(1s);
  EXPECT_EQ(producer.finals(id), 1u);
}

TEST(Receipts, AnIdThatAgreesForAnotherNumberIsNeverFiled) {
  World world(one_shard());
  auto& producer = world.producer();
  const auto id = send(world, producer);
  auto stranger = world.centre().seen.at(0);
  stranger.to = "8613700137000";
  const auto receipt = world.centre().receipt(stranger, MessageState::undeliverable);
  world.run_for(2h);
  EXPECT_TRUE(world.centre().delivery(receipt).answered);
  EXPECT_EQ(producer.finals(id), 0u);
  EXPECT_TRUE(world.store.table(Table::parked).empty());  // aged
  world.centre().receipt(world.centre().seen.at(0), MessageState::delivered);
  world.run_for(1s);
  EXPECT_EQ(producer.fate(id)->receipt().state(), proto::DELIVERED);
}

TEST(Receipts, AReceiptAtAReceivingBindFindsWhatATransmittingOneSent) {
  auto settings = one_shard();
  auto& links = settings.routes.front().links;
  links.front().session.mode = smpp::BindMode::transmitter;
  add_link(settings);
  settings.routes.front().links.back().session.mode = smpp::BindMode::receiver;
  World world(settings);
  auto& producer = world.producer();
  const auto id = send(world, producer);
  ASSERT_EQ(world.centre().seen.size(), 1u);
  EXPECT_EQ(world.centre().seen[0].link, 0);
  auto delivery = receipt_text("id:" + world.centre().seen[0].id + " stat:DELIVRD");
  delivery.link = 1;
  world.centre().deliver(delivery);
  world.run_for(1s);
  EXPECT_EQ(producer.finals(id), 1u);
}

TEST(Receipts, ThoseThatAreNotTheLastAreToldAndDoNotEndTheMessage) {
  World world(one_shard());
  auto& producer = world.producer();
  const auto id = send(world, producer);
  const auto& seen = world.centre().seen.at(0);
  for (const auto state : {MessageState::enroute, MessageState::accepted, MessageState::unknown}) {
    world.centre().receipt(seen, state);
    world.run_for(1s);
    EXPECT_EQ(producer.about(id).back()->receipt().state(),
              static_cast<proto::ReceiptState>(state));
    EXPECT_EQ(producer.finals(id), 0u);
  }
  world.restart();
  world.centre().receipt(seen, MessageState::delivered);
  world.run_for(1s);
  EXPECT_EQ(producer.finals(id), 1u);
  EXPECT_EQ(producer.fate(id)->receipt().state(), proto::DELIVERED);
}

TEST(Receipts, UnknownIsToldAsWhatItIsWhenTheTimeIsOver) {
  auto settings = one_shard();
  settings.routes.front().receipt_timeout = 3'600s;
  World world(settings);
  auto& producer = world.producer();
  const auto id = send(world, producer);
  world.centre().receipt(world.centre().seen.at(0), MessageState::unknown);
  world.run_for(59min);
  EXPECT_EQ(producer.finals(id), 0u);
  world.run_for(2min);
  ASSERT_EQ(producer.finals(id), 1u);
  EXPECT_EQ(producer.fate(id)->receipt().state(), proto::UNKNOWN_AT_SMSC);
}

TEST(Receipts, AFailedPartIsToldWhenTheOthersNeverReport) {
  auto settings = one_shard();
  settings.routes.front().receipt_timeout = 3'600s;
  World world(settings);
  auto& producer = world.producer();
  const auto id = send(world, producer, long_message());
  world.centre().receipt(world.centre().seen.at(1), MessageState::undeliverable);
  world.run_for(61min);
  ASSERT_EQ(producer.finals(id), 1u);
  EXPECT_EQ(producer.fate(id)->receipt().state(), proto::UNDELIVERABLE);
}

// ---- A carrier that sends one receipt for the whole of a long message.

TEST(Receipts, OneForTheWholeEndsALongMessageWhereTheCarrierSendsNoMore) {
  auto settings = one_shard();
  settings.routes.front().receipts = ReceiptsPer::message;
  World world(settings);
  auto& producer = world.producer();
  const auto id = send(world, producer, long_message());
  ASSERT_EQ(world.centre().seen.size(), 2u);
  world.centre().receipt(world.centre().seen[0], MessageState::delivered);
  world.run_for(1s);
  ASSERT_EQ(producer.finals(id), 1u);
  EXPECT_EQ(producer.fate(id)->receipt().state(), proto::DELIVERED);
  // Should the other part's come all the same, it changes nothing.
  world.centre().receipt(world.centre().seen[1], MessageState::delivered);
  world.run_for(2h);
  EXPECT_EQ(producer.finals(id), 1u);
  EXPECT_EQ(world.route_stats().receipts_duplicate.get(), 1u);
}

TEST(Receipts, OneForTheWholeThatComesBeforeTheLastPartWaitsForIt) {
  auto settings = one_shard();
  settings.routes.front().receipts = ReceiptsPer::message;
  World world(settings);
  auto& centre = world.centre();
  auto& producer = world.producer();
  centre.on_submit = [](const Centre::Seen& seen) {
    return Centre::Say{seen.part == 2 ? Centre::Answer::refuse : Centre::Answer::accept,
                       smpp::Status::ESME_RTHROTTLED};
  };
  const auto id = send(world, producer, long_message());
  centre.receipt(centre.seen.at(0), MessageState::delivered);
  world.run_for(100ms);
  EXPECT_EQ(producer.finals(id), 0u);
  centre.on_submit = nullptr;
  world.run_for(10s);
  EXPECT_EQ(producer.finals(id), 1u);
  EXPECT_EQ(world.store.awaiting(), 0u);
}

TEST(Receipts, OfPartOneOnlyLeavesTheMessageWaitingWhereEachPartHasItsOwn) {
  World world(one_shard());
  auto& producer = world.producer();
  const auto id = send(world, producer, long_message());
  world.centre().receipt(world.centre().seen.at(0), MessageState::delivered);
  world.run_for(1h);
  EXPECT_EQ(producer.finals(id), 0u);
  world.centre().receipt(world.centre().seen.at(1), MessageState::delivered);
  world.run_for(1s);
  EXPECT_EQ(producer.finals(id), 1u);
}

// ---- Damaged records.

TEST(Receipts, UnreadableParkedOnesAndPartsOfRepliesAreCounted) {
  World world(one_shard());
  Centre::Seen stranger;
  stranger.to = "8613700137000";
  stranger.id = "77777777";
  world.centre().receipt(stranger, MessageState::delivered);
  Centre::Delivery part = receipt_text({5, 0, 3, 42, 2, 1, 'T'});
  part.esm_class = smpp::kUdhi;
  world.centre().deliver(part);
  world.run_for(1s);
  ASSERT_EQ(world.store.table(Table::parked).size(), 1u);
  ASSERT_EQ(world.store.table(Table::parts).size(), 1u);
  world.store.table(Table::parked).begin()->second.resize(12);
  world.store.table(Table::parts).begin()->second.back() ^= 1;
  world.restart();
  EXPECT_EQ(world.shard().stats().unreadable.get(), 2u);
}

TEST(Receipts, AParkedRecordWithoutAReferenceIsReadAsBefore) {
  World world(one_shard());
  auto& producer = world.producer();
  Bytes bytes;
  RecordWriter w(bytes);
  w.integer(world.hasher.hash("8613800138000"));
  w.integer(to_ms(world.now.civil));
  w.integer(static_cast<uint8_t>(MessageState::delivered));
  w.string<uint8_t>("00001001");
  w.string<uint8_t>("000");
  world.crash();
  world.store.table(Table::parked)[route_seq_key(kRoute, 1)] = {bytes.begin(), bytes.end()};
  world.start();
  const auto id = send(world, producer);
  EXPECT_EQ(producer.finals(id), 1u);
  EXPECT_TRUE(world.store.table(Table::parked).empty());
}

}  // namespace
}  // namespace tact::gateway::test
