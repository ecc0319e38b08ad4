// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/connection.h"

#include <netinet/tcp.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "gateway/engine/check.h"

namespace tact::gateway {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

Connection::Connection(asio::io_context& io, ConnectionId id, ConnectionOwner* owner,
                       const ConnectionSettings& settings)
    : id_(id),
      settings_(settings),
      owner_(owner),
      socket_(io),
      resolver_(io),
      output_(io, asio::steady_timer::time_point::max()),
      resume_(io, asio::steady_timer::time_point::max()),
      watch_(io) {}

void Connection::connect(std::string host, uint16_t port) {
  CHECK(state_ == State::idle);
  state_ = State::connecting;
  read_max_ = kCarrierReadBytes;
  const auto executor = socket_.get_executor();
  asio::co_spawn(executor, run_watch(shared_from_this()), asio::detached);
  asio::co_spawn(executor, run_connect(shared_from_this(), std::move(host), port), asio::detached);
}

void Connection::adopt(Socket&& socket) {
  CHECK(state_ == State::idle);
  socket_ = std::move(socket);
  start(false);
  asio::co_spawn(socket_.get_executor(), run_watch(shared_from_this()), asio::detached);
}

asio::awaitable<void> Connection::run_connect(Self self, std::string host, uint16_t port) {
  // A spawned coroutine begins inside of its caller; nobody is called back from there.
  co_await asio::post(self->socket_.get_executor(), asio::use_awaitable);
  if (self->state_ != State::connecting) co_return;
  const bool connected = co_await self->connect_any(std::move(host), port);
  if (connected && self->state_ == State::connecting) self->start(true);
}

asio::awaitable<bool> Connection::connect_any(std::string host, uint16_t port) {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  const tcp::endpoint literal(asio::ip::make_address(host, error), port);
  if (!error) {  // no thread of the resolver for what needs none
    co_await socket_.async_connect(literal, token);
  } else {
    const std::string service = std::to_string(port);
    const auto found = co_await resolver_.async_resolve(host, service, token);
    if (error) {
      lost("cannot resolve " + host + ": " + error.message());
      co_return false;
    }
    if (state_ != State::connecting) co_return false;
    co_await asio::async_connect(socket_, found, token);
  }
  if (error) lost("cannot connect: " + error.message());
  co_return !error;
}

void Connection::start(bool tell) {
  state_ = State::open;
  set_options();
  const auto executor = socket_.get_executor();
  if (tell) owner_->connected(id_);
  asio::co_spawn(executor, run_write(shared_from_this()), asio::detached);
  asio::co_spawn(executor, run_read(shared_from_this()), asio::detached);
}

void Connection::set_options() {
  error_code ignored;  // a socket that is gone already says so at its first read
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  const auto timeout = static_cast<int>(settings_.write_timeout.count());
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof(timeout));
}

asio::awaitable<void> Connection::run_read(Self self) {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  while (true) {
    const auto room = asio::buffer(self->in_, self->read_max_);
    const size_t size = co_await self->socket_.async_read_some(room, token);
    if (error) break;
    while (self->paused_ && self->state_ == State::open) {
      error_code woken;
      co_await self->resume_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    if (self->state_ == State::lost) co_return;
    if (self->owner_ != nullptr) self->owner_->received(self->id_, {self->in_.data(), size});
  }
  if (self->state_ == State::closing && error == asio::error::eof) {
    self->finish_half();
  } else {
    self->lost(error == asio::error::eof ? "end of stream" : error.message());
  }
}

asio::awaitable<void> Connection::run_write(Self self) {
  while (true) {
    while (self->out_.empty() && self->state_ == State::open) {
      error_code woken;
      co_await self->output_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    if (self->state_ == State::lost) co_return;
    if (self->out_.empty()) break;  // closing, and everything is written
    const bool ok = co_await self->write_all();
    if (!ok) co_return;
  }
  error_code ignored;
  self->socket_.shutdown(Socket::shutdown_send, ignored);
  self->finish_half();
}

asio::awaitable<bool> Connection::write_all() {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  std::swap(out_, writing_);
  written_ = 0;
  while (written_ < writing_.size()) {
    const auto rest = asio::buffer(writing_) + written_;
    const size_t size = co_await socket_.async_write_some(rest, token);
    if (error) break;
    written_ += size;
    written_total_ += size;
  }
  writing_.clear();
  written_ = 0;
  if (error) lost(error.message());
  co_return !error;
}

// Sleeps for a fraction of the timeout that is in force and adds up the time without progress.
asio::awaitable<void> Connection::run_watch(Self self) {
  constexpr int kLooks = 8;
  State state = self->state_;
  uint64_t written = self->written_total_;
  for (int looks = 0; looks < kLooks;) {
    const auto timeout = state == State::connecting ? self->settings_.connect_timeout
                         : state == State::closing  ? self->settings_.close_timeout
                                                    : self->settings_.write_timeout;
    self->watch_.expires_after(timeout / kLooks);
    error_code woken;
    co_await self->watch_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    if (self->state_ == State::lost) co_return;
    const bool waiting = self->state_ != State::open || self->unsent() > 0;
    const bool progress = self->state_ == State::open && self->written_total_ != written;
    looks = state == self->state_ && waiting && !progress ? looks + 1 : 0;
    state = self->state_;
    written = self->written_total_;
  }
  self->lost(state == State::connecting ? "connect timeout" : "write timeout");
}

void Connection::send(Bytes& bytes) {
  if (bytes.empty()) return;
  if (state_ == State::closing || state_ == State::lost) return bytes.clear();
  if (out_.empty()) {
    std::swap(out_, bytes);
    output_.cancel();
  } else {
    out_.insert(out_.end(), bytes.begin(), bytes.end());
    bytes.clear();
  }
}

void Connection::pause(bool paused) {
  paused_ = paused;
  if (!paused) resume_.cancel();
}

void Connection::close() {
  owner_ = nullptr;
  if (state_ == State::connecting || state_ == State::idle) return lost("");
  if (state_ != State::open) return;
  state_ = State::closing;
  output_.cancel();
  resume_.cancel();
  watch_.cancel();
}

// Of a connection that closes: one of reading and writing has come to its end.
void Connection::finish_half() {
  if (++halves_ == 2) lost("");
}

void Connection::lost(std::string_view reason) {
  if (state_ == State::lost) return;
  state_ = State::lost;
  error_code ignored;
  resolver_.cancel();
  socket_.close(ignored);
  output_.cancel();
  resume_.cancel();
  watch_.cancel();
  out_.clear();
  if (ConnectionOwner* owner = std::exchange(owner_, nullptr)) owner->closed(id_, reason);
}

}  // namespace tact::gateway
