// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/engine/route.h"
#include "gateway/engine/tenant.h"

namespace tact::gateway {

// What a shard is built upon. All of it outlives the shard; see each type for who else may use it.
struct ShardPorts {
  const EngineSettings& settings;
  const Directory& directory;
  Store& store;
  Wire& wire;
  Sealer& sealer;
  NumberHasher& hasher;
  policy::Suppression& suppression;
  Backlog& backlog;
};

// One thread's world: the routes and tenants that live here, and the turn that moves them (DESIGN
// 6).
//
// Bytes, completions and loads are only taken in; everything that follows happens in turn(), at the
// shard's own pace. A turn ends with one write per connection and one commit for all that it
// changed. Every call is made on the shard's thread; time stands still between two turns.
class Shard {
 public:
  Shard(ShardId id, const ShardPorts& ports, uint64_t seed);
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // Before anything else: recovers what lives here. `block` is leased durably (I11).
  void start(StoreReader& reader, uint32_t block, Now now);

  // From the wire. Taken in, and worked on in the next turn.
  void connected(ConnectionId connection);
  void received(ConnectionId connection, ByteView bytes);
  void closed(ConnectionId connection, std::string_view reason, TlsFault tls = TlsFault::none);
  // An upstream's connection, with what was read of it so far: at least its Hello.
  void accepted(ConnectionId connection, ByteView first);

  // From storage, in the order of the commits.
  void deliver(Delivery&& delivery);
  void loaded(Loaded&& loaded);

  // Between two turns: from the next one on messages are judged by these.
  void use(std::shared_ptr<const policy::RuleSet> rules) { context_.gate.use(std::move(rules)); }
  void turn(Now now);
  // When turn() is due at the latest.
  Mono deadline() const;
  // There is work left that the last turn's budget did not allow: call turn() again, after reading
  // sockets.
  bool more() const;

  // Stops taking jobs and offering messages; windows empty, links unbind (DESIGN 8, "Drain").
  void drain(Now now);
  // Nothing is on its way to a carrier or to the disk.
  bool drained() const;
  // Messages sent and not answered: what a stop now would leave unknown.
  size_t in_flight() const;

  const ShardStats& stats() const { return context_.stats; }
  // What the last turn has to tell the operators.
  const std::vector<Notice>& notices() const { return context_.notices; }
  ShardId id() const { return context_.id; }

 private:
  struct Connected {
    ConnectionId connection;
  };
  struct Received {
    ConnectionId connection;
    Bytes bytes;
    bool accepted = false;
  };
  struct Closed {
    ConnectionId connection;
    std::string reason;
    TlsFault tls;
  };
  using Input = std::variant<Connected, Received, Closed, Delivery, Loaded>;
  struct InFlight {
    uint64_t turn;
    uint64_t bytes;
    Mono handed_over;
    Effects effects;
  };

  void take(Connected& input);
  void take(Received& input);
  void take(Closed& input);
  void take(Delivery& input);
  void take(Loaded& input);
  void take_mail(MailBody& mail);
  void look_for(const LookFor& request);
  void take_effect(Effects& effects);
  Bytes copy(ByteView bytes);
  void hand_over();
  void sweep_audit();
  Route* route(RouteId id) const;
  Upstream* upstream(UpstreamId id) const;
  Upstream* owner(ConnectionId connection) const;

  ShardContext context_;
  std::deque<Route> routes_;
  std::deque<Tenant> tenants_;
  std::vector<Route*> routes_by_id_;
  std::vector<Upstream*> upstreams_by_id_;
  std::vector<Input> inbox_;      // since the last turn, in order
  std::vector<Input> taken_;      // of this turn; swapped, so that both keep their memory
  std::vector<Bytes> spare_;      // buffers of chunks already worked on
  std::deque<InFlight> commits_;  // oldest first
  uint32_t audit_floor_ = 0;      // hour below which nothing is kept
  bool draining_ = false;
};

}  // namespace tact::gateway
