// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/keys.h"

#include <gtest/gtest.h>

#include <set>

namespace tact::gateway {
namespace {

const Checkpoint kCheckpoint{1'000'000, 1'000'512, {7, 8, 300, 999'999}};

TEST(DamagedCheckpoint, IsRefusedAtEveryTruncationAndFlippedBit) {
  const std::string stored = encode(kCheckpoint);
  for (size_t size = 0; size < stored.size(); ++size) {
    EXPECT_FALSE(decode_checkpoint(std::string(stored, 0, size))) << size;
  }
  for (size_t bit = 0; bit < stored.size() * 8; ++bit) {
    std::string damaged = stored;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(decode_checkpoint(damaged)) << "bit " << bit;
  }
  EXPECT_FALSE(decode_checkpoint(stored + '\0'));
}

// With a right checksum and wrong contents: what a bug of ours would write.
TEST(DamagedCheckpoint, IsRefusedWhenItContradictsItself) {
  EXPECT_FALSE(decode_checkpoint(encode(Checkpoint{10, 9, {}})));       // fence below next
  EXPECT_FALSE(decode_checkpoint(encode(Checkpoint{10, 20, {10}})));    // open but never offered
  EXPECT_FALSE(decode_checkpoint(encode(Checkpoint{10, 20, {4, 4}})));  // twice
  EXPECT_FALSE(decode_checkpoint(encode(Checkpoint{10, 20, {5, 4}})));  // descending
}

TEST(Checkpoint, ComesBackAsItWasStored) {
  Checkpoint full{UINT64_MAX - 1, UINT64_MAX, {}};
  for (uint64_t i = 0; i < 8192; ++i) full.open.push_back(i * i);
  for (const Checkpoint& checkpoint : {Checkpoint{}, kCheckpoint, full}) {
    EXPECT_EQ(decode_checkpoint(encode(checkpoint)), checkpoint);
  }
}

TEST(LaneKey, SortsByRouteThenClassThenSequence) {
  const LaneId a{RouteId{1}, Class::otp}, b{RouteId{1}, Class::crisis}, c{RouteId{256}, Class::otp};
  EXPECT_LT(lane_key(a, 255), lane_key(a, 256));
  EXPECT_LT(lane_key(a, UINT64_MAX), lane_key(b, 0));
  EXPECT_LT(lane_key(b, UINT64_MAX), lane_key(c, 0));
  EXPECT_EQ(parse_lane_key(lane_key(c, 77)), (std::pair{c, uint64_t{77}}));
  EXPECT_TRUE(lane_key(c, 77).starts_with(lane_prefix(c)));
}

TEST(LaneKey, IsRefusedWithAnotherLengthOrAnUnknownClass) {
  const std::string key = lane_key({RouteId{1}, Class::otp}, 5);
  for (size_t size = 0; size < key.size(); ++size)
    EXPECT_FALSE(parse_lane_key(key.substr(0, size)));
  EXPECT_FALSE(parse_lane_key(key + "x"));
  std::string other = key;
  other[2] = 6;
  EXPECT_FALSE(parse_lane_key(other));
}

TEST(LaterKey, SortsByOwnerThenClassThenDueTime) {
  const Owner route = owner_of(RouteId{9}), tenant = owner_of(TenantId{9});
  const LaterKey early{route, Class::otp, 255, 900}, late{route, Class::otp, 256, 1};
  EXPECT_LT(later_key(early), later_key(late));
  EXPECT_LT(early, late);
  EXPECT_LT(later_key(late), later_key({route, Class::crisis, 0, 0}));
  EXPECT_NE(later_key({tenant, Class::otp, 255, 900}), later_key(early));
  EXPECT_EQ(parse_later_key(later_key(early)), early);
}

TEST(LaterKey, IsRefusedWithAnotherLengthOwnerOrClass) {
  const std::string key = later_key({owner_of(TenantId{1}), Class::otp, 5, 6});
  for (size_t size = 0; size < key.size(); ++size)
    EXPECT_FALSE(parse_later_key(key.substr(0, size)));
  for (const size_t at : {0, 3}) {
    std::string other = key;
    other[at] = 'x';
    EXPECT_FALSE(parse_later_key(other));
  }
}

TEST(PrefixEnd, IsTheFirstKeyBehindThePrefix) {
  EXPECT_EQ(prefix_end("ab"), "ac");
  EXPECT_EQ(prefix_end(std::string("a\xff\xff")), "b");
  EXPECT_EQ(prefix_end(std::string("\xff\xff")), "");
  EXPECT_EQ(prefix_end(""), "");
  const LaneId lane{RouteId{255}, Class::otp};
  EXPECT_LT(lane_key(lane, UINT64_MAX), prefix_end(lane_prefix(lane)));
  EXPECT_LE(prefix_end(lane_prefix(lane)), lane_key({RouteId{255}, Class::crisis}, 0));
}

TEST(KeysOfNumbers, AreReadBackAtTheirOffsets) {
  const std::string key = awaiting_key(RouteId{0x0102}, 0x030405060708090a);
  EXPECT_EQ(key_u16(key, 0), 0x0102);
  EXPECT_EQ(key_u32(key, 2), 0x03040506u);
  EXPECT_EQ(key_u64(key, 2), 0x030405060708090au);
}

TEST(MetaKeys, NeverMeetEachOther) {
  const std::set<std::string> keys = {checkpoint_key({RouteId{1}, Class::otp}),
                                      checkpoint_key({RouteId{1}, Class::crisis}),
                                      floor_key(owner_of(TenantId{1}), Class::otp),
                                      floor_key(owner_of(RouteId{1}), Class::otp),
                                      upstream_key(UpstreamId{1}),
                                      stream_key(UpstreamId{1}, ""),
                                      stream_key(UpstreamId{1}, "pod-1"),
                                      name_key('r', "a"),
                                      name_key('t', "a"),
                                      std::string(kFormatKey),
                                      std::string(kIdBlockKey),
                                      std::string(kNumberKeyCheck),
                                      std::string(kLastCivilKey),
                                      std::string(kLaterSeqKey)};
  EXPECT_EQ(keys.size(), 14u);
}

TEST(TableNames, AreDistinctAndRocksDbsOwnForMeta) {
  std::set<std::string> names;
  for (int i = 0; i < kTables; ++i) names.insert(table_name(static_cast<Table>(i)));
  EXPECT_EQ(names.size(), static_cast<size_t>(kTables));
  EXPECT_EQ(names.count(""), 0u);
  EXPECT_STREQ(table_name(Table::meta), "default");
}

// RFC 3720 section B.4, and the check value of the catalogue of parametrised CRC algorithms.
TEST(Crc32c, GivesThePublishedValues) {
  std::string ascending, descending;
  for (int i = 0; i < 32; ++i) {
    ascending += static_cast<char>(i);
    descending += static_cast<char>(31 - i);
  }
  for (const auto crc : {&crc32c, &crc32c_by_table}) {
    EXPECT_EQ(crc("", 0), 0u);
    EXPECT_EQ(crc("123456789", 0), 0xe3069283u);
    EXPECT_EQ(crc(std::string(32, '\0'), 0), 0x8a9136aau);
    EXPECT_EQ(crc(std::string(32, '\xff'), 0), 0x62a8ab43u);
    EXPECT_EQ(crc(ascending, 0), 0x46dd794eu);
    EXPECT_EQ(crc(descending, 0), 0x113fdb5cu);
  }
}

TEST(Crc32c, IsTheSameInPiecesAndWithoutTheInstruction) {
  std::string bytes;
  for (int i = 0; i < 200; ++i) {
    bytes += static_cast<char>(i * 37);
    const size_t cut = bytes.size() / 3;
    const uint32_t whole = crc32c_by_table(bytes);
    EXPECT_EQ(crc32c(bytes), whole);
    EXPECT_EQ(crc32c(bytes.substr(cut), crc32c(bytes.substr(0, cut))), whole);
  }
}

}  // namespace
}  // namespace tact::gateway
