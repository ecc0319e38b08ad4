// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "gateway/engine/ids.h"
#include "gateway/engine/message.h"
#include "gateway/engine/time.h"

namespace tact::gateway {

class CommitBuilder;
class StoreReader;

// What has left lately, of one route: the youngest entries of `awaiting`, as a log. Most receipts
// come within seconds, and a row of its own would be put and deleted for each: the two dearest
// steps of a message's life. Here a turn appends one record, whatever it holds, and the log is cut
// off at its front. What is still waited for then moves into the table `awaiting`: an entry is in
// one of both.
//
// On disk (little endian), table `sent`, route u16 . seq u64 (big endian) ->
//
//   crc32c u32 (of all behind it) | put: 1 u8 | sent u64 | length u32 | awaiting record
//                                 | end: 2 u8 | sent u64
//                        or, whole: 3 u8 | the same, packed (packed.h)
//
// The newest `put` of an entry counts, until its `end`. Records below the route's floor (a meta
// key, written in the commit of each move) count for nothing: what they held has moved or ended.
// They are erased some time later.
class SentLog {
 public:
  // The record that holds an entry's newest state, or:
  using Place = uint64_t;
  static constexpr Place kTable = 0;             // it has a row in the table
  static constexpr Place kNowhere = UINT64_MAX;  // not on disk yet

  explicit SentLog(RouteId route) : route_(route) {}

  // ---- This turn's record. `before`: the place of the entry until now.
  Place put(uint64_t sent, uint32_t slot, std::string_view record, Place before);
  void end(uint64_t sent, Place before);
  // It joins the commit, and the floor where something has moved.
  void write(CommitBuilder& out, Mono now);

  // ---- The front.
  struct Record {
    Place place = 0;
    Mono at{};                    // when it was written
    uint32_t live = 0;            // entries whose newest state is here
    std::vector<uint32_t> slots;  // of all that were put here
  };
  // The oldest record that somebody needs, if it was written before this.
  const Record* older_than(Mono limit);
  // What it held is in the table now.
  void moved();

  // ---- At start: calls for each of what is stored, in order. Returns how many records could not
  // be read.
  struct Visitor {
    virtual ~Visitor() = default;
    // The slot, if the entry can be read, and where it stood before.
    virtual std::optional<uint32_t> put(uint64_t sent, std::string_view record, Place) = 0;
    virtual void end(uint64_t sent) = 0;
  };
  uint64_t start(StoreReader& reader, Mono now, Visitor& visitor);
  // Also of start(): the entry stands elsewhere now, or has ended.
  void leave(Place place);

 private:
  Record& record(Place place);

  const RouteId route_;
  std::deque<Record> records_;  // of consecutive places, up to next_ - 1
  Place next_ = 1;              // of this turn's
  Record now_;                  // this turn's
  std::string body_;
  bool moved_ = false;
  Place erased_ = 1;  // nothing below is on disk
  Mono erased_at_{};
};

// How many entries of a route stand in its log.
uint64_t count_sent(StoreReader& reader, RouteId route);

}  // namespace tact::gateway
