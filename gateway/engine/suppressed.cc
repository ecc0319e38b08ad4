// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/suppressed.h"

#include "gateway/engine/keys.h"
#include "gateway/engine/record_io.h"

namespace tact::gateway {

namespace {
constexpr uint8_t kFormat = 1;
}

std::string encode_suppressed(const policy::SuppressionEntry& e) {
  std::string out;
  RecordWriter w(out);
  w.integer(kFormat);
  for (const auto blocks : e.blocks) w.integer(blocks);
  w.integers(to_ms(e.since), e.proof, to_ms(e.pause_until));
  return out;
}

std::optional<policy::SuppressionEntry> decode_suppressed(std::string_view key,
                                                          std::string_view value) {
  if (key.size() != 10) return std::nullopt;
  RecordReader r({reinterpret_cast<const uint8_t*>(value.data()), value.size()});
  if (r.integer<uint8_t>() != kFormat) return std::nullopt;
  policy::SuppressionEntry e;
  e.scope = key_u16(key, 0);
  e.number = key_u64(key, 2);
  for (auto& blocks : e.blocks) blocks = r.integer<uint8_t>();
  e.since = from_ms(r.integer<int64_t>());
  e.proof = r.integer<uint64_t>();
  e.pause_until = from_ms(r.integer<int64_t>());
  if (!r.ok()) return std::nullopt;
  return e;
}

std::string encode_withdrawal(const policy::SuppressionEntry& e) {
  std::string out;
  RecordWriter(out).integers(kFormat, e.proof, to_ms(e.since), to_ms(e.pause_until));
  return out;
}

std::optional<policy::SuppressionEntry> decode_withdrawal(std::string_view key,
                                                          std::string_view value) {
  if (key.size() != 11) return std::nullopt;
  RecordReader r({reinterpret_cast<const uint8_t*>(value.data()), value.size()});
  if (r.integer<uint8_t>() != kFormat) return std::nullopt;
  policy::SuppressionEntry e;
  e.scope = policy::kWithdrawnScope;
  e.number = key_u64(key, 3);
  e.blocks.fill(static_cast<policy::BlockMask>(policy::Block::withdrawn));
  e.proof = r.integer<uint64_t>();
  e.since = from_ms(r.integer<int64_t>());
  e.pause_until = from_ms(r.integer<int64_t>());
  if (!r.ok()) return std::nullopt;
  return e;
}

}  // namespace tact::gateway
