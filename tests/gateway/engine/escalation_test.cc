// SPDX-License-Identifier: Apache-2.0
// ESCALATE from end to end: reminders in vain, the event, and what ends it.
#include <gtest/gtest.h>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;

class Escalation : public ::testing::TestWithParam<bool> {
 protected:
  World world{GetParam() ? two_shards() : one_shard()};
  Producer& producer = world.producer();

  // A day later, since one a day is the most.
  proto::Result remind() {
    proto::Message message = message_of(Class::collection);
    message.set_emergency("audit 7");
    const auto job = producer.push({message});
    world.run_for(24h);
    return producer.result(job);
  }
  void remind_in_vain() {
    for (int i = 0; i < 3; ++i) ASSERT_EQ(remind().outcome(), proto::QUEUED) << i;
  }
  size_t told() const {
    size_t n = 0;
    for (const auto& [sequence, event] : producer.events) n += event.has_escalated();
    return n;
  }
};

TEST_P(Escalation, AFourthReminderIsRefusedAndToldOnce) {
  remind_in_vain();
  EXPECT_EQ(told(), 0u);
  for (int i = 0; i < 2; ++i) {
    const auto fourth = remind();
    EXPECT_EQ(fourth.outcome(), proto::REJECTED);
    ASSERT_EQ(fourth.fired_size(), 1);
    EXPECT_EQ(fourth.fired(0).rule(), "ESCALATE");
    world.restart();
    world.run_for(1s);
  }
  ASSERT_EQ(told(), 1u);
  for (const auto& [sequence, event] : producer.events) {
    if (!event.has_escalated()) continue;
    EXPECT_EQ(event.escalated().brand(), "bank");
    EXPECT_EQ(event.escalated().to(), "8613800138000");
    EXPECT_EQ(event.escalated().number_hash(), world.hasher.hash("8613800138000"));
    EXPECT_FALSE(event.final());
  }
}

TEST_P(Escalation, AnyReplyEndsIt) {
  remind_in_vain();
  EXPECT_EQ(remind().outcome(), proto::REJECTED);
  // The last reminder is no context of the reply any more, and yet it is one.
  world.run_for(72h);
  world.centre().deliver({.from = "8613800138000", .to = "1069000055", .octets = "OK"});
  world.run_for(1s);
  remind_in_vain();
  EXPECT_EQ(remind().outcome(), proto::REJECTED);
  EXPECT_EQ(told(), 2u);
}

TEST_P(Escalation, WhoHasCalledMayAllowItAndTheCountBeginsAnew) {
  remind_in_vain();
  EXPECT_EQ(remind().outcome(), proto::REJECTED);
  proto::Control control;
  auto& entry = *control.mutable_allow()->add_entries();
  entry.set_brand("bank");
  entry.set_to("+8613800138000");
  entry.set_reason(proto::Suppression::ESCALATED);
  entry.set_proof("call 12");
  producer.push(control);
  world.run_for(1s);
  remind_in_vain();
  EXPECT_EQ(remind().outcome(), proto::REJECTED);
}

INSTANTIATE_TEST_SUITE_P(Shards, Escalation, ::testing::Bool());

// What an upstream knows of a number beside opt-outs.
TEST(Suppress, EachReasonStandsForItself) {
  World world(one_shard());
  auto& producer = world.producer();
  const auto say = [&](bool on, proto::Suppression::Reason reason) {
    proto::Control control;
    auto& list = on ? *control.mutable_suppress()->mutable_entries()
                    : *control.mutable_allow()->mutable_entries();
    auto& entry = *list.Add();
    entry.set_brand("bank");
    entry.set_to("+8613800138000");
    entry.set_reason(reason);
    producer.push(control);
    world.run_for(1s);
  };
  const auto rules = [&] {
    const auto job = producer.push({message_of(Class::collection)});
    world.run_for(1s);
    std::string all;
    for (const auto& fired : producer.result(job).fired()) all += fired.rule() + ' ';
    return all;
  };
  say(true, proto::Suppression::WRONG_PARTY);
  EXPECT_EQ(rules(), "WRONG_PARTY ");
  say(true, proto::Suppression::NUMBER_DEAD);
  EXPECT_EQ(rules(), "WRONG_PARTY NUMBER_DEAD ");
  say(false, proto::Suppression::OPT_OUT);
  EXPECT_EQ(rules(), "WRONG_PARTY NUMBER_DEAD ");
  say(false, proto::Suppression::WRONG_PARTY);
  say(true, proto::Suppression::CARRIER_BLACK);
  EXPECT_EQ(rules(), "NUMBER_DEAD CARRIER_BLACK ");
  say(false, proto::Suppression::CARRIER_BLACK);
  say(false, proto::Suppression::NUMBER_DEAD);
  say(true, proto::Suppression::PAUSED);
  EXPECT_NE(rules().find("PAUSE"), std::string::npos);
  say(true, static_cast<proto::Suppression::Reason>(77));
  const auto& refused = std::prev(producer.acks.end())->second.results(0);
  EXPECT_EQ(refused.outcome(), proto::REJECTED);
  EXPECT_EQ(refused.fired(0).detail(), "reason");
  for (const auto& [sequence, event] : producer.events) {
    EXPECT_EQ(event.has_opt_out(), event.has_opt_out() && event.opt_out().ended());
  }
}

}  // namespace
}  // namespace tact::gateway::test
