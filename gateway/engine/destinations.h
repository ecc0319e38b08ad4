// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <optional>

#include "gateway/engine/stats.h"
#include "gateway/engine/time.h"
#include "smpp/status.h"

namespace tact::gateway {

// What a carrier has said of single destinations: one has no room for now and is parked, or nothing
// is to be tried again there. In memory only: after a restart the carrier says it again.
//
// Messages to a parked destination go to `later` with one due time, so they come back in their
// order. One that lay in the lane meanwhile must not pass them (I9): it waits too, until as many
// have come back as had gone.
class Destinations {
 public:
  // Until when to wait: the later of `until` and what was said before. Nothing: there are too many
  // parked ones to remember another. The message that was refused waits, so it is counted.
  std::optional<Civil> park(NumberHash number, Class cls, Civil until, Now now);
  // Any answer to a message: whether full queues are about destinations is a matter of shares.
  void answered(Mono now);
  // The last one parked made it too many at once: it is the carrier's own queue that is full.
  bool spreads();

  // One that had waited (Message::kWaited) is there again.
  void came_back(NumberHash number, Class cls);
  // A message would leave: says until when it must wait instead, and counts it.
  std::optional<Civil> hold(NumberHash number, Class cls, bool waited, Civil now);

  void bar(NumberHash number, smpp::Status refusal, Civil until);
  // The refusal after which nothing is tried again for now.
  std::optional<smpp::Status> barred(NumberHash number, Civil now) const;

  // Forgets what is over, now and then.
  void tick(Now now);
  size_t parked() const { return parked_; }

 private:
  struct Entry {
    Civil parked_until{}, barred_until{};
    smpp::Status refusal{};
    ByClass<uint32_t> waiting{};
  };

  bool forgotten(const Entry& entry, Civil now) const;

  boost::unordered_flat_map<NumberHash, Entry> entries_;
  size_t parked_ = 0;  // at the last tick, and since
  Mono swept_{};
  Mono counting_since_{};
  uint32_t answers_ = 0, newly_parked_ = 0;  // since then
};

}  // namespace tact::gateway
