// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/contacts.h"

#include <gtest/gtest.h>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;

// A shard's surroundings without the shard: for rooms that need no turn.
struct Surroundings {
  EngineSettings settings = one_shard();
  Directory directory{settings};
  FakeStore store{1};
  FakeWire wire;
  MaskSealer sealer{7};
  KeyedHasher hasher;
  policy::Suppression suppression;
  Backlog backlog;
  ShardContext context{.id = ShardId{0},
                       .settings = settings,
                       .directory = directory,
                       .store = store,
                       .wire = wire,
                       .sealer = sealer,
                       .hasher = hasher,
                       .suppression = suppression,
                       .backlog = backlog,
                       .gate{settings.rules, [](auto&&...) { return 1; }},
                       .stats{},
                       .out{ShardId{0}, settings.limits, sealer},
                       .effects{},
                       .rng = Rng(1),
                       .now{1'000s, shanghai(18, 10)},
                       .event{},
                       .tenants{}};

  void commit() {
    if (auto commit = context.out.take(context.turn++, context.now.civil)) {
      store.commit(std::move(commit));
      store.write_one();
    }
  }
};

TEST(Contacts, ARestartFindsTheBookAsItWas) {
  Surroundings around;
  Contacts book(around.context, kTenant);
  Rng rng(7);
  // Enough changes for some parts to be written whole, and some not.
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < 100; ++i) {
      Message message;
      message.id = static_cast<MessageId>(round * 100 + i + 1);
      message.number = 1 + rng.below(500);
      message.brand = kBrand;
      message.cls = Class::marketing;
      book.reserve(message, around.context.now.civil);
      const auto what = rng.below(3);
      if (what == 0) book.release(message.number, message.id);
      if (what == 1) {
        book.settle(message.number, message.id, kBrand, Class::marketing, 1,
                    around.context.now.civil);
      }
    }
    book.turn();
    around.context.now.civil += 1min;
    around.commit();
  }
  size_t parts = 0;
  for (const auto& [key, value] : around.store.table(Table::contacts)) parts += key[0] == 'P';
  ASSERT_GE(parts, 3u);
  Contacts again(around.context, kTenant);
  again.start(around.store);
  EXPECT_EQ(again.size(), book.size());
  const auto sorted = [](policy::Contact contact) {
    std::vector<policy::Slot> slots(contact.slots.begin(), contact.slots.end());
    std::sort(slots.begin(), slots.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    return slots;
  };
  for (uint64_t number = 1; number <= 500; ++number) {
    ASSERT_EQ(sorted(again.find(number)), sorted(book.find(number))) << number;
  }
}

TEST(Ids, ABlockEndsWhereTheNextLeasedOneBegins) {
  Surroundings around;
  auto& context = around.context;
  context.next_id = (uint64_t{1} << 32) + 0x7fffffff;
  EXPECT_EQ(raw(context.take_id()), 0x180000000u);
  EXPECT_TRUE(context.out.empty());
  context.take_id();
  EXPECT_FALSE(context.out.empty());  // the lease, once
  around.commit();
  context.take_id();
  EXPECT_TRUE(context.out.empty());
  context.spare_blocks.push_back(9);
  context.next_id = (uint64_t{1} << 32) + 0xfffffffe;
  EXPECT_EQ(raw(context.take_id()), 0x1ffffffffu);
  EXPECT_EQ(raw(context.take_id()), (uint64_t{9} << 32) + 1);
  EXPECT_TRUE(context.spare_blocks.empty());
}

}  // namespace
}  // namespace tact::gateway::test
