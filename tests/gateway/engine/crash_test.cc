// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "tests/gateway/engine/world.h"

// One short day, cut off after every one of its commits in turn and carried on by a new process: I1
// to I7.
namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;

std::string number(int i) { return "86138001" + std::to_string(10'000 + i); }

struct Day {
  explicit Day(EngineSettings settings) : world(std::move(settings)) {
    world.centre().receipts = true;
    // One in five is refused at first, one in seven is lost.
    world.centre().on_submit = [this](const Centre::Seen& seen) {
      if (seen.number % 5 == 3) {
        refused.insert(seen.number);
        return Centre::Say{Centre::Answer::refuse, smpp::Status::ESME_RTHROTTLED};
      }
      if (seen.number % 7 == 6) return Centre::Say{Centre::Answer::silence, {}};
      return Centre::Say{};
    };
    producer = &world.producer();
  }

  // Lets time pass; a process that the fuse has stopped is replaced.
  void live(Mono time) {
    world.run_for(time);
    if (!world.store.blown()) return;
    ++crashes;
    world.commits = false;  // some more turns, none of which becomes durable
    world.run();
    world.crash();
    world.commits = true;
    world.start();
    world.run_for(time);
  }

  void run() {
    for (int i = 0; i < 4; ++i) {
      std::vector<proto::Message> messages;
      for (const Class cls : kClassOrder) {
        messages.push_back(message_of(cls, number(10 * i + static_cast<int>(cls))));
        messages.back().set_reference(number(10 * i + static_cast<int>(cls)));
      }
      messages[2].set_not_before_ms(to_ms(world.now.civil + 3s));
      producer->push(messages);
      live(500ms);
    }
    world.centre().deliver({.from = number(4), .to = "1069000055", .octets = "TD"});
    live(2s);
    world.centre().drop(0);
    live(60s);
    world.centre().on_submit = nullptr;
    live(20min);
  }

  World world;
  Producer* producer;
  int crashes = 0;
  std::set<size_t> refused;  // submit_sm that the centre did not take
};

void expect_sound(const Day& day, uint64_t fuse) {
  const Producer& producer = *day.producer;
  for (uint64_t sequence = 1; sequence <= 4; ++sequence) {
    EXPECT_TRUE(producer.acknowledged(sequence)) << "fuse " << fuse;
  }
  // By reference: an acknowledgement may have been lost with its results.
  std::map<std::string, int> finals;
  for (const auto& [sequence, event] : producer.events) {
    if (event.final()) ++finals[event.reference()];
  }
  EXPECT_EQ(finals.size(), 20u) << "fuse " << fuse;
  for (const auto& [reference, count] : finals) {
    EXPECT_EQ(count, 1) << reference << ", fuse " << fuse;
  }
  uint64_t expected = 1;
  for (const auto& [sequence, event] : producer.events) {
    EXPECT_EQ(sequence, expected++) << "fuse " << fuse;
  }
}

// Sent again after the carrier had accepted it, or may have: only where the class allows it.
void expect_no_double_report(Day& day, uint64_t fuse) {
  std::map<std::string, int> taken;
  for (const auto& seen : day.world.centre().seen) {
    const int last = seen.to.back() - '0';
    const bool reports =
        last == static_cast<int>(Class::collection) || last == static_cast<int>(Class::marketing);
    if (reports && !day.refused.contains(seen.number)) ++taken[seen.to];
  }
  for (const auto& [to, count] : taken) EXPECT_EQ(count, 1) << to << ", fuse " << fuse;
}

class Crash : public ::testing::TestWithParam<bool> {
 protected:
  EngineSettings settings() const {
    auto settings = GetParam() ? two_shards() : one_shard();
    settings.routes.front().links.front().session.timers.response = 5s;
    settings.routes.front().receipt_timeout = 600s;
    return settings;
  }
};

// What was never sent is not unknown, whatever its class: it is sent once the carrier is there.
TEST_P(Crash, WhileNoLinkIsBoundLeavesNothingUnknown) {
  World world(settings());
  world.centre().refused_links = {0};
  auto& producer = world.producer();
  std::vector<proto::Message> messages;
  for (int k = 0; k < 10; ++k) {
    messages.push_back(message_of(Class::collection, "+861380013800" + std::to_string(k)));
  }
  producer.push(messages);
  world.run_for(1s);
  world.crash();
  world.restart();
  world.centre().refused_links.clear();
  world.run_for(60s);
  EXPECT_EQ(world.centre().seen.size(), 10u);
  for (const auto& [sequence, event] : producer.events) EXPECT_FALSE(event.has_unknown());
}

TEST_P(Crash, TheDayEndsWellWithoutOne) {
  Day day(settings());
  day.run();
  expect_sound(day, 0);
  expect_no_double_report(day, 0);
}

TEST_P(Crash, TheDayEndsWellAfterOneAtEveryCommit) {
  for (uint64_t fuse = 1;; ++fuse) {
    Day day(settings());
    day.world.store.set_fuse(fuse);
    day.run();
    if (day.crashes == 0) break;
    expect_sound(day, fuse);
    expect_no_double_report(day, fuse);
    if (HasFailure()) return;
    ASSERT_LT(fuse, 1'000u);
  }
}

TEST_P(Crash, ADrainLeavesNothingUnknownAndARestartSendsNothingTwice) {
  World world(settings());
  world.centre().on_submit = [](const auto&) { return Centre::Say{Centre::Answer::silence, {}}; };
  auto& producer = world.producer();
  std::vector<proto::Message> messages;
  for (int i = 0; i < 50; ++i) messages.push_back(message_of(Class::marketing, number(i)));
  producer.push(messages);
  world.run_for(1s);
  for (const auto& seen : std::vector<Centre::Seen>(world.centre().seen)) {
    world.centre().answer(seen);
  }
  world.centre().on_submit = nullptr;
  world.drain();
  ASSERT_TRUE(world.drained());
  EXPECT_EQ(world.in_flight(), 0u);
  EXPECT_EQ(world.centre().unbinds, 1u);
  for (const auto& [key, value] : world.store.table(Table::meta)) {
    if (!key.starts_with(checkpoint_key({kRoute, Class::otp}).substr(0, 1))) continue;
    const auto checkpoint = decode_checkpoint(value);
    if (!checkpoint) continue;
    EXPECT_EQ(checkpoint->fence, checkpoint->next);
    EXPECT_TRUE(checkpoint->open.empty());
  }
  world.restart();
  world.run_for(60s);
  std::map<std::string, int> times;
  for (const auto& seen : world.centre().seen) ++times[seen.to];
  EXPECT_EQ(times.size(), 50u);
  for (const auto& [to, count] : times) EXPECT_EQ(count, 1) << to;
}

TEST_P(Crash, AuditRecordsAreReadableAfterwards) {
  Day day(settings());
  day.world.store.set_fuse(9);
  day.run();
  ASSERT_EQ(day.crashes, 1);
  std::map<AuditRecord::Kind, int> kinds;
  day.world.audit([&](const AuditRecord& record) { ++kinds[record.kind]; });
  EXPECT_EQ(kinds[AuditRecord::Kind::admitted], 20);
  EXPECT_GT(kinds[AuditRecord::Kind::submitted], 0);
  EXPECT_GT(kinds[AuditRecord::Kind::suppressed], 0);
}

TEST_P(Crash, AQuietLaneDeletesBehindItself) {
  World world(settings());
  auto& producer = world.producer();
  for (int i = 0; i < 5; ++i) {
    producer.push({message_of(Class::otp, number(i))});
    world.run_for(1s);
  }
  EXPECT_GE(world.store.table(Table::lanes).size(), 4u);
  world.run_for(40s);
  producer.push({message_of(Class::crisis, number(9))});
  world.run_for(1s);
  EXPECT_LE(world.store.table(Table::lanes).size(), 2u);
}

TEST_P(Crash, ADamagedBatchOfALaneStopsNoStart) {
  World world(settings());
  world.centre().on_submit = [](const auto&) { return Centre::Say{Centre::Answer::silence, {}}; };
  auto& producer = world.producer();
  producer.push({message_of(Class::otp, number(1))});
  world.run_for(1s);
  world.store.table(Table::lanes).begin()->second.back() ^= 1;
  world.centre().on_submit = nullptr;
  world.restart();
  producer.push({message_of(Class::otp, number(2))});
  world.run_for(1s);
  EXPECT_EQ(world.centre().seen.back().to, number(2));
}

INSTANTIATE_TEST_SUITE_P(Shards, Crash, ::testing::Bool(),
                         [](const auto& with) { return with.param ? "Two" : "One"; });

// A reference tells the messages of one number apart, also those of two runs.
TEST(Recovery, TheFirstMessagesOfTwoRunsHaveDifferentReferences) {
  World world(one_shard());
  Producer& producer = world.producer();
  for (int run = 0; run < 2; ++run) {
    producer.push({message_of(Class::notification)});
    world.run_for(2s);
    world.restart();
    world.run_for(2s);
  }
  const auto& seen = world.centre().seen;
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_NE(seen[0].user_message_reference, seen[1].user_message_reference);
}

// The gate counts the parts on the air; this carrier takes the whole text in one PDU.
TEST(Recovery, ALongTextInOnePduIsOnePartAfterACrashToo) {
  auto settings = one_shard();
  settings.routes.front().concat = smpp::Concat::payload;
  settings.routes.front().settle_time = 2s;
  World world(settings);
  world.centre().on_submit = [](const Centre::Seen& seen) {
    return Centre::Say{seen.number == 0 ? Centre::Answer::silence : Centre::Answer::accept, {}};
  };
  world.centre().receipts = true;
  Producer& producer = world.producer();
  auto message = message_of(Class::crisis);
  std::string text = message.text();
  for (int k = 0; k < 12; ++k) text += "请远离河道和低洼地带。";
  message.set_text(text);
  const uint64_t job = producer.push({message});
  world.run_for(1s);
  ASSERT_GT(producer.result(job).segments(), 1u);
  world.restart();
  world.run_for(60s);
  EXPECT_EQ(world.centre().seen.size(), 2u);
  const auto* fate = producer.fate(producer.result(job).message_id());
  ASSERT_TRUE(fate);
  EXPECT_TRUE(fate->has_receipt());
}

}  // namespace
}  // namespace tact::gateway::test
