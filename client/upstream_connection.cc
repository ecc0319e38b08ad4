// SPDX-License-Identifier: Apache-2.0
#include "client/upstream_connection.h"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace tact::client {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kChunkBytes = 64 * 1024;
// Room for some hundred events or results; a frame with more takes it from the heap.
constexpr std::size_t kArenaBytes = 64 * 1024;

google::protobuf::ArenaOptions arena_options(std::vector<char>& block) {
  google::protobuf::ArenaOptions options;
  options.initial_block = block.data();
  options.initial_block_size = block.size();
  options.max_block_size = block.size();
  return options;
}

// Whether another attempt with the same Hello can fare better.
bool can_mend(proto::Error::Code code) {
  return code == proto::Error::UNSPECIFIED || code == proto::Error::DRAINING ||
         code == proto::Error::SEQUENCE_GAP;
}

}  // namespace

UpstreamConnection::UpstreamConnection(asio::io_context& io, UpstreamOptions options,
                                       Callbacks callbacks)
    : options_(std::move(options)),
      callbacks_(std::move(callbacks)),
      resolver_(io),
      socket_(io),
      timer_(io),
      retry_(options_.retry_first),
      arena_block_(kArenaBytes),
      arena_(arena_options(arena_block_)),
      events_acked_(options_.events_acked) {}

void UpstreamConnection::start() {
  stopped_ = false;
  do_connect();
}

void UpstreamConnection::stop() {
  stopped_ = true;
  close();
  pending_.clear();
  written_ = offered_ = 0;
}

UpstreamConnection::Ticket UpstreamConnection::send(const proto::Job& job) {
  return enqueue(SequencedFrame(job));
}

UpstreamConnection::Ticket UpstreamConnection::send(const proto::Control& control) {
  return enqueue(SequencedFrame(control));
}

UpstreamConnection::Ticket UpstreamConnection::enqueue(SequencedFrame frame) {
  if (!frame.fits()) return 0;
  pending_.push_back(std::move(frame));
  if (welcomed_) want_write();
  return first_ticket_ + pending_.size() - 1;
}

void UpstreamConnection::do_connect() {
  const uint64_t epoch = ++epoch_;
  timer_.expires_after(options_.connect_timeout);
  timer_.async_wait([this, epoch](error_code error) {
    if (error || epoch != epoch_ || welcomed_) return;
    on_lost(proto::Error::UNSPECIFIED, "no welcome in time");
  });
  resolver_.async_resolve(
      options_.address.host, std::to_string(options_.address.port),
      [this, epoch](error_code error, const asio::ip::tcp::resolver::results_type& found) {
        if (epoch != epoch_) return;
        if (error) return on_connect(error, epoch);
        asio::async_connect(socket_, found,
                            [this, epoch](error_code failure, const asio::ip::tcp::endpoint&) {
                              on_connect(failure, epoch);
                            });
      });
}

void UpstreamConnection::on_connect(error_code error, uint64_t epoch) {
  if (epoch != epoch_) return;
  if (error) return on_lost(proto::Error::UNSPECIFIED, "cannot connect: " + error.message());
  socket_.set_option(asio::ip::tcp::no_delay(true), error);
  proto::ToGateway frame;
  proto::Hello& hello = *frame.mutable_hello();
  hello.set_upstream(options_.upstream);
  hello.set_stream(options_.stream);
  hello.set_token(options_.token);
  hello.set_subscribe(options_.subscribe);
  hello.set_events_acked(events_acked_);
  if (!options_.stream.empty()) hello.set_pending(offered_ > 0);
  append_frame(frame, output_);
  do_write();
  do_read();
}

void UpstreamConnection::do_read() {
  const std::span<char> room = reader_.prepare(kChunkBytes);
  socket_.async_read_some(
      asio::buffer(room.data(), room.size()),
      [this, epoch = epoch_](error_code error, std::size_t size) { on_read(error, size, epoch); });
}

void UpstreamConnection::on_read(error_code error, std::size_t size, uint64_t epoch) {
  if (epoch != epoch_) return;
  if (error) return on_lost(proto::Error::UNSPECIFIED, error.message());
  reader_.commit(size);
  for (;;) {
    const FrameReader::Result result = reader_.next();
    if (result.state == FrameReader::State::more) break;
    if (result.state != FrameReader::State::frame) {
      return on_lost(proto::Error::UNSPECIFIED, "the peer does not speak the upstream protocol");
    }
    // A callback may stop or lose the connection: then this buffer is no longer ours to read.
    if (!on_frame(result.bytes) || epoch != epoch_) return;
  }
  do_read();
}

// False when the connection has been given up.
bool UpstreamConnection::on_frame(std::string_view bytes) {
  arena_.Reset();
  auto& frame = *google::protobuf::Arena::CreateMessage<proto::ToUpstream>(&arena_);
  if (!frame.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    on_lost(proto::Error::UNSPECIFIED, "a frame that is no message of the upstream protocol");
    return false;
  }
  switch (frame.frame_case()) {
    case proto::ToUpstream::kWelcome:
      on_welcome(frame.welcome());
      return true;
    case proto::ToUpstream::kJobAck:
      return on_ack(frame.job_ack());
    case proto::ToUpstream::kEvents:
      on_events(frame.events());
      return true;
    case proto::ToUpstream::kError:
      on_lost(frame.error().code(), frame.error().message());
      return false;
    case proto::ToUpstream::FRAME_NOT_SET:
      return true;  // a kind of frame younger than this client
  }
  return true;
}

void UpstreamConnection::on_welcome(const proto::Welcome& welcome) {
  timer_.cancel();
  retry_ = options_.retry_first;
  welcomed_ = true;
  const uint64_t epoch = epoch_;
  // What the gateway had committed before its acks were lost is acknowledged by its number alone.
  // Only what was ever offered can be meant: numbers above belong to another life of this stream.
  proto::JobAck ack;
  ack.set_replayed(true);
  while (offered_ > 0 && first_sequence_ <= welcome.last_sequence()) {
    ack.set_sequence(first_sequence_);
    on_ack(ack);
    if (epoch != epoch_) return;
  }
  first_sequence_ = welcome.last_sequence() + 1;
  if (callbacks_.welcomed) callbacks_.welcomed(welcome);
  if (epoch == epoch_) want_write();
}

// Cumulative on the wire; here each ticket is told by itself. False on an ack of what was not sent.
bool UpstreamConnection::on_ack(const proto::JobAck& ack) {
  if (ack.sequence() < first_sequence_) return true;
  if (ack.sequence() - first_sequence_ >= offered_) {
    on_lost(proto::Error::UNSPECIFIED, "an acknowledgement of something that was not sent");
    return false;
  }
  const uint64_t epoch = epoch_;
  proto::JobAck earlier;
  earlier.set_replayed(true);
  for (bool last = false; !last;) {
    last = first_sequence_ == ack.sequence();
    pending_.pop_front();
    --offered_;
    if (written_ > 0) --written_;
    earlier.set_sequence(first_sequence_++);
    const Ticket ticket = first_ticket_++;
    if (callbacks_.acknowledged) callbacks_.acknowledged(ticket, last ? ack : earlier);
    if (epoch != epoch_) return false;
  }
  return true;
}

void UpstreamConnection::on_events(const proto::Events& events) {
  if (events.events().empty()) return;
  const uint64_t last = events.events().rbegin()->sequence();
  if (last <= events_acked_) return;  // told before
  const uint64_t epoch = epoch_;
  if (events.events(0).sequence() <= events_acked_) {
    proto::Events fresh;
    for (const proto::Event& event : events.events()) {
      if (event.sequence() > events_acked_) *fresh.add_events() = event;
    }
    if (callbacks_.events) callbacks_.events(fresh);
  } else if (callbacks_.events) {
    callbacks_.events(events);
  }
  events_acked_ = last;
  event_ack_due_ = true;
  if (epoch == epoch_) want_write();
}

void UpstreamConnection::write_pending() {
  for (; written_ < pending_.size(); ++written_) {
    pending_[written_].append(first_sequence_ + written_, output_);
  }
  offered_ = std::max(offered_, written_);
  if (!event_ack_due_) return;
  event_ack_due_ = false;
  proto::ToGateway frame;
  frame.mutable_event_ack()->set_sequence(events_acked_);
  append_frame(frame, output_);
}

// All that one turn of the loop sends leaves in one write.
void UpstreamConnection::want_write() {
  if (write_wanted_ || !writing_.empty()) return;
  write_wanted_ = true;
  asio::post(socket_.get_executor(), [this, epoch = epoch_] {
    if (epoch != epoch_) return;
    write_wanted_ = false;
    do_write();
  });
}

void UpstreamConnection::do_write() {
  if (!writing_.empty()) return;
  if (welcomed_) write_pending();
  if (output_.empty()) return;
  writing_.swap(output_);
  asio::async_write(
      socket_, asio::buffer(writing_),
      [this, epoch = epoch_](error_code error, std::size_t) { on_write(error, epoch); });
}

void UpstreamConnection::on_write(error_code error, uint64_t epoch) {
  if (epoch != epoch_) return;
  writing_.clear();
  // A peer that refuses us writes its reason and closes: the reader finds it, or the loss.
  if (!error) do_write();
}

void UpstreamConnection::on_lost(proto::Error::Code code, const std::string& message) {
  const std::string reason = message;  // may live in arena_, which a callback can reuse
  const bool again = options_.reconnect && !stopped_ && can_mend(code);
  close();
  const uint64_t epoch = epoch_;
  if (callbacks_.lost) callbacks_.lost(code, reason, again);
  if (!again || epoch != epoch_) return;
  timer_.expires_after(retry_);
  retry_ = std::min(2 * retry_, options_.retry_max);
  timer_.async_wait([this, epoch](error_code error) {
    if (!error && epoch == epoch_) do_connect();
  });
}

void UpstreamConnection::close() {
  ++epoch_;
  error_code ignored;
  resolver_.cancel();
  socket_.close(ignored);
  timer_.cancel();
  reader_.clear();
  output_.clear();
  writing_.clear();
  write_wanted_ = false;
  welcomed_ = false;
  written_ = 0;
}

}  // namespace tact::client
