// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/directory.h"

#include <algorithm>
#include <set>

namespace tact::gateway {

namespace {
template <typename T>
void place(std::vector<const T*>& v, size_t i, const T& value) {
  if (v.size() <= i) v.resize(i + 1);
  v[i] = &value;
}

bool has(const RoutingRule& rule, RouteId route) {
  return std::ranges::find(rule.routes, route, &WeightedRoute::route) != rule.routes.end();
}

std::string_view without_plus(std::string_view number) {
  if (number.starts_with('+')) number.remove_prefix(1);
  return number;
}
}  // namespace

Directory::Directory(const EngineSettings& settings) : settings_(settings) {
  for (const auto& route : settings.routes) place(routes_, raw(route.id), route);
  for (const auto& tenant : settings.tenants) {
    place(tenants_, raw(tenant.id), tenant);
    for (const auto& upstream : tenant.upstreams) {
      place(upstreams_, raw(upstream.id), upstream);
      place(upstream_tenants_, raw(upstream.id), tenant);
    }
    for (const auto& brand : tenant.brands) place(brands_, raw(brand.id), brand);
    for (const auto& account : tenant.accounts) {
      place(accounts_, raw(account.id), account);
      for (const auto& source : account.sources)
        sources_.emplace_back(without_plus(source), &account);
    }
  }
}

std::vector<TenantId> Directory::tenants_on(RouteId route) const {
  std::vector<TenantId> found;
  for (const auto& tenant : settings_.tenants) {
    const bool uses = std::any_of(tenant.routing.begin(), tenant.routing.end(),
                                  [&](const RoutingRule& rule) { return has(rule, route); });
    if (uses) found.push_back(tenant.id);
  }
  return found;
}

std::vector<RouteId> Directory::beside(RouteId route, Class cls) const {
  std::set<RouteId> found;
  for (const auto& tenant : settings_.tenants) {
    for (const auto& rule : tenant.routing) {
      const auto& classes = rule.classes;
      const bool any = classes.empty() || std::ranges::find(classes, cls) != classes.end();
      if (!any || !has(rule, route)) continue;
      for (const auto& each : rule.routes) found.insert(each.route);
    }
  }
  found.erase(route);
  return {found.begin(), found.end()};
}

const AccountSettings* Directory::account_of_source(std::string_view number) const {
  const AccountSettings* found = nullptr;
  size_t longest = 0;
  for (const auto& [source, account] : sources_) {
    if (source.size() > longest && without_plus(number).starts_with(source)) {
      found = account;
      longest = source.size();
    }
  }
  return found;
}

}  // namespace tact::gateway
