// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "gateway/engine/settings.h"

namespace tact::gateway {

// Who is who by id: the configuration turned into look-ups. Constant after construction, shared by
// all shards.
class Directory {
 public:
  explicit Directory(const EngineSettings& settings);

  // Null for an id of something that is no longer configured (stored data may still name it).
  const RouteSettings* route(RouteId id) const { return at(routes_, raw(id)); }
  const TenantSettings* tenant(TenantId id) const { return at(tenants_, raw(id)); }
  const UpstreamSettings* upstream(UpstreamId id) const { return at(upstreams_, raw(id)); }
  const TenantSettings* tenant_of(UpstreamId id) const { return at(upstream_tenants_, raw(id)); }
  const AccountSettings* account(AccountId id) const { return at(accounts_, raw(id)); }
  const BrandSettings* brand(BrandId id) const { return at(brands_, raw(id)); }

  // REQUIRES: configured
  ShardId home(RouteId id) const { return route(id)->shard; }
  ShardId home(TenantId id) const { return tenant(id)->shard; }
  ShardId home(UpstreamId id) const { return tenant_of(id)->shard; }

  // Whose number a reply was sent to: the longest source address that `number` begins with
  // (carriers append extension digits). Null: nobody's.
  const AccountSettings* account_of_source(std::string_view number) const;
  // Who sends on a route, by its routing.
  std::vector<TenantId> tenants_on(RouteId route) const;
  // The other routes of the rules by which its messages of a class came.
  std::vector<RouteId> beside(RouteId route, Class cls) const;
  // Views into the settings. Not one conditional expression of both: that would be a temporary
  // string.
  std::string_view name(RouteId id) const {
    if (route(id)) return route(id)->name;
    return "?";
  }
  std::string_view name(BrandId id) const {
    if (brand(id)) return brand(id)->name;
    return "?";
  }

 private:
  template <typename T>
  static const T* at(const std::vector<const T*>& v, size_t i) {
    return i < v.size() ? v[i] : nullptr;
  }

  const EngineSettings& settings_;
  std::vector<const RouteSettings*> routes_;
  std::vector<const TenantSettings*> tenants_;
  std::vector<const UpstreamSettings*> upstreams_;
  std::vector<const TenantSettings*> upstream_tenants_;
  std::vector<const AccountSettings*> accounts_;
  std::vector<const BrandSettings*> brands_;
  std::vector<std::pair<std::string_view, const AccountSettings*>> sources_;
};

}  // namespace tact::gateway
