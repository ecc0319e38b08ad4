// SPDX-License-Identifier: Apache-2.0
// What a connection of an ESME runs over: its socket, or TLS upon it.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <utility>

namespace tact::bench {

class Transport {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  // `tls` may be null: plain TCP.
  Transport(Socket socket, boost::asio::ssl::context* tls) : socket_(std::move(socket)) {
    if (tls != nullptr) tls_.emplace(socket_, *tls);
  }

  Socket& socket() { return socket_; }
  auto executor() { return socket_.get_executor(); }

  // Calls done(error), at once where there is no TLS.
  template <class Done>
  void async_handshake(Done done) {
    if (!tls_) return done(boost::system::error_code());
    tls_->async_handshake(boost::asio::ssl::stream_base::server, std::move(done));
  }
  template <class Buffer, class Done>
  void async_read_some(const Buffer& buffer, Done done) {
    if (tls_) return tls_->async_read_some(buffer, std::move(done));
    socket_.async_read_some(buffer, std::move(done));
  }
  template <class Buffer, class Done>
  void async_write(const Buffer& buffer, Done done) {
    if (tls_) return boost::asio::async_write(*tls_, buffer, std::move(done));
    boost::asio::async_write(socket_, buffer, std::move(done));
  }

 private:
  Socket socket_;
  std::optional<boost::asio::ssl::stream<Socket&>> tls_;
};

}  // namespace tact::bench
