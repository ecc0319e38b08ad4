// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/shard_thread.h"

#include <unistd.h>

#include <boost/asio/post.hpp>

#include "gateway/engine/check.h"

namespace tact::gateway {
namespace asio = boost::asio;
using boost::system::error_code;

ShardThread::ShardThread(const ConnectionSettings& settings, std::chrono::milliseconds clock_offset,
                         Civil not_before)
    : settings_(settings),
      work_(asio::make_work_guard(io_)),
      timer_(io_),
      clock_(clock_offset, not_before) {}

ShardThread::~ShardThread() { stop(); }

void ShardThread::start(ShardFace& face) {
  face_ = &face;
  asio::post(io_, [this] { touch(); });
  thread_ = std::thread([this] { run(); });
}

void ShardThread::stop() {
  if (!thread_.joinable()) return;
  asio::post(io_, [this] { close_all(); });
  thread_.join();
}

// Until close_all(), and then until the last connection has closed. Bounded, whatever else was
// left running on this io_context.
void ShardThread::run() {
  io_.run();
  io_.restart();
  io_.run_for(2 * settings_.close_timeout);
}

void ShardThread::close_all() {
  for (auto& [id, connection] : connections_) connection->close();
  connections_.clear();
  face_ = nullptr;
  timer_.cancel();
  work_.reset();
  io_.stop();
}

void ShardThread::drain(std::function<void()> done) {
  asio::post(io_, [this, done = std::move(done)]() mutable {
    if (face_ == nullptr) return;
    drained_ = std::move(done);
    face_->drain(clock_.read());
    touch();
  });
}

void ShardThread::use(std::shared_ptr<const policy::RuleSet> rules) {
  asio::post(io_, [this, rules = std::move(rules)]() mutable {
    if (face_ != nullptr) face_->use(std::move(rules));
  });
}

void ShardThread::deliver(Delivery&& delivery) {
  asio::post(io_, [this, delivery = std::move(delivery)]() mutable {
    if (face_ == nullptr) return;
    face_->deliver(std::move(delivery));
    touch();
  });
}

void ShardThread::loaded(Loaded&& loaded) {
  asio::post(io_, [this, loaded = std::move(loaded)]() mutable {
    if (face_ == nullptr) return;
    face_->loaded(std::move(loaded));
    touch();
  });
}

void ShardThread::accept(Accepted accepted) {
  asio::post(io_, [this, accepted = std::move(accepted)]() mutable { adopt(std::move(accepted)); });
}

void ShardThread::adopt(Accepted accepted) {
  Socket socket(io_);
  error_code error;
  socket.assign(accepted.v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), accepted.descriptor,
                error);
  if (error || face_ == nullptr) {
    if (error) ::close(accepted.descriptor);
    return;
  }
  make(accepted.id, std::move(accepted.slot))->adopt(std::move(socket));
  face_->accepted(accepted.id, accepted.first);
  touch();
}

void ShardThread::connect(ConnectionId id, const LinkSettings& link, const Endpoint& to) {
  make(id, nullptr)->connect(to, tls_of(link));
}

const TlsClient* ShardThread::tls_of(const LinkSettings& link) {
  return link.tls ? &tls_.try_emplace(&link, *link.tls).first->second : nullptr;
}

void ShardThread::send(ConnectionId id, Bytes& bytes) {
  if (Connection* connection = find(id)) return connection->send(bytes);
  bytes.clear();
}

size_t ShardThread::unsent(ConnectionId id) const {
  const Connection* connection = find(id);
  return connection == nullptr ? 0 : connection->unsent();
}

void ShardThread::pause(ConnectionId id, bool paused) {
  if (Connection* connection = find(id)) connection->pause(paused);
}

void ShardThread::close(ConnectionId id) {
  const auto found = connections_.find(raw(id));
  if (found == connections_.end()) return;
  found->second->close();
  connections_.erase(found);
}

std::shared_ptr<Connection> ShardThread::make(ConnectionId id, std::shared_ptr<void> slot) {
  // The slot is held by the deleter: it goes when the last coroutine of the connection has ended.
  std::shared_ptr<Connection> connection(new Connection(io_, id, this, settings_),
                                         [slot = std::move(slot)](Connection* c) { delete c; });
  CHECK(connections_.emplace(raw(id), connection).second);
  return connection;
}

Connection* ShardThread::find(ConnectionId id) const {
  const auto found = connections_.find(raw(id));
  return found == connections_.end() ? nullptr : found->second.get();
}

void ShardThread::connected(ConnectionId id) {
  face_->connected(id);
  touch();
}

void ShardThread::received(ConnectionId id, ByteView bytes) {
  face_->received(id, bytes);
  touch();
}

void ShardThread::closed(ConnectionId id, std::string_view reason, TlsFault tls) {
  connections_.erase(raw(id));
  face_->closed(id, reason, tls);
  touch();
}

void ShardThread::touch() {
  if (std::exchange(turn_posted_, true)) return;
  asio::post(io_, [this] { end_of_turn(); });
}

void ShardThread::end_of_turn() {
  turn_posted_ = false;
  if (face_ == nullptr) return;
  const Now now = clock_.read();
  now_ = now.mono;
  const bool disputed = now.disputed != Civil{};
  if (std::exchange(disputed_, disputed) != disputed && on_dispute_) on_dispute_(now);
  face_->turn(now);
  turns_.observe(Clock::boot_time() - now.mono);
  if (on_notice_) {
    for (const Notice& notice : face_->notices()) on_notice_(notice);
  }
  if (face_->more()) touch();  // behind the sockets that are ready by now
  arm();
  if (drained_ && face_->drained()) std::exchange(drained_, nullptr)();
}

// A timer that goes off too early costs a turn; one set anew each turn would cost every turn.
void ShardThread::arm() {
  const Mono deadline = face_->deadline();
  if (deadline >= armed_) return;
  armed_ = deadline;
  timer_.expires_after(std::max(deadline - now_, Mono::zero()));
  timer_.async_wait([this](const error_code& error) {
    if (error) return;
    armed_ = kNever;
    touch();
  });
}

}  // namespace tact::gateway
