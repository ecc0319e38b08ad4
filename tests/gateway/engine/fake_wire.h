// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gateway/engine/message.h"
#include "gateway/engine/wire.h"

namespace tact::gateway::test {

// The network as byte pipes. What the core sends lies in a pipe until the test's peer takes it; how
// much counts as unsent is the test's to say.
class FakeWire final : public Wire {
 public:
  struct Pipe {
    Bytes to_peer;
    size_t unsent = 0;
    bool paused = false;
    bool closed = false;  // by the core
  };

  void connect(ConnectionId connection, const LinkSettings&, const Endpoint& to) override {
    connects_.push_back(connection);
    hosts_[connection] = to.host;
  }
  void send(ConnectionId connection, Bytes& bytes) override {
    auto& out = pipes_[connection].to_peer;
    out.insert(out.end(), bytes.begin(), bytes.end());
    bytes.clear();
    ++sends_;
  }
  size_t unsent(ConnectionId connection) const override {
    const auto at = pipes_.find(connection);
    return at == pipes_.end() ? 0 : at->second.unsent;
  }
  void pause(ConnectionId connection, bool paused) override { pipes_[connection].paused = paused; }
  void close(ConnectionId connection) override { pipes_[connection].closed = true; }

  Pipe& pipe(ConnectionId connection) { return pipes_[connection]; }
  Bytes take(ConnectionId connection) { return std::exchange(pipes_[connection].to_peer, {}); }
  std::vector<ConnectionId> take_connects() { return std::exchange(connects_, {}); }
  void forget(ConnectionId connection) {
    pipes_.erase(connection);
    hosts_.erase(connection);
  }
  uint64_t sends() const { return sends_; }
  const std::string& host(ConnectionId connection) const { return hosts_.at(connection); }
  void crash() {
    pipes_.clear();
    connects_.clear();
    hosts_.clear();
  }

 private:
  std::map<ConnectionId, Pipe> pipes_;
  std::vector<ConnectionId> connects_;
  std::map<ConnectionId, std::string> hosts_;
  uint64_t sends_ = 0;
};

}  // namespace tact::gateway::test
