// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gateway/engine/message.h"

namespace tact::gateway {

// Encrypts what is stored (AES-256-GCM in the daemon, nothing in tests). Injected, because keys and
// chance are not the core's. Thread-safe: shards seal, the reader thread opens.
class Sealer {
 public:
  virtual ~Sealer() = default;
  // Encrypts `body` in place and fills nonce and tag; returns the key's id, 0 when nothing was
  // encrypted.
  virtual uint16_t seal(std::span<uint8_t> body, std::span<uint8_t, 12> nonce,
                        std::span<uint8_t, 16> tag) = 0;
  // False when the key is unknown or the tag does not match.
  virtual bool open(uint16_t key_id, std::span<uint8_t> body, std::span<const uint8_t, 12> nonce,
                    std::span<const uint8_t, 16> tag) = 0;
};

// The unit of storage of every log: a header, then records that only the log's owner understands.
//
//   +--------+---------+-----------+-----------+------------+------------+----------+--------+
//   | fmt u8 | kind u8 | count u16 | bytes u32 | crc32c u32 | key_id u16 | nonce 12 | tag 16 |
//   +--------+---------+-----------+-----------+------------+------------+----------+--------+
//   42 octets, then `bytes` octets of body: of format 2 packed (packed.h), then encrypted when
//   key_id is not 0
//
// Little endian. crc32c covers everything but itself. `kind` is the class for messages, else 0.
inline constexpr uint8_t kBatchFormat = 1;
inline constexpr uint8_t kPackedBatchFormat = 2;
inline constexpr size_t kBatchHeader = 42;
inline constexpr uint32_t kBatchMessagesMax = 1024;

// Wraps `body` (count records) into a stored batch, packed where that makes it smaller.
std::string seal_batch(uint8_t kind, uint16_t count, ByteView body, Sealer&);

// How many octets a batch has, by its header. REQUIRES: a whole header
size_t batch_bytes(ByteView stored);

struct OpenedBatch {
  uint8_t kind = 0;
  uint16_t count = 0;
  Bytes body;
};
enum class BatchError : uint8_t { truncated, format, checksum, key, packing };
// Checks and decrypts. On an error the bytes are damaged or of another format: never a guess.
std::optional<OpenedBatch> open_batch(ByteView stored, Sealer&, BatchError* error = nullptr);

// Messages of one class, opened: immutable, shared between storage, lane and the messages in
// flight.
class Batch {
 public:
  // Parses an opened body. Null when a record does not parse or the count differs.
  static std::shared_ptr<const Batch> parse(Class, uint16_t count, Bytes body);

  Class cls() const { return cls_; }
  size_t size() const { return offsets_.size(); }
  size_t bytes() const { return body_.size(); }
  ByteView body() const { return body_; }
  // REQUIRES: index < size(). Views point into this batch.
  Message message(size_t index) const;

 private:
  Class cls_{};
  Bytes body_;
  std::vector<uint32_t> offsets_;
};
using BatchPtr = std::shared_ptr<const Batch>;

// Collects messages of one class until they are stored together.
class BatchBuilder {
 public:
  void add(const Message&);
  bool empty() const { return count_ == 0; }
  uint16_t count() const { return count_; }
  size_t bytes() const { return body_.size(); }
  bool full(uint32_t messages, uint32_t bytes) const {
    return count_ >= messages || body_.size() >= bytes;
  }
  // The collected batch, opened; the builder is empty afterwards. REQUIRES: !empty()
  BatchPtr take(Class);

 private:
  uint16_t count_ = 0;
  Bytes body_;
};

}  // namespace tact::gateway
