// SPDX-License-Identifier: Apache-2.0
#include "client/framing.h"

#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace tact::client {

using google::protobuf::io::CodedOutputStream;

bool append_frame(const google::protobuf::MessageLite& message, std::string& out) {
  const std::size_t size = message.ByteSizeLong();
  if (size > kFrameBytesMax) return false;
  const std::size_t length_size = CodedOutputStream::VarintSize32(static_cast<uint32_t>(size));
  const std::size_t at = out.size();
  out.resize(at + length_size + size);
  auto* to = reinterpret_cast<uint8_t*>(out.data() + at);
  to = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(size), to);
  message.SerializeWithCachedSizesToArray(to);
  return true;
}

std::span<char> FrameReader::prepare(std::size_t size) {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() < end_ + size) buffer_.resize(std::max(end_ + size, 2 * buffer_.size()));
  return {buffer_.data() + end_, buffer_.size() - end_};
}

void FrameReader::commit(std::size_t size) { end_ += size; }

FrameReader::Result FrameReader::next() {
  uint64_t length = 0;
  std::size_t at = begin_;
  for (int shift = 0;; shift += 7) {
    if (shift > 28) return {State::malformed, {}};
    if (at == end_) return {State::more, {}};
    const auto octet = static_cast<uint8_t>(buffer_[at++]);
    length |= static_cast<uint64_t>(octet & 0x7F) << shift;
    if (octet < 0x80) break;
  }
  if (length > kFrameBytesMax) return {State::too_large, {}};
  if (end_ - at < length) return {State::more, {}};
  begin_ = at + length;
  return {State::frame, std::string_view(buffer_).substr(at, length)};
}

void FrameReader::clear() { begin_ = end_ = 0; }

}  // namespace tact::client
