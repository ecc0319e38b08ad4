// SPDX-License-Identifier: Apache-2.0
// BREAKER: a campaign that drives its readers away waits for a person.
#include "gateway/engine/breaker.h"

#include <gtest/gtest.h>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;

TEST(Breaker, TripsAboveItsRateOnceItsSampleIsThere) {
  const BreakerSettings settings{.opt_outs_permille = 10, .sample = 200};
  Breaker breaker(settings);
  breaker.met(1, "spring", kUpstream);
  for (int i = 0; i < 199; ++i) breaker.sent(1);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(breaker.opted_out(1), nullptr) << "too few messages";
  breaker.sent(1);
  const auto* halted = breaker.opted_out(1);
  ASSERT_NE(halted, nullptr) << "3 of 200";
  EXPECT_EQ(halted->name, "spring");
  EXPECT_EQ(halted->sent[0], 200u);
  EXPECT_EQ(halted->opted_out[0], 3u);
  EXPECT_EQ(breaker.opted_out(1), nullptr) << "it is counted anew";
}

TEST(Breaker, OnePerCentIsNotAboveIt) {
  const BreakerSettings settings{.opt_outs_permille = 10, .sample = 200};
  Breaker breaker(settings);
  breaker.met(1, "spring", kUpstream);
  for (int i = 0; i < 200; ++i) breaker.sent(1);
  EXPECT_EQ(breaker.opted_out(1), nullptr);
  EXPECT_EQ(breaker.opted_out(1), nullptr);
  EXPECT_NE(breaker.opted_out(1), nullptr);
}

TEST(Breaker, WhatIsOlderThanItsWindowIsForgotten) {
  const BreakerSettings settings{.opt_outs_permille = 10, .sample = 200};
  Breaker breaker(settings);
  breaker.met(1, "spring", kUpstream);
  for (int i = 0; i < 400; ++i) breaker.sent(1);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(breaker.opted_out(1), nullptr);
  for (int i = 0; i < 1'000; ++i) breaker.sent(1);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(breaker.opted_out(1), nullptr) << i;
}

TEST(Breaker, CampaignsAreForgottenByIdleness) {
  const BreakerSettings settings{.opt_outs_permille = 10, .sample = 10};
  Breaker breaker(settings);
  for (uint32_t c = 1; c <= Breaker::kCampaignsMax; ++c) breaker.met(c, "c", kUpstream);
  breaker.met(1, "c", kUpstream);
  breaker.met(99'999, "new", kUpstream);
  for (const uint32_t c : {1u, 2u, 99'999u}) {
    for (int i = 0; i < 10; ++i) breaker.sent(c);
    EXPECT_EQ(breaker.opted_out(c) != nullptr, c != 2) << c;
  }
}

TEST(Breaker, OffItCountsNothing) {
  const BreakerSettings settings{.opt_outs_permille = 0, .sample = 10};
  Breaker breaker(settings);
  breaker.met(1, "spring", kUpstream);
  for (int i = 0; i < 100; ++i) breaker.sent(1);
  EXPECT_EQ(breaker.opted_out(1), nullptr);
}

class Halt : public ::testing::TestWithParam<bool> {
 protected:
  static EngineSettings settings() {
    EngineSettings s = GetParam() ? two_shards() : one_shard();
    s.breaker = {.opt_outs_permille = 100, .sample = 10};
    return s;
  }
  static std::string number(int i) { return std::to_string(8613800138000 + i); }
  static proto::Message offer(int i, const char* campaign = "spring") {
    auto message = message_of(Class::marketing, number(i));
    message.set_campaign(campaign);
    return message;
  }
  void opt_out(int i) {
    world.centre().deliver({.from = number(i), .to = "1069000055", .octets = "R"});
    world.run_for(1s);
  }
  proto::Outcome outcome_of(const proto::Message& message) {
    const auto job = producer.push({message});
    world.run_for(1s);
    return producer.result(job).outcome();
  }
  proto::Outcome resume(const char* campaign) {
    proto::Control control;
    control.mutable_resume()->add_subjects()->set_campaign(campaign);
    const auto job = producer.push(control);
    world.run_for(1s);
    return producer.result(job).outcome();
  }
  size_t halted() const {
    size_t n = 0;
    for (const auto& [sequence, event] : producer.events) {
      if (!event.has_halted()) continue;
      ++n;
      EXPECT_EQ(event.halted().campaign(), "spring");
    }
    return n;
  }

  World world{settings()};
  Producer& producer = world.producer();
};

TEST_P(Halt, HoldsWhatIsLeftOfACampaignUntilItIsResumed) {
  for (int i = 0; i < 10; ++i) ASSERT_EQ(outcome_of(offer(i)), proto::QUEUED) << i;
  opt_out(0);
  EXPECT_EQ(halted(), 0u) << "one of ten is not above a tenth";
  opt_out(1);
  EXPECT_EQ(halted(), 1u);
  EXPECT_EQ(std::ranges::count_if(world.told,
                                  [](const World::Told& t) {
                                    return std::holds_alternative<HaltedNotice>(t.notice);
                                  }),
            1);
  const size_t before = world.centre().seen.size();
  EXPECT_EQ(outcome_of(offer(20)), proto::DEFERRED);
  EXPECT_EQ(outcome_of(offer(21, "summer")), proto::QUEUED);
  world.restart();
  world.run_for(1s);
  EXPECT_EQ(outcome_of(offer(22)), proto::DEFERRED);
  world.run_for(24h);
  EXPECT_EQ(world.centre().seen.size(), before + 1) << "summer's";
  EXPECT_EQ(resume("winter"), proto::NOT_FOUND);
  EXPECT_EQ(resume("spring"), proto::RESUMED);
  EXPECT_EQ(resume("spring"), proto::NOT_FOUND);
  EXPECT_EQ(outcome_of(offer(23)), proto::QUEUED);
  world.run_for(24h);
  EXPECT_EQ(world.centre().seen.size(), before + 4);
}

INSTANTIATE_TEST_SUITE_P(Shards, Halt, ::testing::Bool());

}  // namespace
}  // namespace tact::gateway::test
