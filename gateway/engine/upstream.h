// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/arena.h>

#include <map>
#include <memory>
#include <string>

#include "gateway/engine/context.h"
#include "gateway/engine/event_feed.h"
#include "gateway/engine/streams.h"
#include "proto/stream.pb.h"

namespace tact::gateway {

// One producer of jobs and consumer of events, known by name: its connections, its streams (each
// with a sequence of its own) and its log of events. DESIGN 5, "Wire of upstreams"; proto/README.md
// is the contract.
//
// Bytes are gathered as they come and worked on in the turn, at most `turn_admissions` messages of
// it, so that no producer holds up the shard.
class Upstream {
 public:
  Upstream(ShardContext& context, Tenant& tenant, const UpstreamSettings& settings);

  void start(StoreReader& reader);
  void accepted(ConnectionId connection, ByteView first);
  void received(ConnectionId connection, ByteView bytes);
  void closed(ConnectionId connection);

  void stored(const EventsStored& events) { feed_.stored(events); }
  bool loaded(const Loaded& loaded) { return feed_.loaded(loaded); }
  // An answer whose commit is durable. Dropped when the connection is gone: the producer will ask
  // again.
  void answer(ConnectionId connection, const Bytes& frame);
  // The answer to a control that had to be looked for.
  void conclude(ConnectionId connection, const proto::JobAck& ack);
  void tell_unsolicited() { feed_.tell_unsolicited(); }
  // Reserves the room of a message that is not of its jobs. False: there is none.
  bool take_room() {
    if (!feed_.has_room()) return false;
    feed_.reserve(1);
    return true;
  }

  // Works on frames until `budget` messages are admitted.
  void turn(uint32_t& budget);
  void flush();       // one write per connection
  bool more() const;  // frames are left over that a turn could work on
  void drain();       // no more jobs; connections close once their answers are out
  bool owns(ConnectionId connection) const { return peers_.contains(connection); }

  const UpstreamSettings& settings() const { return settings_; }
  UpstreamStats& stats() { return stats_; }

 private:
  struct Peer {
    Bytes in;
    size_t at = 0;      // `in` before it is done with
    size_t looked = 0;  // `in` before it was searched for acknowledgements behind a job that waits
    Bytes out;
    Streams::Stream* stream = nullptr;
    bool greeted = false;
    bool welcomed = false;  // Welcome is durable and in `out`: events may follow
    bool closing = false;   // close once `out` is written
    bool paused = false;
    bool asking = false;  // a control is being looked for: acknowledgements come in order
    bool bulk = false;    // the job at `at` holds more than OTP
  };

  // May the frame at the front be worked on now? Jobs and controls wait, unparsed, for the disk,
  // for room for their events and for an answer before theirs; acknowledgements of events never do.
  bool may_take(const Peer& peer, ByteView frame) const;
  // Half of what may be uncommitted is OTP's (DESIGN 17.13).
  bool half_spent() const;
  // False: nothing more can be done for this peer in this turn.
  bool step(ConnectionId connection, Peer& peer, uint32_t& budget);
  void pass_event_acks(Peer& peer);
  void handle(ConnectionId connection, Peer& peer, const proto::ToGateway& frame, uint32_t& budget);
  void hello(ConnectionId connection, Peer& peer, const proto::Hello& hello);
  void job(ConnectionId connection, Peer& peer, const proto::Job& job, uint32_t& budget);
  void control(ConnectionId connection, Peer& peer, const proto::Control& control,
               uint32_t& budget);
  // Is this the stream's next sequence? Answers a repeated one, refuses a gap.
  bool in_sequence(ConnectionId connection, Peer& peer, uint64_t sequence);
  void acknowledge(ConnectionId connection, const proto::ToUpstream& answer);
  void refuse(Peer& peer, proto::Error::Code code, std::string message);
  // False: refused.
  bool open_stream(ConnectionId connection, Peer& peer, const proto::Hello& hello);
  void replace(ConnectionId older, std::string what);
  void write(Peer& peer, const proto::ToUpstream& frame);

  // Constant after construction.
  ShardContext& context_;
  Tenant& tenant_;
  const UpstreamSettings& settings_;
  UpstreamStats& stats_;

  std::map<ConnectionId, Peer> peers_;
  Streams streams_;
  EventFeed feed_;
  google::protobuf::Arena arena_;
  bool draining_ = false;
};

}  // namespace tact::gateway
