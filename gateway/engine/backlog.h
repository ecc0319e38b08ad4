// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "gateway/engine/ids.h"
#include "gateway/engine/stats.h"

namespace tact::gateway {

// How many messages each lane holds: told by the lane's shard, read by every tenant that wants to
// add to it. The one number that shards read of each other; a moment's delay costs nothing, since
// limits have slack.
class Backlog {
 public:
  // Before any shard runs.
  void add(RouteId route) {
    if (lanes_.size() <= raw(route)) lanes_.resize(raw(route) + size_t{1});
  }
  Counter& of(LaneId lane) { return lanes_[raw(lane.route)][static_cast<size_t>(lane.cls)]; }

 private:
  std::deque<ByClass<Counter>> lanes_;
};

}  // namespace tact::gateway
