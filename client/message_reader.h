// SPDX-License-Identifier: Apache-2.0
// Messages from JSON lines or CSV with a header row, whichever the first character tells ('{'
// begins JSON). A bad row is an answer with its errors; the rows behind it are read all the same.
#pragma once

#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "client/lines.h"
#include "proto/job.pb.h"

namespace tact::client {

struct RowError {
  int line = 0;
  std::string field;  // empty: the row as a whole
  std::string message;
};

// "orders.csv:7: to: missing"
std::string describe(std::string_view file, const RowError& error);

struct Row {
  int line = 0;
  proto::Message message;
  std::vector<RowError> errors;  // not empty: do not send it
};

class MessageReader {
 public:
  // REQUIRES: `input` outlives this object.
  explicit MessageReader(std::istream& input) : lines_(input) {}

  // Nothing at the end. A CSV header with a column that set_field() does not know is one bad row,
  // and the end: each row below would be wrong in the same way. A read that fails is a bad row too.
  std::optional<Row> next();

 private:
  enum class Format { undecided, json, csv, given_up };

  std::optional<Row> next_row();
  void decide();
  Row read_header();
  std::optional<Row> next_json();
  std::optional<Row> next_csv();

  Lines lines_;
  Format format_ = Format::undecided;
  std::vector<std::string> columns_;
  bool failure_told_ = false;
};

}  // namespace tact::client
