// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;
using Answer = Centre::Answer;
using Seen = Centre::Seen;

std::string number(int i) { return "86138001" + std::to_string(10'000 + i); }

std::vector<proto::Message> many(Class cls, int count, int from = 0) {
  std::vector<proto::Message> messages;
  for (int i = 0; i < count; ++i) messages.push_back(message_of(cls, number(from + i)));
  return messages;
}

proto::Message long_message(std::string_view to = "8613800138000") {
  auto message = message_of(Class::notification, to);
  std::string text = "【XX银行】";
  for (int i = 0; i < 100; ++i) text += "账";
  message.set_text(text);
  return message;
}

auto silent() {
  return [](const Seen&) { return Centre::Say{Answer::silence, {}}; };
}
auto refusing(smpp::Status status) {
  return [status](const Seen&) { return Centre::Say{Answer::refuse, status}; };
}

TEST(Sending, OneMessageOfEachClassReachesItsReceipt) {
  World world(one_shard());
  world.centre().receipts = true;
  auto& producer = world.producer();
  std::vector<proto::Message> messages;
  for (const Class cls : kClassOrder) {
    messages.push_back(message_of(cls, number(static_cast<int>(cls))));
  }
  const uint64_t job = producer.push(messages);
  world.run_for(1s);
  for (int i = 0; i < kClasses; ++i) {
    const auto& result = producer.result(job, i);
    EXPECT_EQ(result.outcome(), proto::QUEUED) << result.ShortDebugString();
    ASSERT_TRUE(producer.fate(result.message_id())) << i;
    EXPECT_EQ(producer.fate(result.message_id())->receipt().state(), proto::DELIVERED);
  }
}

TEST(Sending, AnOtpOvertakesQueuedMarketing) {
  auto settings = one_shard();
  settings.routes.front().rate_pdus = 10;
  World world(settings);
  auto& producer = world.producer();
  producer.push(many(Class::marketing, 100));
  world.run_for(2s);
  const size_t before = world.centre().seen.size();
  ASSERT_LT(before, 40u);
  producer.push({message_of(Class::otp, "8613900139000")});
  world.run_for(300ms);
  const auto& seen = world.centre().seen;
  EXPECT_TRUE(
      std::any_of(seen.begin(), seen.end(), [](const Seen& s) { return s.to == "8613900139000"; }));
}

// The other's queue was empty whenever something of it left, so that there was nobody to be
// measured by. A notice has eight times the weight of an advertisement.
TEST(Sending, AClassThatWasIdleDoesNotMakeUpForIt) {
  auto settings = one_shard();
  settings.routes.front().rate_pdus = 200;
  settings.routes.front().burst_pdus = 10;
  World world(settings);
  auto& producer = world.producer();
  for (int i = 0; i < 800; ++i) {
    producer.push(many(Class::notification, 1, i));
    world.run_for(10ms);
  }
  auto& seen = world.centre().seen;
  ASSERT_EQ(seen.size(), 800u);
  producer.push(many(Class::marketing, 300, 1000));
  world.run_for(100ms);
  producer.push(many(Class::notification, 300, 2000));
  const auto before = static_cast<ptrdiff_t>(seen.size());
  world.run_for(500ms);
  const auto after = static_cast<ptrdiff_t>(seen.size()) - before;
  ASSERT_GE(after, 90);
  const auto notices = std::count_if(seen.begin() + before, seen.end(),
                                     [](const Seen& s) { return s.to >= number(2000); });
  EXPECT_GE(notices, after * 8 / 9 - 10);
}

TEST(Sending, TheWindowIsNeverExceeded) {
  World world(one_shard());
  world.centre().on_submit = silent();
  world.producer().push(many(Class::notification, 50));
  world.run_for(1s);
  EXPECT_LE(world.centre().window_most, 10u);
  EXPECT_GE(world.centre().seen.size(), 9u);  // one slot in eight is OTP's
}

TEST(Sending, TheRateHoldsInEverySecondAlsoAcrossReconnects) {
  auto settings = one_shard();
  settings.routes.front().rate_pdus = 20;
  settings.routes.front().burst_pdus = 5;
  settings.routes.front().links.front().reconnect_min = 20ms;
  World world(settings);
  world.producer().push(many(Class::crisis, 300));
  for (int i = 0; i < 8; ++i) {
    world.run_for(700ms);
    world.centre().drop(0);
  }
  const auto& seen = world.centre().seen;
  ASSERT_GT(seen.size(), 60u);
  for (size_t i = 0; i < seen.size(); ++i) {
    const auto within = std::count_if(seen.begin(), seen.end(), [&](const Seen& other) {
      return other.at >= seen[i].at && other.at < seen[i].at + 1s;
    });
    ASSERT_LE(within, 25);
  }
}

TEST(Sending, PartsOfAMessageLeaveInARowOnOneLinkWithOneReference) {
  auto settings = one_shard();
  add_link(settings);
  World world(settings);
  auto& producer = world.producer();
  std::vector<proto::Message> messages;
  for (int i = 0; i < 10; ++i) messages.push_back(long_message(number(i)));
  producer.push(messages);
  world.run_for(1s);
  std::map<std::string, std::vector<Seen>> by_number;
  for (const auto& seen : world.centre().seen) by_number[seen.to].push_back(seen);
  ASSERT_EQ(by_number.size(), 10u);
  for (const auto& [to, parts] : by_number) {
    ASSERT_EQ(parts.size(), 2u);
    EXPECT_EQ(parts[0].part, 1);
    EXPECT_EQ(parts[1].part, 2);
    EXPECT_EQ(parts[0].parts, 2);
    EXPECT_EQ(parts[0].reference, parts[1].reference);
    EXPECT_EQ(parts[0].connection, parts[1].connection);
    EXPECT_EQ(parts[0].sequence_number + 1, parts[1].sequence_number);
  }
}

TEST(Sending, ALongMessageWaitsForAsManyTokensAsItHasParts) {
  auto settings = one_shard();
  settings.routes.front().rate_pdus = 2;
  settings.routes.front().burst_pdus = 2;
  World world(settings);
  auto& producer = world.producer();
  producer.push({message_of(Class::notification, number(1)), long_message(number(2)),
                 long_message(number(3))});
  world.run_for(10s);
  EXPECT_EQ(world.centre().seen.size(), 5u);
}

TEST(Sending, AThrottledMessageIsTriedAgainLaterAndOnce) {
  World world(one_shard());
  auto& producer = world.producer();
  world.centre().on_submit = [](const Seen& seen) {
    return Centre::Say{seen.number == 0 ? Answer::refuse : Answer::accept,
                       smpp::Status::ESME_RTHROTTLED};
  };
  const auto job = producer.push({message_of(Class::notification)});
  world.run_for(900ms);
  EXPECT_EQ(world.centre().seen.size(), 1u);
  world.run_for(30s);
  ASSERT_EQ(world.centre().seen.size(), 2u);
  EXPECT_GE(world.centre().seen[1].at - world.centre().seen[0].at, 1s);
  EXPECT_EQ(producer.finals(producer.result(job).message_id()), 0u);
}

TEST(Sending, APermanentRefusalIsFinal) {
  World world(one_shard());
  auto& producer = world.producer();
  world.centre().on_submit = refusing(smpp::Status::ESME_RINVDSTADR);
  const auto job = producer.push({message_of(Class::otp)});
  world.run_for(60s);
  EXPECT_EQ(world.centre().seen.size(), 1u);
  const auto* fate = producer.fate(producer.result(job).message_id());
  ASSERT_TRUE(fate);
  EXPECT_EQ(fate->failed().name(), "ESME_RINVDSTADR");
}

TEST(Sending, RetriesEnd) {
  auto settings = one_shard();
  settings.routes.front().retries_max = 2;
  World world(settings);
  auto& producer = world.producer();
  world.centre().on_submit = refusing(smpp::Status::ESME_RSYSERR);
  const auto job = producer.push({message_of(Class::crisis)});
  world.run_for(600s);
  EXPECT_EQ(world.centre().seen.size(), 3u);
  EXPECT_EQ(producer.finals(producer.result(job).message_id()), 1u);
}

TEST(Sending, OnlyTheMissingPartIsSentAgain) {
  World world(one_shard());
  auto& producer = world.producer();
  world.centre().on_submit = [](const Seen& seen) {
    return Centre::Say{seen.number == 1 ? Answer::refuse : Answer::accept,
                       smpp::Status::ESME_RTHROTTLED};
  };
  const auto job = producer.push({long_message()});
  world.run_for(10s);
  const auto& seen = world.centre().seen;
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[2].part, 2);
  EXPECT_EQ(seen[2].reference, seen[0].reference);
  world.centre().receipt(seen[0], smpp::MessageState::delivered);
  world.centre().receipt(seen[2], smpp::MessageState::delivered);
  world.run();
  EXPECT_EQ(producer.finals(producer.result(job).message_id()), 1u);
  EXPECT_EQ(producer.fate(producer.result(job).message_id())->receipt().state(), proto::DELIVERED);
}

TEST(Sending, AHalfSentMessageThatExpiresEndsOnce) {
  auto settings = one_shard();
  settings.routes.front().receipt_timeout = 3'600s;
  World world(settings);
  auto& producer = world.producer();
  world.centre().on_submit = [](const Seen& seen) {
    return Centre::Say{seen.part == 2 ? Answer::refuse : Answer::accept,
                       smpp::Status::ESME_RTHROTTLED};
  };
  auto message = long_message();
  message.set_expires_at_ms(to_ms(world.now.civil + 10s));
  const auto job = producer.push({message});
  world.run_for(3h);
  EXPECT_EQ(producer.finals(producer.result(job).message_id()), 1u);
  EXPECT_TRUE(producer.fate(producer.result(job).message_id())->has_expired());
}

TEST(Sending, ALostLinkLeavesUnknownWhatIsDecidedAfterSettleTimeOnly) {
  World world(one_shard());
  auto& producer = world.producer();
  world.centre().on_submit = silent();
  const auto job = producer.push(
      {message_of(Class::notification, number(1)), message_of(Class::marketing, number(2))});
  world.run();
  ASSERT_EQ(world.centre().seen.size(), 2u);
  world.centre().on_submit = nullptr;
  world.centre().drop(0);
  world.run_for(29s);
  EXPECT_EQ(world.centre().seen.size(), 2u);
  EXPECT_EQ(producer.finals(producer.result(job, 1).message_id()), 0u);
  world.run_for(2s);
  ASSERT_EQ(world.centre().seen.size(), 3u);  // resend
  EXPECT_EQ(world.centre().seen[2].to, number(1));
  ASSERT_TRUE(producer.fate(producer.result(job, 1).message_id()));  // report
  EXPECT_TRUE(producer.fate(producer.result(job, 1).message_id())->has_unknown());
}

TEST(Sending, ALateResponseSettlesIt) {
  auto settings = one_shard();
  settings.routes.front().links.front().session.timers.response = 5s;
  World world(settings);
  auto& producer = world.producer();
  world.centre().on_submit = silent();
  const auto job = producer.push({message_of(Class::notification)});
  world.run_for(6s);
  ASSERT_EQ(world.route_stats().unknown.get(), 1u);
  world.centre().receipt(world.centre().seen[0], smpp::MessageState::delivered);
  world.centre().answer(world.centre().seen[0]);
  world.run_for(60s);
  EXPECT_EQ(world.centre().seen.size(), 1u);
  EXPECT_EQ(producer.finals(producer.result(job).message_id()), 1u);
}

TEST(Sending, ALateResponseToOnePartWhileAnotherIsOutstandingCounts) {
  auto settings = one_shard();
  auto& link = settings.routes.front().links.front();
  link.session.timers.response = 5s;
  link.session.window = 2;
  World world(settings);
  auto& producer = world.producer();
  world.centre().on_submit = silent();
  auto message = long_message();
  message.set_text(message.text() + message.text().substr(message.text().find("账")));
  producer.push({message});
  world.run_for(4s);
  auto& centre = world.centre();
  ASSERT_EQ(centre.seen.size(), 2u);  // of four; the window is full
  centre.answer(centre.seen[1]);
  world.run();
  ASSERT_EQ(centre.seen.size(), 3u);  // left four seconds after the first
  world.run_for(2s);                  // the first has timed out
  centre.answer(centre.seen[0]);
  centre.answer(centre.seen[2]);
  centre.on_submit = nullptr;
  world.run_for(60s);
  std::multiset<int> parts;
  for (const auto& seen : centre.seen) parts.insert(seen.part);
  EXPECT_EQ(parts.count(1), 1u);
  EXPECT_EQ(parts.count(4), 1u);
}

TEST(Sending, AnOptOutArrivingAfterQueueingRefusesAtTheLastLook) {
  auto settings = one_shard();
  settings.routes.front().links.front().session.window = 2;
  World world(settings);
  auto& centre = world.centre();
  centre.on_submit = silent();
  auto& producer = world.producer();
  producer.push(many(Class::notification, 2));
  const auto job = producer.push({message_of(Class::marketing, number(9))});
  world.run_for(1s);
  const size_t before = centre.seen.size();
  const auto reply = centre.deliver({.from = number(9), .to = "1069000055", .octets = "TD"});
  world.run_for(1s);
  ASSERT_TRUE(centre.delivery(reply).answered);
  centre.on_submit = nullptr;
  for (size_t i = 0; i < before; ++i) centre.answer(centre.seen[i]);
  world.run_for(5s);
  for (const auto& seen : centre.seen) EXPECT_NE(seen.to, number(9));
  ASSERT_TRUE(producer.fate(producer.result(job).message_id()));
  EXPECT_TRUE(producer.fate(producer.result(job).message_id())->has_rejected());
}

TEST(Sending, AMessageThatExpiresInTheQueueIsNotSent) {
  World world(one_shard());
  world.centre().refused_links = {0};
  auto& producer = world.producer();
  const auto job = producer.push({message_of(Class::otp)});
  world.run_for(301s);
  world.centre().refused_links.clear();
  world.run_for(60s);
  EXPECT_TRUE(world.centre().seen.empty());
  ASSERT_TRUE(producer.fate(producer.result(job).message_id()));
  EXPECT_TRUE(producer.fate(producer.result(job).message_id())->has_expired());
}

TEST(Sending, AWindowThatClosesWhileQueuedDefersToTheMorning) {
  World world(one_shard());
  world.now.civil = shanghai(18, 19, 30);
  world.centre().refused_links = {0};
  auto& producer = world.producer();
  const auto job = producer.push({message_of(Class::marketing)});
  world.run_for(1h);
  world.centre().refused_links.clear();
  world.run_for(1h);
  EXPECT_TRUE(world.centre().seen.empty());
  EXPECT_EQ(producer.about(producer.result(job).message_id()).size(), 1u);
  world.run_for(13h);
  EXPECT_EQ(world.centre().seen.size(), 1u);
}

TEST(Sending, ACarrierOfAnOldVersionGetsTheMessageWithoutOptionalParameters) {
  for (const uint8_t version : {smpp::kVersion34, uint8_t{0x33}}) {
    World world(one_shard());
    world.centre().interface_version = version;
    world.producer().push({message_of(Class::notification), long_message()});
    world.run_for(1s);
    ASSERT_EQ(world.centre().seen.size(), 3u);
    for (const Seen& seen : world.centre().seen) {
      EXPECT_EQ(seen.user_message_reference.has_value(), version == smpp::kVersion34);
    }
  }
}

TEST(Sending, NothingIsOfferedToAnUnboundLink) {
  World world(one_shard());
  world.centre().refused_links = {0};
  world.producer().push(many(Class::notification, 20));
  world.run_for(60s);
  EXPECT_EQ(world.in_flight(), 0u);
  const auto& lane = world.route_stats().lanes[static_cast<size_t>(Class::notification)];
  EXPECT_EQ(lane.queued.get(), 20u);
}

TEST(Sending, StagedMessagesMoveFromADyingLinkAlsoSeveralOfOneNumber) {
  auto settings = one_shard();
  add_link(settings, 4);
  settings.routes.front().links.front().session.window = 4;
  World world(settings);
  auto& centre = world.centre();
  centre.on_submit = silent();
  auto& producer = world.producer();
  producer.push(many(Class::crisis, 8));
  std::vector<proto::Message> same(4, message_of(Class::crisis, number(99)));
  producer.push(same);
  world.run_for(1s);
  centre.on_submit = nullptr;
  centre.refused_links = {0};
  centre.drop(0);
  for (const auto& seen : std::vector<Seen>(centre.seen)) centre.answer(seen);
  world.run_for(5s);
  const auto got = std::count_if(centre.seen.begin(), centre.seen.end(),
                                 [](const Seen& s) { return s.to == number(99); });
  EXPECT_EQ(got, 4);
}

TEST(Sending, MessagesOfOneNumberLeaveInSequenceAlsoOverTwoLinks) {
  auto settings = one_shard();
  add_link(settings);
  World world(settings);
  auto& producer = world.producer();
  std::vector<proto::Message> messages;
  for (int i = 0; i < 40; ++i) {
    auto message = message_of(Class::crisis, number(i % 4));
    message.set_text("【XX银行】预警" + std::to_string(i) + "，请勿外出。");
    messages.push_back(message);
  }
  producer.push(messages);
  world.run_for(2s);
  ASSERT_EQ(world.centre().seen.size(), 40u);
  std::map<std::string, std::string> last;
  for (const auto& seen : world.centre().seen) {
    // The digits of the count, in UCS-2: of equal length they sort as the numbers do.
    auto& before = last[seen.to];
    EXPECT_TRUE(seen.octets.size() > before.size() || seen.octets > before);
    before = seen.octets;
  }
}

}  // namespace
}  // namespace tact::gateway::test
