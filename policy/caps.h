// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "policy/calendar.h"
#include "policy/contact.h"

namespace tact::policy {

// Which slots of a contact a cap counts.
struct Counted {
  ClassMask classes = 0;
  uint16_t brand = 0;    // 0: all of the tenant
  MessageId except = 0;  // the message judged
  Instant now{};         // what was to leave before this, and has not, counts as leaving now
};

// How long behind its time a planned message may still leave: as long as it is valid unless its
// producer says otherwise. What comes later has been lost, and counts at its time.
std::chrono::milliseconds patience(Class);
// When a slot counts: a message that waits for its carrier leaves at `now` at the earliest.
Instant counted_at(const Slot&, Instant now);

// The earliest instant >= t at which one more message keeps every window of this length at `limit`
// messages or fewer. Planned messages count as sent at their time, so windows ahead of t count too.
// Two messages exactly `window` apart do not share one. But a message whose own planned time has
// come does not wait for what is planned behind it. REQUIRES: limit >= 1.
Instant next_under_cap(const Contact&, const Counted&, uint16_t limit,
                       std::chrono::milliseconds window, Instant t);

// Messages in t's calendar month, the greatest over the zones.
size_t in_month(const Contact&, const Counted&, ZoneSpan, Instant t);

}  // namespace tact::policy
