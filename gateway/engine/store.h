// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "gateway/engine/commit.h"

namespace tact::gateway {

// Asks for stored records of one table with begin <= key < end, in order.
struct LoadRequest {
  uint64_t id = 0;  // told back
  Table table{};
  std::string begin, end;
  bool from_before =
      false;          // start at the last key <= begin instead: the batch that holds a sequence
  std::string floor;  // of from_before: no lower key; empty: none of another log
  size_t bytes_max = 1 << 20;
  uint32_t records_max = 1024;
};
struct Loaded {
  uint64_t id = 0;
  std::vector<std::pair<std::string, std::string>> records;  // key, value as stored
  bool more = false;  // a limit ended the load, not the range
};

// What storage tells a shard; delivered on the shard's thread, in the order of the commits.
struct Delivery {
  std::vector<Committed> committed;
  std::vector<MailBody> mail;
};

// The disk as a running shard sees it. Both calls return at once; completions arrive through
// Shard::deliver and Shard::loaded. A failed commit has no completion: the process ends (I12).
//
// A load of `later` whose end is a whole key closes its stretch: what is appended after load() was
// called, and belongs to the same owner and class, is stored at or behind the load's end; mail of
// what was stored before comes before the load's answer. So a shard may promote all that a load
// brings and move the floor there.
class Store {
 public:
  virtual ~Store() = default;
  virtual void commit(std::unique_ptr<Commit>) = 0;
  virtual void load(ShardId, LoadRequest) = 0;
};

// The disk as a starting shard sees it: read once, before anything runs.
class StoreReader {
 public:
  virtual ~StoreReader() = default;
  // Visits records with begin <= key < end (empty end: to the table's end) until `visit` returns
  // false.
  virtual void scan(
      Table, std::string_view begin, std::string_view end,
      const std::function<bool(std::string_view key, std::string_view value)>& visit) = 0;
  virtual std::optional<std::string> get(Table, std::string_view key) = 0;
  // The next sequence that storage will assign in a log.
  virtual uint64_t lane_tail(LaneId) = 0;
  virtual uint64_t event_tail(UpstreamId) = 0;
};

}  // namespace tact::gateway
