// SPDX-License-Identifier: Apache-2.0
// A producer that remembers all it is told: acknowledgements, results and events per message.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "client/upstream_connection.h"
#include "tests/e2e/process.h"

namespace tact::e2e {

// What became of one message, by its reference.
struct Life {
  int acknowledged = 0;   // 1 for every message whose job was
  bool replayed = false;  // acknowledged by its number alone: there is no result
  proto::Result result;
  std::set<uint64_t> ids;  // all that were told: of the result and of the events
  std::vector<proto::Event> events;
  int finals = 0;
  bool after_final = false;  // an event came after the final one

  const proto::Event* final_event() const;
  // Of its final event; WHAT_NOT_SET without one.
  proto::Event::WhatCase end() const;
};

struct Ledger {
  std::map<std::string, Life> lives;
  std::vector<proto::Event> others;  // that belong to no message of ours: replies, opt-outs
  uint64_t last_event = 0;
  bool events_in_sequence = true;  // no hole, no repetition
  size_t acknowledged = 0, finals = 0, welcomes = 0;
  std::vector<proto::Error::Code> errors;
};

// Its connection lives on a thread of its own; every public function may be called from the test's.
class Producer {
 public:
  Producer(const client::Address& address, const std::string& stream, bool subscribe = true,
           uint64_t events_acked = 0);
  ~Producer();

  void send(std::vector<proto::Message> messages);
  void send(proto::Control control);
  size_t unacknowledged();      // frames
  size_t acknowledged() const;  // messages

  Ledger ledger() const;
  bool wait(Millis limit, const std::function<bool(const Ledger&)>& condition);
  // Acknowledged, all of them; and ended.
  bool wait_acknowledged(size_t messages, Millis limit = Millis(30'000));
  bool wait_finals(size_t messages, Millis limit = Millis(60'000));

 private:
  void on_acknowledged(uint64_t ticket, const proto::JobAck& ack);
  void on_events(const proto::Events& events);
  template <typename Frame>
  void enqueue(Frame frame, std::vector<std::string> references);

  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  client::UpstreamConnection connection_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Ledger ledger_;                                         // guarded by mutex_
  std::map<uint64_t, std::vector<std::string>> tickets_;  // guarded by mutex_
  size_t sent_ = 0, told_ = 0;                            // frames; guarded by mutex_

  std::thread thread_;
};

// One message of this class that the gate lets pass, its text different for each `n` below 10^6.
proto::Message message(proto::MessageClass cls, const std::string& to, const std::string& reference,
                       uint64_t n);
// A number of our own for each n below 10^8.
std::string number(uint64_t n);

}  // namespace tact::e2e
