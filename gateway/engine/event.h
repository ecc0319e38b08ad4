// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/engine/message.h"
#include "proto/event.pb.h"

// Events as they are stored. Body of a batch of table `events`:
//
//   count times:  length u32 (little endian) | tact.proto.Event, `length` octets, without
//   `sequence`
//
// Messages are stored hand-laid, because the gateway reads them field by field; events are stored
// as protobuf, because the gateway never reads them again: what was encoded once is sent by copying
// it behind its sequence, which only storage knows. Protobuf's rule that fields may come in any
// order makes that possible.
//
// Change procedure: that of proto/event.proto. A change of the framing raises kBatchFormat.
namespace tact::gateway {

// The events of one upstream in one turn.
class EventBuilder {
 public:
  // REQUIRES: event.sequence() is not set.
  void add(const proto::Event& event);
  uint16_t count() const { return count_; }
  size_t bytes() const { return body_.size(); }
  // The body; the builder is empty afterwards.
  Bytes take();

 private:
  uint16_t count_ = 0;
  Bytes body_;
};

// What a carrier wrote into a field of octets (an address, an id, an error code), fit for a string
// of an event: control characters and what is not ASCII appear as "\\xff". Without this one octet
// would make an event that no proto3 client can read, and no later one could be delivered.
std::string readable(std::string_view octets);

// What the books of a feed need to know of stored events.
struct EventCount {
  uint32_t final = 0;              // each ends a message
  uint64_t unsolicited_bytes = 0;  // replies, opt-outs and gaps, as stored
};
EventCount count_events(ByteView body);
// Octets that one event adds to a stored body.
size_t stored_size(const proto::Event& event);

// Appends the events of a stored body as delimited frames ToUpstream{events{...}} of at most
// frame_max octets (a single event may exceed it). `first` is the sequence of the body's first
// event; those below `from` are left out. Returns the sequence behind the last event appended,
// `from` when there was none. Ends early at a record that is not whole.
uint64_t append_event_frames(ByteView body, uint64_t first, uint64_t from, size_t frame_max,
                             Bytes& out);

}  // namespace tact::gateway
