// SPDX-License-Identifier: Apache-2.0
// SIGTERM under load (issue 2): no new jobs, windows emptied, unbind, exit 0; the next start goes
// on where this one stopped and sends nothing twice.
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "tests/e2e/gateway.h"
#include "tests/e2e/load.h"
#include "tests/e2e/producer.h"

namespace tact::e2e {
namespace {

constexpr int kDrains = 3;

TEST(Drain, UnderLoadLeavesNothingUnknownAndSendsNothingTwice) {
  Folder folder;
  Carrier carrier(folder, {"--response-delay", "5ms..50ms", "--receipt-delay", "20ms..300ms"});
  // Slower than the load: there is always a queue, and always a window in use.
  Gateway gateway(folder, carrier.port(),
                  {.rate_pdus = 600, .window = 40, .open = 64, .route = "settle_time: 1s"});
  ASSERT_TRUE(gateway.start());
  Producer producer(gateway.address(), "load");
  Load load(producer, 6000);
  for (int drain = 0; drain < kDrains; ++drain) {
    const size_t before = producer.ledger().acknowledged;
    ASSERT_TRUE(producer.wait_acknowledged(before + 500));
    EXPECT_TRUE(wait_until(Millis(10'000), [&] {
      return gateway.metric("tact_lane_queued_messages") > 100;
    })) << "there is no queue";
    EXPECT_EQ(gateway.stop(), 0) << "drain " << drain;
    const std::string log = gateway.log();
    const std::string last = log.substr(log.rfind('\n', log.size() - 2) + 1);
    EXPECT_NE(last.find("\"drained\":true"), std::string::npos) << last;
    EXPECT_NE(last.find("\"unknown\":0"), std::string::npos) << last;
    EXPECT_TRUE(wait_until(Millis(5'000), [&] { return carrier.count("bound") == 0; }));
    EXPECT_GE(carrier.count("unbinds"), drain + 1);
    ASSERT_TRUE(gateway.start());
  }
  const uint64_t sent = load.stop();
  ASSERT_TRUE(producer.wait_acknowledged(sent));
  EXPECT_TRUE(producer.wait_finals(sent));
  std::this_thread::sleep_for(Millis(500));  // for an end that should not come

  const Ledger ledger = producer.ledger();
  EXPECT_TRUE(ledger.events_in_sequence);
  std::map<std::string, int> arrived;
  for (const auto& delivered : carrier.log()) ++arrived[delivered.to];
  for (uint64_t n = 0; n < sent; ++n) {
    const Life& life = ledger.lives.at(std::to_string(n));
    EXPECT_EQ(life.acknowledged, 1) << n;
    EXPECT_EQ(life.finals, 1) << n;
    EXPECT_EQ(life.end(), proto::Event::kReceipt) << n;
    EXPECT_EQ(arrived[number(n).substr(1)], 1) << n;
  }
  EXPECT_EQ(carrier.count("duplicates"), 0);
  EXPECT_EQ(carrier.count("violations.total"), 0);
  for (const auto code : ledger.errors) EXPECT_EQ(code, proto::Error::DRAINING);
  std::printf("%d drains: %lu acknowledged, %zu finals, %ld at the carrier, %ld of them twice\n",
              kDrains, sent, ledger.finals, carrier.count("messages"), carrier.count("duplicates"));
}

}  // namespace
}  // namespace tact::e2e
