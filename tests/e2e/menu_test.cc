// SPDX-License-Identifier: Apache-2.0
// A notice offers a menu, handsets choose from it, and the gateway answers by itself; an opt-out is
// confirmed. Killed in the midst of it, it gives no answer twice, and none is lost.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/e2e/gateway.h"
#include "tests/e2e/producer.h"

namespace tact::e2e {
namespace {

constexpr const char* kReplies =
    ", replies: {menu: [{label: 查账单, answer: \"您的账单请在手机银行查询,详询955XX。\"}, {label: "
    "查额度}], opt_out: \"您已退订,不再收到此类短信。\"}";
constexpr const char* kBill = "【XX银行】您的账单请在手机银行查询,详询955XX。";
constexpr const char* kConfirmed = "【XX银行】您已退订,不再收到此类短信。";

std::vector<std::string> carrier_options() {
  return {"--reply",       "回复1查账单=>1", "--reply",          "拒收请回复R=>R",
          "--reply-delay", "100ms",          "--response-delay", "2ms"};
}

proto::Message offer(uint64_t n) {
  proto::Message out = message(proto::NOTIFICATION, number(n), "offer-" + std::to_string(n), n);
  out.set_text("【XX银行】您的账单已出,回复1查账单/2查额度,详询955XX。");
  return out;
}

// Replies by their answers; the answers' last events.
std::map<uint64_t, int> answers(const Ledger& ledger) {
  std::map<uint64_t, int> finals;
  const auto look = [&](const proto::Event& event) {
    if (event.has_reply() && event.reply().answer_id() != 0) finals[event.reply().answer_id()];
  };
  for (const auto& event : ledger.others) look(event);
  for (const auto& [reference, life] : ledger.lives) {
    for (const auto& event : life.events) look(event);
  }
  for (const auto& event : ledger.others) {
    const auto answer = finals.find(event.message_id());
    if (answer != finals.end() && event.final()) ++answer->second;
  }
  return finals;
}

bool ended(const Ledger& ledger, size_t count) {
  const auto all = answers(ledger);
  return all.size() == count &&
         std::all_of(all.begin(), all.end(), [](const auto& answer) { return answer.second == 1; });
}

size_t delivered(const Carrier& carrier, const std::string& text) {
  const auto log = carrier.log();
  return static_cast<size_t>(
      std::count_if(log.begin(), log.end(), [&](const auto& entry) { return entry.text == text; }));
}

TEST(Menu, AChoiceIsAnsweredAndAnOptOutConfirmed) {
  Folder folder;
  Carrier carrier(folder, carrier_options());
  Gateway gateway(folder, carrier.port(), {.account = kReplies});
  ASSERT_TRUE(gateway.start());
  Producer producer(gateway.address(), "notices");
  producer.send({offer(1), message(proto::MARKETING, number(2), "ad", 2)});
  ASSERT_TRUE(producer.wait_finals(2));
  EXPECT_TRUE(producer.wait(Millis(20'000), [](const Ledger& l) { return ended(l, 2); }));
  const auto log = carrier.log();
  for (const auto& [to, text] : {std::pair(number(1), kBill), {number(2), kConfirmed}}) {
    EXPECT_EQ(std::count_if(log.begin(), log.end(),
                            [&](const auto& d) { return "+" + d.to == to && d.text == text; }),
              1)
        << text;
  }
  EXPECT_EQ(gateway.metric("tact_menu_choices_total", {"item=\"1\""}), 1);
  EXPECT_EQ(gateway.metric("tact_answers_total", {"kind=\"OPT_OUT\""}), 1);
}

TEST(Menu, AKillBetweenRepliesAndAnswersLosesNoneAndDoublesNone) {
  constexpr size_t kHandsets = 300;
  Folder folder;
  Carrier carrier(folder, carrier_options());
  Gateway gateway(folder, carrier.port(), {.rate_pdus = 400, .account = kReplies});
  ASSERT_TRUE(gateway.start());
  Producer producer(gateway.address(), "notices");
  std::vector<proto::Message> job;
  for (uint64_t n = 0; n < kHandsets; ++n) job.push_back(offer(n));
  producer.send(std::move(job));
  // Offers leave for most of a second, and the answers behind them.
  ASSERT_TRUE(wait_until(Millis(20'000), [&] {
    return gateway.metric("tact_answers_total", {"kind=\"MENU\""}) >= 20;
  }));
  gateway.kill();
  ASSERT_TRUE(gateway.start());
  ASSERT_TRUE(producer.wait_finals(kHandsets));
  // What had been sent and was not answered may be sent again (class NOTIFICATION: resend), and
  // then its reply comes twice; each reply has one answer.
  EXPECT_TRUE(producer.wait(Millis(40'000), [&](const Ledger& l) {
    const auto all = answers(l);
    return all.size() >= kHandsets && ended(l, all.size());
  }));
  size_t replies = 0;
  const Ledger ledger = producer.ledger();
  const auto is_reply = [](const proto::Event& event) { return event.has_reply(); };
  for (const auto& [reference, life] : ledger.lives) {
    replies += static_cast<size_t>(std::count_if(life.events.begin(), life.events.end(), is_reply));
  }
  replies +=
      static_cast<size_t>(std::count_if(ledger.others.begin(), ledger.others.end(), is_reply));
  EXPECT_EQ(answers(ledger).size(), replies);
  EXPECT_GE(delivered(carrier, kBill), kHandsets);
}

}  // namespace
}  // namespace tact::e2e
