// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "tests/sim/audit.h"
#include "tests/sim/net.h"

namespace tact::sim {

// What one upstream remembers of its events, whichever connection reads them.
struct EventMark {
  uint64_t processed = 0;     // everything up to here is stored
  uint64_t acknowledged = 0;  // and told
};

// One stream of one upstream, as proto/README.md asks a client to be: numbers its jobs, keeps them
// until they are acknowledged, goes on where Welcome says. Besides, it does what clients do on a
// bad day: breaks connections, repeats itself, reads slowly, has a twin.
class Producer final : public Peer {
 public:
  // Asks for a connection: its serial number, or nothing while the engine is down.
  using Connect = std::function<std::optional<uint64_t>(Peer&, size_t upstream)>;

  struct Identity {
    size_t index = 0;     // among all streams
    size_t upstream = 0;  // among all upstreams
    size_t tenant = 0;
    std::string stream;
    bool subscribes = false;
  };
  Producer(Identity identity, const Plan& plan, Agenda& agenda, Net& net, Audit& audit,
           EventMark& mark, Connect connect, Chance chance);

  void start();
  uint32_t draw_job() { return static_cast<uint32_t>(chance_.between(1, habits_.job_max)); }
  void push_job(uint32_t messages);
  void push_control();
  void push_again();  // an acknowledged job
  void break_off();   // the connection is lost
  void open_twin();   // another connection of this stream; the older one is replaced
  void read_slowly();
  void calm() { calm_ = true; }
  bool done() const { return unacked_.empty(); }

  void received(uint64_t serial, ByteView bytes, Stamp stamp) override;
  void ended(uint64_t serial) override;

 private:
  void connect();
  void take(const proto::ToUpstream& frame, Stamp stamp);
  void take_welcome(const proto::Welcome& welcome, Stamp stamp);
  void take_events(const proto::Events& events);
  void send(const proto::ToGateway& frame);
  uint64_t enqueue(proto::ToGateway frame);
  size_t compose(proto::Message& message);
  std::string text_for(Class cls, size_t message, bool is_long, bool is_signed);

  const Identity who_;
  const Plan& plan_;
  const ProducerPlan& habits_;
  Agenda& agenda_;
  Net& net_;
  Audit& audit_;
  EventMark& mark_;
  const Connect connect_;
  Chance chance_;

  std::optional<uint64_t> connection_;
  bool welcomed_ = false;
  bool connecting_ = false;
  bool calm_ = false;
  Bytes in_;
  std::map<uint64_t, proto::ToGateway> unacked_;
  std::optional<proto::ToGateway> acked_;  // one that was acknowledged
  uint64_t next_ = 1;
};

}  // namespace tact::sim
