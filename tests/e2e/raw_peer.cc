// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/raw_peer.h"

#include <poll.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>

#include "tests/e2e/gateway.h"

namespace tact::e2e {

RawPeer::RawPeer(const client::Address& address) : socket_(io_) {
  socket_.connect({boost::asio::ip::make_address(address.host), address.port});
}

void RawPeer::send_octets(const std::string& octets) {
  // The gateway may have closed in the middle of what it refuses.
  boost::system::error_code ignored;
  boost::asio::write(socket_, boost::asio::buffer(octets), ignored);
}

void RawPeer::send(const proto::ToGateway& frame) {
  std::string octets;
  client::append_frame(frame, octets);
  send_octets(octets);
}

void RawPeer::greet(const std::string& stream) {
  send(hello(Gateway::kUpstream, Gateway::kToken, stream));
  const auto answer = receive();
  if (!answer || !answer->has_welcome()) throw std::runtime_error("no Welcome");
}

bool RawPeer::readable(Millis limit) {
  pollfd waiting{socket_.native_handle(), POLLIN, 0};
  return poll(&waiting, 1, static_cast<int>(limit.count())) == 1;
}

std::optional<proto::ToUpstream> RawPeer::receive(Millis limit) {
  for (;;) {
    const auto next = reader_.next();
    if (next.state == client::FrameReader::State::frame) {
      proto::ToUpstream frame;
      if (!frame.ParseFromArray(next.bytes.data(), static_cast<int>(next.bytes.size()))) {
        throw std::runtime_error("the gateway sent what is no ToUpstream");
      }
      return frame;
    }
    if (ended_ || !readable(limit)) return std::nullopt;
    const auto room = reader_.prepare(65'536);
    boost::system::error_code error;
    const size_t size = socket_.read_some(boost::asio::buffer(room.data(), room.size()), error);
    reader_.commit(size);
    ended_ = error.failed();
  }
}

proto::Error::Code RawPeer::error() {
  while (const auto frame = receive()) {
    if (frame->has_error()) return frame->error().code();
  }
  return proto::Error::UNSPECIFIED;
}

bool RawPeer::closed(Millis limit) {
  while (!ended_ && receive(limit)) {
  }
  return ended_;
}

proto::ToGateway hello(const std::string& upstream, const std::string& token,
                       const std::string& stream) {
  proto::ToGateway frame;
  frame.mutable_hello()->set_upstream(upstream);
  frame.mutable_hello()->set_token(token);
  frame.mutable_hello()->set_stream(stream);
  return frame;
}

}  // namespace tact::e2e
