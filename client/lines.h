// SPDX-License-Identifier: Apache-2.0
// Lines and CSV records of a text, with the numbers of the lines they stand on.
#pragma once

#include <deque>
#include <istream>
#include <optional>
#include <string>
#include <vector>

namespace tact::client {

class Lines {
 public:
  // REQUIRES: `input` outlives this object.
  explicit Lines(std::istream& input) : input_(input) {}

  // Without its end ("\n" or "\r\n"), and the first without a byte order mark.
  std::optional<std::string> next();
  // The line that next() gave last; 0 before the first.
  int number() const { return number_; }
  // Gives a line back: it comes next, under the number it had.
  void put_back(std::string line);
  // After the end: it was not the end of the text, but a read that failed.
  bool failed() const { return input_.bad(); }

 private:
  std::istream& input_;
  std::deque<std::string> returned_;
  int number_ = 0;
};

// One record of RFC 4180: quoted fields may hold commas, quotes written twice, and line breaks.
struct CsvRecord {
  int line = 0;  // where it begins
  std::vector<std::string> fields;
  std::string error;  // what is wrong with it; `fields` is then meaningless
};

// Lines that one record may span. A quote that is wrong costs its own line, not those below.
inline constexpr int kCsvLinesMax = 64;

// The next record that is not an empty line; nothing at the end.
std::optional<CsvRecord> next_csv_record(Lines& lines);

}  // namespace tact::client
