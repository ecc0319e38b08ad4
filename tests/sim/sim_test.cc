// SPDX-License-Identifier: Apache-2.0
// The simulator's own tools, and its oracle by what it must refuse. Whole runs: scenarios_test.cc.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "tests/sim/audit.h"
#include "tests/sim/rules.h"

namespace tact::sim {
namespace {

using namespace std::chrono_literals;

TEST(Agenda, what_is_due_first_happens_first) {
  Agenda agenda(1);
  std::string order;
  agenda.in(2s, [&] { order += "b"; });
  agenda.in(1s, [&] { order += "a"; });
  agenda.in(3s, [&] { order += "c"; });
  const Mono until = agenda.now() + 2s;
  while (agenda.step(until)) {
  }
  EXPECT_EQ(order, "ab");
  EXPECT_EQ(agenda.now(), until);
}

TEST(Agenda, ties_are_broken_by_the_seed_and_by_nothing_else) {
  const auto order = [](uint64_t seed) {
    Agenda agenda(seed);
    std::string out;
    for (char c = 'a'; c <= 'h'; ++c) agenda.in(1s, [&out, c] { out += c; });
    while (agenda.step(agenda.now() + 1s)) {
    }
    return out;
  };
  EXPECT_EQ(order(7), order(7));
  EXPECT_NE(order(7), order(8));
}

TEST(Zones, summer_time_begins_and_ends_on_its_sundays) {
  using namespace std::chrono;
  const auto at = [](month m, unsigned d, int hour) {
    return policy::Instant(sys_days(year(2026) / m / day(d)) + hours(hour));
  };
  EXPECT_EQ(zone_offset("4915112345001", at(March, 29, 0)), 1h);
  EXPECT_EQ(zone_offset("4915112345001", at(March, 29, 1)), 2h);
  EXPECT_EQ(zone_offset("4915112345001", at(October, 25, 0)), 2h);
  EXPECT_EQ(zone_offset("4915112345001", at(October, 25, 1)), 1h);
  EXPECT_EQ(zone_offset("8613800138001", at(July, 1, 0)), 8h);
}

// ---- The oracle.

class Oracle : public testing::Test {
 protected:
  Oracle() : plan_(quiet_plan()), agenda_(1), audit_(plan_, agenda_, history_) {}

  // The plan of some seed, with nothing in it that the oracle would make allowance for.
  static Plan quiet_plan() {
    Plan plan = plan_of(1);
    plan.clock_steps = plan.suspends = plan.crashes = plan.drains = plan.disk_stops = 0;
    for (auto& carrier : plan.carriers) {
      carrier.resets = carrier.unbinds = carrier.refuses_bind = carrier.stalls = carrier.outages =
          0;
      carrier.receipt_reference = false;
    }
    plan.settings.rules = loose_rules();
    plan.settings.routes.resize(1);
    plan.carriers.resize(1, plan.carriers[0]);
    plan.settings.routes.resize(2, plan.settings.routes[0]);
    plan.settings.routes[1].id = gateway::RouteId{2};
    plan.carriers.resize(2, plan.carriers[0]);
    plan.settings.tenants[0].routing = {
        {{}, {}, {}, {{gateway::RouteId{1}, 1}, {gateway::RouteId{2}, 0}}}};
    for (auto& route : plan.settings.routes) {
      route.settle_time = 5s;
      route.links.resize(1);
      route.links[0].session.window = 5;
      route.links[0].session.timers.response = 10s;
    }
    return plan;
  }
  static Civil at_noon() {
    using namespace std::chrono;
    return Civil(sys_days(year(2026) / June / 17) + hours(4));  // noon in Shanghai
  }

  size_t push(Class cls, std::string key = "") {
    Composed message;
    message.cls = cls;
    message.to = "8613800138000";
    message.key = std::move(key);
    const size_t index = audit_.compose(message);
    audit_.set_text(index, token_of(index));
    audit_.pushed(0, ++sequence_, {index});
    return index;
  }
  void acknowledge(size_t message, proto::Outcome outcome = proto::QUEUED) {
    proto::JobAck ack;
    ack.set_sequence(sequence_);
    auto& result = *ack.add_results();
    result.set_message_id(1000 + message);
    result.set_outcome(outcome);
    audit_.acknowledged(0, ack, stamp());
  }
  Stamp stamp() const { return {agenda_.now(), at_noon()}; }
  Submitted sent(size_t message) {
    Submitted s;
    s.message = message;
    s.serial = 1;
    s.stamp = stamp();
    s.to = "8613800138000";
    s.text = token_of(message);
    return s;
  }
  size_t submit(size_t message) { return audit_.submitted(sent(message)); }
  void told_missing(Civil made);
  void wait(Mono time) { agenda_.step(agenda_.now() + time); }
  proto::Event event(size_t message) {
    proto::Event e;
    e.set_sequence(++events_);
    e.set_message_id(1000 + message);
    e.set_reference(token_of(message));
    return e;
  }
  std::string wrong() const { return audit_.violation() ? audit_.violation()->invariant : ""; }

  Plan plan_;
  Agenda agenda_;
  History history_;
  Audit audit_;
  uint64_t sequence_ = 0, events_ = 0;
};

TEST_F(Oracle, accepts_a_life_without_trouble) {
  const size_t m = push(Class::marketing);
  acknowledge(m);
  const size_t s = submit(m);
  audit_.accepted(s, "a1");
  audit_.answered(s, smpp::Status::ESME_ROK);
  audit_.receipt_sent(s, smpp::MessageState::delivered);
  auto e = event(m);
  e.set_final(true);
  e.mutable_receipt()->set_state(proto::DELIVERED);
  audit_.event(0, e);
  EXPECT_TRUE(audit_.settled());
  audit_.finish();
  EXPECT_EQ(wrong(), "");
}

TEST_F(Oracle, an_acknowledged_message_without_an_end_is_lost) {
  acknowledge(push(Class::otp));
  EXPECT_FALSE(audit_.settled());
  audit_.finish();
  EXPECT_EQ(wrong(), "I1");
}

TEST_F(Oracle, a_second_end_is_one_too_many) {
  const size_t m = push(Class::otp);
  acknowledge(m);
  for (int k = 0; k < 2; ++k) {
    auto e = event(m);
    e.set_final(true);
    e.mutable_expired();
    audit_.event(0, e);
  }
  EXPECT_EQ(wrong(), "I1");
}

TEST_F(Oracle, a_stream_may_not_be_welcomed_back_below_what_was_acknowledged) {
  acknowledge(push(Class::otp));
  audit_.welcomed(0, 0, stamp());
  EXPECT_EQ(wrong(), "I1");
}

TEST_F(Oracle, a_class_that_reports_is_sent_once_whatever_happened) {
  const size_t m = push(Class::collection);
  acknowledge(m);
  submit(m);
  audit_.session_ended(1);
  wait(1h);
  submit(m);
  EXPECT_EQ(wrong(), "I4");
}

TEST_F(Oracle, a_class_that_is_sent_again_needs_a_reason_and_its_settle_time) {
  const size_t m = push(Class::otp);
  acknowledge(m);
  submit(m);
  audit_.session_ended(1);
  wait(4s);
  submit(m);
  EXPECT_EQ(wrong(), "I4");
}

TEST_F(Oracle, sent_again_after_a_loss_and_the_settle_time_is_right) {
  const size_t m = push(Class::otp);
  acknowledge(m);
  submit(m);
  audit_.session_ended(1);
  wait(6s);
  submit(m);
  EXPECT_EQ(wrong(), "");
}

TEST_F(Oracle, a_crash_leaves_unknown_messages_and_a_drain_does_not) {
  audit_.stopped(false);
  audit_.started(3);
  EXPECT_EQ(wrong(), "");
  audit_.stopped(true);
  audit_.started(0);
  EXPECT_EQ(wrong(), "");
  audit_.stopped(true);
  audit_.started(3);
  EXPECT_EQ(wrong(), "I4");
}

TEST_F(Oracle, a_refused_part_may_be_sent_again_at_once) {
  const size_t m = push(Class::marketing);
  acknowledge(m);
  audit_.answered(submit(m), smpp::Status::ESME_RTHROTTLED);
  submit(m);
  EXPECT_EQ(wrong(), "");
}

TEST_F(Oracle, marketing_after_the_answer_to_an_opt_out_is_wrong) {
  const size_t m = push(Class::marketing);
  acknowledge(m);
  const size_t reply = audit_.reply_sent("8613800138000", kSenders[0].source, "TD", 1);
  audit_.reply_taken(reply, stamp());
  wait(1ms);
  submit(m);
  EXPECT_EQ(wrong(), "I8");
}

TEST_F(Oracle, marketing_at_night_is_wrong) {
  const size_t m = push(Class::marketing);
  acknowledge(m);
  auto s = sent(m);
  s.stamp.civil += 12h;
  audit_.submitted(s);
  EXPECT_EQ(wrong(), "I8");
}

TEST_F(Oracle, a_second_message_of_a_key_may_not_be_sent) {
  plan_.settings.idempotency_time = 24h;
  plan_.chaos = 1min;
  for (int k = 0; k < 2; ++k) {
    const size_t m = push(Class::otp, "key");
    acknowledge(m);
    submit(m);
  }
  EXPECT_EQ(wrong(), "I7");
}

// Its acknowledgement was lost, and the stream goes on where Welcome says: it may have been a
// duplicate or not.
TEST_F(Oracle, of_a_key_whose_answers_were_lost_some_message_must_end) {
  const size_t m = push(Class::otp, "key");
  audit_.welcomed(0, sequence_, stamp());
  EXPECT_FALSE(audit_.settled());
  auto e = event(m);
  e.set_final(true);
  e.mutable_expired();
  audit_.event(0, e);
  EXPECT_TRUE(audit_.settled());
  audit_.finish();
  EXPECT_EQ(wrong(), "");
}

TEST_F(Oracle, a_hole_in_the_events_is_seen) {
  const size_t m = push(Class::otp);
  acknowledge(m);
  auto e = event(m);
  e.set_sequence(2);
  e.mutable_deferred();
  audit_.event(0, e);
  EXPECT_EQ(wrong(), "I6");
}

TEST_F(Oracle, a_state_that_belongs_to_another_message_is_seen) {
  const size_t m = push(Class::otp);
  acknowledge(m);
  const size_t s = submit(m);
  audit_.receipt_sent(s, smpp::MessageState::undeliverable);
  auto e = event(m);
  e.set_final(true);
  e.mutable_receipt()->set_state(proto::DELIVERED);
  audit_.event(0, e);
  EXPECT_EQ(wrong(), "receipts");
}

// A message whose ids the engine knows: its receipt is answered now, and later it is told to have
// none, as the engine decided at `made`.
void Oracle::told_missing(Civil made) {
  const size_t m = push(Class::otp);
  acknowledge(m);
  const size_t s = submit(m);
  audit_.accepted(s, "a1");
  auto submitted = event(m);
  submitted.mutable_submitted()->add_smsc_message_ids("a1");
  audit_.event(0, submitted);
  audit_.receipt_sent(s, smpp::MessageState::delivered);
  audit_.receipt_taken(s, smpp::MessageState::delivered, stamp());
  auto e = event(m);
  e.set_final(true);
  e.set_time_ms(gateway::to_ms(made));
  e.mutable_receipt_missing();
  audit_.event(0, e);
  audit_.finish();
}

TEST_F(Oracle, a_receipt_that_was_answered_may_not_be_told_missing) {
  told_missing(at_noon() + 1ms);
  EXPECT_EQ(wrong(), "receipts");
}

TEST_F(Oracle, a_receipt_that_came_after_the_end_was_decided_is_too_late) {
  told_missing(at_noon() - 1ms);
  EXPECT_EQ(wrong(), "");
}

TEST_F(Oracle, a_part_that_does_not_follow_its_first_is_seen) {
  const size_t m = push(Class::otp);
  acknowledge(m);
  auto s = sent(m);
  s.parts = 2;
  s.part = 2;
  audit_.submitted(s);
  EXPECT_EQ(wrong(), "I9");
}

TEST_F(Oracle, a_route_that_no_rule_names_is_seen) {
  plan_.settings.tenants[0].routing[0].routes.pop_back();
  const size_t m = push(Class::otp);
  acknowledge(m);
  auto s = sent(m);
  s.route = 1;
  audit_.submitted(s);
  EXPECT_EQ(wrong(), "routes");
}

TEST_F(Oracle, a_number_may_not_leave_its_route_without_a_reason) {
  for (const size_t route : {0u, 1u}) {
    const size_t m = push(Class::otp);
    acknowledge(m, proto::QUEUED);
    auto s = sent(m);
    s.route = route;
    audit_.answered(audit_.submitted(s), smpp::Status::ESME_ROK);
    auto e = event(m);
    e.set_final(true);
    e.mutable_receipt_missing();
    audit_.event(0, e);
  }
  EXPECT_EQ(wrong(), "");
  audit_.finish();
  EXPECT_EQ(wrong(), "routes");
}

TEST_F(Oracle, what_one_route_has_taken_another_may_not_send) {
  const size_t m = push(Class::otp);
  acknowledge(m);
  auto s = sent(m);
  s.parts = 2;
  audit_.answered(audit_.submitted(s), smpp::Status::ESME_ROK);
  wait(1s);
  s.part = 2;
  s.route = 1;
  s.serial = 2;
  s.stamp = stamp();
  audit_.submitted(s);
  EXPECT_TRUE(audit_.violation());
}

TEST_F(Oracle, a_burst_above_the_budget_is_seen_at_the_end) {
  plan_.settings.routes[0].rate_pdus = 10;
  plan_.settings.routes[0].burst_pdus = 1;
  for (int k = 0; k < 40; ++k) {
    const size_t m = push(Class::notification);
    acknowledge(m);
    audit_.answered(submit(m), smpp::Status::ESME_RX_T_APPN);
    auto e = event(m);
    e.set_final(true);
    e.mutable_expired();
    audit_.event(0, e);
  }
  EXPECT_EQ(wrong(), "");
  audit_.finish();
  EXPECT_EQ(wrong(), "I10");
}

// ---- The mutations.

TEST(Mutations, still_apply_to_the_engine_as_it_is) {
  const std::filesystem::path source(TACT_SOURCE_DIR);
  int patches = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source / "tests/sim/mutations")) {
    if (entry.path().extension() != ".patch") continue;
    ++patches;
    const std::string command = "git -C '" + source.string() +
                                "' apply --check --unsafe-paths --directory='" + source.string() +
                                "' '" + entry.path().string() + "'";
    EXPECT_EQ(std::system(command.c_str()), 0) << entry.path();
  }
  EXPECT_GE(patches, 10);
}

}  // namespace
}  // namespace tact::sim
