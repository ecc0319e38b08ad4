// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "client/capture.h"
#include "client/pdu_stream.h"
#include "client/tcp_direction.h"
#include "client/tcp_segment.h"

namespace tact::client {

// Where in a capture something was found.
struct Place {
  std::int64_t time_us = 0;  // of the packet that completed it
  Endpoint from, to;
};

// The PDUs in a capture, each direction of each connection of some TCP ports by itself.
class SmppCapture {
 public:
  using Sink = std::function<void(const Place&, const Found&)>;

  SmppCapture(std::set<std::uint16_t> ports, Sink sink);

  void add(const Packet& packet);
  // Nothing more comes: what waited, and what was cut short.
  void finish();

  // Whether any packet was of these ports; and those of the packets that were of none.
  bool seen() const { return !directions_.empty(); }
  const std::set<std::uint16_t>& other_ports() const { return other_ports_; }
  // Packets that could not be read, by the reason.
  const std::map<std::string, std::uint64_t>& unread() const { return unread_; }

 private:
  struct Direction {
    std::uint32_t begins_at = 0;
    TcpDirection tcp;
    PduStream pdus;
    std::int64_t time_us = 0;
  };
  using Key = std::pair<Endpoint, Endpoint>;

  Direction& direction(const Segment& segment);
  static void take(Direction& direction, const std::vector<Piece>& pieces,
                   std::vector<Found>& found);
  void tell(const Key& key, const Direction& direction, const std::vector<Found>& found) const;
  void finish(const Key& key, Direction& direction);

  // Constant after construction.
  const std::set<std::uint16_t> ports_;
  const Sink sink_;

  std::map<Key, Direction> directions_;
  std::set<std::uint16_t> other_ports_;
  std::map<std::string, std::uint64_t> unread_;
};

}  // namespace tact::client
