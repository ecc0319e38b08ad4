// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/packed.h"

#include <gtest/gtest.h>

#include <string>

#include "gateway/engine/rng.h"

namespace tact::gateway {
namespace {

ByteView view(const std::string& s) {
  return {reinterpret_cast<const uint8_t*>(s.data()), s.size()};
}

std::string alike(size_t size) {
  std::string text;
  for (int i = 0; text.size() < size; ++i)
    text += "【某银行】第" + std::to_string(i) + "位客户您好。";
  text.resize(size);
  return text;
}

std::string random_octets(size_t size) {
  Rng rng(1);
  std::string octets(size, '\0');
  for (char& octet : octets) octet = static_cast<char>(rng.next());
  return octets;
}

// A copy of its own size, so that the sanitizer sees a read behind the end.
std::optional<Bytes> unpack_copy(std::string_view packed) {
  return unpack(Bytes(packed.begin(), packed.end()));
}

TEST(DamagedPacking, IsRefusedAtEveryTruncation) {
  std::string packed;
  ASSERT_TRUE(append_packed(view(alike(2000)), packed));
  for (size_t size = 0; size < packed.size(); ++size) {
    EXPECT_FALSE(unpack_copy(std::string_view(packed).substr(0, size))) << size;
  }
}

TEST(DamagedPacking, NeverReadsOrWritesBehindAnEnd) {
  std::string packed;
  ASSERT_TRUE(append_packed(view(alike(2000)), packed));
  size_t accepted = 0;
  for (size_t bit = 0; bit < packed.size() * 8; ++bit) {
    std::string damaged = packed;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    accepted += unpack_copy(damaged) ? 1 : 0;
  }
  EXPECT_GT(accepted, 0u);  // octets may change; finding that is the checksum's work
}

TEST(DamagedPacking, OfAnImpossibleSizeAllocatesNothing) {
  std::string packed(100, 'x');
  for (const uint8_t highest : {0xff, 0x7e, 0x01}) {
    packed[3] = static_cast<char>(highest);
    EXPECT_FALSE(unpack_copy(packed));
  }
}

TEST(Packing, GivesBackWhatWasPacked) {
  for (const size_t size : {512u, 513u, 4096u, 300'000u}) {
    const std::string raw = alike(size);
    std::string packed = "head";
    ASSERT_TRUE(append_packed(view(raw), packed)) << size;
    EXPECT_EQ(packed.substr(0, 4), "head");
    EXPECT_LT(packed.size(), raw.size());
    const auto back = unpack_copy(std::string_view(packed).substr(4));
    ASSERT_TRUE(back) << size;
    EXPECT_EQ(std::string(back->begin(), back->end()), raw);
  }
}

TEST(Packing, LeavesWhatDoesNotBecomeSmaller) {
  for (const std::string& raw : {std::string(), alike(511), random_octets(4096)}) {
    std::string packed = "head";
    EXPECT_FALSE(append_packed(view(raw), packed));
    EXPECT_EQ(packed, "head");
  }
}

}  // namespace
}  // namespace tact::gateway
