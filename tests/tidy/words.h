// SPDX-License-Identifier: Apache-2.0
// Words that may not occur in some part of the tree. The list is words.txt, where its format is
// told.
#pragma once

#include <regex>

#include "tests/tidy/source.h"

namespace tact::tidy {

struct Word {
  std::string text;
  std::regex pattern;
  std::vector<std::string> exceptions;  // beginnings of paths
};

struct WordScope {
  std::string name;
  bool code_only = false;           // comments and literals do not count
  std::vector<std::string> places;  // "folder/", ".ending", a file's name, or "*"
  std::vector<Word> words;
};
using WordTable = std::vector<WordScope>;

// Throws std::runtime_error with the line where the table is not understood.
WordTable parse_words(std::string_view text);

Findings check_words(const WordTable& table, const Source& source);

}  // namespace tact::tidy
