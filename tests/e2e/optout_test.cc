// SPDX-License-Identifier: Apache-2.0
// A recipient answers 回T while marketing to him waits in the queue of a slow carrier (issue 2):
// once the answer to his reply is out, no marketing to him is encoded; an OTP to him still is.
#include <gtest/gtest.h>

#include "tests/e2e/gateway.h"
#include "tests/e2e/producer.h"

namespace tact::e2e {
namespace {

constexpr uint64_t kRecipient = 42, kOthers = 1000;
constexpr size_t kQueuedForRecipient = 10;  // with the first: below the cap of a month

std::vector<std::string> carrier_options() {
  return {"--response-delay", "2ms",
          "--receipt-delay",  "20ms..50ms",
          "--reply-number",   number(kRecipient).substr(1) + "=回T",
          "--reply-delay",    "400ms",
          "--optout-watch",   "周末",
          "--optout-text",    "回T"};
}

bool names(const proto::Event& event, const std::string& rule) {
  for (const auto& fired : event.rejected().fired()) {
    if (fired.rule() == rule) return true;
  }
  return false;
}

bool has_opt_out(const Ledger& ledger) {
  for (const auto& event : ledger.others) {
    if (event.has_opt_out() && !event.opt_out().ended()) return true;
  }
  return false;
}

void expect_otp_delivered(Producer& producer, uint64_t n) {
  const std::string reference = "otp-" + std::to_string(n);
  producer.send({message(proto::OTP, number(kRecipient), reference, n)});
  EXPECT_TRUE(producer.wait(Millis(20'000), [&](const Ledger& ledger) {
    const auto life = ledger.lives.find(reference);
    return life != ledger.lives.end() && life->second.finals == 1;
  }));
  EXPECT_EQ(producer.ledger().lives.at(reference).end(), proto::Event::kReceipt);
}

TEST(OptOut, WhileMarketingIsQueuedBehindASlowCarrier) {
  Folder folder;
  Carrier carrier(folder, carrier_options());
  Gateway gateway(folder, carrier.port(), {.rate_pdus = 30, .window = 10});
  ASSERT_TRUE(gateway.start());
  Producer producer(gateway.address(), "marketing");
  // His first message goes out at once and he answers it; the others stand behind strangers', so
  // that most of them are not encoded yet when he does.
  std::vector<proto::Message> job{message(proto::MARKETING, number(kRecipient), "first", 1)};
  uint64_t n = 0;
  for (size_t mine = 0; mine < kQueuedForRecipient; ++mine) {
    for (int other = 0; other < 9; ++other, ++n) {
      job.push_back(
          message(proto::MARKETING, number(kOthers + n), "other-" + std::to_string(n), n));
    }
    job.push_back(
        message(proto::MARKETING, number(kRecipient), "mine-" + std::to_string(mine), mine));
  }
  const size_t messages = job.size();
  producer.send(std::move(job));
  ASSERT_TRUE(producer.wait_acknowledged(messages));
  EXPECT_TRUE(producer.wait(Millis(20'000), has_opt_out));
  expect_otp_delivered(producer, 1);
  ASSERT_TRUE(producer.wait_finals(messages + 1));

  const Ledger ledger = producer.ledger();
  size_t rejected = 0;
  for (size_t mine = 0; mine < kQueuedForRecipient; ++mine) {
    const Life& life = ledger.lives.at("mine-" + std::to_string(mine));
    EXPECT_EQ(life.result.outcome(), proto::QUEUED);
    EXPECT_EQ(life.finals, 1);
    if (life.end() == proto::Event::kReceipt) continue;  // left before he had answered
    ASSERT_EQ(life.end(), proto::Event::kRejected);
    EXPECT_TRUE(names(*life.final_event(), "OPTED_OUT")) << life.final_event()->ShortDebugString();
    ++rejected;
  }
  EXPECT_GE(rejected, 5u) << "too few were queued to show anything";
  EXPECT_EQ(ledger.lives.at("first").end(), proto::Event::kReceipt);
  const auto statistics = carrier.statistics();
  ASSERT_EQ(statistics.at("optouts").as_array().size(), 1u);
  EXPECT_EQ(carrier.count("sent_after_optout.later_than_1s"), 0);
  // What is encoded leaves in the turn that encoded it: not even one can cross the answer.
  EXPECT_EQ(carrier.count("sent_after_optout.at_all"), 0);
  std::printf(
      "%zu of %zu queued marketing messages refused at the last look; after the answer: %ld, "
      "later than 1 s: %ld\n",
      rejected, kQueuedForRecipient, carrier.count("sent_after_optout.at_all"),
      carrier.count("sent_after_optout.later_than_1s"));
}

TEST(OptOut, WithAnIdleQueueNothingFollows) {
  Folder folder;
  Carrier carrier(folder, carrier_options());
  Gateway gateway(folder, carrier.port());
  ASSERT_TRUE(gateway.start());
  Producer producer(gateway.address(), "marketing");
  producer.send({message(proto::MARKETING, number(kRecipient), "first", 1)});
  ASSERT_TRUE(producer.wait(Millis(20'000), has_opt_out));
  producer.send({message(proto::MARKETING, number(kRecipient), "second", 2)});
  ASSERT_TRUE(producer.wait_finals(2));
  expect_otp_delivered(producer, 1);

  const Ledger ledger = producer.ledger();
  EXPECT_EQ(ledger.lives.at("second").result.outcome(), proto::REJECTED);
  ASSERT_EQ(ledger.lives.at("second").end(), proto::Event::kRejected);
  EXPECT_TRUE(names(*ledger.lives.at("second").final_event(), "OPTED_OUT"));
  bool reply = false;
  for (const auto& [reference, life] : ledger.lives) {
    for (const auto& event : life.events) reply |= event.reply().kind() == proto::OPT_OUT;
  }
  for (const auto& event : ledger.others) reply |= event.reply().kind() == proto::OPT_OUT;
  EXPECT_TRUE(reply) << "the reply itself was not told";
  EXPECT_EQ(carrier.count("sent_after_optout.at_all"), 0);
}

TEST(OptOut, APersonDecidesOnAnUnclearOne) {
  Folder folder;
  Carrier carrier(folder, {"--reply-number", number(kRecipient).substr(1) + "=我要投诉"});
  Gateway gateway(folder, carrier.port());
  ASSERT_TRUE(gateway.start());
  Producer producer(gateway.address(), "notices");
  producer.send({message(proto::NOTIFICATION, number(kRecipient), "notice", 1)});
  ASSERT_TRUE(
      wait_until(Millis(20'000), [&] { return gateway.metric("tact_suspects_waiting") == 1; }));
  const Finished listed = gateway.tact({"suspects", "list"});
  ASSERT_EQ(listed.code, 0) << listed.err;
  EXPECT_NE(listed.out.find("我要投诉"), std::string::npos) << listed.out;
  EXPECT_EQ(listed.out.find(number(kRecipient).substr(1)), std::string::npos) << listed.out;
  const std::string reply = listed.out.substr(listed.out.find('\n') + 1, 20);
  const std::string id = reply.substr(0, reply.find(' '));
  const Finished decided = gateway.tact({"suspects", "opt-out", id, "--by", "officer 7"});
  EXPECT_EQ(decided.code, 0) << decided.err;
  EXPECT_EQ(gateway.tact({"suspects", "release", id}).code, 1) << "decided before";
  producer.send({message(proto::MARKETING, number(kRecipient), "ad", 1)});
  ASSERT_TRUE(producer.wait_finals(2));
  EXPECT_TRUE(names(*producer.ledger().lives.at("ad").final_event(), "OPTED_OUT"));
  EXPECT_EQ(gateway.metric("tact_suspects_waiting"), 0);
}

}  // namespace
}  // namespace tact::e2e
