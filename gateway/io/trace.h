// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/engine/audit.h"
#include "gateway/engine/directory.h"
#include "gateway/engine/history.h"
#include "gateway/io/rocks.h"

namespace tact::gateway {

// Whose history: exactly one of number and id is set.
struct TraceQuery {
  std::optional<NumberHash> number;
  std::optional<MessageId> id;
  Civil since{};                         // what is older is not looked for
  std::optional<History::Place> before;  // where the page before this one ended
};

// One page of the history of a number or a message, from the audit: JSON lines {time, what, id,
// class, ...}, oldest first. Numbers stand there as their keyed hash, texts as a digest.
//
// There is no index: the audit is read backwards, because what people ask about happened lately.
// Each step is one load, so that what the gateway itself wants to read never waits for more than
// that; a page ends after some 64 MiB, or with the beginning of its message. Its last line says how
// far it went and where the next one goes on:
//
//   {"searched_from":"2026-03-18T01:00:00.000Z","cursor":"00075f3e00000000000012c4"}
//
// without `cursor` once everything since then has been read. `unreadable` counts damaged records.
class Trace {
 public:
  static constexpr size_t kLinesMax = 10'000;  // of a page, about

  Trace(Rocks& rocks, Sealer& sealer, const Directory& directory, const TraceQuery& query,
        Civil now);

  // Reads on; false: the page is complete. On the reader thread.
  bool step();
  // REQUIRES: step() said false
  std::string lines() const;

 private:
  struct Line {
    History::Place place;
    size_t index = 0;  // within the batch
    std::string text;
  };

  void visit(const History::Place& place, std::string_view stored);
  bool wanted(const AuditRecord& record) const;
  std::string end_line() const;

  // Constant after construction.
  Rocks& rocks_;
  Sealer& sealer_;
  const Directory& directory_;
  const TraceQuery query_;

  History history_;
  std::vector<Line> found_;
  bool begun_ = false;  // the message's first record has been seen
  size_t unreadable_ = 0;
};

// Of TraceQuery::before, as it stands in a page and in a request.
std::string trace_cursor(const History::Place& place);
std::optional<History::Place> parse_trace_cursor(std::string_view text);

}  // namespace tact::gateway
