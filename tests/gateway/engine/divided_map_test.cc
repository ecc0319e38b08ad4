// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/divided_map.h"

#include <gtest/gtest.h>

#include <set>
#include <unordered_map>

#include "gateway/engine/rng.h"

namespace tact::gateway {
namespace {

TEST(DividedMap, does_what_one_map_does) {
  DividedMap<uint64_t, int> divided;
  std::unordered_map<uint64_t, int> model;
  Rng rng(1);
  for (int i = 0; i < 200'000; ++i) {
    const uint64_t key = (rng.below(20'000) + 1) * 0x9e3779b97f4a7c15;
    switch (rng.below(3)) {
      case 0:
        divided.insert_or_assign(key, i);
        model.insert_or_assign(key, i);
        break;
      case 1:
        divided.try_emplace(key, i);
        model.try_emplace(key, i);
        break;
      default:
        EXPECT_EQ(divided.erase(key), model.erase(key) == 1);
    }
    ASSERT_EQ(divided.size(), model.size());
  }
  for (uint64_t k = 1; k <= 20'000; ++k) {
    const uint64_t key = k * 0x9e3779b97f4a7c15;
    const auto expected = model.find(key);
    const int* found = divided.find(key);
    ASSERT_EQ(found != nullptr, expected != model.end());
    if (found) {
      EXPECT_EQ(*found, expected->second);
    }
  }
}

TEST(DividedMap, hashes_that_spread_leave_no_part_large) {
  DividedMap<uint64_t, uint64_t> divided;
  Rng rng(7);
  constexpr size_t kEntries = 300'000;
  for (size_t i = 0; i < kEntries; ++i) divided.insert_or_assign(rng.next(), i);
  // Tables are powers of two, filled by 7/8 at most: parts of very different sizes would take more.
  EXPECT_LT(divided.bytes(), kEntries * 17 * 3);
  EXPECT_EQ(divided.size(), kEntries);
}

TEST(DividedSet, HoldsEachKeyOnce) {
  DividedSet<uint64_t> divided;
  std::set<uint64_t> model;
  Rng rng(2);
  for (int i = 0; i < 100'000; ++i) {
    const uint64_t key = rng.below(30'000) * 0x9e3779b97f4a7c15;  // many come again
    if (rng.below(3) == 0) {
      ASSERT_EQ(divided.erase(key), model.erase(key) == 1);
    } else {
      ASSERT_EQ(divided.insert(key), model.insert(key).second);
    }
    ASSERT_EQ(divided.contains(key), model.contains(key));
    ASSERT_EQ(divided.size(), model.size());
  }
}

}  // namespace
}  // namespace tact::gateway
