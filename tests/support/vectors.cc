// SPDX-License-Identifier: Apache-2.0
#include "tests/support/vectors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace tact::vectors {
namespace {

constexpr std::string_view kRule = "----";

/// A case and what stands in front of it, so that a rewritten file keeps its comments.
struct Entry {
  std::string preamble;
  std::string command_line;
  Case content;
};

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    if (!text.empty()) text += '\n';
    text += line;
  }
  return text;
}

struct File {
  std::vector<Entry> entries;
  std::string rest;
};

File read(const std::string& path) {
  std::ifstream stream(path);
  EXPECT_TRUE(stream) << "cannot open " << path;
  File file;
  Entry entry;
  std::string line;
  int number = 0;
  while (std::getline(stream, line)) {
    ++number;
    if (line.empty() || line.starts_with("#")) {
      entry.preamble += line + '\n';
      entry.content.origin = line.empty() ? "" : entry.content.origin + line + '\n';
      continue;
    }
    entry.command_line = line;
    entry.content.line = number;
    std::istringstream words(line);
    words >> entry.content.command;
    for (std::string word; words >> word;) entry.content.arguments.push_back(word);
    std::vector<std::string> input, expected;
    while (std::getline(stream, line) && ++number && line != kRule) input.push_back(line);
    EXPECT_EQ(line, kRule) << path << ":" << entry.content.line << ": the case has no ----";
    while (std::getline(stream, line) && ++number && !line.empty()) expected.push_back(line);
    entry.content.input = joined(input);
    entry.content.expected = joined(expected);
    file.entries.push_back(std::move(entry));
    entry = {};
  }
  file.rest = entry.preamble;
  return file;
}

void write(const std::string& path, const File& file) {
  std::ofstream stream(path);
  bool first = true;
  for (const Entry& entry : file.entries) {
    if (!first && !entry.preamble.starts_with("\n")) stream << '\n';
    first = false;
    stream << entry.preamble << entry.command_line << '\n';
    if (!entry.content.input.empty()) stream << entry.content.input << '\n';
    stream << kRule << '\n';
    if (!entry.content.expected.empty()) stream << entry.content.expected << '\n';
  }
  stream << file.rest;
}

bool is_rewrite() {
  // gtest_main owns main() and keeps the flags it does not know to itself.
  std::ifstream stream("/proc/self/cmdline");
  for (std::string argument; std::getline(stream, argument, '\0');) {
    if (argument == "--rewrite") return true;
  }
  return false;
}

}  // namespace

bool Case::has(std::string_view argument) const {
  return std::ranges::find(arguments, argument) != arguments.end();
}

std::string Case::value(std::string_view key, std::string_view otherwise) const {
  for (const std::string& argument : arguments) {
    if (argument.starts_with(std::string(key) + "=")) return argument.substr(key.size() + 1);
  }
  return std::string(otherwise);
}

void run(const std::string& path, const Function& function) {
  const std::string full = std::string(TACT_SOURCE_DIR) + "/tests/vectors/" + path;
  File file = read(full);
  EXPECT_FALSE(file.entries.empty()) << full << " has no case";
  const bool rewrite = is_rewrite();
  for (Entry& entry : file.entries) {
    const std::string got = function(entry.content);
    if (rewrite) {
      entry.content.expected = got;
    } else if (got != entry.content.expected) {
      GTEST_MESSAGE_AT_(full.c_str(), entry.content.line,
                        ("input:    " + entry.content.input +
                         "\nexpected: " + entry.content.expected + "\ngot:      " + got)
                            .c_str(),
                        ::testing::TestPartResult::kNonFatalFailure);
    }
  }
  if (rewrite) write(full, file);
}

}  // namespace tact::vectors
