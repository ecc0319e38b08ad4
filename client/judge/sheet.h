// SPDX-License-Identifier: Apache-2.0
// Rows of a file that was written by hand: a TSV with a header line, or JSON lines, whichever the
// first character tells ('{' begins JSON).
#pragma once

#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/lines.h"

namespace tact::client {

// What is wrong at a place of the file. Line and column count from 1, columns in characters.
struct SheetError {
  int line = 1;
  int column = 1;
  std::string message;
};
// "cases.tsv:7:12: no such class"
std::string describe(std::string_view file, const SheetError& error);

struct SheetCell {
  std::string name;   // of its column, or of a key=value pair in column `context`
  std::string value;  // in column `text` \n and \uXXXX are resolved
  int column = 1;
  bool explicit_value = false;  // given even if empty: not the blank cell of a table
};

struct SheetRow {
  int line = 0;
  std::vector<SheetCell> cells;
  std::vector<SheetError> errors;  // not empty: its cells are not to be trusted

  const SheetCell* find(std::string_view name) const;  // null: not there
};

// The pairs of "at=2026-03-18T22:30+08:00;urgent=0", which begins at that line and column.
void read_pairs(std::string_view text, int line, int column, SheetRow& row);

class Sheet {
 public:
  // Reads the header, if it has one. REQUIRES: `input` outlives this object.
  explicit Sheet(std::istream& input);

  // Nothing at the end. A header with errors is one row of errors, and the end; a read that fails
  // is one too.
  std::optional<SheetRow> next();

  // Columns of the table with their places, or the members of the first JSON object.
  const std::vector<SheetCell>& columns() const { return columns_; }
  bool has_column(std::string_view name) const;
  bool is_table() const { return !json_; }

 private:
  std::optional<std::string> next_line();
  void read_header(const std::string& line);
  SheetRow read_tsv(const std::string& line) const;
  SheetRow read_json(const std::string& line) const;

  Lines lines_;
  bool json_ = false;
  bool over_ = false;
  std::vector<SheetCell> columns_;
  std::vector<SheetError> header_errors_;
};

}  // namespace tact::client
