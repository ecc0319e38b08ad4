// SPDX-License-Identifier: Apache-2.0
// Rows of a file or a pipe, read by a thread of their own: a pipe that says nothing for an hour
// must not keep the connection from being served.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <istream>
#include <memory>
#include <optional>

#include "client/message_reader.h"

namespace tact::client {

class RowFeed {
 public:
  static constexpr std::size_t kRowsMax = 4096;  // read ahead

  // `ready` is called on the thread of the io_context when there is something to take, or the end.
  // The stream is read until its end, or until the process ends: a read that nobody answers cannot
  // be called back, so the thread and the stream outlive this object.
  RowFeed(boost::asio::io_context& io, std::shared_ptr<std::istream> input,
          std::function<void()> ready);
  ~RowFeed();
  RowFeed(const RowFeed&) = delete;
  RowFeed& operator=(const RowFeed&) = delete;

  // The next row, if one has been read.
  std::optional<Row> take();
  // Everything has been taken.
  bool ended() const;

 private:
  struct State;
  static void read(const std::shared_ptr<State>& state);

  const std::shared_ptr<State> state_;
};

}  // namespace tact::client
