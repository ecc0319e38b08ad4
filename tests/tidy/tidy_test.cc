// SPDX-License-Identifier: Apache-2.0
// The checks on the tree itself. Each failure lists `file:line: message`.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/tidy/awaits.h"
#include "tests/tidy/includes.h"
#include "tests/tidy/limits.h"
#include "tests/tidy/source.h"
#include "tests/tidy/tree.h"
#include "tests/tidy/words.h"

namespace tact::tidy {
namespace {

const std::filesystem::path kRoot = TACT_SOURCE_DIR;

const std::vector<Source>& tree() {
  static const std::vector<Source> sources = load_tree(kRoot);
  return sources;
}

std::string table(const char* name) { return read_file(kRoot / "tests/tidy" / name); }

void expect_none(const Findings& findings) {
  std::string list;
  for (const Finding& finding : findings) {
    list += "\n" + finding.path + ":" + std::to_string(finding.line) + ": " + finding.message;
  }
  EXPECT_TRUE(findings.empty()) << findings.size() << " to mend:" << list;
}

template <typename Check>
void expect_none_in_tree(Check check) {
  Findings all;
  for (const Source& source : tree()) {
    Findings findings = check(source);
    all.insert(all.end(), findings.begin(), findings.end());
  }
  expect_none(all);
}

// A wrong root would make every other test here succeed on nothing.
TEST(Tree, holds_the_project) {
  auto has = [](std::string_view path) {
    for (const Source& source : tree()) {
      if (source.path == path) return true;
    }
    return false;
  };
  EXPECT_TRUE(has("CMakeLists.txt"));
  EXPECT_TRUE(has("tests/tidy/tidy_test.cc"));
}

TEST(Tree, keeps_to_its_floors) {
  IncludeTable includes = IncludeTable::parse(table("includes.txt"));
  expect_none_in_tree([&](const Source& source) { return check_includes(includes, source); });
}

TEST(Tree, uses_no_forbidden_word) {
  WordTable words = parse_words(table("words.txt"));
  expect_none_in_tree([&](const Source& source) { return check_words(words, source); });
}

TEST(Tree, keeps_files_short_narrow_and_clean) { expect_none_in_tree(check_layout); }

TEST(Tree, keeps_functions_short) { expect_none_in_tree(check_functions); }

TEST(Tree, awaits_no_expression_the_compiler_breaks) { expect_none_in_tree(check_awaits); }

TEST(Tree, is_formatted) {
  if (std::system("clang-format --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no clang-format";
  std::string command = "cd '" + kRoot.string() + "' && clang-format --dry-run -Werror";
  for (const Source& source : tree()) {
    if (is_cpp(source.path)) command += " " + source.path;
  }
  EXPECT_EQ(std::system(command.c_str()), 0) << "clang-format -i mends the files above";
}

TEST(Tree, explains_every_folder) {
  expect_none(check_readmes(IncludeTable::parse(table("includes.txt")).no_readme, tree()));
}

TEST(Tree, has_no_dead_file) { expect_none(check_dead_files(tree())); }

}  // namespace
}  // namespace tact::tidy
