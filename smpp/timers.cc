// SPDX-License-Identifier: Apache-2.0
#include "smpp/timers.h"

#include <algorithm>

namespace tact::smpp {

Timers::Timers(const TimerConfig& config, Mono connected_at)
    : config_(config),
      session_init_at_(add(connected_at, config.session_init)),
      enquire_at_(add(connected_at, config.enquire_link)) {}

void Timers::bound(Mono now) {
  bound_ = true;
  session_init_at_ = kNever;
  transacted(now);
}

void Timers::heard(Mono now) {
  enquire_at_ = add(now, config_.enquire_link);
  enquire_lost_at_ = kNever;
}

void Timers::transacted(Mono now) {
  if (bound_) inactivity_at_ = add(now, config_.inactivity);
}

void Timers::enquired(Mono now) {
  enquire_at_ = kNever;
  enquire_lost_at_ = add(now, config_.response);
}

Mono Timers::deadline() const {
  return std::min({session_init_at_, inactivity_at_, enquire_at_, enquire_lost_at_});
}

Alarm Timers::due(Mono now) const {
  const auto is_due = [now](Mono at) { return at != kNever && at <= now; };
  if (is_due(session_init_at_)) return Alarm::session_init;
  if (is_due(enquire_lost_at_)) return Alarm::enquire_link_lost;
  if (is_due(inactivity_at_)) return Alarm::inactivity;
  if (is_due(enquire_at_)) return Alarm::enquire_link;
  return Alarm::none;
}

}  // namespace tact::smpp
