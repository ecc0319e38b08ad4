// SPDX-License-Identifier: Apache-2.0
// An operator takes messages back while the carrier is away, with tact and by every name that a
// message has (issue 3).
#include <gtest/gtest.h>

#include "tests/e2e/gateway.h"

namespace tact::e2e {
namespace {

std::string line(const std::string& reference, const std::string& to) {
  return R"({"reference":")" + reference + R"(","idempotency_key":"key-)" + reference +
         R"(","campaign":"spring","to":")" + to +
         R"(","class":"NOTIFICATION","text":"【XX银行】您的账单已出。"})"
         "\n";
}

bool says(const Finished& finished, const std::string& word) {
  return finished.out.find(word) != std::string::npos;
}

TEST(Cancel, ByKeyAndByCampaignWhileTheCarrierIsAwayAndOverARestart) {
  Folder folder;
  Gateway gateway(folder, free_port());
  ASSERT_TRUE(gateway.start());
  std::string lines;
  for (int i = 0; i < 9; ++i) {
    lines += line("m" + std::to_string(i), "+861380013800" + std::to_string(i));
  }
  write_file(folder.path("messages.jsonl"), lines);
  Finished finished = gateway.tact({"submit", folder.path("messages.jsonl")});
  ASSERT_EQ(finished.code, 0) << finished.err;

  finished = gateway.tact({"query", "--key", "key-m0"});
  EXPECT_EQ(finished.code, 0) << finished.out << finished.err;
  EXPECT_TRUE(says(finished, "queued")) << finished.out;
  finished = gateway.tact({"cancel", "--key", "key-m0", "--json"});
  EXPECT_EQ(finished.code, 0) << finished.out << finished.err;
  EXPECT_TRUE(says(finished, R"("outcome":"CANCELLED")")) << finished.out;
  finished = gateway.tact({"cancel", "--campaign", "spring"});
  EXPECT_EQ(finished.code, 0) << finished.out << finished.err;
  EXPECT_TRUE(says(finished, "9 messages found queued")) << finished.out;
  finished = gateway.tact({"cancel", "12345", "--key", "never"});
  EXPECT_EQ(finished.code, 1);
  EXPECT_TRUE(says(finished, "NOT_FOUND")) << finished.out;
  finished = gateway.tact({"query"});
  EXPECT_EQ(finished.code, 2);

  EXPECT_EQ(gateway.stop(), 0);
  ASSERT_TRUE(gateway.start());
  finished = gateway.tact({"query", "--key", "key-m8"});
  EXPECT_EQ(finished.code, 0) << finished.out << finished.err;
  EXPECT_TRUE(says(finished, "queued")) << finished.out;
  EXPECT_EQ(gateway.metric("tact_rules_fired_total", {"rule=\"CANCELLED\""}), 0);
}

}  // namespace
}  // namespace tact::e2e
