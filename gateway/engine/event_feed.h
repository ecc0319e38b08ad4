// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/engine/context.h"

namespace tact::gateway {

// The log of one upstream's events and its one subscriber (I6): events go out from memory as they
// become durable, from disk when the subscriber was away or is slower, and are deleted behind its
// acknowledgement.
class EventFeed {
 public:
  EventFeed(ShardContext& context, UpstreamId upstream, UpstreamStats& stats)
      : context_(context), upstream_(upstream), stats_(stats) {}

  void start(StoreReader& reader);
  // The newest subscriber wins; the older one is told by the caller. Returns the first event it
  // will get.
  uint64_t subscribe(ConnectionId connection, uint64_t acked);
  void unsubscribe(ConnectionId connection);
  ConnectionId subscriber() const { return subscriber_; }

  void stored(const EventsStored& events);
  void acknowledge(uint64_t sequence);  // cumulative; one beyond the tail is ignored
  // Asks the disk for what the subscriber lacks, if it has room. Called once per turn.
  void turn(size_t unsent);
  // False: not asked for by this feed.
  bool loaded(const Loaded& loaded);
  // Frames to be written to the subscriber since the last call.
  Bytes& output() { return output_; }
  // Unacknowledged events fill this many octets, as estimated from what was written.
  uint64_t unacked_bytes() const { return (tail_ - 1 - acked_) * average_; }

 private:
  bool has_room() const;
  void send(uint64_t first, ByteView body);
  void reclaim();

  ShardContext& context_;
  const UpstreamId upstream_;
  UpstreamStats& stats_;

  uint64_t tail_ = 1;  // next sequence to be stored
  uint64_t next_ = 1;  // next sequence to be sent to the subscriber
  uint64_t acked_ = 0;
  uint64_t reclaimed_ = 0;
  Mono reclaimed_at_{};
  uint64_t average_ = 128;
  ConnectionId subscriber_{};
  uint64_t load_ = 0;  // outstanding
  size_t unsent_ = 0;
  Bytes output_;
};

}  // namespace tact::gateway
