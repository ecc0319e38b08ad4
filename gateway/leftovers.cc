// SPDX-License-Identifier: Apache-2.0
#include "gateway/leftovers.h"

#include <algorithm>

#include "gateway/config/config.h"
#include "gateway/engine/batch.h"
#include "gateway/engine/keys.h"
#include "gateway/engine/sent_log.h"
#include "gateway/io/stored_number.h"

namespace tact::gateway {

namespace {
std::string plural(uint64_t n, const std::string& thing) {
  return std::to_string(n) + " " + thing + (n == 1 ? "" : "s");
}

// Every stored batch says its count in octets 2 and 3.
uint64_t messages_in(Rocks& rocks, Table table, const std::string& prefix) {
  uint64_t messages = 0;
  rocks.scan(table, prefix, prefix_end(prefix), [&](std::string_view, std::string_view value) {
    if (value.size() < kBatchHeader) return true;
    messages += static_cast<uint8_t>(value[2]) + 256u * static_cast<uint8_t>(value[3]);
    return true;
  });
  return messages;
}

uint64_t deferred(Rocks& rocks, Owner owner) {
  return messages_in(rocks, Table::later, later_key({owner}).substr(0, 3));
}

uint64_t queued(Rocks& rocks, RouteId route) {
  uint64_t messages = deferred(rocks, owner_of(route));
  for (const Class cls : kClassOrder) {
    const LaneId lane{route, cls};
    const auto stored = rocks.get(Table::meta, checkpoint_key(lane));
    const auto last = stored ? decode_checkpoint(*stored) : std::nullopt;
    messages += rocks.lane_tail(lane) - (last ? last->next : 0) + (last ? last->open.size() : 0);
  }
  return messages;
}

uint64_t awaiting(Rocks& rocks, RouteId route) {
  uint64_t messages = 0;
  const std::string prefix = awaiting_key(route, 0).substr(0, 2);
  rocks.scan(Table::awaiting, prefix, prefix_end(prefix),
             [&](std::string_view, std::string_view) { return ++messages; });
  return messages + count_sent(rocks, route);
}

uint64_t unacknowledged(Rocks& rocks, UpstreamId upstream) {
  const auto stored = rocks.get(Table::meta, upstream_key(upstream));
  const uint64_t acked = stored ? read_number<uint64_t>(*stored).value_or(0) : 0;
  const uint64_t next = rocks.event_tail(upstream);
  return next - std::min(next, acked + 1);
}
}  // namespace

std::optional<std::string> leftovers(Rocks& rocks, const Directory& directory) {
  const auto refuse = [](const char* kind, const std::string& name, const std::string& what) {
    return std::string(kind) + " \"" + name + "\" is not configured any more and still has " +
           what + "; configure it again until that is done";
  };
  for (const auto& [name, id] : rocks.names(static_cast<char>(NameKind::route))) {
    const auto route = static_cast<RouteId>(id);
    if (directory.route(route)) continue;
    if (const auto n = queued(rocks, route)) {
      return refuse("route", name, plural(n, "message") + " to send");
    }
    if (const auto n = awaiting(rocks, route)) {
      return refuse("route", name, plural(n, "message") + " without a receipt");
    }
  }
  for (const auto& [name, id] : rocks.names(static_cast<char>(NameKind::tenant))) {
    const auto tenant = static_cast<TenantId>(id);
    if (directory.tenant(tenant)) continue;
    if (const auto n = deferred(rocks, owner_of(tenant))) {
      return refuse("tenant", name, plural(n, "deferred message"));
    }
  }
  for (const auto& [name, id] : rocks.names(static_cast<char>(NameKind::upstream))) {
    const auto upstream = static_cast<UpstreamId>(id);
    if (directory.upstream(upstream)) continue;
    if (const auto n = unacknowledged(rocks, upstream)) {
      return refuse("upstream", name, plural(n, "unacknowledged event"));
    }
  }
  return std::nullopt;
}

}  // namespace tact::gateway
