// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/routing.h"

#include <algorithm>

namespace tact::gateway {

namespace {
// The finisher of splitmix64: the hash of the number also chooses elsewhere.
uint64_t spread(uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

uint64_t tickets(const std::vector<WeightedRoute>& routes) {
  uint64_t sum = 0;
  for (const auto& each : routes) sum += each.weight;
  return sum;
}

// Each has as many tickets as its weight.
size_t draw(const std::vector<WeightedRoute>& routes, uint64_t lot) {
  lot %= tickets(routes);
  size_t k = 0;
  while (lot >= routes[k].weight) lot -= routes[k++].weight;
  return k;
}
}  // namespace

const RoutingRule* rule_for(const TenantSettings& tenant, const Message& message) {
  const auto has = [](const auto& list, const auto& item) {
    return list.empty() || std::find(list.begin(), list.end(), item) != list.end();
  };
  for (const auto& rule : tenant.routing) {
    const bool prefix =
        rule.prefixes.empty() ||
        std::any_of(rule.prefixes.begin(), rule.prefixes.end(),
                    [&](const std::string& p) { return message.to.starts_with(p); });
    if (prefix && has(rule.classes, message.cls) && has(rule.brands, message.brand)) return &rule;
  }
  return nullptr;
}

std::optional<RouteId> route_for(const RoutingRule& rule, NumberHash number,
                                 const std::function<bool(RouteId)>& closed) {
  uint64_t lot = spread(number);
  const size_t first = draw(rule.routes, lot);
  if (!closed(rule.routes[first].route)) return rule.routes[first].route;
  auto left = rule.routes;
  for (size_t k = first; left.size() > 1;) {
    left.erase(left.begin() + static_cast<ptrdiff_t>(k));
    if (tickets(left) == 0) std::ranges::for_each(left, [](auto& each) { each.weight = 1; });
    lot = spread(lot + 1);
    k = draw(left, lot);
    if (!closed(left[k].route)) return left[k].route;
  }
  return std::nullopt;
}

const RouteSettings* choose_route(const TenantSettings& tenant, const Directory& directory,
                                  Backlog& backlog, const Message& message) {
  const RoutingRule* rule = rule_for(tenant, message);
  if (!rule) return nullptr;
  const auto closed = [&](RouteId route) {
    return backlog.closed({route, message.cls}).get() != 0;
  };
  auto route = route_for(*rule, message.number, closed);
  // None is open: as if all were.
  if (!route) route = route_for(*rule, message.number, [](RouteId) { return false; });
  return directory.route(*route);
}

}  // namespace tact::gateway
