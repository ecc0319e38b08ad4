// SPDX-License-Identifier: Apache-2.0
// kill -9 of the gateway at random moments under load (issue 2): whatever was acknowledged reaches
// exactly one final event, and only what was open may be sent twice.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <thread>

#include "tests/e2e/gateway.h"
#include "tests/e2e/load.h"
#include "tests/e2e/producer.h"

namespace tact::e2e {
namespace {

constexpr int kOpen = 64;  // per lane
constexpr uint64_t kMessagesMax = 40'000;
constexpr uint64_t kLanesThatResend = 2;

bool resends(proto::MessageClass cls) { return cls == proto::OTP || cls == proto::NOTIFICATION; }

unsigned seed() {
  const char* given = std::getenv("TACT_SEED");
  const unsigned seed =
      given != nullptr ? static_cast<unsigned>(std::atoi(given)) : std::random_device{}();
  std::printf("TACT_SEED=%u repeats this run's choices\n", seed);
  return seed;
}

struct Fates {
  uint64_t delivered = 0, reported = 0, reported_arrived = 0, doubled = 0;
};

// `arrived`: how often the carrier saw it.
void judge(uint64_t n, const Life& life, int arrived, Fates& fates) {
  EXPECT_EQ(life.acknowledged, 1) << n;
  EXPECT_EQ(life.finals, 1) << n;
  EXPECT_FALSE(life.after_final) << n;
  EXPECT_EQ(life.ids.size(), 1u) << n << ": one message under two ids";
  if (life.end() == proto::Event::kReceipt) {
    EXPECT_GE(arrived, 1) << n << ": delivered, and the carrier never saw it";
    ++fates.delivered;
  } else {
    EXPECT_EQ(life.end(), proto::Event::kUnknown) << n;
    EXPECT_FALSE(resends(class_of(n))) << n << ": unknown, and its class is sent again";
    ++fates.reported;
    fates.reported_arrived += arrived > 0;
  }
  if (arrived > 1) {
    EXPECT_TRUE(resends(class_of(n))) << n << ": sent twice, and its class never is";
    fates.doubled += static_cast<uint64_t>(arrived - 1);
  }
}

void kill_under_load(int crashes, bool receipts_tell_references) {
  std::mt19937 random(seed());
  Folder folder;
  Carrier carrier(folder, {"--response-delay", "1ms..20ms", "--receipt-delay", "20ms..300ms",
                           "--receipt-tlvs", receipts_tell_references ? "true" : "false"});
  Gateway gateway(folder, carrier.port(),
                  {.rate_pdus = 2000, .window = 40, .open = kOpen, .route = "settle_time: 1s"});
  ASSERT_TRUE(gateway.start());
  Producer producer(gateway.address(), "load");
  Load load(producer, kMessagesMax);
  for (int crash = 0; crash < crashes; ++crash) {
    const size_t before = producer.ledger().acknowledged;
    EXPECT_TRUE(producer.wait_acknowledged(before + 1)) << "no load at crash " << crash;
    std::this_thread::sleep_for(Millis(random() % 600));
    gateway.kill();
    ASSERT_TRUE(gateway.start()) << "after crash " << crash;
  }
  const uint64_t sent = load.stop();
  ASSERT_TRUE(producer.wait_acknowledged(sent));
  EXPECT_TRUE(producer.wait_finals(sent));
  std::this_thread::sleep_for(Millis(1500));  // for an end that should not come

  const Ledger ledger = producer.ledger();
  EXPECT_EQ(ledger.lives.size(), sent);
  EXPECT_TRUE(ledger.events_in_sequence);
  std::map<std::string, int> arrived;
  for (const auto& message : carrier.log()) ++arrived["+" + message.to];
  Fates fates;
  for (uint64_t n = 0; n < sent; ++n) {
    judge(n, ledger.lives.at(std::to_string(n)), arrived[number(n)], fates);
  }
  const uint64_t allowed = static_cast<uint64_t>(crashes) * kOpen * kLanesThatResend;
  EXPECT_LE(fates.doubled, allowed);
  EXPECT_LE(fates.reported, allowed) << "more than were open, of as many lanes that report";
  EXPECT_EQ(carrier.count("violations.total"), 0);
  EXPECT_LE(carrier.count("duplicates"), static_cast<int64_t>(fates.doubled));
  std::printf(
      "%d kills, %zu reconnects: %lu acknowledged, %zu finals: %lu delivered, %lu reported "
      "unknown (of which %lu had arrived); %lu sent twice (%lu allowed)\n",
      crashes, ledger.welcomes - 1, sent, ledger.finals, fates.delivered, fates.reported,
      fates.reported_arrived, fates.doubled, allowed);
}

TEST(Kill9, AcknowledgedMessagesEndExactlyOnce) { kill_under_load(10, true); }

// Receipts that find nothing of what a crash left unknown: the class decides, and some are sent
// twice.
TEST(Kill9, WhatNoReceiptSettlesIsSentTwiceAtMostAsOftenAsItWasOpen) { kill_under_load(6, false); }

}  // namespace
}  // namespace tact::e2e
