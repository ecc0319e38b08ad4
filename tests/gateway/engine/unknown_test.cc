// SPDX-License-Identifier: Apache-2.0
// Messages whose answer never came, and long ones that left in part: what settles them, and what
// their producer is told.
#include <gtest/gtest.h>

#include <set>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;
using Answer = Centre::Answer;
using Seen = Centre::Seen;
using smpp::MessageState;

auto silent() {
  return [](const Seen&) { return Centre::Say{Answer::silence, {}}; };
}

EngineSettings quick() {
  auto settings = one_shard();
  settings.routes.front().links.front().session.timers.response = 5s;
  settings.routes.front().receipt_timeout = 3'600s;
  return settings;
}

// Of `parts` parts in UCS-2.
proto::Message long_message(Class cls, int parts = 2) {
  auto message = message_of(cls);
  std::string text = message.text();
  for (int i = 0; i < 66 * (parts - 1); ++i) text.insert(text.find("】") + 3, "账");
  message.set_text(text);
  return message;
}

// One message, to a centre that takes it and stays silent.
struct Unanswered {
  explicit Unanswered(const proto::Message& message, EngineSettings settings = quick())
      : world(std::move(settings)), producer(world.producer()) {
    centre().on_submit = silent();
    job = producer.push({message});
    world.run_for(1s);
  }
  Centre& centre() { return world.centre(); }
  uint64_t id() const { return producer.result(job).message_id(); }

  World world;
  Producer& producer;
  uint64_t job = 0;
};

// A receipt that carries our reference and an id that we never heard.
Centre::Delivery by_reference(const Seen& seen, std::string_view state, std::string id) {
  return {.from = seen.to,
          .to = "1069000055",
          .esm_class = smpp::kReceiptType,
          .octets = "id:" + std::move(id) + " stat:" + std::string(state) + " err:000",
          .user_message_reference = seen.user_message_reference};
}

TEST(Unknown, AReceiptWithOurReferenceSettlesIt) {
  Unanswered one(message_of(Class::notification));
  one.centre().drop(0);
  one.world.run_for(2s);
  one.centre().on_submit = nullptr;
  one.centre().deliver(by_reference(one.centre().seen[0], "DELIVRD", "X1"));
  one.world.run_for(60s);
  EXPECT_EQ(one.centre().seen.size(), 1u);
  ASSERT_EQ(one.producer.finals(one.id()), 1u);
  EXPECT_EQ(one.producer.fate(one.id())->receipt().state(), proto::DELIVERED);
}

TEST(Unknown, AReceiptWithOurReferenceBeforeTheSessionIsLostSettlesIt) {
  Unanswered one(message_of(Class::marketing));
  one.centre().deliver(by_reference(one.centre().seen[0], "DELIVRD", "X1"));
  one.world.run_for(1s);
  EXPECT_EQ(one.world.store.table(Table::parked).size(), 1u);
  one.centre().drop(0);
  one.world.run_for(60s);
  ASSERT_EQ(one.producer.finals(one.id()), 1u);
  EXPECT_TRUE(one.producer.fate(one.id())->has_receipt());
  EXPECT_TRUE(one.world.store.table(Table::parked).empty());
}

TEST(Unknown, AReceiptWithOurReferenceSettlesItAlsoAfterACrash) {
  for (const Class cls : {Class::otp, Class::marketing}) {
    Unanswered one(message_of(cls));
    one.world.restart();
    one.centre().on_submit = nullptr;
    one.world.run_for(10s);
    one.centre().deliver(by_reference(one.centre().seen[0], "UNDELIV", "X1"));
    one.world.run_for(60s);
    EXPECT_EQ(one.centre().seen.size(), 1u);
    ASSERT_EQ(one.producer.finals(one.id()), 1u);
    EXPECT_EQ(one.producer.fate(one.id())->receipt().state(), proto::UNDELIVERABLE);
  }
}

TEST(Unknown, WithoutAWordTheClassDecidesAlsoAfterACrash) {
  for (const Class cls : kClassOrder) {
    Unanswered one(message_of(cls));
    one.world.restart();
    one.centre().on_submit = nullptr;
    one.centre().receipts = true;
    one.world.run_for(40s);
    const bool resends = cls != Class::collection && cls != Class::marketing;
    EXPECT_EQ(one.centre().seen.size(), resends ? 2u : 1u);
    ASSERT_EQ(one.producer.finals(one.id()), 1u);
    EXPECT_EQ(one.producer.fate(one.id())->has_unknown(), !resends);
    EXPECT_EQ(one.world.store.awaiting(), 0u);
  }
}

TEST(Unknown, ALateRefusalSettlesItAndItIsSentAgainWhateverItsClass) {
  Unanswered one(message_of(Class::marketing));
  one.world.run_for(6s);
  ASSERT_EQ(one.world.route_stats().unknown.get(), 1u);
  one.centre().answer(one.centre().seen[0], smpp::Status::ESME_RTHROTTLED);
  one.centre().on_submit = nullptr;
  one.centre().receipts = true;
  one.world.run_for(60s);
  EXPECT_EQ(one.centre().seen.size(), 2u);
  ASSERT_EQ(one.producer.finals(one.id()), 1u);
  EXPECT_TRUE(one.producer.fate(one.id())->has_receipt());
}

// The first attempt had come through after all: its receipt comes when the second one ...

TEST(Unknown, AReceiptOfTheFirstAttemptWhileTheSecondWaitsMakesItNeedless) {
  Unanswered one(message_of(Class::notification));
  one.centre().refused_links = {0};
  one.centre().drop(0);
  one.world.run_for(40s);  // decided: in the lane again, and no link
  ASSERT_EQ(one.world.route_stats().unknown_resent.get(), 1u);
  one.centre().deliver(by_reference(one.centre().seen[0], "DELIVRD", "X1"));
  one.centre().on_submit = nullptr;
  one.centre().refused_links.clear();
  one.world.run_for(10min);
  ASSERT_EQ(one.producer.finals(one.id()), 1u);
  EXPECT_TRUE(one.producer.fate(one.id())->has_receipt());
  EXPECT_EQ(one.world.store.awaiting(), 0u);
  EXPECT_EQ(one.world.in_flight(), 0u);
}

TEST(Unknown, AReceiptOfTheFirstAttemptWhileTheSecondIsUnansweredEndsItOnce) {
  for (const bool crash : {false, true}) {
    Unanswered one(message_of(Class::notification));
    one.centre().drop(0);
    one.world.run_for(33s);
    ASSERT_EQ(one.centre().seen.size(), 2u);
    one.centre().deliver(by_reference(one.centre().seen[0], "DELIVRD", "X1"));
    one.world.run_for(1s);
    EXPECT_EQ(one.producer.finals(one.id()), 1u);
    if (crash) {
      one.world.restart();
      one.centre().on_submit = nullptr;
    } else {
      one.centre().answer(one.centre().seen[1]);
      one.world.run_for(1s);
      one.centre().receipt(one.centre().seen[1], MessageState::delivered);
    }
    one.world.run_for(2h);
    EXPECT_EQ(one.centre().seen.size(), 2u) << crash;
    EXPECT_EQ(one.producer.finals(one.id()), 1u) << crash;
    EXPECT_EQ(one.world.store.awaiting(), 0u) << crash;
  }
}

TEST(Unknown, AReceiptOfTheFirstAttemptAfterTheSecondWasAcceptedEndsItOnce) {
  Unanswered one(message_of(Class::notification));
  one.centre().on_submit = nullptr;
  one.centre().drop(0);
  one.world.run_for(33s);
  ASSERT_EQ(one.centre().seen.size(), 2u);
  one.centre().deliver(by_reference(one.centre().seen[0], "DELIVRD", "X1"));
  one.world.run_for(1s);
  EXPECT_EQ(one.producer.finals(one.id()), 1u);
  one.centre().deliver(by_reference(one.centre().seen[1], "DELIVRD", one.centre().seen[1].id));
  one.centre().deliver(by_reference(one.centre().seen[0], "DELIVRD", "X1"));
  one.world.run_for(2h);
  EXPECT_EQ(one.producer.finals(one.id()), 1u);
  EXPECT_EQ(one.world.route_stats().receipts_duplicate.get(), 2u);
}

TEST(Unknown, ItIsOnlyOnItsWayWhileTheSecondWaitsAndIsNotSentTwice) {
  Unanswered one(message_of(Class::notification));
  one.centre().refused_links = {0};
  one.centre().drop(0);
  one.world.run_for(40s);
  one.centre().on_submit = nullptr;
  auto receipt = by_reference(one.centre().seen[0], "ENROUTE", "X1");
  one.centre().deliver(receipt);
  // It has to be read before the lane is: both happen in the turn that binds.
  one.centre().refused_links.clear();
  one.world.run_for(10min);
  const size_t sent = one.centre().seen.size();
  one.centre().deliver(by_reference(one.centre().seen[0], "DELIVRD", "X1"));
  one.world.run_for(2h);
  EXPECT_LE(sent, 2u);
  EXPECT_EQ(one.producer.finals(one.id()), 1u);
  EXPECT_EQ(one.world.store.awaiting(), 0u);
}

// ---- Long messages: half of it is told, whatever cuts it.

TEST(LongMessage, AThrottleInTheMiddleSendsTheRestLater) {
  World world(quick());
  auto& producer = world.producer();
  int refusals = 2;
  world.centre().on_submit = [&](const Seen& seen) {
    const bool refused = seen.part == 2 && refusals-- > 0;
    return Centre::Say{refused ? Answer::refuse : Answer::accept, smpp::Status::ESME_RTHROTTLED};
  };
  world.centre().receipts = true;
  const auto job = producer.push({long_message(Class::marketing, 3)});
  world.run_for(60s);
  std::multiset<int> parts;
  std::set<uint16_t> references;
  for (const auto& seen : world.centre().seen) {
    parts.insert(seen.part);
    references.insert(seen.reference);
  }
  EXPECT_EQ(parts.count(1), 1u);
  EXPECT_EQ(parts.count(2), 3u);
  EXPECT_EQ(parts.count(3), 1u);
  EXPECT_EQ(references.size(), 1u);
  EXPECT_EQ(producer.finals(producer.result(job).message_id()), 1u);
}

// What an earlier attempt brought through is not taken for a receipt of this one's part.
TEST(LongMessage, PartsOfOneIdKeepTheirAnswersThroughASecondAttempt) {
  auto settings = quick();
  settings.routes.front().user_message_reference = false;
  World world(settings);
  auto& producer = world.producer();
  int refusals = 1;
  world.centre().name_id = [](uint64_t) { return std::string("X"); };
  world.centre().on_submit = [&](const Seen& seen) {
    const bool refused = seen.part == 2 && refusals-- > 0;
    return Centre::Say{refused ? Answer::refuse : Answer::accept, smpp::Status::ESME_RTHROTTLED};
  };
  const auto job = producer.push({long_message(Class::marketing, 2)});
  world.run_for(60s);
  ASSERT_EQ(world.centre().seen.size(), 3u);
  world.centre().receipt(world.centre().seen[0], smpp::MessageState::delivered);
  world.centre().receipt(world.centre().seen[2], smpp::MessageState::delivered);
  world.run_for(5s);
  const auto id = producer.result(job).message_id();
  ASSERT_EQ(producer.finals(id), 1u);
  EXPECT_EQ(producer.fate(id)->receipt().state(), proto::DELIVERED);
}

TEST(LongMessage, ARefusalForGoodInTheMiddleTellsWhatWasTaken) {
  World world(quick());
  auto& producer = world.producer();
  world.centre().on_submit = [](const Seen& seen) {
    return Centre::Say{seen.part == 2 ? Answer::refuse : Answer::accept,
                       smpp::Status::ESME_RINVDSTADR};
  };
  const auto job = producer.push({long_message(Class::marketing)});
  world.run_for(2h);
  const auto id = producer.result(job).message_id();
  ASSERT_EQ(producer.finals(id), 1u);
  EXPECT_EQ(producer.fate(id)->failed().parts_accepted(), 1u);
}

TEST(LongMessage, OneThatExpiresHalfSentTellsWhatWasTaken) {
  World world(quick());
  auto& producer = world.producer();
  world.centre().on_submit = [](const Seen& seen) {
    return Centre::Say{seen.part == 2 ? Answer::refuse : Answer::accept,
                       smpp::Status::ESME_RTHROTTLED};
  };
  auto message = long_message(Class::notification);
  message.set_expires_at_ms(to_ms(world.now.civil + 10s));
  const auto job = producer.push({message});
  world.run_for(5min);
  const auto id = producer.result(job).message_id();
  ASSERT_TRUE(producer.fate(id));
  EXPECT_EQ(producer.fate(id)->expired().parts_accepted(), 1u);
}

// ---- A part that waits for its window slot is looked at once more (I8).

// `parts` parts on a link whose window holds `window` of them, to a centre that answers when it is
// told to.
struct Begun {
  explicit Begun(Class cls, int parts = 3, uint32_t window = 1, Civil at = shanghai(18, 10))
      : world(patient(window)), producer(world.producer()) {
    world.now.civil = at;
    world.centre().on_submit = silent();
    auto message = long_message(cls, parts);
    message.set_expires_at_ms(to_ms(at + 24h));
    if (cls == Class::notification) message.set_expires_at_ms(to_ms(at + 10s));
    job = producer.push({message});
    world.run_for(5s);
  }
  static EngineSettings patient(uint32_t window) {
    auto settings = one_shard();
    settings.routes.front().links.front().session.window = window;
    settings.routes.front().links.front().session.timers.response = 60s;
    return settings;
  }
  const std::vector<Seen>& seen() { return world.centre().seen; }
  void answer(size_t part, smpp::Status status = smpp::Status::ESME_ROK) {
    world.centre().answer(seen()[part - 1], status);
    world.run_for(1s);
  }
  // Of its only end.
  const proto::Event& fate() {
    const auto id = producer.result(job).message_id();
    EXPECT_EQ(producer.finals(id), 1u);
    const auto* told = producer.fate(id);
    return told ? *told : proto::Event::default_instance();
  }

  World world;
  Producer& producer;
  uint64_t job = 0;
};

TEST(LongMessage, WhatHasNotLeftByItsExpiryIsWithheld) {
  Begun begun(Class::notification);
  ASSERT_EQ(begun.seen().size(), 1u);
  begun.world.run_for(10s);
  begun.answer(1);
  begun.world.run_for(5min);
  EXPECT_EQ(begun.seen().size(), 1u);
  ASSERT_TRUE(begun.fate().has_expired());
  EXPECT_EQ(begun.fate().expired().parts_accepted(), 1u);
  EXPECT_EQ(begun.world.store.awaiting(), 0u);
}

TEST(LongMessage, WhatIsWithheldWaitsForTheAnswersOfWhatHasLeft) {
  Begun begun(Class::notification, 3, 2);
  ASSERT_EQ(begun.seen().size(), 2u);
  begun.world.run_for(10s);
  begun.answer(1);
  EXPECT_EQ(begun.producer.finals(begun.producer.result(begun.job).message_id()), 0u);
  begun.answer(2);
  begun.world.run_for(5min);
  EXPECT_EQ(begun.seen().size(), 2u);
  EXPECT_EQ(begun.fate().expired().parts_accepted(), 2u);
}

TEST(LongMessage, WhatIsWithheldAndWhatIsRefusedEndItOnce) {
  for (const auto status : {smpp::Status::ESME_RTHROTTLED, smpp::Status::ESME_RINVDSTADR}) {
    Begun begun(Class::notification, 3, 2);
    begun.world.run_for(10s);
    begun.answer(1);
    begun.answer(2, status);
    begun.world.run_for(5min);
    EXPECT_EQ(begun.seen().size(), 2u);
    const auto& fate = begun.fate();
    EXPECT_EQ(fate.expired().parts_accepted() + fate.failed().parts_accepted(), 1u);
  }
}

TEST(LongMessage, WhatIsWithheldAndWhatIsUnansweredEndItOnce) {
  Begun begun(Class::notification, 3, 2);
  begun.world.run_for(10s);
  begun.answer(1);
  begun.world.run_for(10min);
  EXPECT_EQ(begun.seen().size(), 2u);
  EXPECT_EQ(begun.fate().expired().parts_accepted(), 1u);
}

TEST(LongMessage, AnOptOutInTheMiddleWithholdsTheRest) {
  Begun begun(Class::marketing);
  const auto reply =
      begun.world.centre().deliver({.from = "8613800138000", .to = "1069000055", .octets = "TD"});
  begun.world.run_for(1s);
  ASSERT_TRUE(begun.world.centre().delivery(reply).answered);
  begun.answer(1);
  begun.world.run_for(5min);
  EXPECT_EQ(begun.seen().size(), 1u);
  ASSERT_TRUE(begun.fate().has_rejected());
  EXPECT_EQ(begun.fate().rejected().parts_accepted(), 1u);
}

TEST(LongMessage, AWindowOfTheDayThatClosesInTheMiddleLeavesTheRestToTheMorning) {
  Begun begun(Class::marketing, 3, 1, shanghai(18, 19, 59) + 50s);
  ASSERT_EQ(begun.seen().size(), 1u);
  begun.world.run_for(10s);
  begun.world.centre().receipts = true;
  begun.answer(1);
  begun.world.run_for(12h);
  EXPECT_EQ(begun.seen().size(), 1u);
  begun.world.centre().on_submit = nullptr;
  begun.world.centre().receipt(begun.seen()[0], MessageState::delivered);
  begun.world.run_for(2h);
  ASSERT_EQ(begun.seen().size(), 3u);
  EXPECT_EQ(begun.seen()[2].reference, begun.seen()[0].reference);
  EXPECT_EQ(begun.fate().receipt().state(), proto::DELIVERED);
}

// The first part is accepted, the second unanswered, the third has not left when the link goes.
struct Thirds {
  explicit Thirds(Class cls) : world(with_window_of_one()), producer(world.producer()) {
    world.centre().on_submit = [](const Seen& seen) {
      return Centre::Say{seen.part == 2 ? Answer::silence : Answer::accept, {}};
    };
    job = producer.push({long_message(cls, 3)});
    world.run_for(1s);
  }
  static EngineSettings with_window_of_one() {
    auto settings = quick();
    settings.routes.front().links.front().session.window = 1;
    return settings;
  }
  uint64_t id() const { return producer.result(job).message_id(); }
  void cut() {
    world.centre().drop(0);
    world.centre().on_submit = nullptr;
    world.centre().receipts = true;
  }

  World world;
  Producer& producer;
  uint64_t job = 0;
};

TEST(LongMessage, AReconnectInTheMiddleSendsOnlyWhatIsMissingOfAClassThatResends) {
  Thirds thirds(Class::notification);
  ASSERT_EQ(thirds.world.centre().seen.size(), 2u);
  thirds.world.centre().receipt(thirds.world.centre().seen[0], MessageState::delivered);
  thirds.cut();
  thirds.world.run_for(60s);
  std::vector<int> parts;
  for (const auto& seen : thirds.world.centre().seen) parts.push_back(seen.part);
  EXPECT_EQ(parts, (std::vector{1, 2, 2, 3}));
  ASSERT_EQ(thirds.producer.finals(thirds.id()), 1u);
  EXPECT_EQ(thirds.producer.fate(thirds.id())->receipt().state(), proto::DELIVERED);
}

TEST(LongMessage, AReconnectInTheMiddleReportsWhatWasTakenOfAClassThatDoesNot) {
  Thirds thirds(Class::marketing);
  thirds.cut();
  thirds.world.run_for(60s);
  EXPECT_EQ(thirds.world.centre().seen.size(), 2u);
  ASSERT_EQ(thirds.producer.finals(thirds.id()), 1u);
  ASSERT_TRUE(thirds.producer.fate(thirds.id())->has_unknown());
  EXPECT_EQ(thirds.producer.fate(thirds.id())->unknown().parts_accepted(), 1u);
}

TEST(LongMessage, APartThatNeverLeftIsSentWhenAReceiptSettlesTheOther) {
  for (const Class cls : {Class::notification, Class::marketing}) {
    Thirds thirds(cls);
    thirds.cut();
    thirds.world.centre().deliver(by_reference(thirds.world.centre().seen[1], "DELIVRD", "X2"));
    thirds.world.centre().receipt(thirds.world.centre().seen[0], MessageState::delivered);
    thirds.world.run_for(60s);
    ASSERT_EQ(thirds.world.centre().seen.size(), 3u);
    EXPECT_EQ(thirds.world.centre().seen[2].part, 3);
    ASSERT_EQ(thirds.producer.finals(thirds.id()), 1u);
    EXPECT_EQ(thirds.producer.fate(thirds.id())->receipt().state(), proto::DELIVERED);
  }
}

TEST(LongMessage, ACrashBetweenTheAnswersOfItsPartsIsToldByClass) {
  for (const Class cls : {Class::crisis, Class::notification, Class::marketing}) {
    Thirds thirds(cls);
    ASSERT_EQ(thirds.world.centre().seen.size(), 2u);
    thirds.world.restart();
    thirds.world.centre().on_submit = nullptr;
    thirds.world.centre().receipts = true;
    thirds.world.run_for(60s);
    const bool resends = cls != Class::marketing;
    ASSERT_EQ(thirds.producer.finals(thirds.id()), 1u);
    EXPECT_EQ(thirds.producer.fate(thirds.id())->has_unknown(), !resends);
    EXPECT_EQ(thirds.world.centre().seen.size(), resends ? 5u : 2u);
    EXPECT_EQ(thirds.world.store.awaiting(), 0u);
  }
}

TEST(LongMessage, ACrashAtEachCommitOfAHalfSentOneEndsItOnce) {
  for (uint64_t fuse = 1; fuse < 40; ++fuse) {
    World world(quick());
    auto& producer = world.producer();
    int refusals = 2;
    world.centre().on_submit = [&](const Seen& seen) {
      const bool refused = seen.part == 2 && refusals-- > 0;
      return Centre::Say{refused ? Answer::refuse : Answer::accept, smpp::Status::ESME_RTHROTTLED};
    };
    world.centre().receipts = true;
    world.store.set_fuse(fuse);
    auto message = long_message(Class::notification);
    message.set_reference("one");
    producer.push({message});
    world.run_for(60s);
    const bool blown = world.store.blown();
    world.crash();
    world.start();
    world.run_for(90min);
    const auto finals =
        std::ranges::count_if(producer.events, [](const auto& e) { return e.second.final(); });
    EXPECT_EQ(finals, 1) << fuse;
    EXPECT_EQ(world.store.awaiting(), 0u) << fuse;
    if (!blown) return;
  }
}

}  // namespace
}  // namespace tact::gateway::test
