// SPDX-License-Identifier: Apache-2.0
#include "proto/delimited.h"

namespace tact::proto {

namespace {
template <typename Octets>
void append(const google::protobuf::MessageLite& message, Octets& out) {
  const size_t size = message.ByteSizeLong();
  size_t left = size;
  do {
    const auto low = static_cast<uint8_t>(left & 0x7f);
    left >>= 7;
    out.push_back(static_cast<typename Octets::value_type>(left ? low | 0x80 : low));
  } while (left);
  const size_t at = out.size();
  out.resize(at + size);
  message.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(out.data()) + at);
}
}  // namespace

FrameHead frame_head(std::span<const uint8_t> in, size_t limit) {
  uint64_t length = 0;
  for (size_t i = 0; i < 5; ++i) {
    if (i == in.size()) return {FrameResult::more};
    length |= uint64_t{in[i] & 0x7fu} << (7 * i);
    if (in[i] & 0x80) continue;
    if (length > limit) return {FrameResult::too_large};
    const bool whole = in.size() - i - 1 >= length;
    return {whole ? FrameResult::frame : FrameResult::more, i + 1, static_cast<size_t>(length)};
  }
  return {FrameResult::malformed};
}

void append_delimited(const google::protobuf::MessageLite& message, std::vector<uint8_t>& out) {
  append(message, out);
}

void append_delimited(const google::protobuf::MessageLite& message, std::string& out) {
  append(message, out);
}

}  // namespace tact::proto
