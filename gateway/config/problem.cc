// SPDX-License-Identifier: Apache-2.0
#include "gateway/config/problem.h"

#include <algorithm>
#include <tuple>

namespace tact::gateway {

std::string Problem::text() const {
  return file + ':' + std::to_string(line) + ':' + std::to_string(column) + ": " + message;
}

namespace config {

void Report::add(Mark mark, std::string message) {
  if (is_full()) return;
  if (problems_.size() == kLimit) message = "too many problems; the rest is not shown";
  told_.insert(mark.offset);
  const std::size_t end = std::min(mark.offset, text_.size());
  const std::size_t newline = end == 0 ? std::string_view::npos : text_.rfind('\n', end - 1);
  const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  const auto is_first_octet = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  const std::string_view before = text_.substr(begin, end - begin);
  const auto characters = std::count_if(before.begin(), before.end(), is_first_octet);
  problems_.push_back({file_, mark.line, static_cast<int>(characters) + 1, std::move(message)});
}

std::vector<Problem> Report::sorted() const {
  std::vector<Problem> sorted = problems_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return sorted;
}

}  // namespace config
}  // namespace tact::gateway
