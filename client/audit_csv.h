// SPDX-License-Identifier: Apache-2.0
// Records of the audit as CSV (RFC 4180).
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

namespace tact::client {

std::string audit_csv_header(bool texts);
// A row, without its end. Rules stand in one cell: "SIG_PREPEND(XX银行) WINDOW".
std::string audit_csv(const boost::json::object& record, bool texts);

// Quoted where it must be. What a spreadsheet would take for a formula gets an apostrophe in front.
std::string csv_cell(std::string_view text);

}  // namespace tact::client
