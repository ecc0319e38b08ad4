// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/upstream_listener.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "proto/delimited.h"

namespace tact::gateway {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

Bytes error_frame(proto::Error::Code code, const char* message) {
  proto::ToUpstream answer;
  answer.mutable_error()->set_code(code);
  answer.mutable_error()->set_message(message);
  Bytes bytes;
  proto::append_delimited(answer, bytes);
  return bytes;
}

}  // namespace

UpstreamListener::UpstreamListener(asio::io_context& io, const ListenerSettings& settings,
                                   Home home, Hand hand)
    : io_(io),
      settings_(settings),
      home_(std::move(home)),
      hand_(std::move(hand)),
      acceptor_(io),
      pause_(io) {}

std::string UpstreamListener::listen() {
  error_code error;
  const auto address = asio::ip::make_address(settings_.address, error);
  const tcp::endpoint endpoint(address, settings_.port);
  if (!error) acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return "cannot listen for upstreams on " + settings_.address + " port " +
           std::to_string(settings_.port) + ": " + error.message();
  }
  port_ = acceptor_.local_endpoint().port();
  asio::co_spawn(io_, run(), asio::detached);
  return "";
}

void UpstreamListener::stop() {
  asio::post(io_, [this] {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    for (const auto& guest : guests_) {
      if (const GuestPtr held = guest.lock()) held->socket.close(ignored);
    }
  });
}

asio::awaitable<void> UpstreamListener::run() {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  while (acceptor_.is_open()) {
    Socket socket(io_);
    co_await acceptor_.async_accept(socket, token);
    if (!error) {
      admit(std::move(socket));
    } else if (acceptor_.is_open()) {
      // Out of descriptors, mostly: what is accepted already has to end first.
      pause_.expires_after(std::chrono::milliseconds(100));
      co_await pause_.async_wait(token);
    }
  }
}

void UpstreamListener::admit(Socket&& socket) {
  stats_.accepted.add();
  if (open_->fetch_add(1) >= settings_.connections) {
    open_->fetch_sub(1);
    stats_.refused_full.add();
    return turn_away(std::move(socket));
  }
  const auto guest = std::make_shared<Guest>(io_);
  guest->socket = std::move(socket);
  guest->slot = std::shared_ptr<void>(open_.get(), [open = open_](void*) { open->fetch_sub(1); });
  std::erase_if(guests_, [](const auto& other) { return other.expired(); });
  guests_.push_back(guest);
  asio::co_spawn(io_, greet(guest), asio::detached);
}

asio::awaitable<void> UpstreamListener::greet(GuestPtr guest) {
  guest->timer.expires_after(settings_.hello_timeout);
  guest->timer.async_wait([weak = std::weak_ptr(guest)](const error_code& error) {
    const GuestPtr held = weak.lock();
    if (error || held == nullptr) return;
    held->late = true;
    held->socket.cancel();
  });
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  proto::FrameHead head;
  std::array<uint8_t, 4096> chunk;
  do {
    const size_t size = co_await guest->socket.async_read_some(asio::buffer(chunk), token);
    if (error) break;
    guest->in.insert(guest->in.end(), chunk.begin(), chunk.begin() + static_cast<long>(size));
    head = proto::frame_head(guest->in, settings_.hello_bytes);
  } while (head.result == proto::FrameResult::more);
  guest->timer.cancel();
  if (guest->late) {
    stats_.timeouts.add();
    refuse(guest, proto::Error::MALFORMED, "no Hello in time");
  } else if (error) {
    stats_.refused_hello.add();
  } else if (head.result == proto::FrameResult::frame) {
    judge(guest, head.prefix, head.size);
  } else {
    stats_.refused_hello.add();
    const bool large = head.result == proto::FrameResult::too_large;
    refuse(guest, large ? proto::Error::FRAME_TOO_LARGE : proto::Error::MALFORMED,
           large ? "the first frame is too large for a Hello" : "not a frame of this protocol");
  }
}

void UpstreamListener::judge(GuestPtr guest, size_t prefix, size_t size) {
  proto::ToGateway frame;
  if (!frame.ParseFromArray(guest->in.data() + prefix, static_cast<int>(size)) ||
      !frame.has_hello()) {
    stats_.refused_hello.add();
    return refuse(guest, proto::Error::MALFORMED, "the first frame is no Hello");
  }
  if (const auto shard = home_(frame.hello().upstream())) return hand_over(guest, *shard);
  stats_.refused_hello.add();
  refuse(guest, proto::Error::UNAUTHENTICATED, "unknown upstream or wrong token");
}

void UpstreamListener::hand_over(GuestPtr guest, ShardId shard) {
  error_code error;
  ShardThread::Accepted accepted;
  accepted.id = ConnectionId{next_id_++};
  accepted.v6 = guest->socket.local_endpoint(error).protocol() == tcp::v6();
  if (!error) accepted.descriptor = guest->socket.release(error);
  if (error) return;
  accepted.first = std::move(guest->in);
  accepted.slot = std::move(guest->slot);
  hand_(shard, std::move(accepted));
}

void UpstreamListener::tell(const Socket& socket, proto::Error::Code code,
                            const char* message) const {
  if (!on_refusal_) return;
  error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  on_refusal_(error ? "gone" : peer.address().to_string(), code, message);
}

void UpstreamListener::refuse(GuestPtr guest, proto::Error::Code code, const char* message) {
  tell(guest->socket, code, message);
  Bytes bytes = error_frame(code, message);
  // Keeps its slot until it has closed.
  const std::shared_ptr<Connection> connection(
      new Connection(io_, ConnectionId{}, nullptr, ConnectionSettings()),
      [slot = std::move(guest->slot)](Connection* c) { delete c; });
  connection->adopt(std::move(guest->socket));
  connection->send(bytes);
  connection->close();
}

// There is no slot to wait in: one attempt to say why.
void UpstreamListener::turn_away(Socket&& socket) {
  constexpr const char* kFull = "too many connections";
  error_code ignored;
  tell(socket, proto::Error::LIMIT, kFull);
  const Bytes bytes = error_frame(proto::Error::LIMIT, kFull);
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(bytes), ignored);
  socket.close(ignored);
}

}  // namespace tact::gateway
