// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// Data-driven tests: cases in a text file, one function that turns input into output.
///
///     # a comment stands in front of its case
///     command argument argument
///     input, any number of lines
///     ----
///     expected output
///     (an empty line ends the case)
///
/// A test binary called with --rewrite writes what the function returned into the file instead of
/// comparing: the difference is then reviewed as a diff.
namespace tact::vectors {

struct Case {
  std::string command;
  std::vector<std::string> arguments;
  std::string input;     ///< without the last line's end
  std::string expected;  ///< likewise
  std::string origin;    ///< the comment directly above: where the case comes from
  int line = 0;          ///< of the command

  bool has(std::string_view argument) const;
  /// The value of `key=value` among the arguments, or `otherwise`.
  std::string value(std::string_view key, std::string_view otherwise = "") const;
};

using Function = std::function<std::string(const Case&)>;

/// Runs every case of tests/vectors/<path>; each mismatch is a non-fatal failure at its file and
/// line. A file without cases fails.
void run(const std::string& path, const Function& function);

}  // namespace tact::vectors
