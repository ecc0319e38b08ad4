// SPDX-License-Identifier: Apache-2.0
#include "client/smpp_capture.h"

#include <algorithm>
#include <utility>

namespace tact::client {

SmppCapture::SmppCapture(std::set<std::uint16_t> ports, Sink sink)
    : ports_(std::move(ports)), sink_(std::move(sink)) {}

void SmppCapture::add(const Packet& packet) {
  Segment segment;
  std::string_view problem;
  if (!read_segment(packet, segment, problem)) {
    if (!problem.empty()) ++unread_[std::string(problem)];
    return;
  }
  if (!ports_.contains(segment.from.port) && !ports_.contains(segment.to.port)) {
    // The lower one is the server's, as a rule.
    other_ports_.insert(std::min(segment.from.port, segment.to.port));
    return;
  }
  if (segment.payload.empty() && !segment.syn) return;
  Direction& joined = direction(segment);
  joined.time_us = packet.time_us;
  std::vector<Piece> pieces;
  std::vector<Found> found;
  joined.tcp.add(segment.sequence + (segment.syn ? 1 : 0), segment.payload, pieces);
  take(joined, pieces, found);
  tell({segment.from, segment.to}, joined, found);
}

// A SYN with a number of its own is a new connection of the same ports.
SmppCapture::Direction& SmppCapture::direction(const Segment& segment) {
  const Key key{segment.from, segment.to};
  const std::uint32_t begins_at = segment.sequence + (segment.syn ? 1 : 0);
  auto at = directions_.find(key);
  if (at != directions_.end() && segment.syn && at->second.begins_at != begins_at) {
    finish(key, at->second);
    directions_.erase(at);
    at = directions_.end();
  }
  if (at == directions_.end()) {
    at = directions_
             .emplace(key, Direction{begins_at, TcpDirection(begins_at), PduStream(segment.syn), 0})
             .first;
  }
  return at->second;
}

void SmppCapture::take(Direction& direction, const std::vector<Piece>& pieces,
                       std::vector<Found>& found) {
  for (const Piece& piece : pieces) {
    if (piece.missing > 0) direction.pdus.missing(piece.missing, found);
    direction.pdus.add(piece.octets, found);
  }
}

void SmppCapture::tell(const Key& key, const Direction& direction,
                       const std::vector<Found>& found) const {
  for (const Found& each : found) sink_({direction.time_us, key.first, key.second}, each);
}

void SmppCapture::finish() {
  for (auto& [key, direction] : directions_) finish(key, direction);
}

void SmppCapture::finish(const Key& key, Direction& direction) {
  std::vector<Piece> pieces;
  std::vector<Found> found;
  direction.tcp.finish(pieces);
  take(direction, pieces, found);
  direction.pdus.finish(found);
  tell(key, direction, found);
}

}  // namespace tact::client
