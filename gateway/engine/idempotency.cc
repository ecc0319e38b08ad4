// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/idempotency.h"

#include "gateway/engine/record_io.h"

namespace tact::gateway {

namespace {
// The finalizer of MurmurHash3 (Austin Appleby, public domain): every input bit moves every output
// bit.
uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 33)) * 0xff51afd7ed558ccd;
  x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53;
  return x ^ (x >> 33);
}

uint64_t digest(uint64_t seed, std::string_view bytes) {
  uint64_t h = mix(seed ^ bytes.size());
  while (!bytes.empty()) {
    uint64_t word = 0;
    const size_t n = std::min<size_t>(8, bytes.size());
    std::memcpy(&word, bytes.data(), n);
    h = mix(h ^ word) + 0x9e3779b97f4a7c15;
    bytes.remove_prefix(n);
  }
  return mix(h);
}
}  // namespace

KeyDigest key_digest(UpstreamId upstream, std::string_view key) {
  return {digest(0x5bd1e995 + raw(upstream), key), digest(~uint64_t{raw(upstream)}, key)};
}

void append_key_record(const KeyRecord& record, Bytes& out) {
  RecordWriter(out).integers(record.digest.a, record.digest.b, raw(record.id), to_ms(record.at));
}

bool read_key_record(ByteView in, size_t& offset, KeyRecord& out) {
  if (offset > in.size()) return false;
  RecordReader r(in.subspan(offset));
  out.digest.a = r.integer<uint64_t>();
  out.digest.b = r.integer<uint64_t>();
  out.id = static_cast<MessageId>(r.integer<uint64_t>());
  out.at = from_ms(r.integer<int64_t>());
  offset += r.ok() ? kKeyRecordBytes : 0;
  return r.ok();
}

std::optional<MessageId> IdempotencyKeys::find(KeyDigest digest, Civil now) const {
  const Held* held = held_.find(digest);
  if (!held || held->at + keep_ <= now) return std::nullopt;
  return held->id;
}

bool IdempotencyKeys::take(const KeyRecord& record, Civil now) {
  expire(now);
  if (order_.size() >= limit_) return false;
  held_.insert_or_assign(record.digest, Held{record.id, record.at});
  order_.push_back(record);
  return true;
}

void IdempotencyKeys::expire(Civil now) {
  while (!order_.empty() && order_.front().at + keep_ <= now) {
    const auto& oldest = order_.front();
    // The key may have been taken again after its time: then a younger record stands in the order.
    const Held* held = held_.find(oldest.digest);
    if (held && held->at == oldest.at) held_.erase(oldest.digest);
    order_.pop_front();
  }
}

}  // namespace tact::gateway
