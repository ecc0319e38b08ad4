// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace tact::gateway {

// The other side of a connection: a plain blocking socket with bounded waits, on the test's thread.
class Peer {
 public:
  Peer() = default;
  explicit Peer(int descriptor) : descriptor_(descriptor) {}
  Peer(Peer&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Peer& operator=(Peer&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Peer() { close(); }

  static Peer dial(uint16_t port) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = loopback(port);
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
      return Peer(descriptor);
    }
    ::close(descriptor);
    return Peer();
  }
  // Listens on a port of the machine's choice.
  static Peer listen(uint16_t& port, int receive_buffer = 0) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
    if (receive_buffer > 0) {
      ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    }
    sockaddr_in address = loopback(0);
    ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    ::listen(descriptor, 16);
    socklen_t size = sizeof(address);
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    return Peer(descriptor);
  }
  Peer accept() const {
    return readable() ? Peer(::accept(descriptor_, nullptr, nullptr)) : Peer();
  }

  bool open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }
  bool write(const std::string& text) const {
    return ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(text.size());
  }
  // Reads until `size` octets are there, or the end.
  std::string read(size_t size) const {
    std::string text;
    char chunk[4096];
    while (text.size() < size && readable()) {
      const ssize_t got =
          ::recv(descriptor_, chunk, std::min(sizeof(chunk), size - text.size()), 0);
      if (got <= 0) break;
      text.append(chunk, static_cast<size_t>(got));
    }
    return text;
  }
  std::string read_all() const { return read(SIZE_MAX); }
  // True when the other side closes within the wait; what still comes is dropped.
  bool ends() const {
    char chunk[4096];
    while (readable()) {
      if (::recv(descriptor_, chunk, sizeof(chunk), 0) <= 0) return true;
    }
    return false;
  }
  bool silent(int ms) const {
    pollfd poll{descriptor_, POLLIN, 0};
    return ::poll(&poll, 1, ms) == 0;
  }
  // So that the other side sees ECONNRESET.
  void reset() {
    const linger hard{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    close();
  }
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

 private:
  static sockaddr_in loopback(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  bool readable() const {
    pollfd poll{descriptor_, POLLIN, 0};
    return descriptor_ >= 0 && ::poll(&poll, 1, 10'000) == 1;
  }

  int descriptor_ = -1;
};

}  // namespace tact::gateway
