// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/packed.h"

#include <lz4.h>

#include "gateway/engine/record_io.h"

namespace tact::gateway {
namespace {
constexpr size_t kHead = 4;
constexpr size_t kRatioMax = 255;
// In less there is hardly anything twice.
constexpr size_t kWorthwhile = 512;
}  // namespace

bool append_packed(ByteView raw, std::string& out) {
  if (raw.size() < kWorthwhile || raw.size() > LZ4_MAX_INPUT_SIZE) return false;
  const size_t start = out.size();
  const size_t room = raw.size() - kHead - 1;
  out.resize(start + kHead + room);
  const int size =
      LZ4_compress_default(reinterpret_cast<const char*>(raw.data()), out.data() + start + kHead,
                           static_cast<int>(raw.size()), static_cast<int>(room));
  out.resize(size > 0 ? start + kHead + static_cast<size_t>(size) : start);
  if (size <= 0) return false;
  RecordWriter(out).patch(start, static_cast<uint32_t>(raw.size()));
  return true;
}

std::optional<Bytes> unpack(ByteView packed) {
  RecordReader reader(packed);
  const size_t size = reader.integer<uint32_t>();
  if (!reader.ok() || size > reader.left() * kRatioMax || size > LZ4_MAX_INPUT_SIZE) return {};
  Bytes raw(size);
  const std::string_view block = reader.octets(reader.left());
  const int read =
      LZ4_decompress_safe(block.data(), reinterpret_cast<char*>(raw.data()),
                          static_cast<int>(block.size()), static_cast<int>(raw.size()));
  if (read < 0 || static_cast<size_t>(read) != size) return {};
  return raw;
}

}  // namespace tact::gateway
