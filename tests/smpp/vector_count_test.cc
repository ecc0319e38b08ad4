// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/vectors.h"

namespace tact::smpp {
namespace {

/// What peers do wrong is where programs break: most of the vectors are of it.
TEST(Vectors, DamagedOnesOutnumberTheOthers) {
  int cases = 0, bad = 0;
  for (const char* file :
       {"damaged", "national", "pdu", "receipt", "segment", "session", "text", "time"}) {
    vectors::run("smpp/" + std::string(file) + ".txt", [&](const vectors::Case& c) {
      ++cases;
      bad += c.has("bad");
      return c.expected;
    });
  }
  EXPECT_GE(cases, 300);
  EXPECT_GT(bad, cases - bad) << "of " << cases;
}

}  // namespace
}  // namespace tact::smpp
