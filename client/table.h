// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tact::client {

// Columns of text, aligned by what a terminal shows (Chinese counts double).
class Table {
 public:
  explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}

  // REQUIRES: as many cells as the header has.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  // A line per row, each ended; no trailing blanks, control characters as blanks.
  std::string render() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// 1234567 as "1,234,567".
std::string grouped(uint64_t number);
// The number and the word for so many: "1 row", "2,000 rows".
std::string counted(uint64_t number, std::string_view one, std::string_view many);

}  // namespace tact::client
