// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tact::gateway {

// Something the operator must change before the gateway starts.
struct Problem {
  std::string file;
  int line = 1;    // from 1
  int column = 1;  // from 1, in characters, not octets
  std::string message;

  std::string text() const;  // "file:line:column: message"
};

namespace config {

// A place in a YAML text.
struct Mark {
  int line = 1;            // from 1
  std::size_t offset = 0;  // in octets, from the start of the text
};

// Collects the problems of one text. The first kLimit are kept: a file of garbage has one problem,
// not a million.
class Report {
 public:
  static constexpr std::size_t kLimit = 100;

  // `text` must outlive the report.
  Report(std::string file, std::string_view text) : file_(std::move(file)), text_(text) {}

  void add(Mark mark, std::string message);
  bool has(Mark mark) const { return told_.contains(mark.offset); }
  bool is_full() const { return problems_.size() > kLimit; }
  bool ok() const { return problems_.empty(); }
  // In the order of the file; of one place, in the order of finding.
  std::vector<Problem> sorted() const;

 private:
  std::string file_;
  std::string_view text_;
  std::vector<Problem> problems_;
  std::set<std::size_t> told_;  // offsets
};

}  // namespace config
}  // namespace tact::gateway
