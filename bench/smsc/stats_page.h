// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <string>

namespace tact::bench {

// Answers every GET on 127.0.0.1 with the JSON that `make` gives, one request a connection.
class StatsPage {
 public:
  // Listens at once; 0: any free port. Throws boost::system::system_error when it cannot.
  StatsPage(boost::asio::io_context& io, uint16_t port, std::function<std::string()> make);

  void start() { do_accept(); }
  uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  void do_accept();

  boost::asio::ip::tcp::acceptor acceptor_;
  const std::function<std::string()> make_;
};

}  // namespace tact::bench
