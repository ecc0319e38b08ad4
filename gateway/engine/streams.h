// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "gateway/engine/context.h"
#include "proto/stream.pb.h"

namespace tact::gateway {

// The streams of one upstream: how far each of its producers is acknowledged (I7).
//
// Pods have names of one day, so a stream that nobody has used for longer than an idempotency key
// lives is forgotten, and a new one of its name begins at 1. A job that its producer still holds
// would then count a second time; so only streams are forgotten whose producer says in its Hello
// whether it holds any (`pending`), and one that does is refused instead of being numbered anew.
// For that a stream is on disk before its first Welcome.
//
// On disk (little endian), table `meta`, key 's' upstream name:
//
//   | last u64 | seen_ms i64 | flags u8 |     flags: 1 may be forgotten; missing in old records: 0
class Streams {
 public:
  struct Stream {
    uint64_t last = 0;  // admitted; durable with the commit of its turn
    Civil seen{};       // at the latest, when it was used
    bool may_forget = false;
    bool dirty = false;         // to be stored in this turn
    ConnectionId connection{};  // 0: none
  };

  Streams(ShardContext& context, UpstreamId upstream) : context_(context), upstream_(upstream) {}

  void start(StoreReader& reader);
  // The stream that a Hello names, old or new; null when it is unknown and its producer holds jobs
  // of it.
  Stream* open(const proto::Hello& hello);
  void closed(Stream& stream);
  // REQUIRES: the frames of this turn have been worked on
  void turn();
  size_t size() const { return streams_.size(); }

 private:
  void forget();

  ShardContext& context_;
  const UpstreamId upstream_;
  std::map<std::string, Stream, std::less<>> streams_;  // their places are kept by connections
  Mono forget_at_{};
};

}  // namespace tact::gateway
