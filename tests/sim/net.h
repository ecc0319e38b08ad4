// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <memory>

#include "tests/gateway/engine/fake_wire.h"
#include "tests/sim/agenda.h"

namespace tact::sim {

using gateway::Bytes;
using gateway::ByteView;
using gateway::ConnectionId;

// The far end of a connection. A connection has a serial number for ever; the engine's ConnectionId
// returns with every restart.
class Peer {
 public:
  virtual ~Peer() = default;
  // stamp: when the engine handed these bytes over. What was written in one turn never shares a
  // chunk with what was written in another.
  virtual void received(uint64_t serial, ByteView bytes, Stamp stamp) = 0;
  virtual void ended(uint64_t serial) = 0;
};

// The engine's end of all connections.
class Host {
 public:
  virtual ~Host() = default;
  virtual void received(ConnectionId connection, ByteView bytes) = 0;
  virtual void closed(ConnectionId connection) = 0;
};

struct NetPlan {
  Mono delay_min{}, delay_max{};
  uint32_t chunk_permille = 0;  // writes that arrive in pieces
  uint32_t chunk_max = 1;       // octets of a piece
  uint32_t lose_permille = 0;   // resets that swallow what was on its way
  uint32_t half_open_permille = 0;
};

// Connections as pairs of byte pipes: arbitrary pieces, delay, stall, reset, half-open. Behind the
// engine's port it is FakeWire.
class Net {
 public:
  Net(Agenda& agenda, Chance chance, const NetPlan& plan, gateway::test::FakeWire& wire, Host& host)
      : agenda_(agenda), chance_(chance), plan_(plan), wire_(wire), host_(host) {}

  uint64_t open(ConnectionId connection, Peer& peer);
  // Takes what the engine wrote in its last turn, and what it closed or paused.
  void collect(Stamp stamp);
  // The engine's process has ended. Clean: what it wrote still arrives.
  void abandon(bool clean);
  // Faults are over: nothing stalls, and whoever was not told of an end is told.
  void heal();

  // ---- From peers and from chance.
  void send(uint64_t serial, Bytes bytes);
  void close(uint64_t serial);  // behind what was sent
  void reset(uint64_t serial);
  void stall(uint64_t serial, bool to_peer, Mono time);
  std::vector<uint64_t> alive() const;
  bool is_alive(uint64_t serial) const;
  // Of all that the engine has written.
  uint64_t digest() const { return digest_; }
  Mono delay() { return chance_.between(plan_.delay_min, plan_.delay_max); }

 private:
  struct Chunk {
    Bytes bytes;
    Stamp stamp;
    bool last = false;
  };
  struct Flow {
    std::deque<Chunk> chunks;
    Mono free_at{}, stalled_until{};
    bool cut = false;  // takes nothing more
    size_t held = 0;   // arrivals that wait for the reader
    size_t bytes = 0;
    void drop() {  // what it carries, but not that it ends
      std::erase_if(chunks, [](const Chunk& chunk) { return !chunk.last; });
      bytes = 0;
    }
  };
  struct Connection {
    ConnectionId id{};
    Peer* peer = nullptr;
    bool engine_open = true, peer_open = true;
    bool owed_engine = false, owed_peer = false;  // an end that nobody told them
    Flow to_peer, to_engine;
  };

  void push(uint64_t serial, bool to_peer, Bytes bytes, Stamp stamp);
  void finish(uint64_t serial, bool to_peer);
  void arrive(uint64_t serial, bool to_peer);
  void deliver(uint64_t serial, bool to_peer, Chunk chunk);
  void measure(Connection& connection);
  void absorb(uint64_t serial, ByteView bytes, Stamp stamp);
  void forget(uint64_t serial);

  Agenda& agenda_;
  Chance chance_;
  const NetPlan& plan_;
  gateway::test::FakeWire& wire_;
  Host& host_;
  std::map<uint64_t, Connection> connections_;
  uint64_t next_ = 1;
  uint64_t digest_ = 0xcbf29ce484222325;
  bool calm_ = false;
};

}  // namespace tact::sim
