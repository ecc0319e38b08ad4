// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/number_hash.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace tact::gateway {
namespace {

SipHasher::Key counting_key() {
  SipHasher::Key key;
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<uint8_t>(i);
  return key;
}

// Appendix A of the SipHash paper: key 00..0f, message 00..0e, result a129ca6149be45e5.
TEST(SipHasher, GivesThePapersTestValue) {
  SipHasher hasher(counting_key());
  std::string message;
  for (char c = 0; c < 15; ++c) message += c;
  EXPECT_EQ(hasher.hash(message), 0xa129ca6149be45e5u);
}

TEST(SipHasher, OtherKeysOnOneThreadDoNotMix) {
  SipHasher::Key other = counting_key();
  other[0] ^= 1;
  SipHasher a(counting_key()), b(other);
  const NumberHash from_a = a.hash("8613800138000"), from_b = b.hash("8613800138000");
  EXPECT_NE(from_a, from_b);
  EXPECT_EQ(a.hash("8613800138000"), from_a);
  EXPECT_NE(a.check_value(), b.check_value());
  EXPECT_EQ(a.check_value(), SipHasher(counting_key()).check_value());
  EXPECT_EQ(a.check_value().size(), 8u);
}

TEST(SipHasher, ThreadsAgree) {
  SipHasher hasher(counting_key());
  std::vector<NumberHash> got(4);
  std::vector<std::thread> threads;
  for (auto& mine : got) {
    threads.emplace_back([&hasher, &mine] {
      for (int i = 0; i < 200; ++i) mine = hasher.hash("85291234567");
    });
  }
  for (auto& thread : threads) thread.join();
  for (NumberHash mine : got) EXPECT_EQ(mine, hasher.hash("85291234567"));
}

}  // namespace
}  // namespace tact::gateway
