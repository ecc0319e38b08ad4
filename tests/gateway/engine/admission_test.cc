// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;

std::string rules(const proto::Result& result) {
  std::string all;
  for (const auto& fired : result.fired()) all += (all.empty() ? "" : " ") + fired.rule();
  return all;
}

// One job of one message, and its result.
const proto::Result& submit(World& world, Producer& producer, const proto::Message& message) {
  const uint64_t job = producer.push({message});
  world.run();
  return producer.result(job);
}

TEST(Admission, WhatCannotBeReadIsRefusedByField) {
  World world(one_shard());
  auto& producer = world.producer();
  const auto refused = [&](auto change) {
    auto message = message_of(Class::otp);
    change(message);
    const auto& result = submit(world, producer, message);
    EXPECT_EQ(result.outcome(), proto::REJECTED);
    EXPECT_EQ(producer.finals(result.message_id()), 1u);
    return rules(result) + " " + (result.fired_size() ? result.fired(0).detail() : "");
  };
  const std::string long_name(65, 'x');
  EXPECT_EQ(refused([&](auto& m) { m.set_reference(long_name); }), "FIELD_INVALID reference");
  EXPECT_EQ(refused([&](auto& m) { m.set_idempotency_key(long_name); }),
            "FIELD_INVALID idempotency_key");
  EXPECT_EQ(refused([&](auto& m) { m.set_text(std::string(5'000, 'x')); }), "FIELD_INVALID text");
  EXPECT_EQ(refused([&](auto& m) { m.set_from(std::string(21, '1')); }), "FIELD_INVALID from");
  EXPECT_EQ(refused([&](auto& m) { m.set_not_before_ms(INT64_MAX); }),
            "FIELD_INVALID not_before_ms");
  EXPECT_EQ(refused([&](auto& m) { m.set_text("\xff\xfe"); }).substr(0, 12), "TEXT_INVALID");
  EXPECT_EQ(refused([&](auto& m) { m.set_to("12"); }).substr(0, 14), "NUMBER_INVALID");
  EXPECT_EQ(refused([&](auto& m) { m.set_account("nobody"); }).substr(0, 15), "ACCOUNT_UNKNOWN");
  EXPECT_EQ(refused([&](auto& m) {
              m.set_message_class(static_cast<proto::MessageClass>(257));
            }).substr(0, 13),
            "CLASS_UNKNOWN");
  EXPECT_TRUE(world.centre().seen.empty());
}

TEST(Admission, ATemplateIsFilledBeforeItIsJudged) {
  auto with = one_shard();
  with.rules = rules_with({}, {{"bill", "", "您的账单{sum:amount:9}元。"},
                               {"bill", "en", "Your bill: {sum:amount:9} yuan."}});
  World world(with);
  auto& producer = world.producer();
  auto message = message_of(Class::notification);
  message.clear_text();
  message.set_template_id("bill");
  auto& sum = *message.add_variables();
  sum.set_name("sum");
  sum.set_value("2,350.00");
  EXPECT_EQ(submit(world, producer, message).text(), "【XX银行】您的账单2,350.00元。");
  message.set_template_version("en");
  EXPECT_EQ(submit(world, producer, message).outcome(), proto::QUEUED);
  world.run_for(1s);
  ASSERT_EQ(world.centre().seen.size(), 2u);
  EXPECT_EQ(world.centre().seen[0].text, "【XX银行】您的账单2,350.00元。");
  EXPECT_EQ(world.centre().seen[1].text, "【XX银行】Your bill: 2,350.00 yuan.");
  const auto refused = [&](auto change) {
    auto other = message;
    change(other);
    const auto& result = submit(world, producer, other);
    EXPECT_EQ(result.outcome(), proto::REJECTED);
    EXPECT_EQ(producer.finals(result.message_id()), 1u);
    return rules(result) + " " + (result.fired_size() ? result.fired(0).detail() : "");
  };
  EXPECT_EQ(refused([](auto& m) { m.set_template_id("bil"); }), "TEMPLATE no such template");
  EXPECT_EQ(refused([](auto& m) { m.clear_variables(); }), "TEMPLATE sum: missing");
  EXPECT_EQ(refused([](auto& m) { m.mutable_variables(0)->set_value("evil.cn"); }),
            "TEMPLATE sum: no amount");
  EXPECT_EQ(refused([](auto& m) { m.set_text("and a text"); }), "FIELD_INVALID text");
}

TEST(Admission, OneBadMessageHarmsNoOther) {
  World world(one_shard());
  auto& producer = world.producer();
  auto bad = message_of(Class::otp);
  bad.set_text("");
  const auto job = producer.push({message_of(Class::otp), bad, message_of(Class::crisis)});
  world.run();
  EXPECT_EQ(producer.result(job, 0).outcome(), proto::QUEUED);
  EXPECT_EQ(producer.result(job, 1).outcome(), proto::REJECTED);
  EXPECT_EQ(producer.result(job, 2).outcome(), proto::QUEUED);
  EXPECT_EQ(world.centre().seen.size(), 2u);
}

TEST(Admission, ARewrittenTextIsToldAndSent) {
  World world(one_shard());
  auto& producer = world.producer();
  auto message = message_of(Class::notification);
  message.set_text("您的账单已出。");
  const auto& result = submit(world, producer, message);
  EXPECT_EQ(result.outcome(), proto::QUEUED);
  EXPECT_EQ(result.text(), "【XX银行】您的账单已出。");
  EXPECT_EQ(rules(result), "SIG_PREPEND");
}

TEST(Admission, ADuplicateKeyIsAnsweredWithTheFirstIdAndNotSent) {
  World world(one_shard());
  auto& producer = world.producer();
  auto message = message_of(Class::otp);
  message.set_idempotency_key("k-1");
  const auto job = producer.push({message, message});
  world.run_for(1s);
  const uint64_t first = producer.result(job, 0).message_id();
  EXPECT_EQ(producer.result(job, 1).outcome(), proto::DUPLICATE);
  EXPECT_EQ(producer.result(job, 1).message_id(), first);
  world.restart();
  world.run_for(1s);
  EXPECT_EQ(submit(world, producer, message).outcome(), proto::DUPLICATE);
  EXPECT_EQ(submit(world, producer, message).message_id(), first);
  EXPECT_EQ(world.centre().seen.size(), 1u);
}

TEST(Admission, AKeyIsForgottenAfterItsTime) {
  auto settings = one_shard();
  settings.idempotency_time = 600s;
  World world(settings);
  auto& producer = world.producer();
  auto message = message_of(Class::crisis);
  message.set_idempotency_key("k-1");
  submit(world, producer, message);
  world.run_for(599s);
  EXPECT_EQ(submit(world, producer, message).outcome(), proto::DUPLICATE);
  world.run_for(1s);
  EXPECT_EQ(submit(world, producer, message).outcome(), proto::QUEUED);
}

TEST(Admission, ARejectedMessageTakesNoKey) {
  World world(one_shard());
  auto& producer = world.producer();
  auto bad = message_of(Class::otp);
  bad.set_text("【XX银行】没有码");
  bad.set_idempotency_key("k-1");
  EXPECT_EQ(submit(world, producer, bad).outcome(), proto::REJECTED);
  auto good = message_of(Class::otp);
  good.set_idempotency_key("k-1");
  EXPECT_EQ(submit(world, producer, good).outcome(), proto::QUEUED);
}

TEST(Admission, KeysThatAreFullAreAnAnswer) {
  auto settings = one_shard();
  settings.limits.keys = 1;
  World world(settings);
  auto& producer = world.producer();
  auto message = message_of(Class::otp);
  message.set_idempotency_key("k-1");
  EXPECT_EQ(submit(world, producer, message).outcome(), proto::QUEUED);
  message.set_idempotency_key("k-2");
  EXPECT_EQ(rules(submit(world, producer, message)), "KEYS_FULL");
}

TEST(Admission, NotBeforeWaitsAndThenIsSentWithinItsOwnValidity) {
  World world(one_shard());
  auto& producer = world.producer();
  auto message = message_of(Class::otp);  // valid for five minutes
  const Civil due = world.now.civil + 10min;
  message.set_not_before_ms(to_ms(due));
  const auto& result = submit(world, producer, message);
  EXPECT_EQ(result.outcome(), proto::DEFERRED);
  EXPECT_EQ(result.deferred_until_ms(), to_ms(due));
  world.run_for(599s);
  EXPECT_TRUE(world.centre().seen.empty());
  world.run_for(2s);
  EXPECT_EQ(world.centre().seen.size(), 1u);
}

TEST(Admission, NotBeforeBehindExpiryIsRefusedAtOnce) {
  World world(one_shard());
  auto& producer = world.producer();
  auto message = message_of(Class::otp);
  message.set_not_before_ms(to_ms(world.now.civil + 10min));
  message.set_expires_at_ms(to_ms(world.now.civil + 10min));
  const auto& result = submit(world, producer, message);
  EXPECT_EQ(result.outcome(), proto::REJECTED);
  EXPECT_EQ(rules(result), "EXPIRED");
  ASSERT_TRUE(producer.fate(result.message_id()));
  EXPECT_TRUE(producer.fate(result.message_id())->has_expired());
}

TEST(Admission, OutsideItsHoursAMessageIsDeferredJudgedAgainAndSent) {
  World world(one_shard());
  world.now.civil = shanghai(18, 23);
  auto& producer = world.producer();
  const auto& result = submit(world, producer, message_of(Class::marketing));
  EXPECT_EQ(result.outcome(), proto::DEFERRED);
  EXPECT_GE(from_ms(result.deferred_until_ms()), shanghai(19, 8));
  world.run_for(9h);
  EXPECT_TRUE(world.centre().seen.empty());
  world.run_for(4h);
  EXPECT_EQ(world.centre().seen.size(), 1u);
}

TEST(Admission, AnOptOutWhileDeferredRefusesAtTheDueTime) {
  World world(one_shard());
  world.now.civil = shanghai(18, 23);
  auto& producer = world.producer();
  const uint64_t id = submit(world, producer, message_of(Class::marketing)).message_id();
  world.centre().deliver({.from = "8613800138000", .to = "1069000055", .octets = "TD"});
  world.run_for(14h);
  EXPECT_TRUE(world.centre().seen.empty());
  ASSERT_TRUE(producer.fate(id));
  EXPECT_TRUE(producer.fate(id)->has_rejected());
}

TEST(Admission, ADamagedDeferredBatchStopsNothingBehindIt) {
  World world(one_shard());
  world.now.civil = shanghai(18, 23);
  auto& producer = world.producer();
  submit(world, producer, message_of(Class::marketing, "8613800138001"));
  auto& later = world.store.table(Table::later);
  ASSERT_EQ(later.size(), 1u);
  later.begin()->second.back() ^= 1;
  const std::string damaged = later.begin()->first;
  submit(world, producer, message_of(Class::marketing, "8613800138002"));
  world.restart();
  world.run_for(14h);
  EXPECT_EQ(world.centre().seen.size(), 1u);
  EXPECT_EQ(world.shard().stats().unreadable.get(), 1u);
  world.run_for(60s);
  submit(world, producer, message_of(Class::otp));
  EXPECT_TRUE(later.contains(damaged));
  EXPECT_EQ(later.size(), 1u);
}

TEST(Admission, TheCapCountsTheWeekAndARefusedMessageGivesItsSlotBack) {
  World world(one_shard());
  auto& producer = world.producer();
  const auto dunning = message_of(Class::collection);
  world.centre().on_submit = [](const auto&) {
    return Centre::Say{Centre::Answer::refuse, smpp::Status::ESME_RINVDSTADR};
  };
  const uint64_t failed = submit(world, producer, dunning).message_id();
  world.run_for(1s);
  ASSERT_TRUE(producer.fate(failed));
  EXPECT_TRUE(producer.fate(failed)->has_failed());
  world.centre().on_submit = nullptr;
  EXPECT_EQ(submit(world, producer, dunning).outcome(), proto::QUEUED);
  world.run_for(1s);
  const auto& second = submit(world, producer, dunning);
  EXPECT_EQ(second.outcome(), proto::DEFERRED);
  EXPECT_EQ(rules(second), "CAP_DAY FREQ_WEEK");
  world.restart();
  world.run_for(1s);
  // The sent one and the one that waits both count: the next week is too far away.
  EXPECT_EQ(rules(submit(world, producer, dunning)), "CAP_DAY FREQ_WEEK EXPIRED");
}

TEST(Admission, AFullLaneRefuses) {
  auto settings = one_shard();
  settings.limits.lane_messages = 1;
  World world(settings);
  world.centre().refused_links = {0};
  auto& producer = world.producer();
  EXPECT_EQ(submit(world, producer, message_of(Class::otp)).outcome(), proto::QUEUED);
  EXPECT_EQ(rules(submit(world, producer, message_of(Class::otp))), "QUEUE_FULL");
}

TEST(Admission, WithoutARouteAMessageIsRefused) {
  auto settings = one_shard();
  settings.tenants.front().routing.front().prefixes = {"44"};
  World world(settings);
  EXPECT_EQ(rules(submit(world, world.producer(), message_of(Class::otp))), "NO_ROUTE");
}

TEST(Admission, AJobAndItsSequenceAreOneCommit) {
  World world(one_shard());
  auto& producer = world.producer();
  world.run_for(1s);
  world.commits = false;
  producer.push({message_of(Class::otp), message_of(Class::crisis), message_of(Class::marketing)});
  world.run();
  ASSERT_EQ(world.store.waiting(), 1u);
  world.store.write_one();
  EXPECT_EQ(world.store.table(Table::lanes).size(), 3u);
  world.restart();  // before the completion was told
  world.commits = true;
  world.run_for(1s);
  EXPECT_EQ(producer.welcome()->last_sequence(), 1u);
  // Below the durable fence, so perhaps offered before the crash: after the settle time OTP and
  // CRISIS are sent, MARKETING is reported.
  world.run_for(60s);
  EXPECT_EQ(world.centre().seen.size(), 2u);
}

TEST(Admission, RemindersBeginSevenDaysAfterTheDueDateAlsoOverARestart) {
  World world(one_shard());
  auto& producer = world.producer();
  auto message = message_of(Class::collection);
  message.set_due_date("2026-03-12");
  message.set_stage("overdue");
  message.add_special_dates("03-19");
  const auto result = submit(world, producer, message);
  EXPECT_EQ(result.outcome(), proto::DEFERRED);
  EXPECT_EQ(rules(result), "DUNNING_EARLY SPECIAL_DATE");
  EXPECT_EQ(from_ms(result.deferred_until_ms()), shanghai(20, 9));
  world.restart();
  world.run_for(46h);
  EXPECT_TRUE(world.centre().seen.empty());
  world.run_for(1h);
  EXPECT_EQ(world.centre().seen.size(), 1u);
}

TEST(Admission, DatesThatAreNoneAreRefusedByTheirField) {
  World world(one_shard());
  auto& producer = world.producer();
  for (const char* bad : {"2026-3-12", "2026-02-30", "20260312", "03-12", "2026-03-12T",
                          "----------", "-026-03-12", "2026+03-12"}) {
    auto message = message_of(Class::collection);
    message.set_due_date(bad);
    const auto result = submit(world, producer, message);
    EXPECT_EQ(rules(result), "FIELD_INVALID") << bad;
    EXPECT_EQ(result.fired(0).detail(), "due_date");
  }
  for (const char* bad : {"13-01", "3-18", "0318", "02-30", "", "2026-02-29", "-1-18"}) {
    auto message = message_of(Class::collection);
    message.add_special_dates(bad);
    EXPECT_EQ(rules(submit(world, producer, message)), "FIELD_INVALID") << bad;
  }
  auto message = message_of(Class::collection);
  for (int i = 0; i < 8; ++i) message.add_special_dates(i % 2 == 0 ? "02-29" : "1990-12-31");
  EXPECT_EQ(submit(world, producer, message).outcome(), proto::QUEUED);
  message.add_special_dates("01-01");
  EXPECT_EQ(rules(submit(world, producer, message)), "FIELD_INVALID") << "nine";
  message = message_of(Class::collection);
  message.set_stage(std::string(65, 'x'));
  EXPECT_EQ(rules(submit(world, producer, message)), "FIELD_INVALID");
}

TEST(Admission, AControlBlocksAndAllowsAgain) {
  World world(one_shard());
  auto& producer = world.producer();
  proto::Control control;
  auto* entry = control.mutable_suppress()->add_entries();
  entry->set_brand("bank");
  entry->set_to("+8613800138000");
  producer.push(control);
  world.run();
  EXPECT_EQ(rules(submit(world, producer, message_of(Class::marketing))), "OPTED_OUT");
  world.restart();
  world.run();
  EXPECT_EQ(rules(submit(world, producer, message_of(Class::marketing))), "OPTED_OUT");
  EXPECT_EQ(submit(world, producer, message_of(Class::otp)).outcome(), proto::QUEUED);
  proto::Control allow;
  *allow.mutable_allow()->add_entries() = control.suppress().entries(0);
  producer.push(allow);
  world.run();
  EXPECT_EQ(submit(world, producer, message_of(Class::marketing)).outcome(), proto::QUEUED);
}

TEST(Admission, ANumberInItsNationalFormIsRefusedByJobAndByControl) {
  World world(one_shard());
  auto& producer = world.producer();
  producer.push({message_of(Class::otp, "13800138000"), message_of(Class::otp, "+13800138000")});
  proto::Control control;
  for (const auto* to : {"13800138000", "0086 138-0013-8000", "+86 13800138000", "0"}) {
    auto* entry = control.mutable_suppress()->add_entries();
    entry->set_to(to);
    entry->set_brand("bank");
  }
  const auto told = producer.push(control);
  world.run_for(1s);
  EXPECT_EQ(producer.result(1, 0).outcome(), proto::REJECTED);
  EXPECT_EQ(producer.result(1, 0).fired(0).rule(), "NUMBER_INVALID");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(producer.result(told, i).outcome(), proto::REJECTED) << i;
}

TEST(Admission, TheAuditOfADecisionHoldsWhatItRestedOn) {
  for (const bool kept : {false, true}) {
    EngineSettings settings = one_shard();
    settings.audit_texts = kept;
    World world(settings);
    auto& producer = world.producer();
    auto message = message_of(Class::notification);
    message.set_text("您的账单已出。");
    message.set_campaign("spring");
    message.set_zone("Asia/Urumqi");
    message.set_urgent(false);
    message.set_role(proto::GUARANTOR);
    const int64_t later = to_ms(world.now.civil) + 3'600'000;
    message.set_not_before_ms(later);
    message.set_expires_at_ms(later + 86'400'000);
    submit(world, producer, message);
    size_t records = 0;
    world.audit([&](const AuditRecord& record) {
      ++records;
      EXPECT_TRUE(record.decision);
      EXPECT_EQ(record.campaign, "spring");
      EXPECT_EQ(record.zone, "Asia/Urumqi");
      EXPECT_EQ(record.flags & (Message::kUrgent | Message::kRole), 2 << Message::kRoleShift);
      EXPECT_EQ(record.until, from_ms(later));
      EXPECT_EQ(record.expires, from_ms(later + 86'400'000));
      EXPECT_EQ(record.body, kept ? "您的账单已出。" : "") << "as submitted, without a signature";
      EXPECT_EQ(record.to.empty(), !kept);
    });
    EXPECT_EQ(records, 1u);
  }
}

TEST(Admission, TheReferenceOfARequestIsInTheAuditAlsoWhereItChangesNothing) {
  World world(one_shard());
  auto& producer = world.producer();
  const auto ask = [&](bool on, const std::string& proof) {
    proto::Control control;
    auto* entry =
        on ? control.mutable_suppress()->add_entries() : control.mutable_allow()->add_entries();
    entry->set_brand("bank");
    entry->set_to("+8613800138000");
    entry->set_proof(proof);
    const auto told = producer.push(control);
    world.run();
    return producer.result(told);
  };
  EXPECT_EQ(ask(true, std::string(65, 'x')).fired(0).detail(), "proof");
  ask(true, "letter 4711");
  ask(true, "call 12");
  ask(true, "");
  ask(false, std::string(64, 'y'));
  std::vector<std::string> told;
  world.audit([&](const AuditRecord& record) {
    EXPECT_NE(raw(record.id), 0u);
    told.push_back(std::string(name(record.kind)) + " " + std::string(record.note));
  });
  EXPECT_EQ(told, (std::vector<std::string>{"suppressed letter 4711", "suppressed call 12",
                                            "allowed " + std::string(64, 'y')}));
}

}  // namespace
}  // namespace tact::gateway::test
