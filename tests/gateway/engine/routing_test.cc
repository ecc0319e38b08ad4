// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/routing.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "gateway/engine/audit.h"

namespace tact::gateway::test {
namespace {

constexpr RouteId kA{1}, kB{2}, kC{3};

NumberHash hash_of(int i) { return text_digest("86138" + std::to_string(10'000'000 + i)) | 1; }

RoutingRule over(std::vector<WeightedRoute> routes) { return {{}, {}, {}, std::move(routes)}; }

std::optional<RouteId> route_without(const RoutingRule& rule, NumberHash number,
                                     std::set<RouteId> closed) {
  return route_for(rule, number, [&](RouteId route) { return closed.contains(route); });
}

TEST(Routing, TheFirstRuleThatMatchesIsTaken) {
  TenantSettings tenant;
  tenant.routing.push_back({{Class::otp}, {}, {}, {{kA}}});
  tenant.routing.push_back({{}, {"49", "43"}, {}, {{kB}}});
  tenant.routing.push_back({{}, {}, {BrandId{7}}, {{kC}}});
  const auto rule = [&](Class cls, std::string_view to, BrandId brand) {
    Message message;
    message.cls = cls;
    message.to = to;
    message.brand = brand;
    const RoutingRule* found = rule_for(tenant, message);
    return found ? found->routes.front().route : RouteId{};
  };
  EXPECT_EQ(rule(Class::otp, "4915112345678", BrandId{7}), kA);
  EXPECT_EQ(rule(Class::crisis, "4315112345678", BrandId{7}), kB);
  EXPECT_EQ(rule(Class::crisis, "8613800138000", BrandId{7}), kC);
  EXPECT_EQ(rule(Class::crisis, "8613800138000", BrandId{8}), RouteId{});
}

TEST(Routing, NumbersAreSharedByWeightAndEachKeepsItsRoute) {
  const auto rule = over({{kA, 3}, {kB, 1}, {kC, 0}});
  std::map<RouteId, int> count;
  for (int i = 0; i < 8'000; ++i) {
    const auto route = route_without(rule, hash_of(i), {});
    ASSERT_TRUE(route);
    ++count[*route];
    EXPECT_EQ(route_without(rule, hash_of(i), {}), route);
  }
  EXPECT_NEAR(count[kA], 6'000, 200);
  EXPECT_NEAR(count[kB], 2'000, 200);
  EXPECT_EQ(count[kC], 0);
}

TEST(Routing, OneThatClosesMovesItsOwnNumbersOnly) {
  const auto rule = over({{kA, 2}, {kB, 1}, {kC, 1}});
  std::map<RouteId, int> heirs;
  for (int i = 0; i < 4'000; ++i) {
    const auto before = route_without(rule, hash_of(i), {});
    const auto after = route_without(rule, hash_of(i), {kA});
    ASSERT_TRUE(after);
    EXPECT_NE(*after, kA);
    if (before != kA) {
      EXPECT_EQ(before, after);
    } else {
      ++heirs[*after];
    }
  }
  EXPECT_NEAR(heirs[kB], 1'000, 150);
  EXPECT_NEAR(heirs[kC], 1'000, 150);
}

TEST(Routing, WithoutWeightARouteServesWhileTheOthersAreClosed) {
  const auto rule = over({{kA, 0}, {kB, 5}, {kC, 0}});
  std::set<RouteId> seen;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(route_without(rule, hash_of(i), {kA, kC}), kB);
    EXPECT_EQ(route_without(rule, hash_of(i), {}), kB);
    EXPECT_EQ(route_without(rule, hash_of(i), {kB, kC}), kA);
    seen.insert(*route_without(rule, hash_of(i), {kB}));
    EXPECT_EQ(route_without(rule, hash_of(i), {kA, kB, kC}), std::nullopt);
  }
  EXPECT_EQ(seen, (std::set{kA, kC}));
}

TEST(Routing, OneRouteIsOneRoute) {
  EXPECT_EQ(route_without(over({{kA}}), hash_of(1), {}), kA);
  EXPECT_EQ(route_without(over({{kA}}), hash_of(1), {kA}), std::nullopt);
}

}  // namespace
}  // namespace tact::gateway::test
