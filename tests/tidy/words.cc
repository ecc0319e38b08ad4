// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/words.h"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace tact::tidy {
namespace {

std::vector<std::string> tokens_of(std::string_view line) {
  std::istringstream in{std::string(line)};
  return {std::istream_iterator<std::string>(in), std::istream_iterator<std::string>()};
}

[[noreturn]] void fail(std::size_t line, const std::string& why) {
  throw std::runtime_error("words.txt:" + std::to_string(line) + ": " + why);
}

WordScope parse_scope(const std::vector<std::string>& tokens, std::size_t line) {
  if (tokens.size() < 3 || (tokens[1] != "code" && tokens[1] != "text")) {
    fail(line, "expected [name] code|text place...");
  }
  return {tokens[0], tokens[1] == "code", {tokens.begin() + 2, tokens.end()}, {}};
}

Word parse_word(const std::vector<std::string>& tokens, std::size_t line) {
  if (tokens.size() == 2 || (tokens.size() > 2 && tokens[1] != "except")) {
    fail(line, "expected pattern [except path...]");
  }
  Word word{tokens[0], std::regex(tokens[0]), {}};
  if (tokens.size() > 2) word.exceptions.assign(tokens.begin() + 2, tokens.end());
  return word;
}

bool is_place(std::string_view path, std::string_view place) {
  if (place == "*") return true;
  return place.ends_with('/') ? path.starts_with(place) : path.ends_with(place);
}

}  // namespace

WordTable parse_words(std::string_view text) {
  WordTable table;
  std::vector<std::string_view> lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::vector<std::string> tokens = tokens_of(lines[i]);
    if (tokens.empty() || tokens[0].starts_with('#')) continue;
    if (tokens[0].starts_with('[') && tokens[0].ends_with(']')) {
      table.push_back(parse_scope(tokens, i + 1));
    } else if (table.empty()) {
      fail(i + 1, "a word before the first [name]");
    } else {
      table.back().words.push_back(parse_word(tokens, i + 1));
    }
  }
  return table;
}

Findings check_words(const WordTable& table, const Source& source) {
  Findings findings;
  for (const WordScope& scope : table) {
    bool here = std::any_of(scope.places.begin(), scope.places.end(),
                            [&](const std::string& place) { return is_place(source.path, place); });
    if (!here) continue;
    std::vector<std::string_view> lines = lines_of(scope.code_only ? source.code : source.text);
    for (const Word& word : scope.words) {
      bool excepted =
          std::any_of(word.exceptions.begin(), word.exceptions.end(),
                      [&](const std::string& path) { return source.path.starts_with(path); });
      if (excepted) continue;
      for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!std::regex_search(lines[i].begin(), lines[i].end(), word.pattern)) continue;
        findings.push_back({source.path, static_cast<int>(i) + 1,
                            "forbidden by " + scope.name + " of words.txt: " + word.text});
      }
    }
  }
  return findings;
}

}  // namespace tact::tidy
