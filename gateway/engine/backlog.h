// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "gateway/engine/ids.h"
#include "gateway/engine/stats.h"

namespace tact::gateway {

// What the shard of a route tells whoever wants to add to its lanes: tenants, and routes that fail
// over. The only numbers that shards read of each other; a moment's delay costs nothing, since
// limits have slack and a message that comes too late moves on with the others.
class Backlog {
 public:
  // Before any shard runs.
  void add(RouteId route) {
    if (routes_.size() <= raw(route)) routes_.resize(raw(route) + size_t{1});
  }
  // Messages that the lane holds.
  Counter& of(LaneId lane) { return routes_[raw(lane.route)].queued[raw(lane.cls)]; }
  // 1 while no link of the route takes anything.
  Counter& down(RouteId route) { return routes_[raw(route)].down; }
  // 1 while the lane wants no more: its route is down for longer than failover_after, or was until
  // a moment ago, and what it held has gone elsewhere.
  Counter& closed(LaneId lane) { return routes_[raw(lane.route)].closed[raw(lane.cls)]; }

 private:
  struct OfRoute {
    ByClass<Counter> queued, closed;
    Counter down;
  };
  std::deque<OfRoute> routes_;
};

}  // namespace tact::gateway
