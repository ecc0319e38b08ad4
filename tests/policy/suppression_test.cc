// SPDX-License-Identifier: Apache-2.0
#include "policy/suppression.h"

#include <atomic>
#include <thread>

#include "tests/policy/fixture.h"

namespace tact::policy {
namespace {

using test::at;
const Instant kNow = at("2026-03-18T10:00+08:00");

TEST(suppression, otp_and_crisis_are_never_blocked) {
  Suppression s;
  s.set(1, 5, kAllClasses, Block::opt_out, true, kNow, 9);
  EXPECT_FALSE(s.blocked(1, 5, Class::otp));
  EXPECT_FALSE(s.blocked(1, 5, Class::crisis));
  EXPECT_TRUE(s.blocked(1, 5, Class::notification));
  EXPECT_TRUE(s.blocked(1, 5, Class::collection));
  EXPECT_TRUE(s.blocked(1, 5, Class::marketing));
}

SuppressionEntry withdrawal(uint64_t key, MessageId before) {
  SuppressionEntry entry;
  entry.scope = kWithdrawnScope;
  entry.number = key;
  entry.proof = before;
  entry.blocks.fill(static_cast<BlockMask>(Block::withdrawn));
  return entry;
}

TEST(suppression, a_withdrawal_concerns_its_owners_older_messages_only) {
  Suppression s;
  EXPECT_FALSE(s.withdrawn(1, 50, "spring"));
  s.put(withdrawal(withdrawn_key(1, uint64_t{50}), 100));
  EXPECT_TRUE(s.withdrawn(1, 50, ""));
  EXPECT_FALSE(s.withdrawn(1, 51, ""));
  EXPECT_FALSE(s.withdrawn(2, 50, ""));
  s.put(withdrawal(withdrawn_key(1, "spring"), 100));
  EXPECT_TRUE(s.withdrawn(1, 99, "spring"));
  EXPECT_FALSE(s.withdrawn(1, 100, "spring"));
  EXPECT_FALSE(s.withdrawn(1, 99, "autumn"));
  EXPECT_FALSE(s.withdrawn(2, 99, "spring"));
  EXPECT_EQ(s.size(), 0u) << "withdrawals are no opt-outs";
}

TEST(suppression, a_withdrawal_that_ended_is_forgotten) {
  Suppression s;
  auto entry = withdrawal(withdrawn_key(1, "spring"), 100);
  s.put(entry);
  s.put(entry);
  entry.blocks = {};
  s.put(entry);
  EXPECT_FALSE(s.withdrawn(1, 99, "spring"));
  s.put(withdrawal(withdrawn_key(1, "autumn"), 100));
  EXPECT_TRUE(s.withdrawn(1, 99, "autumn"));
}

TEST(suppression, is_scoped_by_brand_number_and_class) {
  Suppression s;
  s.set(1, 5, mask(Class::marketing), Block::opt_out, true, kNow, 9);
  EXPECT_FALSE(s.blocked(2, 5, Class::marketing));
  EXPECT_FALSE(s.blocked(1, 6, Class::marketing));
  EXPECT_FALSE(s.blocked(1, 5, Class::collection));
  EXPECT_FALSE(s.blocked(1, 5, Class::unset));
}

TEST(suppression, a_pause_that_is_lifted_for_one_class_stands_for_the_others) {
  using std::chrono::hours;
  Suppression s;
  const Instant until = kNow + hours(72);
  s.set(1, 5, mask(Class::marketing), Block::pause, true, kNow, 8, until);
  s.set(1, 5, mask(Class::collection), Block::pause, true, kNow, 9, until);
  s.set(1, 5, mask(Class::marketing), Block::pause, false, kNow, 10);
  EXPECT_EQ(s.blocks(1, 5, Class::marketing, kNow), 0);
  EXPECT_EQ(s.pause_until(1, 5), until) << "else it would have no end";
  EXPECT_TRUE(contains(s.blocks(1, 5, Class::collection, kNow), Block::pause));
  EXPECT_EQ(s.blocks(1, 5, Class::collection, until), 0);
  s.set(1, 5, mask(Class::collection), Block::pause, false, kNow, 11);
  EXPECT_EQ(s.pause_until(1, 5), Instant{});
}

TEST(suppression, repeating_an_opt_out_keeps_the_first_proof) {
  Suppression s;
  s.set(1, 5, mask(Class::marketing), Block::opt_out, true, kNow, 9);
  const auto e =
      s.set(1, 5, mask(Class::marketing), Block::opt_out, true, kNow + std::chrono::hours(1), 10);
  EXPECT_EQ(e.proof, 9u);
  EXPECT_EQ(e.since, kNow);
}

TEST(suppression, lifting_one_reason_leaves_the_other) {
  Suppression s;
  s.set(1, 5, mask(Class::collection), Block::opt_out, true, kNow, 9);
  s.set(1, 5, mask(Class::collection), Block::wrong_party, true, kNow, 10);
  s.set(1, 5, mask(Class::collection), Block::opt_out, false, kNow, 11);
  EXPECT_FALSE(s.blocked(1, 5, Class::collection));
  EXPECT_EQ(s.blocks(1, 5, Class::collection, kNow), BlockMask(Block::wrong_party));
  EXPECT_EQ(s.size(), 1u) << "a lifted block stays known";
}

TEST(suppression, a_pause_ends_by_itself) {
  Suppression s;
  s.set(1, 5, mask(Class::marketing), Block::pause, true, kNow, 9, kNow + std::chrono::hours(72));
  EXPECT_NE(s.blocks(1, 5, Class::marketing, kNow), 0);
  EXPECT_EQ(s.blocks(1, 5, Class::marketing, kNow + std::chrono::hours(72)), 0);
  EXPECT_FALSE(s.blocked(1, 5, Class::marketing));
}

TEST(suppression, every_entry_is_exported_and_comes_back) {
  Suppression s;
  for (NumberHash n = 0; n < 5000; ++n) {
    s.set(static_cast<uint16_t>(n % 3 + 1), n, mask(Class::marketing), Block::opt_out, n % 7 != 0,
          kNow, n);
  }
  Suppression copy;
  size_t seen = 0;
  s.each([&](const SuppressionEntry& e) {
    ++seen;
    copy.put(e);
  });
  EXPECT_EQ(seen, 5000u);
  for (NumberHash n = 0; n < 5000; ++n) {
    const auto scope = static_cast<uint16_t>(n % 3 + 1);
    ASSERT_EQ(copy.get(scope, n), s.get(scope, n));
  }
}

TEST(suppression, readers_see_each_entry_whole_while_the_writer_writes) {
  Suppression s;
  constexpr NumberHash kNumbers = 20000;
  std::atomic<bool> done = false;
  std::atomic<NumberHash> written = 0;
  std::atomic<int> wrong = 0;
  const auto read = [&] {
    while (!done.load()) {
      const NumberHash upto = written.load(std::memory_order_acquire);
      for (NumberHash n = upto > 50 ? upto - 50 : 0; n < upto; ++n) {
        if (!s.blocked(1, n, Class::marketing)) ++wrong;
        if (s.get(1, n).proof != n) ++wrong;
      }
    }
  };
  std::thread one(read);
  std::thread two(read);
  for (NumberHash n = 0; n < kNumbers; ++n) {
    s.set(1, n, kAllClasses, Block::opt_out, true, kNow, n);
    written.store(n + 1, std::memory_order_release);
  }
  done.store(true);
  one.join();
  two.join();
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_EQ(s.size(), kNumbers);
}

}  // namespace
}  // namespace tact::policy
