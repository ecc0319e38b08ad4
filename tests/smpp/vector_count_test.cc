// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>

#include "tests/support/vectors.h"

namespace tact::smpp {
namespace {

/// Calls fn(file, case) for every vector of the protocol.
template <class Fn>
void each_vector(Fn fn) {
  for (const char* name :
       {"damaged", "national", "pdu", "receipt", "segment", "session", "text", "time"}) {
    const std::string file = "smpp/" + std::string(name) + ".txt";
    vectors::run(file, [&](const vectors::Case& c) {
      fn(file, c);
      return c.expected;
    });
  }
}

/// A header of smpp/ or its README: where a choice can be read by those who use the library.
bool is_contract(const std::string& file) {
  return (file.ends_with(".h") || file == "README.md") &&
         std::filesystem::exists(std::filesystem::path(TACT_SOURCE_DIR) / "smpp" / file);
}

/// What peers do wrong is where programs break: most of the vectors are of it.
TEST(Vectors, DamagedOnesOutnumberTheOthers) {
  int cases = 0, bad = 0;
  each_vector([&](const std::string&, const vectors::Case& c) {
    ++cases;
    bad += c.has("bad");
  });
  EXPECT_GE(cases, 300);
  EXPECT_GT(bad, cases - bad) << "of " << cases;
}

/// What is expected is not what this library happens to do: a specification says it, with its
/// section, or a public report tells it, or it is a choice, and a file of smpp/ documents that.
TEST(Vectors, EachNamesItsOrigin) {
  const std::regex origin(
      R"(v3\.4 (§|Appendix|table)|v5\.0 §|TS 23\.0(38|40) §|RFC \d+ §|Unicode 1\.1|GB 2312)"
      R"(|[\w-]+/[\w.-]+(#\d| PR #\d| \(C\d\)| \w+Test| \S+\.(go|hrl)))"
      R"(|choice: )");
  const std::regex choice(R"(choice: (\w+\.\w+):)");
  each_vector([&](const std::string& file, const vectors::Case& c) {
    std::smatch chosen;
    if (std::regex_search(c.origin, chosen, choice)) {
      EXPECT_TRUE(is_contract(chosen[1])) << file << ":" << c.line << ": " << chosen[1];
    }
    if (std::regex_search(c.origin, origin)) return;
    ADD_FAILURE_AT(("tests/vectors/" + file).c_str(), c.line)
        << "the comment above names no origin: " << c.origin;
  });
}

}  // namespace
}  // namespace tact::smpp
