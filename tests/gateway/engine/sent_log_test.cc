// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/sent_log.h"

#include <gtest/gtest.h>

#include <map>

#include "gateway/engine/awaiting.h"
#include "gateway/engine/commit_builder.h"
#include "gateway/engine/keys.h"
#include "gateway/engine/rng.h"
#include "tests/gateway/engine/fake_store.h"
#include "tests/gateway/engine/sealers.h"

namespace tact::gateway {
namespace {

using namespace std::chrono_literals;
constexpr RouteId kRoute{7};
constexpr NumberHash kNumber = 0x1111;

// One route's waiting messages over a disk that may lose what was not written yet, beside a model
// of what the disk must say.
class SentLogTest : public testing::Test {
 protected:
  SentLogTest() { start(); }

  void start() {
    awaiting_ = std::make_unique<Awaiting>(30s, receipts_, 0xffff, kRoute);
    damaged_ = awaiting_->start(store_, now_, limit_);
    turn_ = 1;
  }
  void crash() {
    store_.crash();
    out_ = std::make_unique<CommitBuilder>(ShardId{0}, limits_, sealer_);
    start();
  }

  uint64_t add(int id) {
    Sent sent;
    sent.id = MessageId{static_cast<uint64_t>(id)};
    sent.number = kNumber;
    sent.cls = Class::notification;
    sent.parts = {{SentPart::Answer::accepted, smpp::MessageState::enroute, std::to_string(id)}};
    const auto entry = awaiting_->add(sent, now_, from_ms(1'700'000'000'000 + now_ / 1ms));
    awaiting_->save(entry, *out_);
    return entry.sent;
  }
  Awaiting::Match find(int id) {
    auto match = awaiting_->find(std::to_string(id), {}, kNumber, std::nullopt);
    return match ? std::move(*match) : Awaiting::Match{};
  }
  bool waits(int id) { return find(id).entry.sent != 0; }
  void progress(int id) {
    auto match = find(id);
    const auto entry = match.entry;
    awaiting_->receipt(std::move(match), std::to_string(id), smpp::MessageState::accepted, "");
    awaiting_->save(entry, *out_);
  }
  void end(int id) {
    const auto match = find(id);
    awaiting_->end(match.entry, match.sent, *out_);
  }
  // The turn ends; what it says is on disk if it is written.
  void turn(bool written = true) {
    awaiting_->commit(*out_, now_);
    if (auto commit = out_->take(turn_, from_ms(0))) store_.commit(std::move(commit));
    awaiting_->committing(++turn_);
    while (written && store_.write_one()) {
    }
    if (written) awaiting_->spill(limit_, turn_ - 1);
  }

  test::FakeStore store_{1};
  PlainSealer sealer_;
  LimitSettings limits_;
  std::unique_ptr<CommitBuilder> out_ =
      std::make_unique<CommitBuilder>(ShardId{0}, limits_, sealer_);
  ReceiptsPer receipts_ = ReceiptsPer::part;
  std::unique_ptr<Awaiting> awaiting_;
  Mono now_{1h};
  size_t limit_ = SIZE_MAX;
  uint64_t turn_ = 1;
  uint64_t damaged_ = 0;
};

TEST_F(SentLogTest, a_short_life_leaves_no_row) {
  add(1);
  turn();
  end(1);
  turn();
  EXPECT_TRUE(store_.table(Table::awaiting).empty());
  EXPECT_EQ(store_.awaiting(), 0u);
  now_ += 2s;
  turn();
  turn();
  EXPECT_TRUE(store_.table(Table::sent).empty());
}

// A turn's record of many entries is packed, one of few is not; both come back.
TEST_F(SentLogTest, a_full_turn_comes_back_after_a_crash) {
  for (int id = 1; id <= 100; ++id) add(id);
  turn();
  ASSERT_EQ(store_.table(Table::sent).size(), 1u);
  EXPECT_LT(store_.table(Table::sent).begin()->second.size(), 100u * 40u);
  add(101);
  end(7);
  turn();
  crash();
  EXPECT_EQ(damaged_, 0u);
  for (int id = 1; id <= 101; ++id) EXPECT_EQ(waits(id), id != 7) << id;
}

TEST_F(SentLogTest, what_is_waited_for_long_gets_a_row) {
  add(1);
  add(2);
  turn();
  end(2);
  now_ += 11s;
  turn();
  EXPECT_EQ(store_.table(Table::awaiting).size(), 1u);
  EXPECT_EQ(store_.awaiting(), 1u);
  crash();
  EXPECT_TRUE(waits(1));
  EXPECT_FALSE(waits(2));
  end(1);
  turn();
  EXPECT_EQ(store_.awaiting(), 0u);
  crash();
  EXPECT_FALSE(waits(1));
}

TEST_F(SentLogTest, what_moved_and_ended_does_not_come_back_from_the_log) {
  add(1);
  turn();
  now_ += 11s;
  add(2);  // the log goes on
  turn();
  end(1);
  turn();
  // Its old record is still stored: nothing was erased in less than a second.
  EXPECT_FALSE(store_.table(Table::sent).empty());
  crash();
  EXPECT_FALSE(waits(1));
  EXPECT_TRUE(waits(2));
}

TEST_F(SentLogTest, a_log_that_was_empty_at_a_start_goes_on_behind_its_floor) {
  add(1);
  turn();
  now_ += 11s;
  turn();  // moves it
  now_ += 2s;
  turn();
  ASSERT_TRUE(store_.table(Table::sent).empty());
  crash();
  add(2);
  turn();
  crash();
  EXPECT_TRUE(waits(1));
  EXPECT_TRUE(waits(2));
}

TEST_F(SentLogTest, more_than_the_limit_move_at_once_and_are_spilled) {
  limit_ = 10;
  for (int id = 0; id < 50; ++id) {
    add(id);
    turn();
  }
  turn();
  turn();
  EXPECT_GE(awaiting_->spilled(), 38u);
  EXPECT_EQ(awaiting_->size() + awaiting_->spilled(), 50u);
  EXPECT_EQ(store_.awaiting(), 50u);
}

// Octet by octet, but for the checksum: a layout that changes fails here.
TEST_F(SentLogTest, the_stored_form) {
  const uint64_t sent = add(1);
  turn();
  const auto& log = store_.table(Table::sent);
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log.begin()->first, std::string("\0\x07\0\0\0\0\0\0\0\x01", 10));
  const auto number = [](const std::string& s, size_t at, size_t octets) {
    uint64_t value = 0;
    for (size_t i = octets; i-- > 0;) value = value << 8 | static_cast<uint8_t>(s[at + i]);
    return value;
  };
  const std::string put = log.begin()->second;
  EXPECT_EQ(put[4], 1);
  EXPECT_EQ(number(put, 5, 8), sent);
  EXPECT_EQ(number(put, 13, 4), put.size() - 17);
  end(1);
  turn();
  const std::string& ended = log.rbegin()->second;
  EXPECT_EQ(ended.size(), 13u);
  EXPECT_EQ(ended[4], 2);
  EXPECT_EQ(number(ended, 5, 8), sent);
}

TEST_F(SentLogTest, a_damaged_record_is_told_and_the_others_stand) {
  add(1);
  turn();
  add(2);
  turn();
  store_.table(Table::sent).begin()->second.back() ^= 1;
  crash();
  EXPECT_EQ(damaged_, 1u);
  EXPECT_FALSE(waits(1));
  EXPECT_TRUE(waits(2));
}

TEST_F(SentLogTest, what_moved_is_not_read_twice_when_the_last_record_is_damaged) {
  add(1);
  turn();
  now_ += 11s;
  add(2);
  turn();  // moves the first
  ASSERT_EQ(store_.table(Table::awaiting).size(), 1u);
  store_.table(Table::sent).rbegin()->second.back() ^= 1;
  crash();
  EXPECT_EQ(damaged_, 1u);
  EXPECT_EQ(awaiting_->size(), 1u);
}

TEST_F(SentLogTest, a_record_at_a_place_that_cannot_be_is_left_alone) {
  add(1);
  turn();
  auto& log = store_.table(Table::sent);
  const std::string value = log.begin()->second;
  for (const uint64_t place : {uint64_t{0}, uint64_t{1} << 40, UINT64_MAX}) {
    log[route_seq_key(kRoute, place)] = value;
  }
  crash();
  EXPECT_EQ(damaged_, 3u);
  EXPECT_EQ(awaiting_->size(), 1u);
}

// A whole checksum over what no version of ours writes.
TEST_F(SentLogTest, octets_that_are_no_entry_end_the_reading) {
  const std::string bodies[] = {"\x02", std::string("\x02\1\0\0\0", 5), std::string(9, '\3'),
                                std::string("\x02\0\0\0\0\0\0\0\0", 9),
                                std::string("\x01\1\0\0\0\0\0\0\0\xff\xff\xff\xff", 13)};
  for (const std::string& body : bodies) {
    std::string value(4, '\0');
    for (size_t i = 0; i < 4; ++i) value[i] = static_cast<char>(crc32c(body) >> (8 * i));
    store_.table(Table::sent)[route_seq_key(kRoute, 1)] = value + body;
    crash();
    EXPECT_EQ(damaged_, 1u);
    EXPECT_EQ(awaiting_->size(), 0u);
  }
}

TEST_F(SentLogTest, every_cut_of_a_record_is_read_without_harm) {
  add(1);
  turn();
  const std::string whole = store_.table(Table::sent).begin()->second;
  for (size_t size = 0; size < whole.size(); ++size) {
    store_.table(Table::sent).begin()->second = whole.substr(0, size);
    crash();
    EXPECT_EQ(damaged_, 1u) << size;
    EXPECT_FALSE(waits(1));
  }
}

// Whatever happens and wherever it crashes, what waits is what was durable.
TEST_F(SentLogTest, a_model_beside_it) {
  Rng rng(2026);
  std::map<int, int> durable, now;  // id -> how often it was told of
  int next = 1;
  for (int step = 0; step < 4'000; ++step) {
    for (uint64_t n = rng.below(6); n > 0; --n) {
      add(next);
      now[next++] = 0;
    }
    for (uint64_t n = rng.below(6); n > 0 && !now.empty(); --n) {
      auto at = now.begin();
      // Mostly the young ones, as receipts come.
      std::advance(at, rng.below(4) == 0 ? rng.below(now.size()) : now.size() - 1);
      if (rng.below(3) == 0) {
        progress(at->first);
        ++at->second;
      } else {
        end(at->first);
        now.erase(at);
      }
    }
    now_ += std::chrono::milliseconds(rng.below(2'000));
    const bool written = rng.below(4) != 0;
    turn(written);
    if (written) durable = now;
    if (rng.below(15) != 0) continue;
    crash();
    now = durable;
    ASSERT_EQ(damaged_, 0u);
    ASSERT_EQ(awaiting_->size(), now.size()) << step;
    ASSERT_EQ(store_.awaiting(), now.size()) << step;
    for (const auto& [id, told] : now) {
      const auto match = find(id);
      ASSERT_NE(match.entry.sent, 0u) << id << " at " << step;
      ASSERT_EQ(match.sent.parts[0].state == smpp::MessageState::accepted, told > 0);
    }
  }
  EXPECT_GT(next, 5'000);
  EXPECT_FALSE(store_.table(Table::awaiting).empty());
  EXPECT_LT(store_.table(Table::sent).size(), 100u);
}

}  // namespace
}  // namespace tact::gateway
