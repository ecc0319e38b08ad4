// SPDX-License-Identifier: Apache-2.0
// The columns a sheet may have, and what each sets.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "client/judge/sheet.h"
#include "gateway/config/value.h"

namespace tact::client {

template <class Case>
struct Column {
  std::string_view name;
  std::string (*set)(Case&, const std::string&);  // what is wrong with the value, or ""
};

template <class Case>
std::string ignored(Case&, const std::string&) {
  return "";
}

template <class Case, std::string Case::*Text>
std::string set_text(Case& out, const std::string& value) {
  out.*Text = value;
  return "";
}

// "no such column: clas; did you mean class?"; empty: there is one.
template <class Case, size_t N>
std::string wrong_column(const std::array<Column<Case>, N>& columns, std::string_view name) {
  std::vector<std::string> names;
  for (const auto& column : columns) names.emplace_back(column.name);
  if (std::find(names.begin(), names.end(), name) != names.end()) return "";
  const std::string near = gateway::config::nearest(name, names);
  return "no such column: " + std::string(name) +
         (near.empty() ? "" : "; did you mean " + near + '?');
}

// Sets what the defaults say, then what the row says; an empty cell of a table says nothing. Errors
// go to the row.
template <class Case, size_t N>
void fill(Case& out, const std::array<Column<Case>, N>& columns,
          const std::vector<SheetCell>& defaults, SheetRow& row) {
  const auto take = [&](const SheetCell& cell) {
    const auto column = std::find_if(columns.begin(), columns.end(),
                                     [&](const auto& each) { return each.name == cell.name; });
    std::string error;
    if (column == columns.end()) {
      error = wrong_column(columns, cell.name);
    } else if (cell.explicit_value || !cell.value.empty()) {
      error = column->set(out, cell.value);
      if (!error.empty()) error = cell.name + ": " + error;
    }
    if (!error.empty()) row.errors.push_back({row.line, cell.column, error});
    if (cell.name == "expected") out.expected_column = cell.column;
  };
  for (const SheetCell& cell : defaults) take(cell);
  for (const SheetCell& cell : row.cells) take(cell);
}

}  // namespace tact::client
