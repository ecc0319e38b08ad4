// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/gate.h"
#include "policy/keyword.h"

namespace tact::policy::test {

// A row of a TSV file by column name; escapes (\n, \uXXXX) in column "text" are resolved.
struct Row {
  int line = 0;
  std::map<std::string, std::string> cells;
  const std::string& operator[](const std::string& column) const { return cells.at(column); }
};
std::vector<Row> read_tsv(const std::string& path_below_root);
std::string read_file(const std::string& path_below_root);

// "2026-03-18T10:15+08:00", with or without seconds.
Instant at(std::string_view iso);
std::string iso(Instant);  // in +08:00, for messages of failed tests

// The bank of the content cases: account 1, brand 1 (XX银行), and account 2 with two brands (2, 3).
RuleSetSpec bank();
std::shared_ptr<const RuleSet> rules();  // of bank(), built once
// UCS-2 and 7-bit lengths, without extension characters; the same on every route.
int segments(std::string_view utf8, const Submission&, const Verdict&);

// A marketing text of the bank on a working day at 10:15 that passes.
Submission promotion();
Submission dunning();  // a collection text that passes
inline constexpr uint16_t kTenant = 1;
inline constexpr NumberHash kNumber = 0x1234;

std::string labels(const Verdict&);  // "WINDOW HOLIDAY"

// A number, and what is sent to it when the gate permits.
class Correspondence : public testing::Test {
 protected:
  Verdict judge(Submission);  // a new message
  // Judges, and sends or plans what passed.
  Verdict send(Submission);
  // The person writes to the brand.
  void reply(Instant when, uint16_t brand = 1) { book_.answer(kNumber, brand, when); }
  void use(RuleSetSpec);

  Gate gate_{rules(), segments};
  ContactBook book_{kTenant};
  Suppression suppression_;
  MessageId last_id_ = 0;
};

}  // namespace tact::policy::test
