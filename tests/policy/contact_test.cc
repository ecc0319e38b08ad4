// SPDX-License-Identifier: Apache-2.0
#include "policy/contact.h"

#include <random>
#include <set>

#include "tests/policy/fixture.h"

namespace tact::policy {
namespace {

using std::chrono::hours;
using test::at;

const Instant kNow = at("2026-03-18T10:00+08:00");

// As evenly as the keyed hash of a number.
NumberHash spread(uint64_t n) { return (n + 1) * 0x9e3779b97f4a7c15; }

std::string encoded(const ContactChange& change) {
  const auto octets = change.encode();
  return {octets.begin(), octets.end()};
}

std::optional<ContactChange> decoded(std::string_view bytes) {
  const auto change = ContactChange::read(bytes);
  return bytes.empty() ? change : std::nullopt;
}

std::string bytes_of(ContactBook& book, Instant now) {
  std::string all;
  for (size_t i = 0; i < ContactBook::kParts; ++i) book.snapshot(i, now, all);
  return all;
}

TEST(contact_change, damaged_bytes_are_refused) {
  ContactBook book(1);
  const std::string bytes = encoded(book.reserve(2, 3, 4, Class::marketing, kNow, kNow));
  ASSERT_EQ(bytes.size(), ContactChange::kBytes);
  EXPECT_FALSE(decoded(""));
  EXPECT_FALSE(decoded(bytes.substr(1)));
  EXPECT_FALSE(decoded(bytes + "x"));
  for (const size_t field : {0, 1, 2}) {
    std::string bad = bytes;
    bad[field] = 77;
    EXPECT_FALSE(decoded(bad)) << field;
  }
  EXPECT_FALSE(decoded(std::string(bytes).replace(16, 8, 8, '\0'))) << "no id";
}

TEST(contact_change, survives_its_encoding) {
  ContactBook book(1);
  const auto change =
      book.settle(0xfedcba9876543210u, 1ull << 63, 65535, Class::otp, 15, kNow, kNow - hours(1));
  EXPECT_EQ(decoded(encoded(change)), change);
  const Likeness like{.text = 0xffffffff, .campaign = 0x7fffffff};
  const auto reserved = book.reserve(2, 3, 4, Class::marketing, kNow, kNow, like);
  EXPECT_EQ(decoded(encoded(reserved)), reserved);
  EXPECT_FALSE(decoded(encoded(reserved).substr(0, ContactChange::kBytes)));
  const auto answer = book.answer(2, 0, kNow);
  EXPECT_EQ(decoded(encoded(answer)), answer);
}

// A record as older releases wrote it, octet by octet: stores hold them.
TEST(contact_change, one_without_likeness_is_as_it_always_was) {
  const std::string old(
      "\x01\x02\x05\x03\x07\x00\x04\x00"
      "\x10\x32\x54\x76\x98\xba\xdc\xfe"
      "\x03\x00\x00\x00\x00\x00\x00\x80"
      "\x00\x3a\x4b\xfb\x9c\x01\x00\x00"
      "\x01\x3a\x4b\xfb\x9c\x01\x00\x00",
      40);
  const auto change = decoded(old);
  ASSERT_TRUE(change);
  const auto ms = [](int64_t n) { return Instant(std::chrono::milliseconds(n)); };
  EXPECT_EQ(*change, (ContactChange{.kind = ContactChange::Kind::settle,
                                    .cls = Class::marketing,
                                    .advertised = 3,
                                    .tenant = 7,
                                    .brand = 4,
                                    .number = 0xfedcba9876543210u,
                                    .id = 0x8000000000000003u,
                                    .at = ms(0x19cfb4b3a00),
                                    .now = ms(0x19cfb4b3a01)}));
  EXPECT_EQ(encoded(*change), old);
  EXPECT_FALSE(decoded(std::string(old).replace(1, 1, 1, '\4'))) << "an answer has no id";
}

TEST(contact, a_snapshot_of_the_first_format_is_still_read) {
  // number 0 is of part 0: id 3, at 0x19cfb4b3a00, brand 4, MARKETING, R and T, sent
  const std::string old(
      "\x01"
      "\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x01\x00"
      "\x03\x00\x00\x00\x00\x00\x00\x00"
      "\x00\x3a\x4b\xfb\x9c\x01\x00\x00"
      "\x04\x00\x05\x03\x01",
      34);
  ContactBook book(1);
  EXPECT_FALSE(book.restore(0, old.substr(0, 33)));
  EXPECT_FALSE(book.restore(0, old + 'x'));
  ASSERT_TRUE(book.restore(0, old));
  ASSERT_EQ(book.find(0).slots.size(), 1u);
  const Slot& slot = book.find(0).slots[0];
  EXPECT_EQ(slot.id, 3u);
  EXPECT_EQ(slot.at.instant(), Instant(std::chrono::milliseconds(0x19cfb4b3a00)));
  EXPECT_EQ(slot.brand, 4u);
  EXPECT_EQ(slot.advertised, 3);
  EXPECT_TRUE(slot.sent);
  EXPECT_FALSE(book.find(0).likeness(3).known());
}

TEST(contact, a_likeness_stays_with_its_slot_and_leaves_with_it) {
  ContactBook book(1);
  const Likeness like{.text = 77, .campaign = 88};
  book.reserve(5, 10, 1, Class::collection, kNow, kNow, like);
  book.reserve(5, 10, 1, Class::collection, kNow, kNow, {.text = 78});
  book.answer(5, 1, kNow);
  EXPECT_EQ(book.find(5).likeness(10), like)
      << "not sent yet; and the first text is the producer's";
  book.settle(5, 10, 1, Class::collection, 0, kNow + hours(1), kNow + hours(1));
  book.answer(5, 1, kNow);
  EXPECT_EQ(book.find(5).likeness(10), like) << "the reply came before it";
  book.answer(5, 2, kNow + hours(2));
  EXPECT_EQ(book.find(5).likeness(10), like) << "a reply to another brand";
  book.answer(5, 0, kNow + hours(2));
  EXPECT_EQ(book.find(5).likeness(10).answered, 1u);
  book.settle(5, 10, 1, Class::collection, 0, kNow + hours(1), kNow + hours(3));
  EXPECT_EQ(book.find(5).likeness(10).answered, 1u);
  EXPECT_EQ(book.find(5).likeness(10).text, 77u);

  book.reserve(5, 11, 1, Class::marketing, kNow, kNow, {.text = 79});
  book.release(5, 10, kNow);
  EXPECT_FALSE(book.find(5).likeness(10).known());
  book.reserve(5, 12, 1, Class::marketing, kNow + hours(24 * 40), kNow + hours(24 * 40), like);
  EXPECT_FALSE(book.find(5).likeness(11).known()) << "stale";
  book.answer(6, 0, kNow);
  EXPECT_EQ(book.size(), 1u) << "a stranger's reply makes no contact";
}

TEST(likeness, amounts_may_count_and_folding_words_at_a_time_changes_nothing) {
  EXPECT_EQ(text_digest("满1000元减20元", false), text_digest("满99元减5元", false));
  EXPECT_NE(text_digest("满1000元减20元", true), text_digest("满99元减5元", true));
  EXPECT_EQ(text_digest("满元减元", true), text_digest("满1000元减20元", false));
  EXPECT_NE(text_digest("", false), 0u);
  // A digit at every place of a word, beside every octet that might be taken for one.
  const std::string plain = "abcdefgh/:/:ijklmnop\xe6\xbb\xa1\xb0\xb9qrstuvwx";
  for (size_t at = 0; at <= plain.size(); ++at) {
    for (const char* digits : {"0", "9", "12345678", "314159265"}) {
      EXPECT_EQ(text_digest(std::string(plain).insert(at, digits), false), text_digest(plain, true))
          << at << digits;
    }
  }
}

TEST(likeness, differs_by_text_by_campaign_and_by_whose_it_is) {
  std::set<uint32_t> texts, campaigns;
  for (int i = 0; i < 1000; ++i) {
    texts.insert(text_digest("您的信用卡账单已出" + std::to_string(i), true));
    campaigns.insert(campaign_digest(1, std::to_string(i)));
    campaigns.insert(campaign_digest(2, std::to_string(i)));
  }
  EXPECT_EQ(texts.size(), 1000u);
  EXPECT_EQ(campaigns.size(), 2000u);
  EXPECT_EQ(campaign_digest(1, ""), 0u);
}

TEST(contact, an_unknown_one_is_empty) {
  const ContactBook book(1);
  EXPECT_TRUE(book.find(2).slots.empty());
  EXPECT_EQ(book.find(2).last_sent(0, kNow), nullptr);
}

TEST(contact, releasing_what_is_not_there_changes_nothing) {
  ContactBook book(1);
  book.release(2, 3, kNow);
  EXPECT_EQ(book.size(), 0u);
}

TEST(contact, changes_and_snapshots_of_another_tenant_are_not_taken) {
  ContactBook book(1);
  ContactBook other(2);
  other.apply(book.reserve(5, 10, 1, Class::marketing, kNow, kNow));
  EXPECT_EQ(book.find(5).slots.size(), 1u);
  EXPECT_TRUE(other.find(5).slots.empty());
  std::string bytes;
  book.snapshot(0, kNow, bytes);
  EXPECT_FALSE(other.restore(0, bytes));
}

// One slot lies in the table, two lie beside it, and the way back leads through both.
TEST(contact, slots_come_and_go_one_by_one) {
  ContactBook book(1);
  for (MessageId id = 10; id < 13; ++id) book.reserve(5, id, 1, Class::otp, kNow, kNow);
  EXPECT_EQ(book.find(5).slots.size(), 3u);
  for (MessageId id = 10; id < 13; ++id) {
    book.release(5, id, kNow);
    ASSERT_EQ(book.find(5).slots.size(), 12 - id);
  }
  EXPECT_EQ(book.size(), 0u);
  book.reserve(5, 20, 1, Class::otp, kNow, kNow);
  ASSERT_EQ(book.find(5).slots.size(), 1u);
  EXPECT_EQ(book.find(5).slots[0].id, 20u);
}

TEST(contact, reserving_again_moves_the_slot_and_settling_keeps_it_one) {
  ContactBook book(1);
  book.reserve(5, 10, 1, Class::marketing, kNow + hours(1), kNow);
  book.reserve(5, 10, 1, Class::marketing, kNow + hours(2), kNow);
  book.settle(5, 10, 1, Class::marketing, 3, kNow + hours(3), kNow + hours(3));
  ASSERT_EQ(book.find(5).slots.size(), 1u);
  EXPECT_EQ(book.find(5).slots[0].at.instant(), kNow + hours(3));
  book.release(5, 10, kNow);
  EXPECT_EQ(book.size(), 0u);
}

TEST(contact, a_short_instant_keeps_the_millisecond_and_ends_at_its_bounds) {
  using std::chrono::milliseconds;
  const auto there_and_back = [](Instant t) { return ShortInstant(t).instant(); };
  const Instant first = std::chrono::sys_days(std::chrono::year(2020) / 1 / 1);
  const Instant last = first + milliseconds((int64_t{1} << 40) - 1);
  for (const Instant t : {first, first + milliseconds(1), kNow, last}) {
    EXPECT_EQ(there_and_back(t), t);
  }
  EXPECT_EQ(there_and_back(Instant{}), first);
  EXPECT_EQ(there_and_back(first - milliseconds(1)), first);
  EXPECT_EQ(there_and_back(last + milliseconds(1)), last);
  EXPECT_EQ(there_and_back(Instant::max()), last);
  EXPECT_EQ(there_and_back(Instant::min()), first);
}

TEST(contact, last_sent_is_the_brands_latest_within_72_hours) {
  ContactBook book(1);
  book.settle(5, 10, 1, Class::marketing, bit(Keyword::r), kNow, kNow);
  book.settle(5, 11, 2, Class::otp, 0, kNow + hours(1), kNow);
  book.reserve(5, 12, 1, Class::collection, kNow + hours(2), kNow);
  const Contact c = book.find(5);
  ASSERT_NE(c.last_sent(1, kNow + hours(3)), nullptr);
  EXPECT_EQ(c.last_sent(1, kNow + hours(3))->id, 10u);
  EXPECT_EQ(c.last_sent(0, kNow + hours(3))->id, 11u);
  EXPECT_NE(c.last_sent(1, kNow + hours(72)), nullptr);
  EXPECT_EQ(c.last_sent(1, kNow + hours(72) + std::chrono::milliseconds(1)), nullptr);
}

TEST(contact, what_was_written_lately_is_known_by_class_and_brand) {
  ContactBook book(1);
  book.settle(5, 10, 1, Class::notification, 0, kNow, kNow);
  book.settle(5, 11, 1, Class::otp, 0, kNow + hours(1), kNow);
  book.reserve(5, 12, 1, Class::collection, kNow + hours(2), kNow);
  const Contact c = book.find(5);
  const auto notices = mask(Class::notification);
  EXPECT_TRUE(c.wrote(1, notices, kNow + hours(72))) << "an OTP came behind it";
  EXPECT_TRUE(c.wrote(0, notices, kNow + hours(1)));
  EXPECT_FALSE(c.wrote(2, notices, kNow + hours(1)));
  EXPECT_FALSE(c.wrote(1, notices, kNow + hours(72) + std::chrono::milliseconds(1)));
  EXPECT_FALSE(c.wrote(1, mask(Class::collection), kNow + hours(1))) << "still to come";
  EXPECT_TRUE(c.wrote(1, mask(Class::collection), kNow + hours(2))) << "perhaps not known as sent";
}

TEST(contact, stale_slots_leave_at_the_next_change) {
  ContactBook book(1);
  book.settle(5, 10, 1, Class::otp, 0, kNow, kNow);
  book.settle(5, 11, 1, Class::marketing, 0, kNow, kNow);
  book.reserve(5, 12, 1, Class::otp, kNow + hours(100), kNow + hours(100));
  EXPECT_EQ(book.find(5).slots.size(), 2u);
}

TEST(contact, snapshots_with_damage_are_refused) {
  ContactBook book(1);
  for (NumberHash n = 0; n < 2000; ++n) {
    book.reserve(spread(n), n + 1, 1, Class::otp, kNow, kNow);
  }
  std::string bytes;
  book.snapshot(3, kNow, bytes);
  ASSERT_GT(bytes.size(), 100u);
  ContactBook other(1);
  EXPECT_FALSE(other.restore(3, ""));
  for (size_t n = 2; n < 80; ++n) {
    const bool whole = (n - 1) % 33 == 0;
    EXPECT_EQ(other.restore(3, bytes.substr(0, n)), whole) << n;
  }
  EXPECT_FALSE(other.restore(3, std::string(bytes).replace(13, 8, 8, '\0'))) << "no id";
  EXPECT_FALSE(other.restore(4, bytes)) << "another part's";
  EXPECT_TRUE(other.restore(3, bytes));
}

// Changes decoded from their bytes and replayed over an older snapshot make the same book.
TEST(contact, replay_over_a_snapshot_equals_the_original) {
  std::mt19937_64 random(42);
  ContactBook book(1);
  ContactBook replayed(1);
  std::vector<ContactChange> all;
  Instant now = kNow;
  for (int step = 0; step < 20000; ++step) {
    now += std::chrono::milliseconds(random() % 600000);
    const MessageId id = 1 + random() % 2000;
    const NumberHash number = spread(id % 200);
    const auto cls = static_cast<Class>(1 + random() % 5);
    const auto brand = static_cast<uint16_t>(1 + random() % 3);
    ContactChange change;
    switch (random() % 4) {
      case 0:
        change = book.reserve(number, id, brand, cls, now + hours(random() % 200), now,
                              {.text = static_cast<uint32_t>(random() % 3)});
        break;
      case 3:
        change = book.answer(number, static_cast<uint16_t>(random() % 4), now);
        break;
      case 1:
        change = book.settle(number, id, brand, cls, random() % 16, now, now);
        break;
      default:
        change = book.release(number, id, now);
    }
    all.push_back(change);
    replayed.apply(decoded(encoded(change)).value());
    if (step == 10000) {
      ContactBook fresh(1);
      for (size_t i = 0; i < ContactBook::kParts; ++i) {
        std::string part;
        replayed.snapshot(i, now, part);
        ASSERT_TRUE(fresh.restore(i, part));
      }
      replayed = std::move(fresh);
    }
  }
  EXPECT_EQ(bytes_of(book, now), bytes_of(replayed, now));
  EXPECT_GT(book.size(), 100u);
  ContactBook at_once(1);
  at_once.apply(all);
  EXPECT_EQ(bytes_of(book, now), bytes_of(at_once, now));
}

}  // namespace
}  // namespace tact::policy
