// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/charged.h"

#include "gateway/engine/message.h"
#include "gateway/engine/routing.h"
#include "smpp/segment.h"

namespace tact::gateway {

const RouteSettings* route_of(const policy::Submission& s, const policy::Verdict& verdict,
                              const Directory& directory, Backlog& backlog) {
  Message message;
  message.to = s.to;
  message.number = s.number;
  message.cls = verdict.cls;
  message.brand = static_cast<BrandId>(verdict.brand);
  const auto* account = directory.account(static_cast<AccountId>(s.account));
  const auto* tenant = account ? directory.tenant(account->tenant) : nullptr;
  return tenant ? choose_route(*tenant, directory, backlog, message) : nullptr;
}

policy::SegmentCounter charged_segments(const Directory& directory, Backlog& backlog) {
  return [&](std::string_view text, const policy::Submission& s, const policy::Verdict& verdict) {
    const RouteSettings* route = route_of(s, verdict, directory, backlog);
    if (!route) return smpp::count_segments(text);
    return smpp::plan(text, route->concat, route->dialect).parts;
  };
}

}  // namespace tact::gateway
