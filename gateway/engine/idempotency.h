// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>

#include "gateway/engine/divided_map.h"
#include "gateway/engine/message.h"

namespace tact::gateway {

// 128 bits of an upstream's key: two keys of one upstream that meet here would cost a message, so
// 64 are too few.
struct KeyDigest {
  uint64_t a = 0, b = 0;
  bool operator==(const KeyDigest&) const = default;
};
KeyDigest key_digest(UpstreamId upstream, std::string_view key);

// On disk, in batches of table `keys`: a u64 | b u64 | id u64 | at_ms i64, little endian.
struct KeyRecord {
  KeyDigest digest;
  MessageId id{};
  Civil at{};
};
inline constexpr size_t kKeyRecordBytes = 32;
void append_key_record(const KeyRecord&, Bytes& out);
bool read_key_record(ByteView in, size_t& offset, KeyRecord& out);

// Idempotency keys of one tenant's upstreams: looked up for every message that carries one, so in
// memory. Taken at admission; expires by time at look-up.
class IdempotencyKeys {
 public:
  IdempotencyKeys(Civil::duration keep, size_t limit) : keep_(keep), limit_(limit) {}

  // The message that took the key, if it is still held.
  std::optional<MessageId> find(KeyDigest, Civil now) const;
  // False: full. REQUIRES: find() was empty
  bool take(const KeyRecord&, Civil now);
  size_t size() const { return order_.size(); }

 private:
  struct Held {
    MessageId id;
    Civil at;
  };
  struct Hash {
    using is_avalanching = void;
    size_t operator()(const KeyDigest& d) const { return d.b; }
  };
  void expire(Civil now);

  const Civil::duration keep_;
  const size_t limit_;
  DividedMap<KeyDigest, Held, Hash> held_;
  std::deque<KeyRecord> order_;  // by time
};

}  // namespace tact::gateway
