// SPDX-License-Identifier: Apache-2.0
#include "client/controls.h"

#include <boost/asio/io_context.hpp>
#include <iostream>
#include <utility>

namespace tact::client {

std::vector<proto::Result> send_controls(UpstreamOptions options,
                                         const std::vector<proto::Control>& controls,
                                         std::size_t wanted) {
  options.reconnect = false;
  boost::asio::io_context io(1);
  std::vector<proto::Result> results;
  UpstreamConnection connection(io, std::move(options),
                                {.acknowledged =
                                     [&](UpstreamConnection::Ticket, const proto::JobAck& ack) {
                                       results.insert(results.end(), ack.results().begin(),
                                                      ack.results().end());
                                       if (results.size() >= wanted) io.stop();
                                     },
                                 .lost =
                                     [&](proto::Error::Code, const std::string& message, bool) {
                                       std::cerr << "tact: " << message << '\n';
                                       io.stop();
                                     }});
  for (const proto::Control& control : controls) connection.send(control);
  connection.start();
  io.run();
  return results;
}

}  // namespace tact::client
