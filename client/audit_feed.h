// SPDX-License-Identifier: Apache-2.0
// The audit as the gateway's ops endpoint tells it, or an export that was kept of it.
#pragma once

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <cstdint>
#include <functional>
#include <string>

#include "client/ops_client.h"

namespace tact::client {

// Whole hours of UTC: those that hold what the options name.
struct AuditRange {
  std::string day, since, until;

  // --day, --since, --until.
  void add_to(CLI::App& app);
  // Parameters of a request, each behind an &. Throws CLI::ValidationError.
  std::string query() const;
};

struct AuditEnd {
  std::uint64_t records = 0;
  std::uint64_t unreadable = 0;  // damaged batches, which were left out
  std::string hash;              // that the chain has behind the last record; empty: no record
};

using VisitAuditLine = std::function<void(const std::string& line)>;

// Page by page, oldest first; each record is a JSON object. Tells a terminal how far it is.
// `texts`: with numbers and texts in clear, where the gateway keeps them. Throws
// std::runtime_error.
AuditEnd read_audit(const OpsOptions& ops, const AuditRange& range, bool texts,
                    const VisitAuditLine& visit);
// The lines of an export; "-" is the standard input. Throws std::runtime_error.
AuditEnd read_audit_file(const std::string& path, const VisitAuditLine& visit);

// All pages of `target`, which has a parameter already: their lines but the last of each, which
// goes to `end` and says by its member `cursor` whether another follows.
void read_pages(const OpsOptions& ops, const std::string& target, const VisitAuditLine& visit,
                const std::function<void(const boost::json::object&)>& end);

// Throws std::runtime_error when it is none.
boost::json::object parse_object(const std::string& line);

}  // namespace tact::client
