// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/net.h"

#include <algorithm>

namespace tact::sim {

uint64_t Net::open(ConnectionId connection, Peer& peer) {
  const uint64_t serial = next_++;
  Connection& fresh = connections_[serial];
  fresh.id = connection;
  fresh.peer = &peer;
  return serial;
}

void Net::collect(Stamp stamp) {
  for (const uint64_t serial : alive()) {
    Connection& one = connections_.at(serial);
    if (!one.engine_open) continue;
    auto& pipe = wire_.pipe(one.id);
    if (!pipe.to_peer.empty()) {
      absorb(serial, pipe.to_peer, stamp);
      push(serial, true, std::exchange(pipe.to_peer, {}), stamp);
    }
    if (pipe.closed) {
      one.engine_open = false;
      one.owed_engine = false;
      one.to_engine.cut = true;
      one.to_engine.drop();
      wire_.forget(one.id);
      finish(serial, true);
      forget(serial);
    } else if (!pipe.paused) {
      for (; one.to_engine.held > 0; --one.to_engine.held) {
        agenda_.in(delay(), [this, serial] { arrive(serial, false); });
      }
    }
  }
}

void Net::absorb(uint64_t serial, ByteView bytes, Stamp stamp) {
  const auto mix = [this](uint64_t value) { digest_ = (digest_ ^ value) * 0x100000001b3; };
  mix(serial);
  mix(static_cast<uint64_t>(stamp.mono.count()));
  for (const uint8_t octet : bytes) mix(octet);
}

void Net::abandon(bool clean) {
  for (const uint64_t serial : alive()) {
    Connection& one = connections_.at(serial);
    if (!one.engine_open) continue;
    one.engine_open = false;
    one.owed_engine = false;
    one.to_engine.cut = true;
    one.to_engine.drop();
    // A kernel sends on what a dead process wrote; a dead machine does not.
    const bool lost = !clean && chance_.permille(plan_.lose_permille);
    if (lost) one.to_peer.drop();
    if (lost && !calm_ && chance_.permille(plan_.half_open_permille)) {
      one.owed_peer = true;
      one.to_peer.cut = true;
    } else {
      finish(serial, true);
    }
    forget(serial);
  }
}

void Net::heal() {
  calm_ = true;
  for (const uint64_t serial : alive()) {
    Connection& one = connections_.at(serial);
    for (const bool to_peer : {true, false}) {
      Flow& flow = to_peer ? one.to_peer : one.to_engine;
      // What waits for the end of a stall arrives now; then its own time finds nothing left.
      if (flow.stalled_until <= agenda_.now()) continue;
      flow.stalled_until = Mono{};
      for (size_t k = flow.chunks.size(); k > 0; --k) {
        agenda_.in(Mono(0), [this, serial, to_peer] { arrive(serial, to_peer); });
      }
    }
    if (std::exchange(one.owed_engine, false)) {
      one.to_engine.cut = false;
      finish(serial, false);
    }
    if (std::exchange(one.owed_peer, false)) {
      one.to_peer.cut = false;
      finish(serial, true);
    }
  }
}

void Net::send(uint64_t serial, Bytes bytes) { push(serial, false, std::move(bytes), {}); }

void Net::close(uint64_t serial) {
  const auto it = connections_.find(serial);
  if (it == connections_.end() || !it->second.peer_open) return;
  it->second.peer_open = false;
  it->second.owed_peer = false;
  it->second.to_peer.cut = true;
  it->second.to_peer.drop();
  finish(serial, false);
  forget(serial);
}

void Net::reset(uint64_t serial) {
  const auto it = connections_.find(serial);
  if (it == connections_.end()) return;
  Connection& one = it->second;
  const bool half_open = !calm_ && chance_.permille(plan_.half_open_permille);
  const bool which = chance_.coin();
  for (const bool to_peer : {true, false}) {
    Flow& flow = to_peer ? one.to_peer : one.to_engine;
    if (flow.cut) continue;
    if (chance_.permille(plan_.lose_permille)) flow.drop();
    if (half_open && to_peer == which) {
      flow.cut = true;
      (to_peer ? one.owed_peer : one.owed_engine) = true;
    } else {
      finish(serial, to_peer);
    }
  }
}

void Net::stall(uint64_t serial, bool to_peer, Mono time) {
  const auto it = connections_.find(serial);
  if (it == connections_.end() || calm_) return;
  Flow& flow = to_peer ? it->second.to_peer : it->second.to_engine;
  flow.stalled_until = std::max(flow.stalled_until, agenda_.now() + time);
}

std::vector<uint64_t> Net::alive() const {
  std::vector<uint64_t> serials;
  serials.reserve(connections_.size());
  for (const auto& [serial, one] : connections_) serials.push_back(serial);
  return serials;
}

bool Net::is_alive(uint64_t serial) const {
  const auto it = connections_.find(serial);
  return it != connections_.end() && it->second.peer_open;
}

void Net::push(uint64_t serial, bool to_peer, Bytes bytes, Stamp stamp) {
  const auto it = connections_.find(serial);
  if (it == connections_.end() || bytes.empty()) return;
  Flow& flow = to_peer ? it->second.to_peer : it->second.to_engine;
  if (flow.cut) return;
  const bool pieces = chance_.permille(plan_.chunk_permille);
  for (size_t at = 0; at < bytes.size();) {
    const size_t left = bytes.size() - at;
    const size_t size = pieces ? std::min(left, size_t{1} + chance_.below(plan_.chunk_max)) : left;
    const auto from = bytes.begin() + static_cast<ptrdiff_t>(at);
    flow.chunks.push_back({{from, from + static_cast<ptrdiff_t>(size)}, stamp});
    flow.bytes += size;
    at += size;
    flow.free_at = std::max(flow.free_at, agenda_.now() + delay());
    agenda_.at(flow.free_at, [this, serial, to_peer] { arrive(serial, to_peer); });
  }
  measure(it->second);
}

void Net::finish(uint64_t serial, bool to_peer) {
  Connection& one = connections_.at(serial);
  Flow& flow = to_peer ? one.to_peer : one.to_engine;
  if (flow.cut) return;
  flow.chunks.push_back({{}, {}, true});
  flow.cut = true;
  flow.free_at = std::max(flow.free_at, agenda_.now() + delay());
  agenda_.at(flow.free_at, [this, serial, to_peer] { arrive(serial, to_peer); });
}

void Net::arrive(uint64_t serial, bool to_peer) {
  const auto it = connections_.find(serial);
  if (it == connections_.end()) return;
  Connection& one = it->second;
  Flow& flow = to_peer ? one.to_peer : one.to_engine;
  if (flow.stalled_until > agenda_.now()) {
    agenda_.at(flow.stalled_until, [this, serial, to_peer] { arrive(serial, to_peer); });
    return;
  }
  if (flow.chunks.empty()) return;  // swallowed by a reset
  if (!to_peer && one.engine_open && wire_.pipe(one.id).paused && !flow.chunks.front().last) {
    ++flow.held;
    return;
  }
  Chunk chunk = std::move(flow.chunks.front());
  flow.chunks.pop_front();
  flow.bytes -= std::min(flow.bytes, chunk.bytes.size());
  measure(one);
  deliver(serial, to_peer, std::move(chunk));
}

void Net::deliver(uint64_t serial, bool to_peer, Chunk chunk) {
  Connection& one = connections_.at(serial);
  if (to_peer && one.peer_open) {
    if (!chunk.last) return one.peer->received(serial, chunk.bytes, chunk.stamp);
    one.peer_open = false;
    one.peer->ended(serial);
  } else if (!to_peer && one.engine_open) {
    if (!chunk.last) return host_.received(one.id, chunk.bytes);
    one.engine_open = false;
    wire_.forget(one.id);
    host_.closed(one.id);
  }
  forget(serial);
}

// What a kernel has not taken: only a stall lets it grow.
void Net::measure(Connection& one) {
  if (!one.engine_open) return;
  const bool stalled = one.to_peer.stalled_until > agenda_.now();
  wire_.pipe(one.id).unsent = stalled ? one.to_peer.bytes : 0;
}

void Net::forget(uint64_t serial) {
  const auto it = connections_.find(serial);
  if (it != connections_.end() && !it->second.engine_open && !it->second.peer_open) {
    connections_.erase(it);
  }
}

}  // namespace tact::sim
