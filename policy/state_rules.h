// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "policy/look.h"

// Rules about who sends, who receives, and when: everything but the text. Each fires on the Look,
// or says from when on it permits the message (see rules.h).
namespace tact::policy::rule {

void class_unknown(Look&);
void account_unknown(Look&);
void sender_registered(Look&);
void number_invalid(Look&);
void zone_unknown(Look&);
void cancelled(Look&);
void opted_out(Look&);
void wrong_party(Look&);
void number_dead(Look&);
void carrier_black(Look&);
void no_consent(Look&);
void third_party(Look&);
void cap_day_reject(Look&);
void expired_already(Look&);
void expired_when_planned(Look&);
void cap_month(Look&);
void cap_short(Look&);
void escalate(Look&);
void cooldown(Look&);
void retouch(Look&);

Instant pause(const Look&, Instant t, Instant limit);
Instant dunning_early(const Look&, Instant t, Instant limit);
Instant breaker(const Look&, Instant t, Instant limit);
Instant special_date(const Look&, Instant t, Instant limit);
Instant holiday(const Look&, Instant t, Instant limit);
Instant cap_day(const Look&, Instant t, Instant limit);
Instant freq_week(const Look&, Instant t, Instant limit);
Instant window(const Look&, Instant t, Instant limit);
Instant preferred_slot(const Look&, Instant t, Instant limit);

}  // namespace tact::policy::rule
