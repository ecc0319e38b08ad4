// SPDX-License-Identifier: Apache-2.0
// The floors of the house: which folder may include whom. The table is includes.txt, where its
// format is told.
#pragma once

#include <map>

#include "tests/tidy/source.h"

namespace tact::tidy {

struct IncludeTable {
  struct Row {
    std::vector<std::string> folders;
    std::vector<std::string> libraries;
  };

  std::map<std::string, std::vector<std::string>> libraries;  // name -> beginnings of headers
  std::map<std::string, Row> rows;                            // folder -> what it may include
  std::vector<std::string> no_readme;                         // folders that need none, and below

  // Throws std::runtime_error with the line where the table is not understood.
  static IncludeTable parse(std::string_view text);

  // The longest row the path is below of; "" if there is none.
  std::string row_of(std::string_view path) const;
};

// A header of the same row, of an allowed folder, or of an allowed library; everything else is
// found.
Findings check_includes(const IncludeTable& table, const Source& source);

struct Include {
  int line = 0;
  std::string header;
  bool quoted = false;  // "..." rather than <...>
};
std::vector<Include> includes_of(const Source& source);

}  // namespace tact::tidy
