// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "gateway/engine/context.h"

namespace tact::gateway {

// The log of one upstream's events and its one subscriber (I6): events go out from memory as they
// become durable, from disk when the subscriber was away or is slower, and are deleted behind its
// acknowledgement.
//
// Its room is the upstream's quota (DESIGN 17.6), as estimated from what was written. Seven eighths
// are for what its messages cause: a message reserves the room of two events until its last one is
// stored, and jobs are read only while there is room for one more (so a job may exceed it by
// itself). One eighth is for what comes unasked: replies and changes of the opt-out list. When that
// is full they are counted instead of stored, and told as a gap once there is room.
//
// On disk, meta 'u' upstream (little endian; a record of older releases ends after the first field,
// and counting begins anew):
//
//   acked u64 | reserved u64 | counted u64 | unsolicited u64 | missed u64 | from_ms i64 | to_ms i64
//
// reserved: messages without their last event, as of the events below `counted`; unsolicited:
// octets of such events not acknowledged, as of the same.
class EventFeed {
 public:
  EventFeed(ShardContext& context, const UpstreamSettings& settings, UpstreamStats& stats)
      : context_(context), settings_(settings), upstream_(settings.id), stats_(stats) {}

  void start(StoreReader& reader);
  // The newest subscriber wins; the older one is told by the caller. Returns the first event it
  // will get.
  uint64_t subscribe(ConnectionId connection, uint64_t acked);
  void unsubscribe(ConnectionId connection);
  ConnectionId subscriber() const { return subscriber_; }

  // ---- Room.

  // Messages that will each have one last event were taken in.
  void reserve(uint64_t messages);
  // Is there room for what one more message causes?
  bool has_room() const;
  // Adds the scratch event of the context, which nobody's message reserved, or counts it as missed.
  void tell_unsolicited();

  void stored(const EventsStored& events);
  void acknowledge(uint64_t sequence);  // cumulative; one beyond the tail is ignored
  // Tells a gap when there is room for it and puts its books into the commit. Once per turn.
  void turn();
  // Asks the disk for what the subscriber lacks, if it can take it. Once per turn.
  void feed(size_t unsent);
  // False: not asked for by this feed.
  bool loaded(const Loaded& loaded);
  // Frames to be written to the subscriber since the last call.
  Bytes& output() { return output_; }

 private:
  struct Unsolicited {
    uint64_t last;  // sequence
    uint64_t bytes;
  };

  bool subscriber_takes() const;
  uint64_t unacked_bytes() const { return (tail_ - 1 - acked_) * average_; }
  uint64_t share() const;  // of what comes unasked
  void count(uint64_t last, ByteView body);
  void restore_books(StoreReader& reader);
  void count_out();
  void send(uint64_t first, ByteView body);
  void reclaim();

  // Constant after construction.
  ShardContext& context_;
  const UpstreamSettings& settings_;
  const UpstreamId upstream_;
  UpstreamStats& stats_;

  uint64_t tail_ = 1;  // next sequence to be stored
  uint64_t next_ = 1;  // next sequence to be sent to the subscriber
  uint64_t acked_ = 0;
  uint64_t reclaimed_ = 0;
  Mono reclaimed_at_{};
  uint64_t average_ = 128;

  uint64_t reserved_ = 0;                // messages
  std::deque<Unsolicited> unsolicited_;  // stored and not acknowledged
  uint64_t unsolicited_bytes_ = 0;       // of these, and
  uint64_t unsolicited_coming_ = 0;      // of those on their way to the disk
  uint64_t missed_ = 0;
  Civil missed_from_{}, missed_to_{};
  bool dirty_ = false;  // the books differ from the disk's in more than it can count

  ConnectionId subscriber_{};
  uint64_t load_ = 0;  // outstanding
  size_t unsent_ = 0;
  Bytes output_;
};

}  // namespace tact::gateway
