// SPDX-License-Identifier: Apache-2.0
// A producer without manners: octets out, frames in, on a plain blocking socket.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <string>

#include "client/address.h"
#include "client/framing.h"
#include "proto/stream.pb.h"
#include "tests/e2e/process.h"

namespace tact::e2e {

class RawPeer {
 public:
  explicit RawPeer(const client::Address& address);

  void send_octets(const std::string& octets);
  void send(const proto::ToGateway& frame);
  // A right Hello for this stream, its Welcome awaited.
  void greet(const std::string& stream);
  // Nothing: the gateway closed, or was silent for `limit`.
  std::optional<proto::ToUpstream> receive(Millis limit = Millis(10'000));
  // Skips other frames; UNSPECIFIED when none came before the end.
  proto::Error::Code error();
  // Whether nothing but the end of the connection comes within `limit`.
  bool closed(Millis limit = Millis(10'000));

 private:
  bool readable(Millis limit);

  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_;
  client::FrameReader reader_;
  bool ended_ = false;
};

proto::ToGateway hello(const std::string& upstream, const std::string& token,
                       const std::string& stream);

}  // namespace tact::e2e
