// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "gateway/engine/context.h"
#include "smpp/session.h"

namespace tact::gateway {

// The connection of link `index` of a route, of its n-th attempt: a late word about an older one is
// recognised.
//
//   | 0 | route u16 (id) | index u16 | attempt u31 |
ConnectionId link_connection(RouteId route, uint16_t index, uint32_t attempt);
struct LinkConnection {
  RouteId route;
  uint16_t index;
  uint32_t attempt;
};
// Nothing for a connection of an upstream: the listener sets the top bit of those.
std::optional<LinkConnection> parse_link_connection(ConnectionId connection);

// One configured bind: an smpp::Session that is connected again for ever. It knows sockets by name
// only and messages not at all: what a PDU means is its route's to say.
class Link {
 public:
  Link(ShardContext& context, RouteId route, uint16_t index, const LinkSettings& settings,
       LinkStats& stats);

  // Order of events. Each appends what the session has to say.
  void tick(smpp::Events& events);  // connects when it is time, expires timers
  void connected(uint32_t attempt);
  void received(uint32_t attempt, ByteView bytes, smpp::Events& events);
  // `reason` in words, from the wire.
  void closed(uint32_t attempt, std::string_view reason, TlsFault tls, smpp::Events& events);
  void flush();  // one write of all that this turn encoded

  // A request of the SMSC waits for its commit, and was answered. While too many wait nothing is
  // read: SMPP has no window that the SMSC would have to heed.
  void owes_answer() { ++owed_; }
  void gave_answer() { owed_ -= owed_ > 0; }

  // The session said `why`, one of Lost, Unbound and BindFailed: close and try again later.
  void give_up(const smpp::Event& why, smpp::Events& events);
  // The session said so. `withheld`: what it is not sent if its SMSC takes no TLVs.
  void bound(const smpp::Bound& bound, const std::string& withheld);
  // Unbinds once nothing is outstanding, and does not connect again.
  void drain();
  bool drained() const { return draining_ && state_ == State::waiting; }

  bool can_submit() const;
  uint32_t attempt() const { return attempt_; }
  bool is_bound() const { return state_ == State::connected && session_.is_bound(); }
  Mono deadline() const;
  smpp::Session& session() { return session_; }
  const smpp::Session& session() const { return session_; }
  const LinkSettings& settings() const { return settings_; }
  LinkStats& stats() { return stats_; }

 private:
  enum class State : uint8_t { waiting, connecting, connected };

  const Endpoint& host() const { return settings_.hosts[host_]; }
  void retry_later(LinkNotice end);
  Millis next_try(LinkNotice::Kind end);
  LinkNotice notice(LinkNotice::Kind kind) const;
  LinkNotice::Kind end_of() const;
  void count_end(const LinkNotice& end);

  // Constant after construction.
  ShardContext& context_;
  const RouteId route_;
  const uint16_t index_;
  const LinkSettings& settings_;
  LinkStats& stats_;

  State state_ = State::waiting;
  bool draining_ = false;
  bool paused_ = false;
  size_t owed_ = 0;  // answers, of this connection
  bool told_withheld_ = false;
  uint32_t attempt_ = 0;
  uint32_t failures_ = 0;  // of attempts, since the last bind
  size_t host_ = 0;        // that is tried, or bound, or next
  size_t tried_ = 0;       // hosts that failed in this round
  Millis wait_;            // before the next round
  Mono reconnect_at_{};    // when waiting
  smpp::Session session_;
  Bytes out_;
};

}  // namespace tact::gateway
