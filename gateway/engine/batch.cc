// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/batch.h"

#include <algorithm>

#include "gateway/engine/check.h"
#include "gateway/engine/keys.h"
#include "gateway/engine/packed.h"
#include "gateway/engine/record_io.h"

namespace tact::gateway {
namespace {

// Where the fields of the header stand (batch.h).
constexpr size_t kFormatAt = 0;
constexpr size_t kKindAt = 1;
constexpr size_t kCountAt = 2;
constexpr size_t kBytesAt = 4;
constexpr size_t kChecksumAt = 8;
constexpr size_t kChecksumEnd = kChecksumAt + 4;
constexpr size_t kKeyIdAt = 12;
constexpr size_t kNonceAt = 14;
constexpr size_t kTagAt = 26;

uint32_t checksum(std::string_view stored) {
  return crc32c(stored.substr(kChecksumEnd), crc32c(stored.substr(0, kChecksumAt)));
}

std::string_view characters(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::string seal_batch(uint8_t kind, uint16_t count, ByteView body, Sealer& sealer) {
  CHECK(body.size() <= UINT32_MAX);
  std::string stored;
  stored.reserve(kBatchHeader + body.size());
  stored.append(kBatchHeader, '\0');
  const bool packed = append_packed(body, stored);
  if (!packed) stored.append(characters(body));
  const size_t bytes = stored.size() - kBatchHeader;
  auto* const at = reinterpret_cast<uint8_t*>(stored.data());
  const uint16_t key_id =
      sealer.seal({at + kBatchHeader, bytes}, std::span<uint8_t, 12>{at + kNonceAt, 12},
                  std::span<uint8_t, 16>{at + kTagAt, 16});
  RecordWriter head(stored);
  head.patch(kFormatAt, packed ? kPackedBatchFormat : kBatchFormat);
  head.patch(kKindAt, kind);
  head.patch(kCountAt, count);
  head.patch(kBytesAt, static_cast<uint32_t>(bytes));
  head.patch(kKeyIdAt, key_id);
  head.patch(kChecksumAt, checksum(stored));
  return stored;
}

size_t batch_bytes(ByteView stored) {
  return kBatchHeader + RecordReader(stored.subspan(kBytesAt)).integer<uint32_t>();
}

std::optional<OpenedBatch> open_batch(ByteView stored, Sealer& sealer, BatchError* error) {
  const auto failed = [&](BatchError reason) {
    if (error) *error = reason;
    return std::nullopt;
  };
  RecordReader reader(stored);
  const auto format = reader.integer<uint8_t>();
  if (!reader.ok()) return failed(BatchError::truncated);
  if (format != kBatchFormat && format != kPackedBatchFormat) return failed(BatchError::format);
  OpenedBatch opened;
  opened.kind = reader.integer<uint8_t>();
  opened.count = reader.integer<uint16_t>();
  const auto bytes = reader.integer<uint32_t>();
  const auto expected = reader.integer<uint32_t>();
  const auto key_id = reader.integer<uint16_t>();
  if (stored.size() < kBatchHeader || stored.size() - kBatchHeader != bytes) {
    return failed(BatchError::truncated);
  }
  if (checksum(characters(stored)) != expected) return failed(BatchError::checksum);
  opened.body.assign(stored.begin() + kBatchHeader, stored.end());
  if (key_id != 0 && !sealer.open(key_id, opened.body, stored.subspan<kNonceAt, 12>(),
                                  stored.subspan<kTagAt, 16>())) {
    return failed(BatchError::key);
  }
  if (format == kPackedBatchFormat) {
    auto raw = unpack(opened.body);
    if (!raw) return failed(BatchError::packing);
    opened.body = std::move(*raw);
  }
  return opened;
}

std::shared_ptr<const Batch> Batch::parse(Class cls, uint16_t count, Bytes body) {
  if (!policy::known(cls) || count == 0) return nullptr;
  auto batch = std::make_shared<Batch>();
  batch->cls_ = cls;
  batch->body_ = std::move(body);
  batch->offsets_.reserve(count);
  Message message;
  for (size_t offset = 0; offset < batch->body_.size();) {
    if (batch->offsets_.size() == count) return nullptr;
    batch->offsets_.push_back(static_cast<uint32_t>(offset));
    if (!read_message(batch->body_, offset, message)) return nullptr;
  }
  if (batch->offsets_.size() != count) return nullptr;
  return batch;
}

Message Batch::message(size_t index) const {
  CHECK(index < offsets_.size());
  Message message;
  size_t offset = offsets_[index];
  CHECK(read_message(body_, offset, message));
  message.cls = cls_;
  return message;
}

void BatchBuilder::add(const Message& message) {
  CHECK(count_ < kBatchMessagesMax);
  append_message(message, body_);
  ++count_;
}

BatchPtr BatchBuilder::take(Class cls) {
  CHECK(count_ > 0);
  BatchPtr batch = Batch::parse(cls, count_, std::move(body_));
  CHECK(batch);
  body_.clear();
  count_ = 0;
  return batch;
}

}  // namespace tact::gateway
