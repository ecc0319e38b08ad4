// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "gateway/engine/directory.h"
#include "gateway/engine/history.h"
#include "gateway/io/audit_chain.h"
#include "gateway/io/audit_json.h"
#include "gateway/io/rocks.h"

namespace tact::gateway {

// A stretch of the audit by the hours its records lie under, so that the stretches of two days hold
// each record once; from `begin` on, which is a page's cursor or the first place of an hour.
struct AuditRange {
  History::Place begin;
  uint32_t end_hour = UINT32_MAX;  // exclusive
};

// Reads a stretch forwards, load by load.
class AuditReader {
 public:
  using Visit = std::function<void(History::Place, std::string_view key, std::string_view value)>;

  AuditReader(Rocks& rocks, const AuditRange& range) : rocks_(rocks), range_(range) {}

  // One load. False: there was nothing more.
  bool step(const Visit& visit);
  bool complete() const { return complete_; }
  History::Place next() const { return range_.begin; }
  size_t bytes() const { return bytes_; }

 private:
  Rocks& rocks_;
  AuditRange range_;  // what is still to be read
  size_t bytes_ = 0;
  bool complete_ = false;
};

// One page of an export: the records as JSON lines in the order of the chain, then
//
//   {"records":1200,"hash":"5e…","cursor":"00075f3e00000000000012c4"}
//
// with the hash that the chain has behind them (audit_chain.h), and without `cursor` when that was
// all. `unreadable` counts damaged batches.
class AuditExport {
 public:
  static constexpr size_t kPageBytes = 8u << 20;  // about

  AuditExport(Rocks& rocks, Sealer& sealer, const Directory& directory, const AuditRange& range,
              AuditDetail detail)
      : reader_(rocks, range), sealer_(sealer), directory_(directory), detail_(detail) {}

  // Reads on; false: the page is complete. On the reader thread.
  bool step();
  // REQUIRES: step() said false
  std::string lines() const;

 private:
  void visit(std::string_view key, std::string_view value);

  AuditReader reader_;
  Sealer& sealer_;
  const Directory& directory_;
  const AuditDetail detail_;
  AuditHasher hasher_;

  std::string lines_;
  size_t records_ = 0, unreadable_ = 0;
  std::optional<AuditHash> hash_;
};

std::string hex(const AuditHash&);
std::optional<AuditHash> parse_audit_hash(std::string_view text);

}  // namespace tact::gateway
