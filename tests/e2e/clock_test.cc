// SPDX-License-Identifier: Apache-2.0
// A machine whose clock is behind the last commit (issue 3): refused, unless the clock is accepted,
// and then the two times are told apart.
#include <gtest/gtest.h>

#include <csignal>
#include <regex>

#include "tests/e2e/gateway.h"

namespace tact::e2e {
namespace {

constexpr int kExitConfig = 78;

// The wall clock of the next start, by so many seconds.
void set_clock(const std::string& config, int64_t by) {
  const std::string text = read_file(config);
  std::smatch found;
  ASSERT_TRUE(std::regex_search(text, found, std::regex("clock_offset: (-?[0-9]+)s")));
  const int64_t offset = std::stoll(found[1]) + by;
  write_file(config, found.prefix().str() + "clock_offset: " + std::to_string(offset) + "s" +
                         found.suffix().str());
}

TEST(Clock, BehindTheLastCommitIsRefusedUnlessItIsAccepted) {
  Folder folder;
  Gateway gateway(folder, free_port());
  ASSERT_TRUE(gateway.start());
  write_file(folder.path("one.jsonl"),
             R"({"to":"+8613800138000","class":"NOTIFICATION","text":"【XX银行】您的账单已出。"})"
             "\n");
  ASSERT_EQ(gateway.tact({"submit", folder.path("one.jsonl")}).code, 0);
  EXPECT_EQ(gateway.metric("tact_clock_disputed"), 0);
  EXPECT_EQ(gateway.stop(), 0);

  set_clock(gateway.config_path(), -3600);
  const std::vector<std::string> arguments = {"--config", gateway.config_path()};
  const Finished refused = run(folder.root(), "tactd", arguments);
  EXPECT_EQ(refused.code, kExitConfig);
  EXPECT_NE(refused.err.find("behind the last commit"), std::string::npos) << refused.err;

  Process accepted("tactd", {arguments[0], arguments[1], "--accept-clock"}, folder.path("out"),
                   folder.path("err"));
  ASSERT_TRUE(wait_until(Millis(20'000), [&] { return !gateway.ops("/readyz").empty(); }))
      << read_file(folder.path("err"));
  EXPECT_TRUE(
      wait_until(Millis(10'000), [&] { return gateway.metric("tact_clock_disputed") == 1; }));
  EXPECT_GE(gateway.metric("tact_clock_steps_total"), 1);
  EXPECT_NE(read_file(folder.path("err")).find("the wall clock was set"), std::string::npos);
  accepted.signal(SIGTERM);
  EXPECT_EQ(accepted.wait(Millis(40'000)), 0);
}

}  // namespace
}  // namespace tact::e2e
