// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "gateway/io/audit_pages.h"

namespace tact::gateway {

// Where a check of the chain stands between two pages of it.
struct AuditCheckPoint {
  enum class Before : char {
    nothing = 'n',  // the first record is believed: what was before it is deleted or not asked for
    unchained = 'u',  // from before there was a chain
    chained = 'c',
    damaged = 'd',  // told already: that the next one does not agree with it is no news
  };
  History::Place next;
  Before before = Before::nothing;
  AuditHash hash{};      // of the record before
  History::Place place;  // its place
};
std::string audit_check_cursor(const AuditCheckPoint&);
std::optional<AuditCheckPoint> parse_audit_check_cursor(std::string_view text);

// One page of a check of the chain: what was found, a line for each day, and where to go on.
//
//   {"broken":"00075f3e00000000000012c4","after":"…","time":"2026-03-18T02:…Z","reason":"…"}
//   {"day":"2026-03-18","complete":true,"batches":14,"records":90,"hash":"5e…"}
//   {"cursor":"…"}
//
// A day is one of UTC, by the hour its records lie under; a day that ends in another page comes
// again there, and its counts add up. `complete`: nothing can follow in it. `unchained` counts
// batches from before there was a chain. A check that begins at a later hour than the first record
// of the store cannot say whether its own first one follows what is before it.
class AuditCheck {
 public:
  static constexpr size_t kPageBytes = 64u << 20;
  static constexpr size_t kBrokenMax = 100;  // of a page

  AuditCheck(Rocks& rocks, Sealer& sealer, const AuditCheckPoint& from, uint32_t end_hour,
             Civil now);

  // Reads on; false: the page is complete. On the reader thread.
  bool step();
  // REQUIRES: step() said false
  std::string lines() const;

 private:
  struct Day {
    uint32_t day = 0;  // since 1970-01-01
    size_t batches = 0, records = 0, unchained = 0;
  };

  void visit(const History::Place& place, std::string_view key, std::string_view value);
  void broken(const History::Place& place, std::optional<Civil> time, const char* reason);
  void end_day();

  AuditReader reader_;
  Sealer& sealer_;
  AuditCheckPoint at_;
  const uint32_t today_;
  AuditHasher hasher_;

  std::optional<Day> day_;
  std::string lines_;
  size_t broken_ = 0;
};

}  // namespace tact::gateway
