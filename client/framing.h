// SPDX-License-Identifier: Apache-2.0
// Frames of the upstream protocol (proto/delimited.h) on a connection, at most kFrameBytesMax each.
#pragma once

#include <google/protobuf/message_lite.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "proto/delimited.h"
#include "proto/job.pb.h"

namespace tact::client {

inline constexpr std::size_t kFrameBytesMax = 4u << 20;

// Appends one frame to `out`. False, and nothing appended, when the message is over kFrameBytesMax.
bool append_frame(const google::protobuf::MessageLite& message, std::string& out);

// A job or a control, encoded once: its number in the stream is known only when it is written, and
// after a reconnect it may be another one.
class SequencedFrame {
 public:
  explicit SequencedFrame(const proto::Job& job);
  explicit SequencedFrame(const proto::Control& control);

  // Whatever its number, it is not over kFrameBytesMax.
  bool fits() const;
  // A sequence the message bore when it was encoded counts for nothing.
  void append(uint64_t sequence, std::string& out) const;

 private:
  const int field_;  // of ToGateway
  std::string octets_;
};

// Cuts a byte stream into frames. Never holds more than one frame and one chunk: the length is
// judged before anything is stored for it.
class FrameReader {
 public:
  // more: prepare, read, commit. frame: `bytes` is one message, valid until the next prepare().
  using State = proto::FrameResult;
  struct Result {
    State state = State::more;
    std::string_view bytes;
  };

  // Room for at least `size` octets, to be read into; commit() says how many came.
  std::span<char> prepare(std::size_t size);
  void commit(std::size_t size);

  // REQUIRES: called until it answers `more` before the next prepare(). A lost stream stays lost.
  Result next();

  void clear();

 private:
  std::string buffer_;
  std::size_t begin_ = 0;  // of what has not been given out
  std::size_t end_ = 0;    // of what has been read
};

}  // namespace tact::client
