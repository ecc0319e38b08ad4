// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "smpp/types.h"

namespace tact::client {

// What came next in one direction of a connection.
struct Piece {
  std::uint64_t missing = 0;  // octets before these that were not captured
  std::vector<std::uint8_t> octets;
};

// The segments of one direction, put in order: what was sent twice counts once, what came early
// waits for what is before it. What a capture has missed is given up when too much waits.
class TcpDirection {
 public:
  static constexpr std::size_t kWaitingMax = 256u << 10;

  // The first octet that counts has this number.
  explicit TcpDirection(std::uint32_t sequence);

  void add(std::uint32_t sequence, smpp::Octets payload, std::vector<Piece>& out);
  // Nothing more comes: all that waits, with the holes before it.
  void finish(std::vector<Piece>& out);

 private:
  void take_waiting(std::vector<Piece>& out, std::uint64_t missing);

  std::uint64_t position_;  // of the next octet; its low 32 bits are TCP's number
  std::map<std::uint64_t, std::vector<std::uint8_t>> waiting_;
  std::size_t waiting_octets_ = 0;
};

}  // namespace tact::client
