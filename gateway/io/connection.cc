// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/connection.h"

#include <netinet/tcp.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "gateway/engine/check.h"

namespace tact::gateway {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {
std::string in_words(const error_code& dialed) {
  if (dialed == asio::error::operation_aborted) return "connect timeout";
  return "cannot connect: " + dialed.message();
}
}  // namespace

Connection::Connection(asio::io_context& io, ConnectionId id, ConnectionOwner* owner,
                       const ConnectionSettings& settings)
    : id_(id),
      settings_(settings),
      owner_(owner),
      transport_(io),
      resolver_(io),
      output_(io, asio::steady_timer::time_point::max()),
      resume_(io, asio::steady_timer::time_point::max()),
      watch_(io) {}

void Connection::connect(Endpoint to, const TlsClient* tls) {
  CHECK(state_ == State::idle);
  state_ = State::connecting;
  if (tls != nullptr) transport_.secure(*tls, to.host);
  read_max_ = kCarrierReadBytes;
  const auto executor = transport_.executor();
  asio::co_spawn(executor, run_watch(shared_from_this()), asio::detached);
  asio::co_spawn(executor, run_connect(shared_from_this(), std::move(to)), asio::detached);
}

void Connection::adopt(Socket&& socket) {
  CHECK(state_ == State::idle);
  transport_.socket() = std::move(socket);
  set_options();
  start(false);
  asio::co_spawn(transport_.executor(), run_watch(shared_from_this()), asio::detached);
}

asio::awaitable<void> Connection::run_connect(Self self, Endpoint to) {
  // A spawned coroutine begins inside of its caller; nobody is called back from there.
  co_await asio::post(self->transport_.executor(), asio::use_awaitable);
  if (self->state_ != State::connecting) co_return;
  const bool connected = co_await self->connect_any(std::move(to));
  if (!connected || self->state_ != State::connecting) co_return;
  self->set_options();
  if (self->transport_.has_tls()) {
    self->state_ = State::securing;
    const bool secured = co_await self->secure();
    if (!secured || self->state_ != State::securing) co_return;
  }
  self->start(true);
}

asio::awaitable<bool> Connection::connect_any(Endpoint to) {
  error_code error;
  const tcp::endpoint literal(asio::ip::make_address(to.host, error), to.port);
  if (!error) {  // no thread of the resolver for what needs none
    error = co_await dial(literal);
    if (error) lost(in_words(error));
    co_return !error;
  }
  auto token = asio::redirect_error(asio::use_awaitable, error);
  const std::string service = std::to_string(to.port);
  const auto found = co_await resolver_.async_resolve(to.host, service, token);
  if (error) {
    lost("cannot resolve " + to.host + ": " + error.message());
    co_return false;
  }
  std::string failures;
  for (const auto& entry : found) {
    if (state_ != State::connecting) co_return false;
    error = co_await dial(entry.endpoint());
    if (!error) co_return true;
    failures += failures.empty() ? "" : "; ";
    failures += entry.endpoint().address().to_string() + ": " + in_words(error);
  }
  lost(failures);
  co_return false;
}

asio::awaitable<error_code> Connection::dial(tcp::endpoint address) {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  dialing_ = true;
  co_await transport_.socket().async_connect(address, token);
  dialing_ = false;
  error_code ignored;
  if (error) transport_.socket().close(ignored);  // for the next address
  co_return error;
}

// Gives up the address that is being tried; dial() ends.
bool Connection::hang_up() {
  if (!dialing_) return false;
  error_code ignored;
  transport_.socket().close(ignored);
  return true;
}

asio::awaitable<bool> Connection::secure() {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  co_await transport_.async_handshake(token);
  if (error) failed(error);
  co_return !error;
}

void Connection::start(bool tell) {
  state_ = State::open;
  const auto executor = transport_.executor();
  if (tell) owner_->connected(id_);
  asio::co_spawn(executor, run_write(shared_from_this()), asio::detached);
  asio::co_spawn(executor, run_read(shared_from_this()), asio::detached);
}

void Connection::set_options() {
  error_code ignored;  // a socket that is gone already says so at its first read
  Socket& socket = transport_.socket();
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const auto timeout = static_cast<int>(settings_.write_timeout.count());
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof(timeout));
}

asio::awaitable<void> Connection::run_read(Self self) {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  while (true) {
    const auto room = asio::buffer(self->in_, self->read_max_);
    const size_t size = co_await self->transport_.async_read_some(room, token);
    if (error) break;
    while (self->paused_ && self->state_ == State::open) {
      error_code woken;
      co_await self->resume_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    if (self->state_ == State::lost) co_return;
    if (self->owner_ != nullptr) self->owner_->received(self->id_, {self->in_.data(), size});
  }
  if (self->state_ == State::closing && is_end_of_stream(error)) {
    self->finish_half();
  } else {
    self->failed(error);
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
  if (self->transport_.has_tls()) {
    co_await self->transport_.async_farewell(asio::redirect_error(asio::use_awaitable, ignored));
  }
  self->transport_.socket().shutdown(Socket::shutdown_send, ignored);
  self->finish_half();
}

asio::awaitable<bool> Connection::write_all() {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  std::swap(out_, writing_);
  written_ = 0;
  while (written_ < writing_.size()) {
    const auto rest = asio::buffer(writing_) + written_;
    const size_t size = co_await transport_.async_write_some(rest, token);
    if (error) break;
    written_ += size;
    written_total_ += size;
  }
  writing_.clear();
  written_ = 0;
  if (error) failed(error);
  co_return !error;
}

std::chrono::milliseconds Connection::patience(State state) const {
  if (state == State::connecting) return settings_.connect_timeout;
  if (state == State::securing) return settings_.handshake_timeout;
  return state == State::closing ? settings_.close_timeout : settings_.write_timeout;
}

// Sleeps for a fraction of the timeout that is in force and adds up the time without progress.
asio::awaitable<void> Connection::run_watch(Self self) {
  constexpr int kLooks = 8;
  State state = self->state_;
  uint64_t written = self->written_total_;
  for (int looks = 0; looks < kLooks;) {
    self->watch_.expires_after(self->patience(state) / kLooks);
    error_code woken;
    co_await self->watch_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    if (self->state_ == State::lost) co_return;
    const bool waiting = self->state_ != State::open || self->unsent() > 0;
    const bool progress = self->state_ == State::open && self->written_total_ != written;
    looks = state == self->state_ && waiting && !progress ? looks + 1 : 0;
    state = self->state_;
    written = self->written_total_;
    if (looks == kLooks && self->hang_up()) looks = 0;  // for the next address
  }
  if (state == State::securing) {
    self->lost("TLS: handshake timeout", TlsFault::timeout);
  } else {
    self->lost(state == State::connecting ? "connect timeout" : "write timeout");
  }
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
  if (state_ < State::open) return lost("");
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

void Connection::failed(const error_code& error) {
  const auto [reason, tls] = transport_.explain(error);
  lost(reason, tls);
}

void Connection::lost(std::string_view reason, TlsFault tls) {
  if (state_ == State::lost) return;
  state_ = State::lost;
  error_code ignored;
  resolver_.cancel();
  transport_.socket().close(ignored);
  output_.cancel();
  resume_.cancel();
  watch_.cancel();
  out_.clear();
  if (ConnectionOwner* owner = std::exchange(owner_, nullptr)) owner->closed(id_, reason, tls);
}

}  // namespace tact::gateway
