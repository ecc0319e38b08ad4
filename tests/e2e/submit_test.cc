// SPDX-License-Identifier: Apache-2.0
// tact submit with files that it cannot send as they are: each bad row is told, all others go.
#include <gtest/gtest.h>

#include "tests/e2e/gateway.h"

namespace tact::e2e {
namespace {

std::string line(const std::string& reference, size_t characters) {
  std::string text = "【XX银行】";
  for (size_t i = 0; i < characters; ++i) text += "账";
  return R"({"reference":")" + reference + R"(","to":"+8613800138001","class":"NOTIFICATION",)" +
         R"("text":")" + text + "\"}\n";
}

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

// Jobs are cut to the gateway's frames, which are the smallest here: 64 KiB.
TEST(Submit, ARowTooLargeForAFrameIsTheOnlyOneThatIsNotSent) {
  Folder folder;
  Gateway gateway(folder, free_port(), {.limits = "frame: 64KiB"});
  ASSERT_TRUE(gateway.start());
  std::string lines = line("first", 10);
  lines += line("beyond the gateway's frame", 30'000);
  lines += line("beyond any frame", 3'000'000);
  for (int i = 0; i < 100; ++i) lines += line("m" + std::to_string(i), 250);
  write_file(folder.path("messages.jsonl"), lines);
  const Finished finished = gateway.tact({"submit", folder.path("messages.jsonl")});
  EXPECT_EQ(finished.code, 1) << finished.out;
  EXPECT_TRUE(says(finished.err, "messages.jsonl:2: too large")) << finished.err;
  EXPECT_TRUE(says(finished.err, "messages.jsonl:3: too large")) << finished.err;
  EXPECT_TRUE(says(finished.err, "101 messages: ")) << finished.err;
  EXPECT_FALSE(says(finished.err, "not acknowledged")) << finished.err;
  EXPECT_TRUE(says(finished.err, "2 bad rows were not sent")) << finished.err;
  EXPECT_EQ(gateway.stop(), 0);
}

TEST(Submit, AFolderIsNoFileOfMessages) {
  Folder folder;
  Gateway gateway(folder, free_port());
  ASSERT_TRUE(gateway.start());
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"submit", folder.root()},
           {"suppress", "import", folder.root(), "--brand", Gateway::kBrand},
       }) {
    const Finished finished = gateway.tact(command);
    EXPECT_EQ(finished.code, 1) << command[0];
    EXPECT_TRUE(says(finished.err, ":1: cannot be read")) << finished.err;
  }
  EXPECT_EQ(gateway.stop(), 0);
}

}  // namespace
}  // namespace tact::e2e
