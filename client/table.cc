// SPDX-License-Identifier: Apache-2.0
#include "client/table.h"

#include <algorithm>

#include "client/utf8.h"

namespace tact::client {

std::string Table::render() const {
  std::vector<std::size_t> widths(rows_[0].size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  std::string text;
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      // A peer's text may not move the cursor of an operator's terminal.
      for (const char c : row[i])
        text += static_cast<unsigned char>(c) < ' ' || c == 0x7F ? ' ' : c;
      text.append(widths[i] - display_width(row[i]) + 2, ' ');
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

std::string grouped(uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string counted(uint64_t number, std::string_view one, std::string_view many) {
  return grouped(number).append(" ").append(number == 1 ? one : many);
}

}  // namespace tact::client
