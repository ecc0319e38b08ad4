// SPDX-License-Identifier: Apache-2.0
// A link that does not come up or goes down: what the operators are told of it and when it is
// tried again.
#include "gateway/engine/link.h"

#include <gtest/gtest.h>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;
using Kind = LinkNotice::Kind;

EngineSettings impatient() {
  auto settings = one_shard();
  auto& link = settings.routes.front().links.front();
  link.reconnect_min = 500ms;
  link.reconnect_max = 4s;
  link.already_bound_wait = 10s;
  link.session.timers.session_init = 5s;
  link.session.timers.enquire_link = 5s;
  link.session.timers.response = 5s;
  return settings;
}

struct Told {
  Mono at{};
  LinkNotice notice;
};

std::vector<Told> of_kind(const World& world, Kind kind) {
  std::vector<Told> found;
  for (const auto& told : world.told) {
    const auto* notice = std::get_if<LinkNotice>(&told.notice);
    if (notice && notice->kind == kind) found.push_back({told.at, *notice});
  }
  return found;
}

const LinkStats& stats(World& world) { return world.route_stats().links.front(); }

// Each attempt is told once, and followed by the next one after the wait that was told.
void expect_waits_kept(const std::vector<Told>& ends, Mono attempt) {
  for (size_t i = 1; i < ends.size(); ++i) {
    EXPECT_EQ(ends[i].at - ends[i - 1].at, ends[i - 1].notice.retry_in + attempt) << i;
    EXPECT_EQ(ends[i].notice.failures, i + 1);
  }
}

TEST(Link, RefusedConnectionsAreToldAndCountedAndTriedAgainMoreRarely) {
  World world(impatient());
  world.centre().refused_links = {0};
  world.run_for(60s);
  const auto ends = of_kind(world, Kind::connect_failed);
  ASSERT_GE(ends.size(), 10u);
  EXPECT_EQ(ends.size(), world.told.size());
  EXPECT_EQ(ends.front().notice.reason, "refused");
  EXPECT_EQ(ends.front().notice.link->name, world.settings.routes.front().links.front().name);
  EXPECT_EQ(ends.front().notice.route, kRoute);
  EXPECT_LE(ends.front().notice.retry_in, 750ms);
  EXPECT_GE(ends.back().notice.retry_in, 4s);
  expect_waits_kept(ends, 0s);
  EXPECT_EQ(stats(world).connect_failures.get(), ends.size());
  EXPECT_EQ(stats(world).bind_refusals.get() + stats(world).bind_failures.get(), 0u);
  EXPECT_EQ(stats(world).losses.get(), 0u);
}

TEST(Link, WhatFailedOfTlsIsToldAndCountedApart) {
  World world(impatient());
  world.centre().refused_links = {0};
  world.centre().tls = TlsFault::host_name;
  world.run_for(60s);
  const auto ends = of_kind(world, Kind::tls_failed);
  ASSERT_GE(ends.size(), 10u);
  EXPECT_EQ(ends.front().notice.tls, TlsFault::host_name);
  expect_waits_kept(ends, 0s);
  const auto& counted = stats(world).tls_failures;
  for (size_t fault = 0; fault < kTlsFaults; ++fault) {
    const bool is_it = static_cast<TlsFault>(fault) == TlsFault::host_name;
    EXPECT_EQ(counted[fault].get(), is_it ? ends.size() : 0u);
  }
  EXPECT_EQ(stats(world).connect_failures.get(), 0u);
}

TEST(Link, ARefusedBindTellsItsStatus) {
  World world(impatient());
  world.centre().bind_answer = smpp::Status::ESME_RINVPASWD;
  world.run_for(60s);
  const auto ends = of_kind(world, Kind::bind_refused);
  ASSERT_GE(ends.size(), 10u);
  EXPECT_EQ(of_kind(world, Kind::binding).size(), ends.size());
  EXPECT_EQ(ends.front().notice.status, smpp::Status::ESME_RINVPASWD);
  expect_waits_kept(ends, 0s);
  EXPECT_EQ(stats(world).bind_refusals.get(), ends.size());
}

TEST(Link, ACarrierThatAsksFasterThanTheDiskTakesItIsNotRead) {
  World world(one_shard());
  world.centre().window = 4'000;
  world.run_for(1s);
  const ConnectionId connection = link_connection(kRoute, 0, 1);
  ASSERT_TRUE(world.centre().bound(0));
  world.commits = false;
  std::vector<size_t> receipts;
  for (int i = 0; i < 4'000; ++i) {
    Centre::Seen stranger;
    stranger.to = "8613700137000";
    stranger.id = std::to_string(i);
    receipts.push_back(world.centre().receipt(stranger, smpp::MessageState::delivered));
  }
  world.run_for(1s);
  EXPECT_TRUE(world.wire.pipe(connection).paused);
  world.commits = true;
  world.run_for(1s);
  EXPECT_FALSE(world.wire.pipe(connection).paused);
  for (const size_t receipt : receipts) EXPECT_TRUE(world.centre().delivery(receipt).answered);
}

TEST(Link, WhatIsPausedForItsUnreadAnswersIsReadAgainBeforeAnythingElseHappens) {
  World world(one_shard());
  world.run_for(1s);
  auto& pipe = world.wire.pipe(link_connection(kRoute, 0, 1));
  pipe.unsent = 5u << 20;
  const size_t first =
      world.centre().deliver({.from = "8613800138000", .to = "1069000055", .octets = "hi"});
  world.run_for(1s);
  EXPECT_TRUE(world.centre().delivery(first).answered);
  EXPECT_TRUE(pipe.paused);
  pipe.unsent = 0;
  world.run_for(50ms);
  EXPECT_FALSE(pipe.paused);
}

TEST(Link, ACarrierThatThinksWeAreBoundIsGivenItsOwnWait) {
  World world(impatient());
  world.centre().bind_answer = smpp::Status::ESME_RALYBND;
  world.run_for(60s);
  for (const auto& end : of_kind(world, Kind::bind_refused)) {
    EXPECT_GE(end.notice.retry_in, 10s);
  }
  EXPECT_FALSE(of_kind(world, Kind::bind_refused).empty());
}

TEST(Link, ABindWithoutAnAnswerIsALossBeforeItWasBound) {
  World world(impatient());
  world.centre().silent = true;
  world.run_for(60s);
  const auto ends = of_kind(world, Kind::bind_failed);
  ASSERT_GE(ends.size(), 5u);
  EXPECT_NE(ends.front().notice.reason.find("session_init"), std::string::npos);
  expect_waits_kept(ends, 5s);
  EXPECT_EQ(stats(world).bind_failures.get(), ends.size());
  EXPECT_EQ(stats(world).losses.get(), 0u);
}

TEST(Link, ABoundLinkTellsWhomItReachedAndAfterHowManyFailures) {
  World world(impatient());
  world.centre().refused_links = {0};
  world.run_for(3s);
  const size_t failed = of_kind(world, Kind::connect_failed).size();
  world.centre().refused_links.clear();
  world.run_for(10s);
  const auto bound = of_kind(world, Kind::bound);
  ASSERT_EQ(bound.size(), 1u);
  EXPECT_EQ(bound.front().notice.reason, "centre");
  EXPECT_EQ(bound.front().notice.failures, failed);
  EXPECT_GT(failed, 0u);
}

EngineSettings with_hosts(bool sticky = false) {
  auto settings = impatient();
  auto& link = settings.routes.front().links.front();
  link.hosts = {{"a", 1}, {"b", 2}, {"c", 3}};
  link.sticky_host = sticky;
  return settings;
}

std::string hosts_of(const std::vector<Told>& told) {
  std::string hosts;
  for (const auto& each : told) hosts += each.notice.host->host;
  return hosts;
}

TEST(Link, HostsFollowEachOtherQuicklyAndRoundsMoreAndMoreSlowly) {
  World world(with_hosts());
  world.centre().dead_hosts = {"a", "b", "c"};
  world.run_for(60s);
  const auto ends = of_kind(world, Kind::connect_failed);
  ASSERT_GE(ends.size(), 15u);
  EXPECT_TRUE(hosts_of(ends).starts_with("abcabcabcabc")) << hosts_of(ends);
  expect_waits_kept(ends, 0s);
  Millis wait = 500ms;
  for (size_t i = 0; i < ends.size(); ++i) {
    const bool ends_round = i % 3 == 2;
    const Millis least = ends_round ? wait : 500ms;
    EXPECT_GE(ends[i].notice.retry_in, least) << i;
    EXPECT_LE(ends[i].notice.retry_in, least + least / 2) << i;
    if (ends_round) wait = std::min<Millis>(wait * 2, 4s);
  }
}

TEST(Link, AHostThatRefusesTheBindIsPassedOverLikeADeadOne) {
  World world(with_hosts());
  world.centre().bind_answer = smpp::Status::ESME_RBINDFAIL;
  world.run_for(10s);
  EXPECT_TRUE(hosts_of(of_kind(world, Kind::bind_refused)).starts_with("abcabc"));
}

TEST(Link, TheFirstHostThatBindsIsItAndAfterALossTheFirstOfAllComesFirst) {
  World world(with_hosts());
  world.centre().dead_hosts = {"a"};
  world.run_for(5s);
  EXPECT_EQ(hosts_of(of_kind(world, Kind::bound)), "b");
  EXPECT_EQ(stats(world).host.get(), 1u);
  world.centre().dead_hosts = {"b"};
  world.centre().drop(0);
  world.run_for(5s);
  EXPECT_EQ(hosts_of(of_kind(world, Kind::bound)), "ba");
  EXPECT_EQ(hosts_of(of_kind(world, Kind::connect_failed)), "a") << "before the first bind";
  EXPECT_EQ(stats(world).host.get(), 0u);
}

TEST(Link, AStickyHostComesFirstAndIsNotWaitedFor) {
  World world(with_hosts(true));
  world.centre().dead_hosts = {"a"};
  world.run_for(5s);
  world.centre().dead_hosts.clear();
  world.centre().drop(0);
  world.run_for(5s);
  EXPECT_EQ(hosts_of(of_kind(world, Kind::bound)), "bb");
  world.centre().dead_hosts = {"b"};
  world.centre().drop(0);
  world.run_for(5s);
  EXPECT_EQ(hosts_of(of_kind(world, Kind::bound)), "bbc");
  EXPECT_EQ(hosts_of(of_kind(world, Kind::connect_failed)), "ab");
}

TEST(Link, ASilentCarrierAndAnEndOfStreamAreLossesWithTheirReason) {
  World world(impatient());
  world.run_for(1s);
  world.centre().silent = true;
  world.run_for(11s);
  world.centre().silent = false;
  world.run_for(10s);
  world.centre().drop(0);
  world.run_for(1s);
  const auto ends = of_kind(world, Kind::lost);
  ASSERT_EQ(ends.size(), 2u);
  EXPECT_NE(ends[0].notice.reason.find("enquire_link"), std::string::npos);
  EXPECT_EQ(ends[1].notice.reason, "by the centre");
  EXPECT_EQ(ends[1].notice.failures, 0u);
  EXPECT_GT(ends[1].notice.retry_in, 0s);
  EXPECT_EQ(stats(world).losses.get(), 2u);
}

TEST(Link, ADrainUnbindsAndIsNoLoss) {
  World world(impatient());
  world.run_for(1s);
  world.drain();
  ASSERT_TRUE(world.drained());
  const auto ends = of_kind(world, Kind::unbound);
  ASSERT_EQ(ends.size(), 1u);
  EXPECT_EQ(ends.front().notice.retry_in, 0s);
  EXPECT_EQ(stats(world).losses.get(), 0u);
}

}  // namespace
}  // namespace tact::gateway::test
