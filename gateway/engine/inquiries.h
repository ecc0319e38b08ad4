// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "gateway/engine/context.h"
#include "gateway/engine/history.h"
#include "gateway/engine/later.h"

namespace tact::gateway {

class Upstream;

// A Control{cancel} or {query} whose answer needs a search.
struct Inquiry {
  struct Subject {
    int result = 0;    // its place in `ack`
    uint64_t key = 0;  // policy::withdrawn_key
    bool campaign = false;
    bool found = false;    // where it is, or how it ended, is known
    History::Place place;  // of the record that told it
    proto::Standing standing;
  };
  Upstream* upstream = nullptr;
  ConnectionId connection{};
  bool cancel = false;
  MessageId before{};  // messages from here on are not concerned
  proto::JobAck ack;
  std::vector<Subject> subjects;
};

// Finds how messages of one tenant stand. No index of all messages is kept for that: whoever asks
// pays. First every shard says which of them are with a link and where its queues begin (LookFor;
// for a cancel in the commit that put it in force, so that what a link has then is all that it will
// ever get); then the audit is read backwards; then, for what that does not tell, `later` and the
// lanes, 64 MiB at most. One search at a time reads, in loads of 1 MiB: a turn stays short.
class Inquiries {
 public:
  using Conclude = std::function<void(Inquiry&&)>;
  Inquiries(ShardContext& context, TenantId tenant, const Later& later, Conclude conclude)
      : context_(context), tenant_(tenant), later_(later), conclude_(std::move(conclude)) {}

  void ask(Inquiry inquiry);
  // From every shard's routes, by mail.
  void looked_for(const LookedFor& answer);
  // False: not asked for here.
  bool loaded(const Loaded& loaded);

 private:
  struct Range {
    Table table{};
    std::string begin, end;
    bool from_before = false;
    LaneId lane;        // of a lane or of a route's `later`
    uint64_t next = 0;  // of a lane
    Class cls{};
  };
  struct Search {
    Inquiry inquiry;
    uint16_t shards_left = 0;
    boost::unordered_flat_map<uint64_t, size_t> by_key;
    bool campaigns = false;
    std::vector<LookedFor::Queue> queues;
    std::optional<History> history;  // being read
    std::deque<Range> ranges;        // still to be read
    uint64_t bytes = 0;              // of ranges read so far
  };

  void go_on();
  bool step(Search& search);
  void read_history(Search& search, const Loaded& loaded);
  void read_range(Search& search, const Loaded& loaded);
  void plan_ranges(Search& search);
  void add_later(Search& search, Owner owner, Class cls, const LaterKey& floor, LaneId lane);
  void see(Search& search, const Message& message, const Range& range, Civil due);
  void finish(Search& search);

  ShardContext& context_;
  const TenantId tenant_;
  const Later& later_;
  const Conclude conclude_;
  std::map<uint64_t, Search> searches_;  // by number, oldest first
  uint64_t next_search_ = 1;
  uint64_t load_ = 0;     // outstanding, of
  uint64_t loading_ = 0;  // this search
};

// Which of `keys` (ascending) a message has: its own, or its campaign's. 0: none.
uint64_t key_among(const std::vector<uint64_t>& keys, const Message& message);

}  // namespace tact::gateway
