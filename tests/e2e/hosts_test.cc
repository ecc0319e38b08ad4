// SPDX-License-Identifier: Apache-2.0
// A link with two hosts: one is dead, then the other.
#include <gtest/gtest.h>

#include "tests/e2e/gateway.h"
#include "tests/e2e/load.h"

namespace tact::e2e {
namespace {

std::string peer(uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

TEST(Hosts, TheOtherOneTakesOverAndTheFirstIsTheFirstAgain) {
  constexpr uint64_t kMessages = 50;
  Folder folder;
  const uint16_t first_port = free_port();
  auto second = std::make_unique<Carrier>(
      folder, std::vector<std::string>{"--receipt-delay", "20ms..50ms"}, "second");
  const std::string hosts = "[\"" + peer(first_port) + "\", \"" + peer(second->port()) + "\"]";
  Gateway gateway(folder, second->port(), {.route = "settle_time: 1s", .hosts = hosts});
  ASSERT_TRUE(gateway.start());
  Producer producer(gateway.address(), "stream");
  const auto send = [&](uint64_t from) {
    std::vector<proto::Message> job;
    for (uint64_t n = from; n < from + kMessages; ++n) {
      job.push_back(message(proto::NOTIFICATION, number(n), std::to_string(n), n));
    }
    producer.send(std::move(job));
    EXPECT_TRUE(producer.wait_acknowledged(from + kMessages));
    EXPECT_TRUE(producer.wait_finals(from + kMessages, Millis(30'000)));
  };
  send(0);
  EXPECT_EQ(second->count("messages"), static_cast<int64_t>(kMessages));
  EXPECT_EQ(gateway.metric("tact_link_host"), 1);

  const std::string port = std::to_string(first_port);
  Carrier first(folder, {"--port", port, "--receipt-delay", "20ms..50ms"}, "first");
  second.reset();
  send(kMessages);
  EXPECT_EQ(first.count("messages"), static_cast<int64_t>(kMessages));
  EXPECT_EQ(gateway.metric("tact_link_host"), 0);
  EXPECT_EQ(gateway.stop(), 0);

  const std::string log = gateway.log();
  for (const std::string& told :
       {R"("what":"link: no connection","route":"carrier","link":"carrier-1","peer":")" +
            peer(first_port),
        R"("what":"link: bound","route":"carrier","link":"carrier-1","peer":")" +
            peer(first_port)}) {
    EXPECT_NE(log.find(told), std::string::npos) << told << " is missing in\n" << log;
  }
}

}  // namespace
}  // namespace tact::e2e
