// SPDX-License-Identifier: Apache-2.0
// A reply from a handset, as a row tells it, and what the gate makes of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/judge/sheet.h"
#include "policy/keyword.h"

namespace tact::client {

struct ReplyCase {
  int line = 0;
  std::string text;
  policy::Class after = policy::Class::marketing;  // of the message replied to
  policy::KeywordMask advertised = 0;
  std::vector<std::string> menu, keywords;

  std::string expected, flags;  // what the row expects; see has_flags
  bool has_flags = false;
  int expected_column = 1;
};

// What is wrong with a column of that name in such rows; empty: nothing.
std::string wrong_reply_column(std::string_view name);

// POLICY's context where the row says nothing: a reply to MARKETING that advertised R and T, with
// the menu of its examples. Errors go to the row.
ReplyCase read_reply(SheetRow& row, const std::vector<SheetCell>& defaults);

policy::Reply decide(const ReplyCase&);
// "suspect dispute": what the reply says besides its kind.
std::string flags_of(const policy::Reply&);
// What the row expected and did not get; empty: nothing.
std::string mismatch(const ReplyCase&, const policy::Reply&);

}  // namespace tact::client
