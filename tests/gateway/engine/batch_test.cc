// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/batch.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "gateway/engine/keys.h"
#include "tests/gateway/engine/sealers.h"

namespace tact::gateway {
namespace {

ByteView view(const std::string& s) {
  return {reinterpret_cast<const uint8_t*>(s.data()), s.size()};
}

Message full_message() {
  Message m;
  m.id = MessageId{0x0102030405060708};
  m.accepted = from_ms(1'700'000'000'123);
  m.expires = from_ms(1'700'086'400'123);
  m.number = 0xfedcba9876543210;
  m.route = RouteId{1};
  m.tenant = TenantId{2};
  m.account = AccountId{3};
  m.brand = BrandId{4};
  m.upstream = UpstreamId{5};
  m.flags = Message::kUrgent | Message::kReserved;
  m.sent_parts = 0x8001;
  m.segments = 16;
  m.attempts = 9;
  m.awaiting = 0xabcdef;
  m.from = "106980095533";
  m.to = "8613800138000";
  m.text = "【某银行】您的验证码是 204711";
  m.reference = "b2c1-77";
  m.campaign = "spring";
  m.zone = "Asia/Urumqi";
  m.consent = "web:2024-11-02";
  m.stage = "application";
  m.special_dates = "\x03\x12\x0c\x1f";
  m.due = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1);
  return m;
}

void expect_same(const Message& a, const Message& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.accepted, b.accepted);
  EXPECT_EQ(a.expires, b.expires);
  EXPECT_EQ(a.number, b.number);
  EXPECT_EQ(a.route, b.route);
  EXPECT_EQ(a.tenant, b.tenant);
  EXPECT_EQ(a.account, b.account);
  EXPECT_EQ(a.brand, b.brand);
  EXPECT_EQ(a.upstream, b.upstream);
  EXPECT_EQ(a.flags, b.flags);
  EXPECT_EQ(a.sent_parts, b.sent_parts);
  EXPECT_EQ(a.segments, b.segments);
  EXPECT_EQ(a.attempts, b.attempts);
  EXPECT_EQ(a.awaiting, b.awaiting);
  EXPECT_EQ(a.from, b.from);
  EXPECT_EQ(a.to, b.to);
  EXPECT_EQ(a.text, b.text);
  EXPECT_EQ(a.reference, b.reference);
  EXPECT_EQ(a.campaign, b.campaign);
  EXPECT_EQ(a.zone, b.zone);
  EXPECT_EQ(a.consent, b.consent);
  EXPECT_EQ(a.stage, b.stage);
  EXPECT_EQ(a.special_dates, b.special_dates);
  EXPECT_EQ(a.due, b.due);
}

BatchPtr two_messages() {
  BatchBuilder builder;
  builder.add(full_message());
  builder.add(Message{});
  return builder.take(Class::crisis);
}

// What a reader of a store does with a stored batch. Nothing: it was refused somewhere.
BatchPtr read(const std::string& stored, Sealer& sealer) {
  const auto opened = open_batch(view(stored), sealer);
  if (!opened) return nullptr;
  return Batch::parse(static_cast<Class>(opened->kind), opened->count, opened->body);
}

std::string stored_batch(Sealer& sealer) {
  return seal_batch(raw(Class::crisis), 2, two_messages()->body(), sealer);
}

TEST(DamagedBatch, IsRefusedAtEveryTruncation) {
  PlainSealer sealer;
  const std::string stored = stored_batch(sealer);
  for (size_t size = 0; size < stored.size(); ++size) {
    BatchError error{};
    // A copy of its own size, so that the sanitizer sees a read behind the end.
    const Bytes cut(stored.begin(), stored.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_FALSE(open_batch(cut, sealer, &error)) << size;
    EXPECT_EQ(error, BatchError::truncated) << size;
  }
}

TEST(DamagedBatch, IsRefusedAtEveryFlippedBit) {
  PlainSealer sealer;
  const std::string stored = stored_batch(sealer);
  for (size_t bit = 0; bit < stored.size() * 8; ++bit) {
    std::string damaged = stored;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(open_batch(view(damaged), sealer)) << "bit " << bit;
  }
}

TEST(DamagedBatch, IsRefusedWithOctetsBehindItsEnd) {
  PlainSealer sealer;
  BatchError error{};
  EXPECT_FALSE(open_batch(view(stored_batch(sealer) + "x"), sealer, &error));
  EXPECT_EQ(error, BatchError::truncated);
}

// The checksum does not help against our own bugs: the body's parser must stand alone.
TEST(DamagedBody, NeverCrashesTheParser) {
  const BatchPtr batch = two_messages();
  const Bytes body(batch->body().begin(), batch->body().end());
  for (size_t size = 0; size < body.size(); ++size) {
    EXPECT_FALSE(Batch::parse(Class::otp, 2, Bytes(body.begin(), body.begin() + size))) << size;
  }
  size_t accepted = 0;
  for (size_t bit = 0; bit < body.size() * 8; ++bit) {
    Bytes damaged = body;
    damaged[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
    if (const BatchPtr parsed = Batch::parse(Class::otp, 2, damaged)) {
      ++accepted;
      for (size_t i = 0; i < parsed->size(); ++i) parsed->message(i);
    }
  }
  EXPECT_GT(accepted, 0u);  // values may change, the structure may not
}

TEST(DamagedBody, IsRefusedWhenTheCountDiffers) {
  const BatchPtr batch = two_messages();
  const Bytes body(batch->body().begin(), batch->body().end());
  EXPECT_TRUE(Batch::parse(Class::otp, 2, body));
  EXPECT_FALSE(Batch::parse(Class::otp, 1, body));
  EXPECT_FALSE(Batch::parse(Class::otp, 3, body));
  EXPECT_FALSE(Batch::parse(Class::otp, 0, {}));
  EXPECT_FALSE(Batch::parse(Class{6}, 2, body));
}

TEST(StoredBatch, OfAnotherFormatIsToldApartFromDamage) {
  PlainSealer sealer;
  std::string stored = stored_batch(sealer);
  stored[0] = 3;
  BatchError error{};
  EXPECT_FALSE(open_batch(view(stored), sealer, &error));
  EXPECT_EQ(error, BatchError::format);
}

TEST(StoredBatch, GivesBackEveryFieldOfEveryMessage) {
  PlainSealer sealer;
  const BatchPtr batch = read(stored_batch(sealer), sealer);
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->size(), 2u);
  EXPECT_EQ(batch->cls(), Class::crisis);
  EXPECT_EQ(batch->message(0).cls, Class::crisis);
  expect_same(batch->message(0), full_message());
  expect_same(batch->message(1), Message{});
}

// A younger program's field is no damage to an older one, and half a field is.
TEST(StoredBatch, FieldsOfAnUnknownTagArePassedOver) {
  Message message = full_message();
  message.due.reset();
  message.special_dates = "";
  Bytes body;
  append_message(message, body);
  const size_t tag = body.size() - message.stage.size() - 3;
  ASSERT_EQ(body[tag], 3);
  body[tag] = 200;
  const BatchPtr batch = Batch::parse(Class::crisis, 1, body);
  ASSERT_TRUE(batch);
  message.stage = "";
  expect_same(batch->message(0), message);
  body[tag] = 1;  // the due date has four octets
  EXPECT_FALSE(Batch::parse(Class::crisis, 1, body));
  body[tag] = 3;
  body[tag + 1] += 1;
  EXPECT_FALSE(Batch::parse(Class::crisis, 1, body));
}

// What has none of the tagged fields is laid out as it was before there were any.
TEST(StoredBatch, AMessageWithoutThemEndsBehindItsStrings) {
  Bytes body;
  append_message(Message{}, body);
  EXPECT_EQ(body.size(), 4u + 56u + 7 * 2u);
}

// What a campaign stores.
TEST(PackedBatch, OfMessagesThatAreAlikeIsSmallAndGivesBackEachOfThem) {
  MaskSealer sealer(3);
  BatchBuilder builder;
  for (int i = 0; i < 100; ++i) builder.add(full_message());
  const BatchPtr raw = builder.take(Class::marketing);
  const std::string stored = seal_batch(tact::gateway::raw(raw->cls()), 100, raw->body(), sealer);
  EXPECT_EQ(stored[0], kPackedBatchFormat);
  EXPECT_LT(stored.size(), raw->bytes() / 4);
  const BatchPtr batch = read(stored, sealer);
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->size(), 100u);
  for (size_t i = 0; i < 100; ++i) expect_same(batch->message(i), full_message());
}

// Only a fault of ours writes one: its checksum is right.
TEST(PackedBatch, ThatCannotBeUnpackedIsRefused) {
  PlainSealer sealer;
  Bytes body(2000, 'x');
  std::string stored = seal_batch(0, 1, body, sealer);
  ASSERT_EQ(stored[0], kPackedBatchFormat);
  stored[kBatchHeader] ^= 1;  // the size before it was packed
  const std::string_view all = stored;
  const uint32_t right = crc32c(all.substr(12), crc32c(all.substr(0, 8)));
  std::memcpy(stored.data() + 8, &right, sizeof right);
  BatchError error{};
  EXPECT_FALSE(open_batch(view(stored), sealer, &error));
  EXPECT_EQ(error, BatchError::packing);
}

TEST(StoredBatch, HoldsTextsUpToItsLengthField) {
  const std::string text(UINT16_MAX, 'x');
  Message m;
  m.text = text;
  BatchBuilder builder;
  builder.add(m);
  EXPECT_EQ(builder.bytes(), encoded_size(m));
  EXPECT_EQ(builder.take(Class::otp)->message(0).text, text);
}

TEST(SealedBatch, OpensOnlyWithItsKey) {
  MaskSealer right(3), wrong(4);
  const std::string stored = stored_batch(right);
  EXPECT_EQ(stored.find("8613800138000"), std::string::npos);
  EXPECT_TRUE(read(stored, right));
  BatchError error{};
  EXPECT_FALSE(open_batch(view(stored), wrong, &error));
  EXPECT_EQ(error, BatchError::key);
}

// The layout is on disk: this record may only change together with kBatchFormat.
TEST(StoredBatch, HasTheLayoutOfFormat1) {
  PlainSealer sealer;
  Message m;
  m.id = MessageId{1};
  m.to = "86";
  BatchBuilder builder;
  builder.add(m);
  const std::string stored = seal_batch(1, 1, builder.take(Class::otp)->body(), sealer);
  std::string hex;
  for (const char c : stored) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += kDigits[static_cast<uint8_t>(c) >> 4];
    hex += kDigits[c & 15];
  }
  EXPECT_EQ(hex.substr(0, 16), "010101004c000000");     // format, kind, count, bytes
  EXPECT_EQ(hex.substr(24, 60), std::string(60, '0'));  // key, nonce, tag
  const auto zeros = [](size_t octets) { return std::string(2 * octets, '0'); };
  EXPECT_EQ(hex.substr(84),
            "48000000"
            "0100000000000000"        // bytes, id
                + zeros(24 + 10 + 4)  // times, number, five ids, two masks
                + "0100" + zeros(8)   // segments, attempts, awaiting
                + zeros(2) + "02003836" + zeros(5 * 2));
}

TEST(BatchBuilder, IsEmptyAndUsableAfterItsBatchWasTaken) {
  BatchBuilder builder;
  EXPECT_TRUE(builder.empty());
  builder.add(full_message());
  EXPECT_TRUE(builder.full(1, 1 << 20));
  EXPECT_TRUE(builder.full(10, 100));
  EXPECT_FALSE(builder.full(2, 1 << 20));
  EXPECT_EQ(builder.take(Class::otp)->size(), 1u);
  EXPECT_TRUE(builder.empty());
  EXPECT_EQ(builder.bytes(), 0u);
  builder.add(Message{});
  EXPECT_EQ(builder.take(Class::otp)->size(), 1u);
}

}  // namespace
}  // namespace tact::gateway
