// SPDX-License-Identifier: Apache-2.0
// The quickstart ends well, and ends whatever it began.
#include <gtest/gtest.h>

#include "tests/e2e/gateway.h"

namespace tact::e2e {
namespace {

TEST(Quickstart, EveryFateIsTheDeclaredOne) {
  Folder folder;
  if (run(folder.root(), "/bin/sh", {"-c", "command -v jq"}).code != 0) {
    GTEST_SKIP() << "jq is not installed";
  }
  const Finished finished =
      run(folder.root(), "/bin/bash",
          {TACT_SOURCE_DIR "/deploy/quickstart.sh", "--no-install", "--build", TACT_BIN_DIR "/.."},
          Millis(150'000), {"TMPDIR=" + folder.root()});
  EXPECT_EQ(finished.code, 0) << finished.out << finished.err;
  std::printf("%s", finished.out.c_str());
}

}  // namespace
}  // namespace tact::e2e
