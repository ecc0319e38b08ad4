// SPDX-License-Identifier: Apache-2.0
// The source tree as the checks see it: files as text, and the same text without comments and
// literals.
#pragma once

#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace tact::tidy {

// Something a reader of `path` should change. Lines count from 1.
struct Finding {
  std::string path;
  int line = 0;
  std::string message;

  bool operator==(const Finding&) const = default;
};
using Findings = std::vector<Finding>;

struct Source {
  Source(std::string path_in, std::string text_in);

  std::string path;  // relative to the root, with '/'
  std::string text;
  std::string code;  // of C++ files: blanked(text); of all others: empty
};

// Replaces comments and the insides of string and character literals by spaces. Newlines and all
// other offsets stay, so that a position in the result is a position in `text`.
std::string blanked(std::string_view text);

// Lines without their newline; a text that ends in a newline has no empty line after it.
std::vector<std::string_view> lines_of(std::string_view text);
int line_at(std::string_view text, std::size_t offset);

bool is_identifier_char(char c);
bool ends_with_any(std::string_view path, std::initializer_list<std::string_view> endings);
bool is_cpp(std::string_view path);
// "a/b" for "a/b/c.h", "" for a file of the root.
std::string_view folder_of(std::string_view path);
// True for "a/b" and everything below it, not for "a/bc".
bool is_below(std::string_view path, std::string_view folder);

// All text files of the project: what git tracks and what it would track; without git, a walk that
// leaves out hidden folders (but .ci) and build*.
std::vector<Source> load_tree(const std::filesystem::path& root);

// Throws std::runtime_error when the file cannot be read.
std::string read_file(const std::filesystem::path& path);

}  // namespace tact::tidy
