// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/retry.h"

#include <gtest/gtest.h>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;
using Action = RetryRule::Action;
using Seen = Centre::Seen;
using smpp::Status;

auto refusing(Status status) {
  return [status](const Seen&) { return Centre::Say{Centre::Answer::refuse, status}; };
}

TEST(Retry, WithoutRulesTheStatusDecides) {
  RouteSettings route;
  route.throttle_wait = 1s;
  route.retry_wait = 5s;
  route.retries_max = 7;
  EXPECT_EQ(retry_after(route, Status::ESME_RTHROTTLED).action, Action::throttle);
  EXPECT_EQ(retry_after(route, Status::ESME_RTHROTTLED).wait, 1s);
  EXPECT_EQ(retry_after(route, Status::ESME_RMSGQFUL).action, Action::park_destination);
  EXPECT_EQ(retry_after(route, Status::ESME_RMSGQFUL).wait, route.park_wait);
  EXPECT_EQ(retry_after(route, Status::ESME_RX_P_APPN).action, Action::fail_destination);
  EXPECT_EQ(retry_after(route, Status::ESME_RX_P_APPN).wait, route.bar_time);
  for (const Status status : {Status::ESME_RSYSERR, Status::ESME_RSUBMITFAIL,
                              Status::ESME_RX_T_APPN, Status::ESME_RINVBNDSTS}) {
    EXPECT_EQ(retry_after(route, status).action, Action::retry) << name(status);
    EXPECT_EQ(retry_after(route, status).wait, 5s);
    EXPECT_EQ(retry_after(route, status).max, 7u);
  }
  for (const Status status :
       {Status::ESME_RX_R_APPN, Status::ESME_RINVDSTADR, Status{0x455}, Status{0xdeadbeef}}) {
    EXPECT_EQ(retry_after(route, status).action, Action::fail) << static_cast<uint32_t>(status);
  }
}

TEST(Retry, ARuleHoldsFromItsFirstToItsLastStatus) {
  RouteSettings route;
  route.retry_wait = 5s;
  route.retries_max = 7;
  route.retry.push_back({0x400, 0x4ff, Action::retry, 2s, 1});
  route.retry.push_back({0x500, 0x500, Action::throttle, std::nullopt, std::nullopt});
  EXPECT_EQ(retry_after(route, Status{0x3ff}).action, Action::fail);
  for (const uint32_t status : {0x400u, 0x455u, 0x4ffu}) {
    EXPECT_EQ(retry_after(route, Status{status}).action, Action::retry);
    EXPECT_EQ(retry_after(route, Status{status}).wait, 2s);
    EXPECT_EQ(retry_after(route, Status{status}).max, 1u);
  }
  EXPECT_EQ(retry_after(route, Status{0x500}).action, Action::throttle);
  EXPECT_EQ(retry_after(route, Status{0x500}).wait, route.throttle_wait);
  EXPECT_EQ(retry_after(route, Status{0x501}).action, Action::fail);
}

TEST(Retry, WaitsAreDoubledUpToSixtyFourTimes) {
  EXPECT_EQ(doubled(5s, 0), 5s);
  EXPECT_EQ(doubled(5s, 3), 40s);
  EXPECT_EQ(doubled(5s, 6), 320s);
  EXPECT_EQ(doubled(5s, 255), 320s);
}

TEST(Retry, AVendorsStatusIsTriedAgainWhereTheRouteSaysSo) {
  auto settings = one_shard();
  settings.routes.front().retry.push_back({0x400, 0x4ff, Action::retry, 2s, 2});
  World world(settings);
  auto& producer = world.producer();
  world.centre().on_submit = refusing(Status{0x455});
  const auto job = producer.push({message_of(Class::notification)});
  world.run_for(60s);
  const auto& seen = world.centre().seen;
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_GE(seen[1].at - seen[0].at, 2s);
  EXPECT_GE(seen[2].at - seen[1].at, 4s);
  const auto* fate = producer.fate(producer.result(job).message_id());
  ASSERT_TRUE(fate);
  EXPECT_EQ(fate->failed().command_status(), 0x455u);
  EXPECT_EQ(fate->failed().name(), "vendor 0x00000455");
}

TEST(Retry, AStatusIsToldByItsNameOrElseByItsNumber) {
  EXPECT_EQ(status_text(Status::ESME_RTHROTTLED), "ESME_RTHROTTLED");
  EXPECT_EQ(status_text(Status{0x9999}), "unknown 0x00009999");
  EXPECT_EQ(status_text(Status{0xdeadbeef}), "unknown 0xdeadbeef");
}

TEST(Retry, ARuleMakesATemporaryStatusFinal) {
  auto settings = one_shard();
  settings.routes.front().retry.push_back({8, 8, Action::fail, {}, {}});
  World world(settings);
  auto& producer = world.producer();
  world.centre().on_submit = refusing(Status::ESME_RSYSERR);
  const auto job = producer.push({message_of(Class::crisis)});
  world.run_for(60s);
  EXPECT_EQ(world.centre().seen.size(), 1u);
  EXPECT_EQ(producer.finals(producer.result(job).message_id()), 1u);
}

TEST(Retry, ARuleLetsAnyStatusSlowTheRoute) {
  auto settings = one_shard();
  settings.routes.front().rate_pdus = 100;
  settings.routes.front().retry.push_back({0x14, 0x14, Action::throttle, {}, {}});
  World world(settings);
  world.centre().on_submit = refusing(Status::ESME_RMSGQFUL);
  world.producer().push({message_of(Class::notification)});
  world.run();
  EXPECT_EQ(world.route_stats().rate_pdus.get(), 50u);
  EXPECT_EQ(world.route_stats().throttled.get(), 1u);
}

TEST(Retry, AttemptsAreCountedToTheLastOne) {
  auto settings = one_shard();
  settings.routes.front().retry_wait = 10ms;
  settings.routes.front().retries_max = 255;
  World world(settings);
  auto& producer = world.producer();
  world.centre().on_submit = refusing(Status::ESME_RSYSERR);
  const auto job = producer.push({message_of(Class::crisis)});
  world.run_for(600s);
  EXPECT_EQ(world.centre().seen.size(), 256u);
  EXPECT_EQ(producer.finals(producer.result(job).message_id()), 1u);
}

}  // namespace
}  // namespace tact::gateway::test
