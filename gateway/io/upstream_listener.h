// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <list>
#include <optional>
#include <string>

#include "gateway/engine/stats.h"
#include "gateway/io/shard_thread.h"
#include "proto/stream.pb.h"

namespace tact::gateway {

struct ListenerSettings {
  std::string address = "127.0.0.1";  // of an interface, not a name
  uint16_t port = 7070;               // 0: any, see UpstreamListener::port()
  uint32_t connections = 1024;        // open at once, over all upstreams
  std::chrono::milliseconds hello_timeout{10'000};
  // A Hello holds three short strings; more than this is not one, and nobody who has not said
  // Hello may occupy more memory.
  uint32_t hello_bytes = 64 * 1024;
};

struct ListenerStats {
  Counter accepted, refused_full, refused_hello, timeouts;
};

// Accepts upstreams, reads as far as their Hello to learn whose they are, and hands socket and
// bytes to the shard that owns the upstream (DESIGN 5). It judges nothing else: token, stream and
// subscription are the shard's. Who errs is told why in an Error frame and closed. Everything runs
// on the given io_context's thread.
class UpstreamListener {
 public:
  // The shard that owns an upstream; nullopt for an unknown name.
  using Home = std::function<std::optional<ShardId>(std::string_view upstream)>;
  // Gives the connection to that shard's thread (ShardThread::accept).
  using Hand = std::function<void(ShardId, ShardThread::Accepted)>;

  UpstreamListener(boost::asio::io_context&, const ListenerSettings&, Home, Hand);

  // Told of connections that were refused before they had an upstream. Before listen().
  using Refusal =
      std::function<void(const std::string& peer, proto::Error::Code, const char* reason)>;
  void on_refusal(Refusal call) { on_refusal_ = std::move(call); }

  // Empty when it listens, else why it cannot. Call it before the io_context runs.
  std::string listen();
  uint16_t port() const { return port_; }
  // Accepts nobody any more; any thread.
  void stop();
  const ListenerStats& stats() const { return stats_; }

 private:
  // A connection that has not said Hello yet.
  struct Guest {
    explicit Guest(boost::asio::io_context& io) : socket(io), timer(io) {}
    Socket socket;
    boost::asio::steady_timer timer;
    Bytes in;
    bool late = false;
    std::shared_ptr<void> slot;
  };
  using GuestPtr = std::shared_ptr<Guest>;

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<void> greet(GuestPtr);
  void admit(Socket&&);
  void judge(GuestPtr, size_t prefix, size_t size);
  void hand_over(GuestPtr, ShardId);
  void refuse(GuestPtr, proto::Error::Code, const char* message);
  void turn_away(Socket&&);
  void tell(const Socket& socket, proto::Error::Code, const char* message) const;

  // Constant after construction.
  boost::asio::io_context& io_;
  const ListenerSettings settings_;
  const Home home_;
  const Hand hand_;
  Refusal on_refusal_;

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  uint16_t port_ = 0;
  uint64_t next_id_ = kAcceptedConnection;
  std::list<std::weak_ptr<Guest>> guests_;
  // Held by the connections that are open, on whichever thread they end.
  std::shared_ptr<std::atomic<uint32_t>> open_ = std::make_shared<std::atomic<uint32_t>>(0);
  ListenerStats stats_;
};

}  // namespace tact::gateway
