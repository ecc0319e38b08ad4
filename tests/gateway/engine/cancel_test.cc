// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;
using proto::Standing;

std::string number(int i) { return "86138001" + std::to_string(10'000 + i); }

proto::Subject by_id(uint64_t id) {
  proto::Subject subject;
  subject.set_message_id(id);
  return subject;
}
proto::Subject by_key(const std::string& key) {
  proto::Subject subject;
  subject.set_idempotency_key(key);
  return subject;
}
proto::Subject by_campaign(const std::string& campaign) {
  proto::Subject subject;
  subject.set_campaign(campaign);
  return subject;
}
proto::Control cancel_of(const std::vector<proto::Subject>& subjects) {
  proto::Control control;
  for (const auto& subject : subjects) *control.mutable_cancel()->add_subjects() = subject;
  return control;
}
proto::Control query_of(const std::vector<proto::Subject>& subjects) {
  proto::Control control;
  for (const auto& subject : subjects) *control.mutable_query()->add_subjects() = subject;
  return control;
}

// On one shard, and with tenant and route on two: what is told at once there is mail here.
class Cancel : public ::testing::TestWithParam<bool> {
 protected:
  EngineSettings settings() const { return GetParam() ? two_shards() : one_shard(); }

  static uint64_t push(World& world, Producer& producer, const proto::Message& message) {
    const auto job = producer.push({message});
    world.run();
    return producer.result(job).message_id();
  }
  static proto::Result ask(World& world, Producer& producer, proto::Control control) {
    const auto sequence = producer.push(std::move(control));
    world.run();
    return producer.result(sequence);
  }
  static proto::Result cancel(World& world, Producer& producer, const proto::Subject& subject) {
    return ask(world, producer, cancel_of({subject}));
  }
  static proto::Result query(World& world, Producer& producer, const proto::Subject& subject) {
    return ask(world, producer, query_of({subject}));
  }
  static Centre::Say silence() { return {Centre::Answer::silence, {}}; }
  static Centre::Say refusal(smpp::Status status) { return {Centre::Answer::refuse, status}; }
};

TEST_P(Cancel, WhatCannotBeReadIsRefusedByField) {
  World world(settings());
  auto& producer = world.producer();
  const auto refused = [&](proto::Control control, int at = 0) {
    const auto sequence = producer.push(std::move(control));
    world.run();
    const auto& result = producer.result(sequence, at);
    EXPECT_EQ(result.outcome(), proto::REJECTED);
    return result.fired_size() ? result.fired(0).rule() + " " + result.fired(0).detail() : "";
  };
  EXPECT_EQ(refused(cancel_of({proto::Subject()})), "FIELD_INVALID which");
  EXPECT_EQ(refused(cancel_of({by_key("")})), "FIELD_INVALID idempotency_key");
  EXPECT_EQ(refused(cancel_of({by_campaign("")})), "FIELD_INVALID campaign");
  EXPECT_EQ(refused(query_of({by_campaign("spring")})), "FIELD_INVALID campaign");
  EXPECT_EQ(refused(cancel_of({by_id(7), by_id(7)}), 1), "FIELD_INVALID twice");
}

TEST_P(Cancel, WhatNobodyKnowsIsNotFoundAndLeavesNothingBehind) {
  World world(settings());
  auto& producer = world.producer();
  EXPECT_EQ(cancel(world, producer, by_id(12'345)).outcome(), proto::NOT_FOUND);
  EXPECT_EQ(cancel(world, producer, by_key("never")).outcome(), proto::NOT_FOUND);
  EXPECT_EQ(query(world, producer, by_id(12'345)).outcome(), proto::NOT_FOUND);
  world.run_for(1s);
  EXPECT_TRUE(world.store.table(Table::facts).empty());
}

TEST_P(Cancel, AQueuedMessageDiesAtItsLastLookAndFreesItsSlot) {
  World world(settings());
  world.centre().refused_links = {0};
  auto& producer = world.producer();
  const auto id = push(world, producer, message_of(Class::collection));
  const auto result = cancel(world, producer, by_id(id));
  EXPECT_EQ(result.outcome(), proto::CANCELLED) << result.ShortDebugString();
  EXPECT_EQ(result.message_id(), id);
  EXPECT_EQ(result.standing().queued(), 1u);
  EXPECT_EQ(result.standing().stage(), Standing::QUEUED);
  EXPECT_EQ(result.standing().route(), "carrier");
  EXPECT_EQ(result.standing().message_class(), proto::COLLECTION);
  world.centre().refused_links.clear();
  world.run_for(60s);
  EXPECT_TRUE(world.centre().seen.empty());
  ASSERT_EQ(producer.finals(id), 1u);
  EXPECT_TRUE(producer.fate(id)->has_cancelled());
  EXPECT_FALSE(producer.fate(id)->cancelled().may_have_left());
  // Its slot is free: the week's one message may still be sent.
  const auto job = producer.push({message_of(Class::collection)});
  world.run_for(1s);
  EXPECT_EQ(producer.result(job).outcome(), proto::QUEUED);
  EXPECT_EQ(world.centre().seen.size(), 1u);
}

TEST_P(Cancel, ByIdempotencyKey) {
  World world(settings());
  world.centre().refused_links = {0};
  auto& producer = world.producer();
  auto message = message_of(Class::crisis);
  message.set_idempotency_key("k-1");
  const auto id = push(world, producer, message);
  const auto result = cancel(world, producer, by_key("k-1"));
  EXPECT_EQ(result.outcome(), proto::CANCELLED);
  EXPECT_EQ(result.message_id(), id);
  world.centre().refused_links.clear();
  world.run_for(60s);
  EXPECT_TRUE(world.centre().seen.empty());
  EXPECT_TRUE(producer.fate(id)->has_cancelled());
}

TEST_P(Cancel, ACampaignDiesAndWhatIsPushedAfterwardsLives) {
  World world(settings());
  world.centre().refused_links = {0};
  auto& producer = world.producer();
  auto message = message_of(Class::marketing);
  message.set_campaign("spring");
  std::vector<proto::Message> messages;
  for (int i = 0; i < 300; ++i) {
    messages.push_back(message);
    messages.back().set_to(number(i));
  }
  const auto job = producer.push(messages);
  messages.resize(1);
  messages.front().set_campaign("autumn");
  messages.front().set_to(number(1'000));
  const auto other = producer.push(messages);
  world.run();
  const auto result = cancel(world, producer, by_campaign("spring"));
  EXPECT_EQ(result.outcome(), proto::CANCELLED);
  EXPECT_EQ(result.standing().queued(), 300u);
  EXPECT_EQ(result.standing().sent(), 0u);
  EXPECT_FALSE(result.standing().partial());
  messages.front().set_campaign("spring");
  messages.front().set_to(number(1'001));
  const auto again = producer.push(messages);
  world.centre().refused_links.clear();
  world.run_for(60s);
  EXPECT_EQ(world.centre().seen.size(), 2u);
  for (int i = 0; i < 300; ++i) {
    const auto id = producer.result(job, i).message_id();
    ASSERT_EQ(producer.finals(id), 1u) << i;
    ASSERT_TRUE(producer.fate(id)->has_cancelled()) << i;
  }
  EXPECT_EQ(producer.about(producer.result(other).message_id()).size(), 1u);  // submitted
  EXPECT_EQ(producer.about(producer.result(again).message_id()).size(), 1u);
}

TEST_P(Cancel, ADeferredMessageDiesAtItsDueTime) {
  World world(settings());
  world.now.civil = shanghai(18, 23);
  auto& producer = world.producer();
  const auto id = push(world, producer, message_of(Class::marketing));
  const auto result = cancel(world, producer, by_id(id));
  EXPECT_EQ(result.outcome(), proto::CANCELLED);
  EXPECT_EQ(result.standing().stage(), Standing::DEFERRED);
  EXPECT_GE(from_ms(result.standing().until_ms()), shanghai(19, 8));
  EXPECT_FALSE(producer.fate(id));
  world.run_for(14h);
  EXPECT_TRUE(world.centre().seen.empty());
  ASSERT_EQ(producer.finals(id), 1u);
  EXPECT_TRUE(producer.fate(id)->has_cancelled());
  EXPECT_EQ(push(world, producer, message_of(Class::marketing)) != 0, true);
  world.run_for(1s);
  EXPECT_EQ(world.centre().seen.size(), 1u);
}

TEST_P(Cancel, AMessageThatWaitsForAnotherTryDies) {
  World world(settings());
  world.centre().on_submit = [](const auto&) { return refusal(smpp::Status::ESME_RTHROTTLED); };
  auto& producer = world.producer();
  const auto id = push(world, producer, message_of(Class::notification));
  world.run_for(100ms);
  ASSERT_EQ(world.centre().seen.size(), 1u);
  EXPECT_EQ(cancel(world, producer, by_id(id)).outcome(), proto::CANCELLED);
  world.centre().on_submit = nullptr;
  world.run_for(60s);
  EXPECT_EQ(world.centre().seen.size(), 1u);
  ASSERT_EQ(producer.finals(id), 1u);
  EXPECT_TRUE(producer.fate(id)->has_cancelled());
}

TEST_P(Cancel, WhatALinkHasIsTooLateAndGoesItsWay) {
  World world(settings());
  world.centre().on_submit = [](const auto&) { return silence(); };
  auto& producer = world.producer();
  const auto id = push(world, producer, message_of(Class::otp));
  world.run_for(100ms);
  const auto result = cancel(world, producer, by_id(id));
  EXPECT_EQ(result.outcome(), proto::TOO_LATE);
  EXPECT_EQ(result.standing().stage(), Standing::SENDING);
  EXPECT_EQ(result.standing().sent(), 1u);
  // The carrier refuses it for now: it is tried again, since nothing is withdrawn any more.
  world.centre().on_submit = nullptr;
  world.centre().answer(world.centre().seen.at(0), smpp::Status::ESME_RTHROTTLED);
  world.run_for(10s);
  EXPECT_EQ(world.centre().seen.size(), 2u);
  EXPECT_FALSE(producer.fate(id));
}

TEST_P(Cancel, WhatHasBegunToLeaveIsTooLateAndGoesWhole) {
  auto one_by_one = settings();
  one_by_one.routes.front().links.front().session.window = 1;
  World world(one_by_one);
  world.centre().on_submit = [](const auto&) { return silence(); };
  auto& producer = world.producer();
  auto message = message_of(Class::notification);
  for (int i = 0; i < 60; ++i) message.mutable_text()->append("账");
  message.set_campaign("spring");
  const auto id = push(world, producer, message);
  EXPECT_EQ(cancel(world, producer, by_id(id)).outcome(), proto::TOO_LATE);
  // The campaign stays withdrawn.
  EXPECT_EQ(cancel(world, producer, by_campaign("spring")).standing().sent(), 1u);
  world.centre().on_submit = nullptr;
  world.centre().answer(world.centre().seen.at(0));
  world.run_for(10s);
  EXPECT_EQ(world.centre().seen.size(), 2u);
  EXPECT_FALSE(producer.fate(id));
}

TEST_P(Cancel, TheHistoryTellsHowLateItIs) {
  World world(settings());
  auto& producer = world.producer();
  const auto id = push(world, producer, message_of(Class::otp));
  world.run_for(1s);
  EXPECT_EQ(cancel(world, producer, by_id(id)).standing().stage(), Standing::AWAITING);
  world.centre().receipt(world.centre().seen.at(0), smpp::MessageState::delivered);
  world.run_for(1s);
  const auto result = cancel(world, producer, by_id(id));
  EXPECT_EQ(result.outcome(), proto::TOO_LATE);
  EXPECT_EQ(result.standing().stage(), Standing::DONE);
  EXPECT_EQ(result.standing().fate(), "receipt");
  EXPECT_EQ(result.standing().detail(), "DELIVERED");
}

TEST_P(Cancel, ACancelIsInForceBeforeItIsAnswered) {
  World world(settings());
  world.centre().refused_links = {0};
  auto& producer = world.producer();
  const auto id = push(world, producer, message_of(Class::crisis));
  world.run_for(1s);
  world.commits = false;
  const auto sequence = producer.push(cancel_of({by_id(id)}));
  world.run();
  ASSERT_TRUE(world.store.write_one());  // durable and published; nobody has been told
  world.commits = true;
  world.centre().refused_links.clear();
  world.run_for(60s);
  EXPECT_EQ(producer.result(sequence).outcome(), proto::CANCELLED);
  EXPECT_TRUE(world.centre().seen.empty());
  EXPECT_TRUE(producer.fate(id)->has_cancelled());
}

TEST_P(Cancel, ACancelSurvivesACrash) {
  World world(settings());
  world.now.civil = shanghai(18, 23);
  world.centre().refused_links = {0};
  auto& producer = world.producer();
  const auto waiting = push(world, producer, message_of(Class::marketing, number(1)));
  const auto queued = push(world, producer, message_of(Class::crisis, number(2)));
  EXPECT_EQ(cancel(world, producer, by_id(waiting)).outcome(), proto::CANCELLED);
  EXPECT_EQ(cancel(world, producer, by_id(queued)).outcome(), proto::CANCELLED);
  world.restart();
  world.centre().refused_links.clear();
  world.run_for(14h);
  EXPECT_TRUE(world.centre().seen.empty());
  ASSERT_EQ(producer.finals(waiting), 1u);
  EXPECT_TRUE(producer.fate(waiting)->has_cancelled());
  // No link was ever bound: a crash leaves nothing unknown.
  ASSERT_EQ(producer.finals(queued), 1u);
  EXPECT_TRUE(producer.fate(queued)->has_cancelled());
  EXPECT_FALSE(producer.fate(queued)->cancelled().may_have_left());
}

TEST_P(Cancel, NobodyCancelsAnothersMessage) {
  auto two = settings();
  auto& upstreams = two.tenants.front().upstreams;
  upstreams.push_back({UpstreamId{2}, "other", "token", AccountId{1}});
  World world(two);
  world.centre().refused_links = {0};
  auto& producer = world.producer();
  auto& other = world.producer("a", "other");
  auto message = message_of(Class::crisis);
  message.set_campaign("spring");
  const auto id = push(world, producer, message);
  EXPECT_EQ(cancel(world, other, by_id(id)).outcome(), proto::NOT_FOUND);
  EXPECT_EQ(cancel(world, other, by_campaign("spring")).standing().queued(), 0u);
  EXPECT_EQ(query(world, other, by_id(id)).outcome(), proto::NOT_FOUND);
  world.centre().refused_links.clear();
  world.run_for(60s);
  EXPECT_EQ(world.centre().seen.size(), 1u);
}

TEST_P(Cancel, AWithdrawalIsForgottenWhenNothingItConcernsCanBeAlive) {
  World world(settings());
  auto& producer = world.producer();
  cancel(world, producer, by_campaign("spring"));
  EXPECT_EQ(world.store.table(Table::facts).size(), 1u);
  world.now.civil += std::chrono::days(366 + 11);
  world.restart();
  push(world, producer, message_of(Class::otp));
  world.run_for(1s);
  EXPECT_TRUE(world.store.table(Table::facts).empty());
}

TEST_P(Cancel, TheStreamWaitsForItsAnswerAndOthersDoNot) {
  World world(settings());
  auto& asking = world.producer("a");
  auto& other = world.producer("b", "core", false);
  world.run_for(1s);
  world.commits = false;
  const auto control = asking.push(cancel_of({by_id(1)}));
  const auto job = asking.push({message_of(Class::otp, number(1))});
  const auto others = other.push({message_of(Class::otp, number(2))});
  world.run();
  while (world.store.write_one()) {
  }
  world.run();
  EXPECT_TRUE(other.acks.contains(others));
  EXPECT_FALSE(asking.acks.contains(control));
  EXPECT_FALSE(asking.acks.contains(job));
  world.commits = true;
  world.run();
  EXPECT_EQ(asking.result(control).outcome(), proto::NOT_FOUND);
  EXPECT_EQ(asking.result(job).outcome(), proto::QUEUED);
}

TEST_P(Cancel, AQueryTellsEachStageOfALife) {
  World world(settings());
  world.centre().refused_links = {0};
  auto& producer = world.producer();
  auto message = message_of(Class::otp);
  message.set_idempotency_key("k-1");
  message.set_not_before_ms(to_ms(world.now.civil + 10min));
  push(world, producer, message);
  const auto stage = [&] {
    const auto result = query(world, producer, by_key("k-1"));
    EXPECT_EQ(result.outcome(), proto::FOUND) << result.ShortDebugString();
    return result.standing().stage();
  };
  const auto reaches = [&](Standing::Stage wanted) {
    for (int i = 0; i < 30 && stage() != wanted; ++i) world.run_for(5s);
    return stage() == wanted;
  };
  EXPECT_EQ(stage(), Standing::DEFERRED);
  world.run_for(601s);
  EXPECT_EQ(stage(), Standing::QUEUED);
  world.centre().on_submit = [](const auto&) { return silence(); };
  world.centre().refused_links.clear();
  EXPECT_TRUE(reaches(Standing::SENDING));
  EXPECT_TRUE(reaches(Standing::UNKNOWN));  // its answer was given up
  world.centre().on_submit = nullptr;
  EXPECT_TRUE(reaches(Standing::AWAITING));
  world.centre().receipt(world.centre().seen.back(), smpp::MessageState::undeliverable);
  EXPECT_TRUE(reaches(Standing::DONE));
}

TEST_P(Cancel, AQueryReadsBackThroughHoursAndSaysHowFar) {
  World world(settings());
  auto& producer = world.producer();
  const auto id = push(world, producer, message_of(Class::otp));
  for (int hour = 0; hour < 5; ++hour) {
    for (int i = 0; i < 100; ++i) push(world, producer, message_of(Class::crisis, number(i)));
    world.run_for(1h);
  }
  const auto found = query(world, producer, by_id(id));
  EXPECT_EQ(found.standing().stage(), Standing::AWAITING);
  EXPECT_EQ(found.standing().history_from_ms(), 0);
  world.run_for(50h);
  const auto lost = query(world, producer, by_id(id));
  EXPECT_EQ(lost.outcome(), proto::NOT_FOUND);
  EXPECT_LT(from_ms(lost.standing().history_from_ms()), world.now.civil - 47h);
  EXPECT_GT(from_ms(lost.standing().history_from_ms()), world.now.civil - 49h);
}

INSTANTIATE_TEST_SUITE_P(Shards, Cancel, ::testing::Bool(),
                         [](const auto& p) { return p.param ? "two" : "one"; });

}  // namespace
}  // namespace tact::gateway::test
