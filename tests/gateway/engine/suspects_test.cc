// SPDX-License-Identifier: Apache-2.0
// Replies that a person has to look at: what they hold, who sees them, what a decision does.
#include "gateway/engine/suspects.h"

#include <gtest/gtest.h>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kHandset = "8613800138000";

class Suspects : public ::testing::Test {
 protected:
  Suspects() : world_(one_shard()), producer_(&world_.producer()) {}

  // Its id, as its event tells it.
  uint64_t hear(std::string_view text) {
    world_.centre().deliver(written(std::string(kHandset), "1069000055", text));
    world_.run_for(2min);
    uint64_t id = 0;
    for (const auto& [sequence, event] : producer_->events) {
      if (event.has_reply() && event.reply().text() == text) id = event.reply().reply_id();
    }
    EXPECT_NE(id, 0u) << text;
    return id;
  }
  const proto::Result& decide(uint64_t id, proto::Decision::Action action) {
    proto::Control control;
    auto& decision = *control.mutable_review()->add_decisions();
    decision.set_reply_id(id);
    decision.set_action(action);
    decision.set_by("officer 7");
    const auto sequence = producer_->push(control);
    world_.run_for(1s);
    return producer_->result(sequence);
  }
  policy::BlockMask blocks(Class cls) {
    return world_.suppression->blocks(raw(kBrand), world_.hasher.hash(kHandset), cls,
                                      world_.now.civil);
  }
  uint64_t waiting() { return world_.shard().stats().suspects_waiting.get(); }

  World world_;
  Producer* producer_;
};

TEST_F(Suspects, HoldMarketingFor72HoursAndWaitSealed) {
  hear("我要投诉");
  EXPECT_TRUE(contains(blocks(Class::marketing), policy::Block::pause));
  EXPECT_EQ(blocks(Class::collection), 0);
  EXPECT_EQ(waiting(), 1u);
  const auto& facts = world_.store.table(Table::facts);
  ASSERT_EQ(facts.size(), 1u);
  const std::string& stored = facts.begin()->second;
  EXPECT_EQ(stored.find("投诉"), std::string::npos);
  EXPECT_EQ(stored.find("138001"), std::string::npos);
  MaskSealer sealer(7);
  const auto suspect = decode_suspect(facts.begin()->first, stored, sealer);
  ASSERT_TRUE(suspect);
  EXPECT_EQ(suspect->text, "我要投诉");
  EXPECT_EQ(suspect->handset, "86138****8000");
  EXPECT_EQ(suspect->reasons, Suspect::kUnclear);
  world_.run_for(72h);
  EXPECT_EQ(blocks(Class::marketing), 0);
  EXPECT_EQ(waiting(), 1u) << "still to be looked at";
}

TEST_F(Suspects, APlainReplyIsNobodysWork) {
  hear("好的");
  hear("TD");
  EXPECT_EQ(waiting(), 0u);
  EXPECT_TRUE(world_.store.table(Table::facts).empty());
}

TEST_F(Suspects, OneThatMeantAnOptOutBecomesOneAlsoAfterARestart) {
  producer_->push({message_of(Class::collection)});
  world_.run_for(1s);
  const auto id = hear("别烦我");
  world_.restart();
  world_.run_for(1s);
  EXPECT_EQ(waiting(), 1u);
  const auto& result = decide(id, proto::Decision::OPT_OUT);
  EXPECT_EQ(result.outcome(), proto::QUEUED);
  EXPECT_EQ(result.message_id(), id);
  EXPECT_TRUE(contains(blocks(Class::marketing), policy::Block::opt_out));
  EXPECT_TRUE(contains(blocks(Class::collection), policy::Block::opt_out)) << "it answered one";
  EXPECT_EQ(waiting(), 0u);
  EXPECT_TRUE(world_.store.table(Table::facts).empty());
  size_t told = 0, audited = 0;
  for (const auto& [sequence, event] : producer_->events) told += event.has_opt_out();
  EXPECT_EQ(told, 1u);
  world_.audit([&](const AuditRecord& record) { audited += record.note == "officer 7"; });
  EXPECT_EQ(audited, 1u);
}

TEST_F(Suspects, OneThatMeantNoneIsReleasedUnlessAnotherHolds) {
  const auto first = hear("我要投诉");
  const auto second = hear("别烦我");
  const auto dispute = hear("已经还了");
  EXPECT_TRUE(contains(blocks(Class::collection), policy::Block::pause));
  decide(first, proto::Decision::RELEASE);
  EXPECT_TRUE(contains(blocks(Class::marketing), policy::Block::pause)) << "the second holds";
  decide(second, proto::Decision::RELEASE);
  EXPECT_EQ(blocks(Class::marketing), 0);
  EXPECT_TRUE(contains(blocks(Class::collection), policy::Block::pause));
  world_.run_for(73h);
  EXPECT_EQ(blocks(Class::collection), 0) << "its pause has its end still";
  EXPECT_EQ(decide(dispute, proto::Decision::RELEASE).outcome(), proto::QUEUED);
  EXPECT_EQ(waiting(), 0u);
}

TEST_F(Suspects, AStrangerStopsCollectionUntilReleased) {
  const auto id = hear("发错人了");
  world_.run_for(100h);
  EXPECT_TRUE(contains(blocks(Class::collection), policy::Block::wrong_party));
  decide(id, proto::Decision::RELEASE);
  EXPECT_EQ(blocks(Class::collection), 0);
}

TEST_F(Suspects, WhatCannotBeDecidedIsRefusedByField) {
  const auto id = hear("我要投诉");
  const auto refused = [&](uint64_t reply, auto change) {
    proto::Control control;
    auto& decision = *control.mutable_review()->add_decisions();
    decision.set_reply_id(reply);
    decision.set_action(proto::Decision::OPT_OUT);
    change(decision);
    const auto sequence = producer_->push(control);
    world_.run_for(1s);
    const auto& result = producer_->result(sequence);
    return result.outcome() == proto::REJECTED ? result.fired(0).detail() : "";
  };
  EXPECT_EQ(refused(id + 1, [](auto&) {}), "reply_id");
  EXPECT_EQ(refused(id, [](auto& d) { d.clear_action(); }), "action");
  EXPECT_EQ(refused(id, [](auto& d) { d.add_classes(static_cast<proto::MessageClass>(9)); }),
            "classes");
  EXPECT_EQ(refused(id, [](auto& d) { d.set_by(std::string(65, 'x')); }), "by");
  EXPECT_EQ(refused(id, [](auto&) {}), "");
  EXPECT_EQ(refused(id, [](auto&) {}), "reply_id") << "decided";
}

TEST_F(Suspects, NobodyDecidesForThirtyDays) {
  hear("我要投诉");
  world_.run_for(31 * 24h);
  hear("好的");
  EXPECT_EQ(waiting(), 0u);
  EXPECT_EQ(world_.shard().stats().suspects_forgotten.get(), 1u);
  EXPECT_TRUE(world_.store.table(Table::facts).empty());
}

TEST_F(Suspects, ADamagedRecordIsLeftAndCounted) {
  hear("我要投诉");
  world_.store.table(Table::facts).begin()->second[20] ^= 1;
  world_.restart();
  world_.run_for(1s);
  EXPECT_EQ(waiting(), 0u);
  EXPECT_EQ(world_.shard().stats().unreadable.get(), 1u);
}

TEST(Masked, ShowsEnoughToRecogniseAndTooLittleToCall) {
  EXPECT_EQ(masked("8613800138000"), "86138****8000");
  EXPECT_EQ(masked("12345678"), "****5678");
  EXPECT_EQ(masked("10086"), "****86");
  EXPECT_EQ(masked(""), "****");
}

}  // namespace
}  // namespace tact::gateway::test
