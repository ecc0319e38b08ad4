// SPDX-License-Identifier: Apache-2.0
#include "client/tcp_direction.h"

namespace tact::client {

// Room below, so that an old segment does not lie before the beginning of all.
TcpDirection::TcpDirection(std::uint32_t sequence)
    : position_((std::uint64_t{1} << 32) + sequence) {}

void TcpDirection::add(std::uint32_t sequence, smpp::Octets payload, std::vector<Piece>& out) {
  const auto ahead = static_cast<std::int32_t>(sequence - static_cast<std::uint32_t>(position_));
  const std::uint64_t start = position_ + static_cast<std::uint64_t>(std::int64_t{ahead});
  if (start + payload.size() <= position_) return;
  auto& waiting = waiting_[start];
  if (waiting.size() >= payload.size()) return;
  waiting_octets_ += payload.size() - waiting.size();
  waiting.assign(payload.begin(), payload.end());
  take_waiting(out, 0);
  if (waiting_octets_ > kWaitingMax) finish(out);
}

void TcpDirection::finish(std::vector<Piece>& out) {
  while (!waiting_.empty()) take_waiting(out, waiting_.begin()->first - position_);
}

// Gives what follows on the octets before it, or on the hole.
void TcpDirection::take_waiting(std::vector<Piece>& out, std::uint64_t missing) {
  position_ += missing;
  while (!waiting_.empty() && waiting_.begin()->first <= position_) {
    auto first = waiting_.extract(waiting_.begin());
    waiting_octets_ -= first.mapped().size();
    const std::uint64_t old = position_ - first.key();
    if (old >= first.mapped().size()) continue;
    first.mapped().erase(first.mapped().begin(),
                         first.mapped().begin() + static_cast<std::ptrdiff_t>(old));
    position_ += first.mapped().size();
    out.push_back({missing, std::move(first.mapped())});
    missing = 0;
  }
}

}  // namespace tact::client
