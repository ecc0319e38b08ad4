// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/directory.h"

namespace tact::gateway {

namespace {
template <typename T>
void place(std::vector<const T*>& v, size_t i, const T& value) {
  if (v.size() <= i) v.resize(i + 1);
  v[i] = &value;
}

std::string_view digits(std::string_view number) {
  if (number.starts_with('+')) number.remove_prefix(1);
  return number;
}
}  // namespace

Directory::Directory(const EngineSettings& settings) {
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
      for (const auto& source : account.sources) sources_.emplace_back(digits(source), &account);
    }
  }
}

const AccountSettings* Directory::account_of_source(std::string_view number) const {
  const AccountSettings* found = nullptr;
  size_t longest = 0;
  for (const auto& [source, account] : sources_) {
    if (source.size() > longest && digits(number).starts_with(source)) {
      found = account;
      longest = source.size();
    }
  }
  return found;
}

}  // namespace tact::gateway
