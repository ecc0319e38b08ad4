// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace tact::bench {

// A TCP connection that reads by itself and writes when it is told to.
class Peer {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  // Is given all octets not yet taken, and says how many it took.
  using OnRead = std::function<size_t(Peer&, std::span<const uint8_t>)>;
  using OnLost = std::function<void(Peer&)>;

  Peer(Socket socket, OnRead on_read, OnLost on_lost)
      : socket_(std::move(socket)), on_read_(std::move(on_read)), on_lost_(std::move(on_lost)) {
    socket_.set_option(boost::asio::ip::tcp::no_delay(true));
    read();
  }

  std::vector<uint8_t> output;    // leaves with flush()
  std::vector<uint8_t> promises;  // leaves when what it says is on disk:

  void seal() { sealed_.swap(promises); }  // it belongs to the group that is written now,
  void keep_promises() {                   // and that one is on disk
    output.insert(output.end(), sealed_.begin(), sealed_.end());
    sealed_.clear();
  }

  void flush() {
    if (lost_) return output.clear();
    if (!writing_.empty() || output.empty()) return;
    writing_.swap(output);
    boost::asio::async_write(socket_, boost::asio::buffer(writing_), [this](auto error, size_t) {
      writing_.clear();
      if (error) return lose();
      flush();
    });
  }

  // While held nothing is read: the peer has to wait.
  void hold(bool held) {
    held_ = held;
    if (!held_ && !reading_ && !lost_) read();
  }

 private:
  static constexpr size_t kChunk = 256 * 1024;

  void read() {
    reading_ = true;
    if (input_.size() < end_ + kChunk) input_.resize(end_ + kChunk);
    const auto room = boost::asio::buffer(input_.data() + end_, kChunk);
    socket_.async_read_some(room, [this](auto error, size_t octets) {
      reading_ = false;
      if (error) return lose();
      end_ += octets;
      const size_t taken = on_read_(*this, {input_.data(), end_});
      std::memmove(input_.data(), input_.data() + taken, end_ -= taken);
      if (!held_) read();
    });
  }

  void lose() {
    if (!std::exchange(lost_, true)) on_lost_(*this);
  }

  Socket socket_;
  const OnRead on_read_;
  const OnLost on_lost_;
  bool held_ = false, reading_ = false, lost_ = false;
  std::vector<uint8_t> input_, writing_, sealed_;
  size_t end_ = 0;  // of what has been read into input_
};

}  // namespace tact::bench
