// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message_lite.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

// Protobuf's delimited form, which the upstream protocol consists of (README.md):
//
//   +----------------+------------------ - -
//   | length varint  | message, `length` octets
//   +----------------+------------------ - -
namespace tact::proto {

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
// What stands at the front of `in`. The length is judged before its message has come.
FrameHead frame_head(std::span<const uint8_t> in, size_t limit);

void append_delimited(const google::protobuf::MessageLite& message, std::vector<uint8_t>& out);
void append_delimited(const google::protobuf::MessageLite& message, std::string& out);

}  // namespace tact::proto
