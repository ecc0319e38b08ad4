// SPDX-License-Identifier: Apache-2.0
#include "client/framing.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace tact::client {

bool append_frame(const google::protobuf::MessageLite& message, std::string& out) {
  if (message.ByteSizeLong() > kFrameBytesMax) return false;
  proto::append_delimited(message, out);
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
  const auto* octets = reinterpret_cast<const uint8_t*>(buffer_.data());
  const proto::FrameHead head = proto::frame_head({octets + begin_, octets + end_}, kFrameBytesMax);
  if (head.result != State::frame) return {head.result, {}};
  const std::size_t at = begin_ + head.prefix;
  begin_ = at + head.size;
  return {State::frame, std::string_view(buffer_).substr(at, head.size)};
}

void FrameReader::clear() { begin_ = end_ = 0; }

}  // namespace tact::client
