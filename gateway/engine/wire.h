// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/engine/settings.h"
#include "gateway/engine/tls_fault.h"

namespace tact::gateway {

// The network as the core sees it: byte pipes with names. Implemented over Asio in gateway/io and
// over queues in the simulator. All calls come from the shard's thread; none blocks and none calls
// back from within.
class Wire {
 public:
  virtual ~Wire() = default;
  // Begins to connect a link to one of its hosts, with TLS if it has that. Answered by
  // Shard::connected or Shard::closed.
  virtual void connect(ConnectionId, const LinkSettings&, const Endpoint&) = 0;
  // Hands over bytes to be written in order; takes the buffer's contents and leaves it empty (its
  // capacity may be recycled). Called at most once per connection and turn.
  virtual void send(ConnectionId, Bytes& bytes) = 0;
  // Bytes handed over and not yet taken by the kernel.
  virtual size_t unsent(ConnectionId) const = 0;
  // Stops or resumes delivery of received bytes: how back-pressure reaches the peer's TCP.
  virtual void pause(ConnectionId, bool paused) = 0;
  // Writes what is unsent (for at most a second), then closes. No further call-back for this
  // connection.
  virtual void close(ConnectionId) = 0;
};

}  // namespace tact::gateway
