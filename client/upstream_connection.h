// SPDX-License-Identifier: Apache-2.0
// One connection of an upstream to the gateway, with the reliability protocol of proto/README.md:
// jobs and controls are numbered here, kept until acknowledged, and sent again after a reconnect.
//
// Threads: everything happens on the thread that runs the io_context, callbacks included.
// Lifetime: destroy only while nobody runs the io_context any more.
#pragma once

#include <google/protobuf/arena.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "client/address.h"
#include "client/framing.h"
#include "proto/stream.pb.h"

namespace tact::client {

struct UpstreamOptions {
  Address address;
  std::string upstream;
  std::string stream;  // empty: subscribe only, no jobs
  std::string token;
  bool subscribe = false;
  uint64_t events_acked = 0;  // with subscribe: processed before, in an earlier life
  // Connect again after a loss, until stop(). Never after an error that trying again cannot mend.
  bool reconnect = true;
  std::chrono::milliseconds retry_first{100};  // doubles up to retry_max
  std::chrono::milliseconds retry_max{5000};
  std::chrono::milliseconds connect_timeout{5000};  // until Welcome
};

class UpstreamConnection {
 public:
  // Names one sent job or control for as long as this object lives: 1, 2, 3, ... in order of send.
  // Not the wire's sequence, which begins where the gateway says.
  using Ticket = uint64_t;

  struct Callbacks {
    // Each time the gateway has welcomed us; what was not acknowledged is already on its way again.
    std::function<void(const proto::Welcome&)> welcomed;
    // Exactly once per ticket, in order. `replayed` acks carry no results: the fates come as
    // events.
    std::function<void(Ticket, const proto::JobAck&)> acknowledged;
    // In order, each sequence once. Acknowledged to the gateway as soon as this returns.
    std::function<void(const proto::Events&)> events;
    // The connection is gone or could not be made; `again` says whether it will be tried again.
    // `code` is UNSPECIFIED unless the gateway gave its reason.
    std::function<void(proto::Error::Code code, const std::string& message, bool again)> lost;
  };

  UpstreamConnection(boost::asio::io_context& io, UpstreamOptions options, Callbacks callbacks);
  UpstreamConnection(const UpstreamConnection&) = delete;
  UpstreamConnection& operator=(const UpstreamConnection&) = delete;

  void start();
  // Closes; nothing is called back any more. What was not acknowledged is forgotten here, and the
  // gateway may or may not have it.
  void stop();

  // May be called at any time after construction, also while not connected. The caller bounds what
  // is outstanding. 0, and nothing sent, when the frame would be over kFrameBytesMax.
  Ticket send(const proto::Job& job);
  Ticket send(const proto::Control& control);

  std::size_t unacknowledged() const { return pending_.size(); }
  bool connected() const { return welcomed_; }

 private:
  Ticket enqueue(SequencedFrame frame);
  void do_connect();
  void on_connect(boost::system::error_code error, uint64_t epoch);
  void do_read();
  void on_read(boost::system::error_code error, std::size_t size, uint64_t epoch);
  bool on_frame(std::string_view bytes);
  void on_welcome(const proto::Welcome& welcome);
  bool on_ack(const proto::JobAck& ack);
  void on_events(const proto::Events& events);
  void write_pending();
  void want_write();
  void do_write();
  void on_write(boost::system::error_code error, uint64_t epoch);
  void on_lost(proto::Error::Code code, const std::string& message);
  void close();

  // Constant after construction.
  const UpstreamOptions options_;
  const Callbacks callbacks_;

  // Owned by the thread of the io_context.
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;  // until Welcome, or until the next attempt
  uint64_t epoch_ = 0;               // completions of an older connection are ignored
  bool welcomed_ = false;
  bool stopped_ = true;
  std::chrono::milliseconds retry_;

  FrameReader reader_;
  std::vector<char> arena_block_;
  google::protobuf::Arena arena_;  // of the frame in hand
  std::string output_;             // gathers while writing_ is on its way
  std::string writing_;
  bool write_wanted_ = false;

  std::deque<SequencedFrame> pending_;  // not acknowledged, oldest first
  Ticket first_ticket_ = 1;             // of pending_.front()
  uint64_t first_sequence_ = 0;         // the same on the wire; known after the first Welcome
  std::size_t written_ = 0;             // how many of pending_ this connection has been given
  std::size_t offered_ = 0;             // how many of pending_ any connection has been given
  uint64_t events_acked_;
  bool event_ack_due_ = false;
};

}  // namespace tact::client
