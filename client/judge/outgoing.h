// SPDX-License-Identifier: Apache-2.0
// A text that somebody wants to send, as a row tells it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/judge/sheet.h"
#include "gateway/config/config.h"
#include "policy/submission.h"

namespace tact::client {

struct Outgoing {
  int line = 0;
  std::string cls, text, to, from, account, zone, campaign;
  std::string stage, special_dates;  // the dates as Submission has them
  policy::Submission submission;     // views into the strings above, by view()
  int offset_minutes = 0;            // in which `at` was given: times are told in it
  int sent_this_month = 0;
  std::optional<policy::Instant> last_collection;
  std::vector<policy::Class> opted_out;

  // What the row expects, and where it says so; empty: nothing.
  std::string expected, rule, rewritten;
  std::optional<policy::Instant> until;  // of an expected DEFER
  int expected_column = 1;

  policy::Submission view() const;
};

// What is wrong with a column of that name in such rows; empty: nothing.
std::string wrong_outgoing_column(std::string_view name);

// POLICY's context of a case where the row says nothing: a working morning, consent given, the
// recipient is the debtor; the first account of the configuration. `defaults` comes before the row.
// Errors go to the row.
Outgoing read_outgoing(SheetRow& row, const std::vector<SheetCell>& defaults,
                       const gateway::Config& config);

}  // namespace tact::client
