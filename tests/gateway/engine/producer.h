// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gateway/engine/message.h"
#include "proto/stream.pb.h"

namespace tact::gateway::test {

// One producer as proto/README.md asks it to be: numbers its jobs, repeats after a reconnect what
// Welcome does not count as received, acknowledges events when it has them. Octets go in and out;
// the world carries them.
class Producer {
 public:
  Producer(std::string upstream, std::string stream)
      : upstream_(std::move(upstream)), stream_(std::move(stream)) {}

  // ---- The script.
  std::string token = "token";
  bool subscribe = true;
  bool acks_events = true;
  bool repeats = true;        // jobs after a reconnect
  bool tells_pending = true;  // whether it holds jobs that it has sent

  // Numbers the job and sends it, at once or with the next Welcome.
  uint64_t push(proto::Job job);
  uint64_t push(const std::vector<proto::Message>& messages);
  uint64_t push(proto::Control control);
  void send(const proto::ToGateway& frame);  // as it stands
  void send_raw(ByteView bytes) {
    to_gateway_.insert(to_gateway_.end(), bytes.begin(), bytes.end());
  }
  void ack_events(uint64_t sequence);

  // ---- What it was told.
  std::vector<proto::ToUpstream> frames;    // on this connection
  std::map<uint64_t, proto::JobAck> acks;   // by sequence; the first of each, with its results
  std::map<uint64_t, proto::Event> events;  // by sequence
  std::vector<proto::Error> errors;         // over all connections
  uint64_t repeated_events = 0;             // that came again
  const proto::Welcome* welcome() const;    // of this connection
  const proto::Result& result(uint64_t sequence, int message = 0) const;
  std::vector<const proto::Event*> about(uint64_t message_id) const;
  const proto::Event* fate(uint64_t message_id) const;  // its final event, if it has one
  size_t finals(uint64_t message_id) const;
  bool acknowledged(uint64_t sequence) const {
    return acks.contains(sequence) || sequence <= known_;
  }

  // ---- The world's side.
  bool is_connected() const { return connected_; }
  void connected();
  void closed();
  void received(ByteView bytes);
  Bytes take_output() { return std::exchange(to_gateway_, {}); }

 private:
  void give(uint64_t sequence);  // what it holds under that number
  void take(const proto::ToUpstream& frame);

  const std::string upstream_, stream_;
  bool connected_ = false;
  Bytes in_, to_gateway_;
  std::map<uint64_t, proto::ToGateway> unacked_;
  uint64_t next_ = 1;
  uint64_t known_ = 0;  // Welcome said so
  uint64_t sent_ = 0;
};

}  // namespace tact::gateway::test
