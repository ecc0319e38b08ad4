// SPDX-License-Identifier: Apache-2.0
// kill -9 of the gateway at random moments under load: whatever was acknowledged reaches exactly
// one final event, and only what was open may be sent twice (I4). TACT_KILLS makes it more than
// ten.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <thread>

#include "tests/e2e/gateway.h"
#include "tests/e2e/load.h"
#include "tests/e2e/producer.h"

namespace tact::e2e {
namespace {

constexpr int kOpen = 64;                     // per lane
constexpr uint64_t kMessagesOfAKill = 4'000;  // at most

bool resends(proto::MessageClass cls) { return cls == proto::OTP || cls == proto::NOTIFICATION; }

int number_from(const char* variable, int otherwise) {
  const char* given = std::getenv(variable);
  return given != nullptr ? std::atoi(given) : otherwise;
}

unsigned seed() {
  const auto seed = static_cast<unsigned>(
      number_from("TACT_SEED", static_cast<int>(std::random_device{}() >> 1)));
  std::printf("TACT_SEED=%u repeats this run's choices\n", seed);
  return seed;
}

// Of one class, so of one lane.
struct Fates {
  uint64_t acknowledged = 0, finals = 0, delivered = 0;
  uint64_t reported = 0, reported_arrived = 0;  // as unknown
  uint64_t doubled = 0;                         // arrived, and arrived again
};

// `arrived`: how often the carrier saw it.
void judge(uint64_t n, const Life& life, int arrived, Fates& fates) {
  fates.acknowledged += life.acknowledged == 1;
  fates.finals += life.finals == 1;
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

using ByClass = std::map<proto::MessageClass, Fates>;

// For people: what a crash may do, and what these did.
void print(int kills, size_t reconnects, const ByClass& classes) {
  std::printf("%d kills under load, %zu reconnects; a kill may double or report %d a class\n\n",
              kills, reconnects, kOpen);
  std::printf(
      "| class | acknowledged | found final | lost | delivered | reported unknown | of these "
      "arrived | sent twice | allowed |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
  Fates all;
  for (const auto& [cls, f] : classes) {
    const int allowed = resends(cls) ? kills * kOpen : 0;
    std::printf("| %s | %lu | %lu | %lu | %lu | %lu | %lu | %lu | %d |\n",
                proto::MessageClass_Name(cls).c_str(), f.acknowledged, f.finals,
                f.acknowledged - f.finals, f.delivered, f.reported, f.reported_arrived, f.doubled,
                allowed);
    all.acknowledged += f.acknowledged;
    all.finals += f.finals;
  }
  std::printf("\nacknowledged %lu, found final %lu, lost %lu\n", all.acknowledged, all.finals,
              all.acknowledged - all.finals);
}

void judge_all(int kills, const Ledger& ledger, uint64_t sent, const Carrier& carrier) {
  std::map<std::string, int> arrived;
  for (const auto& message : carrier.log()) ++arrived["+" + message.to];
  ByClass classes;
  uint64_t doubled = 0;
  for (uint64_t n = 0; n < sent; ++n) {
    const auto life = ledger.lives.find(std::to_string(n));
    ASSERT_NE(life, ledger.lives.end()) << n << " was never acknowledged";
    judge(n, life->second, arrived[number(n)], classes[class_of(n)]);
  }
  const auto allowed = static_cast<uint64_t>(kills) * kOpen;
  for (const auto& [cls, fates] : classes) {
    SCOPED_TRACE(proto::MessageClass_Name(cls));
    EXPECT_LE(fates.doubled, resends(cls) ? allowed : 0);
    EXPECT_LE(fates.reported, resends(cls) ? 0 : allowed) << "more than were open";
    doubled += fates.doubled;
  }
  EXPECT_EQ(carrier.count("violations.total"), 0);
  EXPECT_LE(carrier.count("duplicates"), static_cast<int64_t>(doubled));
  print(kills, ledger.welcomes - 1, classes);
}

void kill_under_load(int kills, bool receipts_tell_references) {
  std::mt19937 random(seed());
  Folder folder;
  Carrier carrier(folder, {"--response-delay", "1ms..20ms", "--receipt-delay", "20ms..300ms",
                           "--receipt-tlvs", receipts_tell_references ? "true" : "false"});
  Gateway gateway(folder, carrier.port(),
                  {.rate_pdus = 2000, .window = 40, .open = kOpen, .route = "settle_time: 1s"});
  ASSERT_TRUE(gateway.start());
  Producer producer(gateway.address(), "load");
  Load load(producer, static_cast<uint64_t>(kills) * kMessagesOfAKill);
  for (int kill = 0; kill < kills; ++kill) {
    const size_t before = producer.acknowledged();
    ASSERT_TRUE(producer.wait_acknowledged(before + 1)) << "no load at kill " << kill;
    std::this_thread::sleep_for(Millis(random() % 600));
    gateway.kill();
    ASSERT_TRUE(gateway.start()) << "after kill " << kill;
  }
  const uint64_t sent = load.stop();
  ASSERT_TRUE(producer.wait_acknowledged(sent));
  EXPECT_TRUE(producer.wait_finals(sent));
  std::this_thread::sleep_for(Millis(1500));  // for an end that should not come

  const Ledger ledger = producer.ledger();
  EXPECT_EQ(ledger.lives.size(), sent);
  EXPECT_TRUE(ledger.events_in_sequence);
  judge_all(kills, ledger, sent, carrier);
}

TEST(Kill9, AcknowledgedMessagesEndExactlyOnce) {
  kill_under_load(number_from("TACT_KILLS", 10), true);
}

// Receipts that find nothing of what a crash left unknown: the class decides, and some are sent
// twice.
TEST(Kill9, WhatNoReceiptSettlesIsSentTwiceAtMostAsOftenAsItWasOpen) {
  kill_under_load(number_from("TACT_KILLS", 6), false);
}

}  // namespace
}  // namespace tact::e2e
