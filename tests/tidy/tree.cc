// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/tree.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "tests/tidy/includes.h"

namespace tact::tidy {
namespace {

// `*` matches any text without a slash.
bool matches(std::string_view pattern, std::string_view path) {
  if (pattern.empty()) return path.empty();
  if (pattern[0] != '*') {
    return !path.empty() && path[0] == pattern[0] && matches(pattern.substr(1), path.substr(1));
  }
  for (std::size_t taken = 0;; ++taken) {
    if (matches(pattern.substr(1), path.substr(taken))) return true;
    if (taken == path.size() || path[taken] == '/') return false;
  }
}

// Names of .cc files in a CMakeLists.txt as patterns from the root.
std::vector<std::string> sources_of(const Source& cmake) {
  static const std::regex comment(R"(#[^\n]*)");
  static const std::regex name(R"re([^\s()";]+\.cc\b)re");
  static const std::regex root(R"(^\$\{(CMAKE|PROJECT|tact)_SOURCE_DIR\}/)");
  static const std::regex here(R"(^\$\{CMAKE_CURRENT_(SOURCE|LIST)_DIR\}/)");
  static const std::regex variable(R"(\$\{[^}]*\})");
  std::string text = std::regex_replace(cmake.text, comment, "");
  std::vector<std::string> patterns;
  for (std::sregex_iterator it(text.begin(), text.end(), name), end; it != end; ++it) {
    std::string token = it->str();
    std::string from_root = std::regex_replace(token, root, "");
    std::filesystem::path path = from_root;
    if (from_root == token) {
      path = std::filesystem::path(folder_of(cmake.path)) / std::regex_replace(token, here, "");
    }
    patterns.push_back(std::regex_replace(path.lexically_normal().generic_string(), variable, "*"));
  }
  return patterns;
}

}  // namespace

Findings check_readmes(const std::vector<std::string>& exempt, const std::vector<Source>& tree) {
  std::map<std::string, bool> folders;  // -> explained
  for (const Source& source : tree) {
    bool& explained = folders[std::string(folder_of(source.path))];
    explained = explained || source.path.ends_with("README.md");
  }
  Findings findings;
  for (const auto& [folder, explained] : folders) {
    std::string readme = folder.empty() ? "README.md" : folder + "/README.md";
    bool is_exempt = std::any_of(exempt.begin(), exempt.end(),
                                 [&](const auto& above) { return is_below(readme, above); });
    if (!explained && !is_exempt) findings.push_back({readme, 1, "is missing"});
  }
  return findings;
}

Findings check_dead_files(const std::vector<Source>& tree) {
  std::set<std::string> included;
  std::vector<std::string> built;
  for (const Source& source : tree) {
    for (Include& include : includes_of(source)) included.insert(std::move(include.header));
    if (!source.path.ends_with("CMakeLists.txt")) continue;
    for (std::string& name : sources_of(source)) built.push_back(std::move(name));
  }
  Findings findings;
  for (const Source& source : tree) {
    if (source.path.ends_with(".h") && included.count(source.path) == 0) {
      findings.push_back({source.path, 1, "nobody includes this header"});
    }
    bool is_built = std::any_of(built.begin(), built.end(), [&](const std::string& pattern) {
      return matches(pattern, source.path);
    });
    if (source.path.ends_with(".cc") && !is_built) {
      findings.push_back({source.path, 1, "no CMakeLists.txt names this file"});
    }
  }
  return findings;
}

}  // namespace tact::tidy
