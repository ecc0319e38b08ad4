// SPDX-License-Identifier: Apache-2.0
#include "policy/caps.h"

#include <random>

#include "policy/compiled.h"

#include "tests/policy/fixture.h"

namespace tact::policy {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using test::at;
using test::iso;

const Instant kNow = at("2026-03-18T10:00+08:00");
constexpr Counted kDebts{mask(Class::collection), 1, 0};

// A contact and the slots that it shows.
struct Owned {
  std::vector<Slot> slots;
  operator Contact() const { return {slots}; }
};

Owned with(std::initializer_list<Instant> times) {
  Owned c;
  MessageId id = 0;
  for (const Instant t : times) {
    c.slots.push_back(Slot{.id = ++id, .brand = 1, .at = t, .cls = Class::collection});
  }
  return c;
}

TEST(caps, other_brands_classes_and_the_message_itself_do_not_count) {
  const Owned c = with({kNow});
  EXPECT_EQ(next_under_cap(c, {mask(Class::collection), 2, 0}, 1, hours(24), kNow), kNow);
  EXPECT_EQ(next_under_cap(c, {mask(Class::marketing), 1, 0}, 1, hours(24), kNow), kNow);
  EXPECT_EQ(next_under_cap(c, {mask(Class::collection), 1, 1}, 1, hours(24), kNow), kNow);
}

TEST(caps, one_window_apart_is_allowed_and_one_moment_less_is_not) {
  const Owned c = with({kNow - hours(24)});
  EXPECT_EQ(next_under_cap(c, kDebts, 1, hours(24), kNow), kNow);
  EXPECT_EQ(next_under_cap(c, kDebts, 1, hours(24), kNow - std::chrono::milliseconds(1)), kNow);
}

TEST(caps, what_waits_for_its_carrier_leaves_now_at_the_earliest) {
  Owned c = with({kNow - hours(30)});
  const Counted now{mask(Class::collection), 1, 0, kNow};
  EXPECT_EQ(next_under_cap(c, now, 1, hours(24), kNow), kNow + hours(24));
  EXPECT_EQ(in_month(c, now, {}, kNow), 0u);
  c.slots[0].sent = true;
  EXPECT_EQ(next_under_cap(c, now, 1, hours(24), kNow), kNow) << "it left when it should";
  c = with({kNow - hours(241)});
  EXPECT_EQ(next_under_cap(c, now, 1, hours(24), kNow), kNow) << "lost";
}

TEST(caps, a_message_planned_ahead_pushes_behind_itself) {
  const Owned c = with({kNow + hours(20)});
  EXPECT_EQ(next_under_cap(c, kDebts, 1, hours(24), kNow), kNow + hours(44));
}

TEST(caps, a_gap_between_planned_messages_is_used) {
  const Owned c = with({kNow, kNow + hours(48)});
  EXPECT_EQ(next_under_cap(c, kDebts, 1, hours(24), kNow + hours(1)), kNow + hours(24));
}

TEST(caps, what_is_due_does_not_wait_for_what_is_planned_behind_it) {
  // Planned at `kNow` and a day later; judged again a moment late.
  const Owned c = with({kNow, kNow + hours(24)});
  const Counted first{mask(Class::collection), 1, 1}, second{mask(Class::collection), 1, 2};
  const Instant late = kNow + std::chrono::milliseconds(5);
  EXPECT_EQ(next_under_cap(c, first, 1, hours(24), late), late);
  // The second one finds the first where it was sent.
  Owned sent = with({late, kNow + hours(24)});
  sent.slots[0].sent = true;
  EXPECT_EQ(next_under_cap(sent, second, 1, hours(24), kNow + hours(24)), late + hours(24));
  // A newcomer has to get behind both.
  EXPECT_EQ(next_under_cap(c, kDebts, 1, hours(24), late), kNow + hours(48));
}

// The naive model: in any window of this length that holds t, count.
bool allowed(const Contact& c, size_t limit, std::chrono::milliseconds window, Instant t) {
  std::vector<Instant> all{t};
  for (const Slot& s : c.slots) all.push_back(s.at.instant());
  for (const Instant begin : all) {
    size_t n = 0;
    for (const Instant u : all) n += u >= begin && u < begin + window;
    if (n > limit && t >= begin && t < begin + window) return false;
  }
  return true;
}

TEST(caps, agree_with_a_naive_model_over_random_contacts) {
  std::mt19937 random(99);
  for (int round = 0; round < 4000; ++round) {
    const size_t limit = 1 + random() % 4;
    const minutes window(30 + random() % 100);
    // Whatever stands there already keeps the cap: only admitted messages are reserved.
    Owned c;
    for (MessageId id = 1; id < 12; ++id) {
      const Instant t = kNow + minutes(random() % 400);
      if (allowed(c, limit, window, t)) {
        c.slots.push_back(Slot{.id = id, .brand = 1, .at = t, .cls = Class::collection});
      }
    }
    const Instant t = kNow + minutes(random() % 400);
    const Instant next = next_under_cap(c, kDebts, static_cast<uint16_t>(limit), window, t);
    ASSERT_TRUE(allowed(c, limit, window, next)) << "round " << round;
    for (Instant u = t; u < next; u += minutes(1)) {
      ASSERT_FALSE(allowed(c, limit, window, u)) << "round " << round;
    }
  }
}

// Jobs, outcomes and cancellations at random against the gate: no window of any kind ever
// overflows, nothing leaves outside hours or on a holiday.
TEST(caps, no_history_of_the_gate_exceeds_them) {
  const uint32_t seed = 2026;
  std::mt19937 random(seed);
  Gate gate(test::rules(), test::segments);
  const Suppression suppression;
  ContactBook book(1);
  Instant now = at("2026-01-20T00:00+08:00");
  std::map<MessageId, Slot> live;  // the model: everything reserved or sent, to one number
  MessageId id = 0;
  for (int step = 0; step < 5000; ++step) {
    now += minutes(random() % 600);
    Submission s = random() % 2 == 0 ? test::promotion() : test::dunning();
    // Never alike, and sometimes answered: this is about caps.
    std::string text(s.text);
    for (const char digit : std::to_string(id)) {
      text.insert(text.find("】") + 3, 1, static_cast<char>(digit - '0' + 'a'));
    }
    s.text = text;
    if (random() % 3 == 0) book.answer(s.number, 0, now);
    s.now = now;
    s.id = ++id;
    const Verdict v = gate.admit(s, book.find(s.number), suppression);
    if (v.action == Action::reject) continue;
    const Instant t = v.action == Action::defer ? v.until : now;
    book.reserve(s.number, id, v.brand, v.cls, t, now);
    live[id] = Slot{.id = id, .brand = v.brand, .at = t, .cls = v.cls};
    if (random() % 5 == 0) {
      book.release(s.number, id, now);
      live.erase(id);
      continue;
    }
    book.settle(s.number, id, v.brand, v.cls, v.advertised, t, now);
    Submission later = s;
    later.cls = v.cls;
    later.brand = v.brand;
    later.now = t;
    ASSERT_EQ(name(gate.release(later, suppression).action), "PASS") << test::iso(t);
    const Zone shanghai = *test::rules()->impl().zones.by_name("Asia/Shanghai");
    const auto [begin, end] = month_of(shanghai, t);
    size_t month = 0;
    for (const auto& [other, slot] : live) {
      const Instant at = slot.at.instant();
      month += at >= begin && at < end;
      if (other == id || slot.cls != v.cls) continue;
      const auto apart = at > t ? at - t : t - at;
      ASSERT_GE(apart, hours(v.cls == Class::collection ? 7 * 24 : 24)) << "seed " << seed;
    }
    ASSERT_LE(month, 8u) << "seed " << seed << " step " << step;
  }
  EXPECT_GT(live.size(), 100u);
}

// Several promotions to one number, each judged again a moment after the time that it was given.
TEST(caps, what_was_put_off_leaves_one_a_day_and_not_never) {
  Gate gate(test::rules(), test::segments);
  const Suppression suppression;
  ContactBook book(1);
  Submission s = test::promotion();
  s.now = *(s.accepted = kNow);
  const std::string texts[] = {
      "【XX银行】甲。详询955XX,拒收请回复R", "【XX银行】乙。详询955XX,拒收请回复R",
      "【XX银行】丙。详询955XX,拒收请回复R", "【XX银行】丁。详询955XX,拒收请回复R",
      "【XX银行】戊。详询955XX,拒收请回复R"};
  std::map<Instant, MessageId> due;
  const auto judge = [&](MessageId id) {
    s.id = id;
    s.text = texts[id - 1];
    const Verdict v = gate.admit(s, book.find(s.number), suppression);
    EXPECT_NE(v.action, Action::reject) << "message " << id << " at " << test::iso(s.now);
    const Instant t = v.action == Action::defer ? v.until : s.now;
    book.reserve(s.number, id, v.brand, v.cls, t, s.now, v.like);
    if (v.action != Action::defer) return true;
    due[std::chrono::ceil<std::chrono::seconds>(t)] = id;
    return false;
  };
  std::vector<Instant> sent;
  for (MessageId id = 1; id <= 5; ++id) {
    if (!judge(id)) continue;
    book.settle(s.number, id, 1, Class::marketing, 0, s.now, s.now);
    sent.push_back(s.now);
  }
  for (int step = 0; step < 50 && !due.empty(); ++step) {
    const auto [time, id] = *due.begin();
    due.erase(due.begin());
    s.now = time + std::chrono::milliseconds(5);
    if (!judge(id)) continue;
    book.settle(s.number, id, 1, Class::marketing, 0, s.now, s.now);
    sent.push_back(s.now);
  }
  ASSERT_EQ(sent.size(), 5u);
  for (size_t k = 1; k < sent.size(); ++k) EXPECT_GE(sent[k] - sent[k - 1], hours(24));
  EXPECT_LT(sent.back() - sent.front(), hours(24 * 6));
}

}  // namespace
}  // namespace tact::policy
