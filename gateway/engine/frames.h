// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message_lite.h>

#include "gateway/engine/message.h"

// Protobuf's delimited form, which the upstream protocol consists of:
//
//   +----------------+------------------ - -
//   | length varint  | message, `length` octets
//   +----------------+------------------ - -
namespace tact::gateway {

enum class FrameResult : uint8_t {
  more,       // not whole yet
  frame,      // `size` octets after `prefix` octets of length
  too_large,  // the length is over the limit: the stream is lost
  malformed,  // the length is no varint of 32 bits: the stream is lost
};
struct FrameHead {
  FrameResult result = FrameResult::more;
  size_t prefix = 0;
  size_t size = 0;
};
// What stands at the front of `in`.
FrameHead frame_head(ByteView in, size_t limit);

void append_delimited(const google::protobuf::MessageLite& message, Bytes& out);

}  // namespace tact::gateway
