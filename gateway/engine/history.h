// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>
#include <optional>

#include "gateway/engine/store.h"

namespace tact::gateway {

// Reads the audit backwards, newest first, load by load, until its caller has seen enough or a
// budget is spent: for how a message stands, and for a page of a trace. A message's newest record
// tells how it stands, so what happened lately is found at once, however long the hour is.
//
// Records lie in the order of a counter that other logs share: how many of a stretch of it are
// ours is not known, so the stretch of each load follows from what the last one brought; one that
// brought more than a load holds is read again in halves.
class History {
 public:
  static constexpr uint64_t kBytesMax = 64u << 20;
  static constexpr uint32_t kHours = 48;

  // Of a record: greater ones are newer.
  struct Place {
    uint32_t hour = 0;
    uint64_t seq = 0;
    auto operator<=>(const Place&) const = default;
  };

  // The last kHours.
  explicit History(Civil now);
  // Back to the hour of `since`, from the newest record or from where an earlier reading ended.
  History(Civil now, Civil since, std::optional<Place> before);

  // What to read next; nothing when all is read or the budget is spent. The caller gives it an id.
  std::optional<LoadRequest> next();
  // `visit` gets each stored batch with its place. Within one load they ascend; of two loads the
  // later one is older.
  void loaded(const Loaded& loaded,
              const std::function<void(Place, std::string_view stored)>& visit);

  // Told by the visitor: when a record that it was given was written.
  void seen(Civil at) { oldest_ = std::min(oldest_, at); }
  // Everything from here on has been read.
  Civil from() const;
  // There is nothing older to read; else place() is where to go on.
  bool complete() const { return step_ == Step::done; }
  Place place() const;

 private:
  enum class Step : uint8_t { last, first, stretch, done };

  Step step_ = Step::last;
  uint32_t hour_;
  const uint32_t oldest_hour_;
  uint64_t first_ = 0;  // of the hour
  uint64_t low_ = 0;    // of the stretch that is being read
  uint64_t high_ = 0;   // exclusive; everything of the hour at or above has been read
  uint64_t width_ = 64;
  uint64_t bytes_ = 0;
  Civil oldest_;
};

}  // namespace tact::gateway
