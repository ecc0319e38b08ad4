// SPDX-License-Identifier: Apache-2.0
// The producer that Kannel's users write: sendsms over HTTP with keep-alive, a dlr-url for each
// message, and a server that is called there. One thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "bench/load/tally.h"
#include "bench/load/workload.h"

namespace tact::bench {

struct SendsmsOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 0;  // smsbox
  std::string user = "bench";
  std::string password = "bench";
  std::string sender = "1069000055";
  std::chrono::milliseconds duration{10'000};
  uint32_t connections = 64;                 // each with one request at a time
  uint64_t in_flight_max = 0;                // messages sent and not ended; 0: any number
  std::chrono::milliseconds settle{30'000};  // without any progress before the run is given up
};

class SendsmsLoad {
 public:
  SendsmsLoad(SendsmsOptions options, const Workload& workload);

  // Returns when every message has been called back, or when nothing has moved for `settle`. Empty,
  // or why smsbox could not be used.
  std::string run();

  const Tally& tally() const { return tally_; }
  uint64_t refused() const { return refused_; }          // answered with an error; not acknowledged
  uint64_t stray_calls() const { return stray_calls_; }  // callbacks that say nothing of ours

 private:
  template <class T>
  using Task = boost::asio::awaitable<T>;
  using Socket = boost::asio::ip::tcp::socket;

  Task<void> produce();
  Task<void> accept();
  Task<void> serve(Socket socket);
  Task<void> watch();
  void write_request(uint64_t index, std::string& request);
  void called(std::string_view request_line);
  bool sends(int64_t now_ns) const;
  void fail(const std::string& error);

  // Constant after construction.
  const SendsmsOptions options_;
  const Workload& workload_;

  boost::asio::io_context io_{1};
  boost::asio::ip::tcp::acceptor acceptor_;
  std::string request_begin_, request_end_;  // what all requests have in common
  Tally tally_;
  proto::Message message_;
  int64_t began_ns_ = 0;
  uint64_t refused_ = 0;
  uint64_t stray_calls_ = 0;
  std::string error_;
};

}  // namespace tact::bench
