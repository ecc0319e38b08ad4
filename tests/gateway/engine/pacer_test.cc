// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/pacer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "gateway/engine/rng.h"
#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;

// PDUs that leave in `time`, one at a time and as early as allowed.
int sent_in(Pacer& pacer, Mono& now, Mono time, bool otp = true) {
  const Mono end = now + time;
  int sent = 0;
  while (true) {
    const Mono next = std::max(now, pacer.next(otp, 1, now));
    if (next >= end) break;
    now = next;
    EXPECT_TRUE(pacer.take(otp, 1, now));
    ++sent;
  }
  now = end;
  return sent;
}

TEST(Pacer, RefusalsHalveTheRateAndItGrowsBackByATwentiethASecond) {
  Mono now = 100s;
  Pacer pacer(1'000, 0, now);
  pacer.throttled(now);
  EXPECT_EQ(pacer.rate(), 500u);
  pacer.throttled(now + 400ms);
  EXPECT_EQ(pacer.rate(), 500u) << "refusals of what was in flight are one signal";
  pacer.throttled(now + 600ms);
  EXPECT_EQ(pacer.rate(), 250u);
  now += 600ms;
  for (int second = 1; second <= 15; ++second) sent_in(pacer, now, 1s);
  EXPECT_GE(pacer.rate(), 950u);
  for (int second = 1; second <= 60; ++second) sent_in(pacer, now, 1s);
  EXPECT_EQ(pacer.rate(), 1'000u);
}

TEST(Pacer, AFloodHasTheWholeRateAndAnOtpBehindItATokenAtOnce) {
  Mono now = 100s;
  Pacer pacer(1'000, 80, now);
  EXPECT_EQ(sent_in(pacer, now, 1s, false), 70 + 999);  // the next one is due as the second ends
  EXPECT_EQ(sent_in(pacer, now, 10s, false), 10'000);
  EXPECT_TRUE(pacer.take(false, 1, now));
  EXPECT_FALSE(pacer.take(false, 1, now));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(pacer.take(true, 1, now)) << i;
}

TEST(Pacer, ARateOfOneDoesNotFallToNothing) {
  Mono now = 100s;
  Pacer pacer(1, 1, now);
  for (int i = 0; i < 10; ++i) {
    pacer.throttled(now);
    pacer.congested(100, now);
    now += 1s;
  }
  EXPECT_EQ(pacer.rate(), 1u);
  EXPECT_GE(sent_in(pacer, now, 5s), 3);
}

TEST(Pacer, FullCongestionStopsEverythingForASecond) {
  Mono now = 100s;
  Pacer pacer(1'000, 100, now);
  pacer.congested(100, now);
  EXPECT_EQ(pacer.rate(), 500u);
  EXPECT_EQ(pacer.next(true, 1, now), now + 1s);
  EXPECT_EQ(pacer.next(false, 1, now), now + 1s);
  EXPECT_FALSE(pacer.take(true, 1, now + 999ms));
  EXPECT_TRUE(pacer.take(true, 1, now + 1s));
}

TEST(Pacer, NearCongestionSlowsDownStepByStep) {
  Mono now = 100s;
  Pacer pacer(800, 0, now);
  pacer.congested(90, now);
  EXPECT_EQ(pacer.rate(), 700u);
  EXPECT_EQ(pacer.next(true, 1, now), now) << "slower is not stopped";
  pacer.congested(99, now + 100ms);
  EXPECT_EQ(pacer.rate(), 700u);
  pacer.congested(99, now + 500ms);
  EXPECT_EQ(pacer.rate(), 613u);
}

TEST(Pacer, AtTheOptimumTheRateStaysUntilTheWordIsTooOld) {
  Mono now = 100s;
  Pacer pacer(1'000, 0, now);
  pacer.throttled(now);
  for (int second = 0; second < 5; ++second) {
    pacer.congested(second % 2 ? 80 : 89, now);
    sent_in(pacer, now, 1s);
  }
  EXPECT_EQ(pacer.rate(), 500u);
  sent_in(pacer, now, 20s);
  EXPECT_GT(pacer.rate(), 900u);
}

TEST(Pacer, ACarrierThatIsIdleLetsTheRateGrowFaster) {
  Mono now = 100s;
  Pacer idle(1'000, 0, now), busy(1'000, 0, now);
  idle.throttled(now);
  busy.throttled(now);
  idle.congested(29, now);
  busy.congested(30, now);
  Mono other = now;
  sent_in(idle, now, 2900ms);
  sent_in(busy, other, 2900ms);
  EXPECT_EQ(busy.rate(), 600u);
  EXPECT_EQ(idle.rate(), 1'000u);
}

// I10, whatever the carrier says.
TEST(Pacer, NoSecondHoldsMoreThanRateAndBurst) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Rng rng(seed);
    const auto rate = static_cast<uint32_t>(1 + rng.below(400));
    const auto burst = static_cast<uint32_t>(rng.below(50));
    Mono now = 100s;
    Pacer pacer(rate, burst, now);
    std::vector<Mono> sent;
    for (int i = 0; i < 4'000; ++i) {
      now += Mono(rng.below(20'000'000));
      if (rng.below(50) == 0) pacer.throttled(now);
      if (rng.below(20) == 0) pacer.congested(static_cast<uint8_t>(rng.below(101)), now);
      const bool otp = rng.below(4) == 0;
      const bool ready = pacer.next(otp, 1, now) <= now;
      ASSERT_EQ(pacer.take(otp, 1, now), ready);
      if (ready) sent.push_back(now);
      ASSERT_LE(pacer.rate(), rate);
    }
    const size_t most = rate + (burst ? burst : std::max(1u, rate / 10));
    for (size_t first = 0, last = 0; last < sent.size(); ++last) {
      while (sent[last] - sent[first] >= 1s) ++first;
      ASSERT_LE(last - first + 1, most) << "seed " << seed;
    }
  }
}

TEST(Pacer, TheCarriersWordInAnyResponseIsObeyed) {
  auto settings = one_shard();
  settings.routes.front().rate_pdus = 100;
  World world(settings);
  auto& centre = world.centre();
  auto& producer = world.producer();
  centre.congestion_state = 100;
  producer.push({message_of(Class::notification)});
  world.run();
  ASSERT_EQ(centre.seen.size(), 1u);
  EXPECT_EQ(world.route_stats().rate_pdus.get(), 50u);
  EXPECT_EQ(world.route_stats().congestion_state.get(), 100u);
  centre.congestion_state = 20;
  producer.push({message_of(Class::otp, "8613900139000")});
  world.run_for(900ms);
  EXPECT_EQ(centre.seen.size(), 1u);
  world.run_for(200ms);
  EXPECT_EQ(centre.seen.size(), 2u);
  EXPECT_EQ(world.route_stats().congestion_state.get(), 20u);
}

}  // namespace
}  // namespace tact::gateway::test
