// SPDX-License-Identifier: Apache-2.0
#include "client/framing.h"

#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "proto/stream.pb.h"

namespace tact::client {
namespace {

using google::protobuf::io::CodedOutputStream;

// Tags of the wire: the field's number, and whether a varint or a length follows.
constexpr uint32_t varint_tag(int field) { return static_cast<uint32_t>(field) << 3; }
constexpr uint32_t length_tag(int field) { return varint_tag(field) | 2; }

constexpr int kSequenceField = proto::Job::kSequenceFieldNumber;
static_assert(kSequenceField == proto::Control::kSequenceFieldNumber);

// Tags and lengths in front of a body and the sequence behind it, at most.
constexpr std::size_t kHeadBytesMax = 12;
constexpr std::size_t kSequenceBytesMax = 11;

}  // namespace

bool append_frame(const google::protobuf::MessageLite& message, std::string& out) {
  if (message.ByteSizeLong() > kFrameBytesMax) return false;
  proto::append_delimited(message, out);
  return true;
}

SequencedFrame::SequencedFrame(const proto::Job& job)
    : field_(proto::ToGateway::kJobFieldNumber), octets_(job.SerializeAsString()) {}

SequencedFrame::SequencedFrame(const proto::Control& control)
    : field_(proto::ToGateway::kControlFieldNumber), octets_(control.SerializeAsString()) {}

bool SequencedFrame::fits() const {
  return octets_.size() + kHeadBytesMax + kSequenceBytesMax <= kFrameBytesMax;
}

// Of a field that comes twice the last one counts: so the sequence stands at the end.
void SequencedFrame::append(uint64_t sequence, std::string& out) const {
  uint8_t tail[kSequenceBytesMax];
  uint8_t* tail_end = CodedOutputStream::WriteVarint32ToArray(varint_tag(kSequenceField), tail);
  tail_end = CodedOutputStream::WriteVarint64ToArray(sequence, tail_end);
  const auto size =
      static_cast<uint32_t>(octets_.size() + static_cast<std::size_t>(tail_end - tail));

  const uint32_t tag = length_tag(field_);
  const auto framed = static_cast<uint32_t>(CodedOutputStream::VarintSize32(tag) +
                                            CodedOutputStream::VarintSize32(size) + size);
  uint8_t head[kHeadBytesMax];
  uint8_t* head_end = CodedOutputStream::WriteVarint32ToArray(framed, head);
  head_end = CodedOutputStream::WriteVarint32ToArray(tag, head_end);
  head_end = CodedOutputStream::WriteVarint32ToArray(size, head_end);

  out.append(head, head_end);
  out += octets_;
  out.append(tail, tail_end);
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
