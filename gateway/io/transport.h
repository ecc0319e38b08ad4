// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "gateway/io/tls_client.h"

namespace tact::gateway {

using Socket = boost::asio::ip::tcp::socket;

// What a connection runs over: a TCP socket, and TLS upon it where its link asks for it. Plain TCP
// pays one branch a chunk for it.
class Transport {
 public:
  explicit Transport(boost::asio::io_context& io) : socket_(io) {}

  Socket& socket() { return socket_; }  // below TLS
  auto executor() { return socket_.get_executor(); }

  // From the handshake on, everything goes through TLS.
  void secure(const TlsClient& tls, const std::string& host) { tls_ = tls.over(socket_, host); }
  bool has_tls() const { return tls_ != nullptr; }

  // REQUIRES: has_tls()
  template <class Token>
  auto async_handshake(Token&& token) {
    return tls_->async_handshake(TlsStream::client, std::forward<Token>(token));
  }
  // Tells the peer that nothing more comes, and waits for the same from it.
  template <class Token>
  auto async_farewell(Token&& token) {
    return tls_->async_shutdown(std::forward<Token>(token));
  }

  template <class Buffer, class Token>
  auto async_read_some(const Buffer& buffer, Token& token) {
    return tls_ ? tls_->async_read_some(buffer, token) : socket_.async_read_some(buffer, token);
  }
  template <class Buffer, class Token>
  auto async_write_some(const Buffer& buffer, Token& token) {
    return tls_ ? tls_->async_write_some(buffer, token) : socket_.async_write_some(buffer, token);
  }

  // Of an operation that failed.
  TlsEnd explain(const boost::system::error_code& error) const {
    return tls_end(tls_.get(), error);
  }

 private:
  Socket socket_;
  std::unique_ptr<TlsStream> tls_;
};

}  // namespace tact::gateway
