// SPDX-License-Identifier: Apache-2.0
// Answers of the gateway's own: to a choice from a menu, to HELP, to an opt-out.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kHandset = "8613800138000";
constexpr std::string_view kBill = "【XX银行】账单见手机银行。";
constexpr std::string_view kHelp = "【XX银行】咨询请拨955XX。";
constexpr std::string_view kConfirmed = "【XX银行】您已退订。";

policy::RepliesSpec replies() {
  policy::RepliesSpec spec;
  spec.menu = {{"查账单", "账单见手机银行。"}, {"查额度", ""}};
  spec.help = std::string(kHelp);
  spec.opt_out = "您已退订。";
  return spec;
}

Centre::Delivery reply(std::string_view text, std::string from = std::string(kHandset)) {
  return written(std::move(from), "1069000055", text);
}

size_t sent(World& world, std::string_view text) {
  return static_cast<size_t>(std::ranges::count(world.centre().seen, text, &Centre::Seen::text));
}

const proto::Reply* last_reply(const Producer& producer) {
  const proto::Reply* found = nullptr;
  for (const auto& [sequence, event] : producer.events) {
    if (event.has_reply()) found = &event.reply();
  }
  return found;
}

// On one shard, and with tenant and route on two.
class Answers : public ::testing::TestWithParam<bool> {
 protected:
  static EngineSettings settings() {
    EngineSettings s = GetParam() ? two_shards() : one_shard();
    s.rules = rules_with(replies());
    return s;
  }
  // A notice that tells the menu.
  static void offer(World& world, Producer& producer) {
    auto message = message_of(Class::notification);
    message.set_text("【XX银行】您的账单已出,回复1查账单/2查额度。");
    producer.push({message});
    world.run_for(1s);
    ASSERT_EQ(world.centre().seen.size(), 1u);
  }
};

TEST_P(Answers, AChoiceIsAnsweredFromTheNumberItWasSentTo) {
  World world(settings());
  auto& producer = world.producer();
  offer(world, producer);
  const auto mo = world.centre().deliver(reply("1"));
  world.centre().receipts = true;
  world.run_for(2s);
  EXPECT_TRUE(world.centre().delivery(mo).answered);
  EXPECT_EQ(sent(world, kBill), 1u);
  EXPECT_EQ(world.centre().seen.back().to, kHandset);
  const auto* told = last_reply(producer);
  ASSERT_NE(told, nullptr);
  EXPECT_EQ(told->kind(), proto::MENU);
  EXPECT_EQ(told->menu_item(), 1u);
  // The answer ends like any message.
  ASSERT_TRUE(producer.fate(told->answer_id()));
  EXPECT_TRUE(producer.fate(told->answer_id())->has_receipt());
  EXPECT_EQ(producer.finals(told->answer_id()), 1u);
}

TEST_P(Answers, AChoiceWithoutTextIsToldAndNotAnswered) {
  World world(settings());
  auto& producer = world.producer();
  offer(world, producer);
  world.centre().deliver(reply("查额度"));
  world.run_for(1s);
  EXPECT_EQ(world.centre().seen.size(), 1u);
  ASSERT_NE(last_reply(producer), nullptr);
  EXPECT_EQ(last_reply(producer)->menu_item(), 2u);
  EXPECT_EQ(last_reply(producer)->answer_id(), 0u);
}

TEST_P(Answers, AMenuIsOpenFor72HoursBehindANotice) {
  World world(settings());
  auto& producer = world.producer();
  world.centre().deliver(reply("1"));
  world.run_for(1s);
  ASSERT_NE(last_reply(producer), nullptr);
  EXPECT_EQ(last_reply(producer)->kind(), proto::NONE) << "nothing was offered";
  offer(world, producer);
  world.run_for(73h);
  world.centre().deliver(reply("1"));
  world.run_for(1s);
  EXPECT_EQ(last_reply(producer)->kind(), proto::NONE);
  EXPECT_EQ(sent(world, kBill), 0u);
}

TEST_P(Answers, AReplyToldAgainIsAnsweredOnce) {
  World world(settings());
  auto& producer = world.producer();
  offer(world, producer);
  world.centre().deliver(reply("1"));
  world.run_for(1s);
  world.centre().drop(0);
  world.run_for(5s);
  world.centre().deliver(reply("1"));
  world.run_for(1h);
  EXPECT_EQ(sent(world, kBill), 1u);
}

// Wherever a crash cuts the reply, its answer is queued once: with its effect, or with its
// repeat's.
TEST_P(Answers, ACrashNeitherLosesNorDoublesAnAnswer) {
  for (uint64_t fuse = 0; fuse < 6; ++fuse) {
    World world(settings());
    auto& producer = world.producer();
    offer(world, producer);
    world.centre().on_submit = [](const Centre::Seen&) {
      return Centre::Say{Centre::Answer::refuse, smpp::Status::ESME_RTHROTTLED};
    };
    world.store.set_fuse(fuse);
    world.centre().deliver(reply("1"));
    world.run();
    world.crash();
    world.centre().on_submit = nullptr;
    world.start();
    world.run_for(1h);
    std::set<uint64_t> ids;
    for (const auto& [sequence, event] : producer.events) {
      if (event.has_reply()) ids.insert(event.reply().answer_id());
    }
    EXPECT_EQ(ids.size(), 1u) << fuse;
    size_t accepted = 0;
    world.audit([&](const AuditRecord& record) {
      accepted += record.kind == AuditRecord::Kind::submitted && ids.contains(raw(record.id));
    });
    EXPECT_EQ(accepted, 1u) << fuse;
  }
}

TEST_P(Answers, HelpIsGivenAtNightAndToWhoOptedOut) {
  World world(settings());
  auto& producer = world.producer();
  offer(world, producer);
  world.centre().deliver(reply("STOPALL"));
  world.run_for(13h);
  world.centre().deliver(reply("HELP"));
  world.run_for(1s);
  EXPECT_EQ(sent(world, kHelp), 1u);
}

TEST_P(Answers, AnOptOutIsConfirmedOnceAndNotHeldBackByItself) {
  World world(settings());
  auto& producer = world.producer();
  producer.push({message_of(Class::marketing)});
  world.run_for(1s);
  world.centre().deliver(reply("STOPALL"));
  world.run_for(2min);
  EXPECT_EQ(sent(world, kConfirmed), 1u);
  world.centre().deliver(reply("STOPALL"));
  world.centre().deliver(reply("TD"));
  world.run_for(2min);
  EXPECT_EQ(sent(world, kConfirmed), 1u) << "nothing new";
  world.centre().deliver(reply("START"));
  world.run_for(2min);
  world.centre().deliver(reply("TD"));
  world.run_for(2min);
  EXPECT_EQ(sent(world, kConfirmed), 2u) << "another opt-out";
}

// Help in between does not change what is opted out of.
TEST_P(Answers, AReplyIsAboutWhatWasSentAndNotAboutAnAnswer) {
  World world(settings());
  auto& producer = world.producer();
  producer.push({message_of(Class::collection)});
  world.run_for(1s);
  world.centre().deliver(reply("HELP"));
  world.run_for(2min);
  ASSERT_EQ(sent(world, kHelp), 1u);
  world.centre().deliver(reply("TD"));
  world.run_for(1s);
  const auto number = world.hasher.hash(kHandset);
  EXPECT_TRUE(world.suppression->blocked(raw(kBrand), number, Class::collection));
  EXPECT_FALSE(world.suppression->blocked(raw(kBrand), number, Class::notification));
}

TEST_P(Answers, AConfirmationThatComesLateDoesNotCome) {
  World world(settings());
  auto& producer = world.producer();
  producer.push({message_of(Class::marketing)});
  world.run_for(1s);
  world.centre().on_submit = [](const Centre::Seen&) {
    return Centre::Say{Centre::Answer::refuse, smpp::Status::ESME_RTHROTTLED};
  };
  world.centre().deliver(reply("TD"));
  world.run_for(6min);
  const size_t tried = world.centre().seen.size();
  world.centre().on_submit = nullptr;
  world.run_for(1h);
  EXPECT_EQ(world.centre().seen.size(), tried);
  ASSERT_NE(last_reply(producer), nullptr);
  ASSERT_TRUE(producer.fate(last_reply(producer)->answer_id()));
  EXPECT_TRUE(producer.fate(last_reply(producer)->answer_id())->has_expired());
}

TEST_P(Answers, ServicesAndNobodysNumbersAreNotAnswered) {
  World world(settings());
  auto& producer = world.producer();
  world.centre().deliver(reply("HELP", "10086"));
  world.centre().deliver({.from = std::string(kHandset), .to = "12114", .octets = "HELP"});
  world.run_for(1s);
  EXPECT_TRUE(world.centre().seen.empty());
  ASSERT_NE(last_reply(producer), nullptr);
  EXPECT_EQ(last_reply(producer)->answer_id(), 0u);
}

// Two machines that answer each other come to an end.
TEST_P(Answers, TheCapsOfNoticesEndAConversationOfMachines) {
  World world(settings());
  world.producer();
  for (int i = 0; i < 200; ++i) {
    world.centre().deliver(reply("HELP"));
    world.run_for(2min);
  }
  EXPECT_EQ(sent(world, kHelp), 50u);
}

TEST_P(Answers, WithoutRoomForItsEventsThereIsNoAnswer) {
  auto tight = settings();
  tight.tenants.front().upstreams.front().event_quota_bytes = 600;
  World world(tight);
  auto& producer = world.producer();
  producer.acks_events = false;
  for (int i = 0; i < 8; ++i) {
    world.centre().deliver(reply("HELP"));
    world.run_for(2min);
  }
  const auto withheld = world.shard().stats().answers_withheld.get();
  EXPECT_GT(withheld, 0u);
  EXPECT_EQ(sent(world, kHelp) + withheld, 8u);
}

// What is judged behind a reload is judged by the new rules, replies as well as messages.
TEST_P(Answers, AReloadChangesWhatIsAnswered) {
  World world(settings());
  auto& producer = world.producer();
  offer(world, producer);
  auto changed = replies();
  changed.menu[0].answer = "账单已改版。";
  const auto rules = rules_with(changed);
  for (uint16_t k = 0; k < world.settings.shards; ++k) world.shard(k).use(rules);
  world.centre().deliver(reply("1"));
  world.run_for(1s);
  EXPECT_EQ(sent(world, kBill), 0u);
  EXPECT_EQ(sent(world, "【XX银行】账单已改版。"), 1u);
  std::set<uint64_t> digests;
  world.audit([&](const AuditRecord& record) {
    if (record.kind == AuditRecord::Kind::admitted) digests.insert(record.rules);
  });
  EXPECT_EQ(digests, (std::set<uint64_t>{world.settings.rules->digest(), rules->digest()}));
}

INSTANTIATE_TEST_SUITE_P(Shards, Answers, ::testing::Bool(),
                         [](const auto& with) { return with.param ? "Two" : "One"; });

}  // namespace
}  // namespace tact::gateway::test
