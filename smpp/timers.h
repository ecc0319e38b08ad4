// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "smpp/types.h"

/// The session's timers of v3.4 §7.2 p. 165 as a pure value. The response timer of requests is the
/// window's; that of our own enquire_link is here.
namespace tact::smpp {

/// v3.4 gives no values and asks that all can be configured; kNever switches a timer off.
struct TimerConfig {
  Mono session_init = std::chrono::seconds(10);  ///< connected until bound
  Mono enquire_link = std::chrono::seconds(30);  ///< silence until we ask
  Mono inactivity = kNever;                      ///< no message until the session is dropped
  Mono response = std::chrono::seconds(60);      ///< request until it counts as unanswered
};

/// What is due.
enum class Alarm : unsigned char {
  none,
  session_init,       ///< not bound in time: close
  enquire_link,       ///< ask, then call enquired()
  enquire_link_lost,  ///< asked, and nothing heard since: the peer is gone
  inactivity,         ///< nobody has sent a message for long: drop
};

class Timers {
 public:
  Timers() = default;
  Timers(const TimerConfig& config, Mono connected_at);

  void bound(Mono now);       ///< session_init is over, inactivity begins
  void heard(Mono now);       ///< any PDU of the peer: it is alive
  void transacted(Mono now);  ///< a PDU that is not enquire_link, in either direction
  void enquired(Mono now);    ///< our enquire_link left

  Mono deadline() const;
  Alarm due(Mono now) const;

 private:
  TimerConfig config_;
  bool bound_ = false;
  Mono session_init_at_ = kNever;
  Mono inactivity_at_ = kNever;
  Mono enquire_at_ = kNever;
  Mono enquire_lost_at_ = kNever;
};

/// a + b, where kNever stays kNever and nothing overflows.
constexpr Mono add(Mono a, Mono b) { return b > kNever - a ? kNever : a + b; }

}  // namespace tact::smpp
