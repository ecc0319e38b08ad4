// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "tests/gateway/config/disk.h"

// Files that are no configuration at all: a few clear problems, soon, and never a crash.
namespace tact::gateway {
namespace {

std::string problems_of(std::string text) {
  Disk disk;
  disk.put(kConfigPath, std::move(text));
  return print_problems(disk.load());
}

std::string repeated(std::string_view text, std::size_t size) {
  std::string out;
  while (out.size() < size) out += text;
  return out;
}

// The same garbage in each run.
std::string garbage(std::string_view alphabet, std::size_t size) {
  std::string out;
  uint64_t state = 1;
  for (std::size_t i = 0; i < size; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    out += alphabet[(state >> 33) % alphabet.size()];
  }
  return out;
}

constexpr std::size_t kMiB = 1u << 20;

TEST(Damaged, a_file_that_is_not_there) {
  Disk disk;
  disk.remove(kConfigPath);
  EXPECT_EQ(print_problems(disk.load()),
            "etc/tact.yaml:1:1: cannot read: No such file or directory");
}

TEST(Damaged, octets_that_are_no_text) {
  EXPECT_EQ(problems_of("data:\n  \xFF\xFE"), "etc/tact.yaml:2:3: not a text in UTF-8");
  EXPECT_EQ(problems_of(std::string("data\0x", 6)), "etc/tact.yaml:1:5: not a text in UTF-8");
  EXPECT_EQ(problems_of("# \xC0\x80"), "etc/tact.yaml:1:3: not a text in UTF-8") << "overlong";
  EXPECT_EQ(problems_of("# \xED\xA0\x80"), "etc/tact.yaml:1:3: not a text in UTF-8") << "surrogate";
  EXPECT_EQ(problems_of("# 银\xE9\x93"), "etc/tact.yaml:1:4: not a text in UTF-8") << "cut short";
  EXPECT_EQ(problems_of("\xEF\xBB\xBF"
                        "data: {}"),
            "etc/tact.yaml:1:1: starts with a byte order mark; save it without");
}

TEST(Damaged, one_mebibyte_of_random_octets) {
  std::string octets;
  for (int i = 0; i < 256; ++i) octets += static_cast<char>(i);
  EXPECT_NE(problems_of(garbage(octets, kMiB)).find("not a text in UTF-8"), std::string::npos);
}

TEST(Damaged, one_mebibyte_of_random_text) {
  const std::string letters = problems_of(garbage("abcdefghij klmnop", kMiB));
  EXPECT_EQ(letters.find("etc/tact.yaml:1:1: expected a mapping, got a single value"), 0u);
  const std::string signs = problems_of(garbage("ab:-#[]{},&*!|>'\"% \n", kMiB));
  EXPECT_NE(signs.find("not YAML"), std::string::npos) << signs;
}

TEST(Damaged, one_mebibyte_of_unknown_keys_has_a_hundred_problems) {
  std::string text;
  for (int i = 0; text.size() < kMiB; ++i) text += "key" + std::to_string(i) + ": 1\n";
  const std::string problems = problems_of(text);
  EXPECT_EQ(std::count(problems.begin(), problems.end(), '\n'), 100);
  EXPECT_NE(problems.find("too many problems; the rest is not shown"), std::string::npos);
}

TEST(Damaged, deep_nesting_is_bounded) {
  for (const char* each : {"[", "{a: ", "- ", "? "}) {
    EXPECT_NE(problems_of("data: \n  " + repeated(each, 100'000)).find("not YAML"),
              std::string::npos)
        << each;
  }
  EXPECT_NE(problems_of("data: " + repeated("[", 40) + repeated("]", 40))
                .find("nested deeper than 32 levels"),
            std::string::npos);
}

TEST(Damaged, a_file_above_its_limit) {
  EXPECT_EQ(problems_of(repeated("# a comment of many\n", 4 * kMiB + 1)),
            "etc/tact.yaml:1:1: larger than 4 MiB");
}

TEST(Damaged, every_truncation_of_a_good_file_is_a_problem_or_good) {
  const std::string whole = minimal_config();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Disk disk;
    disk.put(kConfigPath, whole.substr(0, size));
    const LoadedConfig loaded = disk.load();
    EXPECT_NE(loaded.config.has_value(), !loaded.problems.empty()) << size;
    for (const Problem& problem : loaded.problems) EXPECT_GE(problem.column, 1) << problem.text();
  }
}

TEST(Damaged, every_changed_octet_is_a_problem_or_good) {
  const std::string whole = minimal_config();
  for (std::size_t i = 0; i < whole.size(); i += 3) {
    for (const char c : {'\0', '\t', '\n', ':', '-', '&', '"', '\x80'}) {
      Disk disk;
      std::string changed = whole;
      changed[i] = c;
      disk.put(kConfigPath, changed);
      const LoadedConfig loaded = disk.load();
      EXPECT_NE(loaded.config.has_value(), !loaded.problems.empty()) << i << ' ' << int{c};
    }
  }
}

}  // namespace
}  // namespace tact::gateway
