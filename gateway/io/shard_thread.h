// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <functional>
#include <map>
#include <memory>
#include <thread>

#include "gateway/engine/stats.h"
#include "gateway/io/clock.h"
#include "gateway/io/connection.h"
#include "gateway/io/shard_face.h"

namespace tact::gateway {

// Connections that the listener hands over have this bit in their id, those that a shard asks for
// have not: so neither needs to know the other's.
inline constexpr uint64_t kAcceptedConnection = 1ull << 63;

// One thread and one io_context around one shard (DESIGN 6, "A turn"). Handlers only feed the
// shard and mark the turn as due; the first of them posts the end of turn to the back of the
// queue, so that all input that is ready is consumed before the shard acts on it. One timer is set
// to the shard's deadline, and the clocks are read once per turn.
//
// It is the shard's Wire: a shard is built on a ShardThread, then start() is told of it.
class ShardThread final : public Wire, private ConnectionOwner {
 public:
  ShardThread(const ConnectionSettings&, std::chrono::milliseconds clock_offset, Civil not_before);
  ~ShardThread() override;

  // Told on the shard's thread when the two clocks begin or cease to disagree. Before start().
  void on_dispute(std::function<void(const Now&)> call) { on_dispute_ = std::move(call); }
  // Told on the shard's thread what operators should know. Before start().
  void on_notice(std::function<void(const Notice&)> call) { on_notice_ = std::move(call); }

  // Runs the thread, beginning with a turn. The face lives until stop().
  void start(ShardFace&);
  // Drains the shard; `done` is called once on its thread, after the turn in which it was drained.
  void drain(std::function<void()> done);  // any thread
  // From its next turn on the shard judges by these.
  void use(std::shared_ptr<const policy::RuleSet> rules);  // any thread
  // Closes what is open (each writes what is unsent for at most close_timeout), then joins. What
  // else runs on io() is left to be stopped by its owner, before or after.
  void stop();

  // Storage's answers; any thread.
  void deliver(Delivery&&);
  void loaded(Loaded&&);
  // Takes over an upstream's connection with what was read of it. `slot` is let go when the
  // connection is gone. Any thread; the socket belongs to no io_context.
  struct Accepted {
    ConnectionId id{};
    int descriptor = -1;
    bool v6 = false;
    Bytes first;
    std::shared_ptr<void> slot;
  };
  void accept(Accepted);

  // Wire; the shard's thread.
  void connect(ConnectionId, const LinkSettings&, const Endpoint&) override;
  void send(ConnectionId, Bytes&) override;
  size_t unsent(ConnectionId) const override;
  void pause(ConnectionId, bool paused) override;
  void close(ConnectionId) override;

  // How long each turn took, the engine's work without the sockets'; any thread.
  const LatencyHistogram& turns() const { return turns_; }

  boost::asio::io_context& io() { return io_; }
  uint64_t clock_steps() const { return clock_.steps(); }  // any thread

 private:
  void connected(ConnectionId) override;
  void received(ConnectionId, ByteView) override;
  void closed(ConnectionId, std::string_view reason, TlsFault) override;
  void adopt(Accepted);
  const TlsClient* tls_of(const LinkSettings&);
  std::shared_ptr<Connection> make(ConnectionId, std::shared_ptr<void> slot);
  Connection* find(ConnectionId) const;
  void touch();
  void end_of_turn();
  void arm();
  void run();
  void close_all();

  // Constant after construction; face_ from start() on.
  const ConnectionSettings settings_;
  ShardFace* face_ = nullptr;
  std::function<void(const Now&)> on_dispute_;
  std::function<void(const Notice&)> on_notice_;
  std::thread thread_;

  // Owned by the shard's thread.
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer timer_;
  Clock clock_;
  Mono now_{};
  LatencyHistogram turns_;
  bool disputed_ = false;
  Mono armed_ = kNever;  // when the timer goes off
  bool turn_posted_ = false;
  std::function<void()> drained_;
  boost::unordered_flat_map<uint64_t, std::shared_ptr<Connection>> connections_;
  std::map<const LinkSettings*, TlsClient> tls_;  // made when a link first asks for it
};

}  // namespace tact::gateway
