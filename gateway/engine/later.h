// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "gateway/engine/commit_builder.h"
#include "gateway/engine/stats.h"
#include "gateway/engine/store.h"

namespace tact::gateway {

// The batches of one owner that wait for their time (DESIGN 7.4, 17.11): the batches are on disk,
// here is only when the next one is due. Each class promotes by itself, so that an OTP to be tried
// again never stands behind a million marketing messages due at 09:00.
//
// Of a load, every record is promoted in the turn in which it arrives: its messages are appended
// elsewhere, in the commit that also carries `Promoted`. That this loses nothing rests on the
// store: what is appended after a load was asked for is clamped behind the load's end, and mail of
// what was appended before comes before the load's answer.
class Later {
 public:
  explicit Later(Owner owner) : owner_(owner) {}

  // Finds what waits behind the promoted floors. One seek for each distinct time, not for each
  // batch.
  void start(StoreReader& reader);

  // A batch joined. REQUIRES: it lies behind what was promoted.
  void waiting(const LaterKey& key);

  // What of this class is due, if anything is and no load of it is under way; the caller gives it
  // an id. The caller asks while it has room for what a load brings (store.h: LoadRequest's
  // limits).
  std::optional<LoadRequest> wants_load(Class cls, Civil now);
  // Promotes what a load brought: `give` gets each message, `out` the new floor. A record that
  // cannot be read is counted, left on disk for a person to look at, and stops nothing behind it.
  void take(Class cls, const Loaded& loaded, Sealer& sealer, CommitBuilder& out,
            Counter& unreadable, const std::function<void(const Message&)>& give);
  // A record of the load was promoted; in order. take() in parts.
  void promoted(const LaterKey& key, size_t messages);
  // more: a limit ended the load, not the range.
  void load_done(Class cls, bool more);

  // Nothing of this class waits below; what is stored there has been promoted.
  const LaterKey& floor(Class cls) const { return classes_[raw(cls)].floor; }

  // When the first batch is due of those classes that have no load under way. May be in the past.
  std::optional<Civil> next_due() const;

  // Deletes what was promoted: one range per class when 64k messages have been promoted, or after
  // 30 s.
  void reclaim(Mono now, CommitBuilder& out);

 private:
  // Times are kept in buckets of 128 ms, so that millions of retries cost thousands of entries.
  struct Bucket {
    uint64_t first_ms, last_ms;
  };
  struct OfClass {
    LaterKey floor;                      // nothing waits below
    LaterKey reclaimed;                  // nothing is stored below, but what was spared
    std::vector<LaterKey> spared;        // unreadable, between there and the floor; ascending
    std::map<uint64_t, Bucket> buckets;  // by number; what waits
    std::optional<uint64_t> loading_ms;  // a load up to this time is under way
  };

  OfClass& of(Class cls) { return classes_[raw(cls)]; }

  const Owner owner_;
  ByClass<OfClass> classes_;
  uint64_t promoted_ = 0;  // messages since the last reclaim
  Mono reclaimed_at_{};
};

}  // namespace tact::gateway
