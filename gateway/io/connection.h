// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/engine/ids.h"
#include "gateway/engine/message.h"
#include "gateway/io/transport.h"

namespace tact::gateway {

// Who is told of a connection's life; called from the io_context's thread, never from within a
// call to the connection.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  virtual void connected(ConnectionId) = 0;
  virtual void received(ConnectionId, ByteView) = 0;
  // The last call for this connection. `reason` is text for logs: "end of stream", "write timeout".
  virtual void closed(ConnectionId, std::string_view reason, TlsFault) = 0;
};

struct ConnectionSettings {
  std::chrono::milliseconds connect_timeout{10'000};    // to look a name up; for each address
  std::chrono::milliseconds handshake_timeout{10'000};  // of TLS, once connected
  // Without progress of a write; also TCP_USER_TIMEOUT, for what the kernel holds unacknowledged.
  std::chrono::milliseconds write_timeout{30'000};
  std::chrono::milliseconds close_timeout{1'000};  // close(): to write what is unsent
};

// A TCP connection, with TLS or without, as two coroutines, one that reads chunks and one that
// writes them; one await per chunk, never per PDU (DESIGN 9). Everything runs on its io_context's
// one thread.
//
// The writer takes the whole output at once: what is handed over while it writes leaves with the
// next write. It is parked on a timer that never expires, and woken by cancelling it. A second
// timer watches over progress: of connecting, of writing, of closing.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  static constexpr size_t kReadBytes = 64 * 1024;
  // Of a carrier: what is read at once is worked off within one turn, and 64 KiB are more than
  // 2,000 submit_sm_resp, whose turn takes 15 ms (seen when a campaign begins). What
  // producers push is bounded by turn_admissions instead.
  static constexpr size_t kCarrierReadBytes = 16 * 1024;

  // The owner lives until closed() or until close() was called.
  Connection(boost::asio::io_context&, ConnectionId, ConnectionOwner*, const ConnectionSettings&);

  // Exactly one of these, once.
  // One address of the host after the other. `tls`, if not null, is needed for the call only.
  void connect(Endpoint to, const TlsClient* tls);
  void adopt(Socket&&);  // of this io_context, connected; connected() is not called

  // Takes the contents and leaves the buffer empty, perhaps with another's capacity. What is sent
  // after the connection was lost goes nowhere.
  void send(Bytes&);
  size_t unsent() const { return out_.size() + writing_.size() - written_; }
  // While paused nothing is received; a chunk that was being read already waits.
  void pause(bool);
  // The owner is not called any more. Writes what is unsent, tells the peer, and reads until it
  // has closed as well, so that it finds our last words; close_timeout ends that.
  void close();

 private:
  using Self = std::shared_ptr<Connection>;
  enum class State : uint8_t { idle, connecting, securing, open, closing, lost };

  static boost::asio::awaitable<void> run_connect(Self, Endpoint to);
  static boost::asio::awaitable<void> run_read(Self);
  static boost::asio::awaitable<void> run_write(Self);
  static boost::asio::awaitable<void> run_watch(Self);
  boost::asio::awaitable<bool> connect_any(Endpoint to);
  boost::asio::awaitable<boost::system::error_code> dial(boost::asio::ip::tcp::endpoint address);
  bool hang_up();
  boost::asio::awaitable<bool> secure();
  boost::asio::awaitable<bool> write_all();
  void start(bool tell);
  void set_options();
  void finish_half();
  void lost(std::string_view reason, TlsFault tls = TlsFault::none);
  void failed(const boost::system::error_code&);
  std::chrono::milliseconds patience(State) const;

  // Constant after construction.
  const ConnectionId id_;
  const ConnectionSettings settings_;

  ConnectionOwner* owner_;  // null once nobody is to be told
  Transport transport_;
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::steady_timer output_, resume_, watch_;
  State state_ = State::idle;
  bool dialing_ = false;  // an address is being tried
  bool paused_ = false;
  int halves_ = 0;
  Bytes out_, writing_;
  size_t written_ = 0;          // of writing_
  uint64_t written_total_ = 0;  // progress, as the watch sees it
  size_t read_max_ = kReadBytes;
  std::array<uint8_t, kReadBytes> in_;
};

}  // namespace tact::gateway
