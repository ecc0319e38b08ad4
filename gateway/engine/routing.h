// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "gateway/engine/backlog.h"
#include "gateway/engine/directory.h"
#include "gateway/engine/message.h"
#include "gateway/engine/settings.h"

namespace tact::gateway {

// The first of its tenant's rules that a message matches; null: none.
const RoutingRule* rule_for(const TenantSettings& tenant, const Message& message);

// Which of the rule's routes a number goes by: of those that are not closed, by weight and by the
// number alone. So a number keeps its route (I9), and one that closes moves its own numbers only.
// Nothing: all are closed.
std::optional<RouteId> route_for(const RoutingRule& rule, NumberHash number,
                                 const std::function<bool(RouteId)>& closed);

// By which of its tenant's routes a message would go now; null: none of its rules has it.
const RouteSettings* choose_route(const TenantSettings& tenant, const Directory& directory,
                                  Backlog& backlog, const Message& message);

}  // namespace tact::gateway
