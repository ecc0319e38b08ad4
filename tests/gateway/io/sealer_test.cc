// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/sealer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

namespace tact::gateway {
namespace {

DataKey key(uint16_t id, uint8_t fill) {
  DataKey made;
  made.id = id;
  made.secret.fill(fill);
  return made;
}

struct Sealed {
  Bytes body;
  std::array<uint8_t, 12> nonce{};
  std::array<uint8_t, 16> tag{};
  uint16_t key_id = 0;
};
Sealed seal(Sealer& sealer, const Bytes& clear) {
  Sealed sealed;
  sealed.body = clear;
  sealed.key_id = sealer.seal(sealed.body, sealed.nonce, sealed.tag);
  return sealed;
}
bool opens(Sealer& sealer, Sealed sealed, const Bytes& clear) {
  return sealer.open(sealed.key_id, sealed.body, sealed.nonce, sealed.tag) && sealed.body == clear;
}

const Bytes kClear = {'1', '3', '8', '0', '0', '1', '3', '8', '0', '0', '0'};

TEST(GcmSealer, EveryFlippedBitIsRefused) {
  GcmSealer sealer({key(1, 7)}, 1);
  const Sealed sealed = seal(sealer, kClear);
  for (size_t bit = 0; bit < sealed.body.size() * 8; ++bit) {
    Sealed other = sealed;
    other.body[bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
    EXPECT_FALSE(opens(sealer, other, kClear)) << "body bit " << bit;
  }
  for (size_t bit = 0; bit < sealed.nonce.size() * 8; ++bit) {
    Sealed other = sealed;
    other.nonce[bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
    EXPECT_FALSE(opens(sealer, other, kClear)) << "nonce bit " << bit;
  }
  for (size_t bit = 0; bit < sealed.tag.size() * 8; ++bit) {
    Sealed other = sealed;
    other.tag[bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
    EXPECT_FALSE(opens(sealer, other, kClear)) << "tag bit " << bit;
  }
}

TEST(GcmSealer, UnknownOrOtherKeyIsRefused) {
  GcmSealer sealer({key(1, 7)}, 1), other({key(1, 8)}, 1), renamed({key(2, 7)}, 2);
  const Sealed sealed = seal(sealer, kClear);
  EXPECT_FALSE(opens(other, sealed, kClear));
  EXPECT_FALSE(opens(renamed, sealed, kClear));
}

TEST(GcmSealer, OpensWhatItSealedAndNothingIsLegible) {
  GcmSealer sealer({key(1, 7)}, 1);
  const Sealed sealed = seal(sealer, kClear);
  EXPECT_EQ(sealed.key_id, 1);
  EXPECT_NE(sealed.body, kClear);
  EXPECT_TRUE(opens(sealer, sealed, kClear));
  EXPECT_TRUE(opens(sealer, seal(sealer, {}), {}));
}

TEST(GcmSealer, OldKeysOpenAfterRotation) {
  GcmSealer before({key(1, 7)}, 1), after({key(1, 7), key(2, 9)}, 2);
  const Sealed old = seal(before, kClear), fresh = seal(after, kClear);
  EXPECT_EQ(fresh.key_id, 2);
  EXPECT_TRUE(opens(after, old, kClear));
  EXPECT_FALSE(opens(before, fresh, kClear));
}

TEST(GcmSealer, StoredBeforeThereWasAKeyOpensAsItIs) {
  PlainSealer plain;
  GcmSealer sealer({key(1, 7)}, 1);
  const Sealed sealed = seal(plain, kClear);
  EXPECT_EQ(sealed.key_id, 0);
  EXPECT_TRUE(opens(sealer, sealed, kClear));
}

TEST(GcmSealer, ThreadsNeverShareANonce) {
  GcmSealer sealer({key(1, 7)}, 1);
  std::array<std::vector<Sealed>, 4> sealed;
  std::vector<std::thread> threads;
  for (auto& mine : sealed) {
    threads.emplace_back([&sealer, &mine] {
      for (int i = 0; i < 500; ++i) mine.push_back(seal(sealer, kClear));
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::array<uint8_t, 12>> nonces;
  for (const auto& mine : sealed) {
    for (const Sealed& one : mine) {
      nonces.insert(one.nonce);
      EXPECT_TRUE(opens(sealer, one, kClear));
    }
  }
  EXPECT_EQ(nonces.size(), 2000u);
}

TEST(PlainSealer, RefusesWhatWasEncrypted) {
  PlainSealer plain;
  GcmSealer sealer({key(1, 7)}, 1);
  EXPECT_FALSE(opens(plain, seal(sealer, kClear), kClear));
  EXPECT_TRUE(opens(plain, seal(plain, kClear), kClear));
}

}  // namespace
}  // namespace tact::gateway
