// SPDX-License-Identifier: Apache-2.0
#include "policy/state_rules.h"

#include <algorithm>
#include <string>

#include "policy/caps.h"

namespace tact::policy::rule {
namespace {

using std::chrono::days;
using std::chrono::hours;

// NOTIFICATION marked urgent (the default) is a mandatory notice: neither windows nor an opt-out
// from optional notices hold it (POLICY 3; over-blocking is also a fault, 2.1).
bool mandatory_notice(const Look& l) { return l.cls == Class::notification && l.s.urgent; }

bool windowed(const Look& l) {
  const Window& w = l.class_rules().window;
  return w.from != w.to && !mandatory_notice(l);
}

void reject_if(Look& l, Block block, Rule rule) {
  if (contains(l.blocked, block) && !mandatory_notice(l)) l.reject(rule);
}

// FREQ_WEEK and CAP_MONTH go by brand, so that no change of sender or account escapes them; CAP_DAY
// by the whole tenant.
Counted counted(const Look& l, ClassMask classes, bool of_brand) {
  return {classes, of_brand ? l.verdict.brand : uint16_t{0}, l.s.id};
}

}  // namespace

void class_unknown(Look& l) {
  if (!known(l.cls)) l.reject(Rule::class_unknown);
}

void account_unknown(Look& l) {
  if (l.account == nullptr) l.reject(Rule::account_unknown);
}

void sender_registered(Look& l) {
  if (l.account == nullptr || l.account->sources.empty() || l.s.from.empty()) return;
  const auto& sources = l.account->sources;
  if (std::find(sources.begin(), sources.end(), l.s.from) == sources.end()) {
    l.reject(Rule::sender_registered);
  }
}

void number_invalid(Look& l) {
  if (l.digits.empty()) l.reject(Rule::number_invalid);
}

void zone_unknown(Look& l) {
  if (l.zones.empty() && !l.digits.empty() && windowed(l)) l.reject(Rule::zone_unknown);
}

void cancelled(Look& l) {
  if (l.s.owner != 0 && l.suppression.withdrawn(l.s.owner, l.s.id, l.s.campaign)) {
    l.reject(Rule::cancelled);
  }
}

void opted_out(Look& l) { reject_if(l, Block::opt_out, Rule::opted_out); }
void wrong_party(Look& l) { reject_if(l, Block::wrong_party, Rule::wrong_party); }
void number_dead(Look& l) { reject_if(l, Block::dead_number, Rule::number_dead); }
void carrier_black(Look& l) { reject_if(l, Block::carrier, Rule::carrier_black); }

void no_consent(Look& l) {
  if (!l.s.consent) l.reject(Rule::no_consent);
}

void third_party(Look& l) {
  if (l.s.role != Role::debtor && l.s.role != Role::guarantor) l.reject(Rule::third_party);
}

void cap_day_reject(Look& l) {
  if (cap_day(l, l.s.now, Instant::max()) != l.s.now) {
    l.reject(Rule::cap_day, std::to_string(l.class_rules().cap_day));
  }
}

void expired_already(Look& l) {
  if (l.s.expires_at && l.s.now >= *l.s.expires_at) l.reject(Rule::expired, "validity");
}

void expired_when_planned(Look& l) {
  if (l.planned == l.s.now) return;
  if (l.s.expires_at && l.planned >= *l.s.expires_at) {
    if (l.s.now < *l.s.expires_at) l.reject(Rule::expired, "validity");
  } else if (l.planned - l.s.accepted.value_or(l.s.now) > l.class_rules().max_defer) {
    l.reject(Rule::expired, "max_defer");
  }
}

void cap_month(Look& l) {
  const uint16_t cap = l.rules.spec.cap_month;
  if (in_month(*l.contact, counted(l, kOptionalClasses, true), l.zones, l.planned) >= cap) {
    l.reject(Rule::cap_month, std::to_string(cap));
  }
}

// Codes that come too often are somebody's attack, or lead to one. The next one is refused, for it
// would be useless later.
void cap_short(Look& l) {
  if (l.s.confirmation) return;
  const ClassRules& c = l.class_rules();
  const Counted what = counted(l, mask(l.cls), true);
  const auto full = [&](uint16_t cap, std::chrono::milliseconds span) {
    return cap > 0 && next_under_cap(*l.contact, what, cap, span, l.planned) != l.planned;
  };
  if (full(c.cap_minute, std::chrono::minutes(1))) {
    l.reject(Rule::cap_short, std::to_string(c.cap_minute) + " a minute");
  } else if (full(c.cap_hour, hours(1))) {
    l.reject(Rule::cap_short, std::to_string(c.cap_hour) + " an hour");
  }
}

Instant pause(const Look& l, Instant t, Instant limit) {
  if (!contains(l.blocked, Block::pause) || mandatory_notice(l)) return t;
  return l.pause_until == Instant{} ? limit : std::max(t, l.pause_until);
}

Instant dunning_early(const Look& l, Instant t, Instant) {
  if (!l.s.due) return t;
  const auto first = std::chrono::sys_days(*l.s.due) + days(7);  // POLICY 1, row 43
  for (const Zone zone : l.zones) {
    const date::local_days day(date::days(first.time_since_epoch().count()));
    t = std::max(t, day_begin(zone, day));
  }
  return t;
}

Instant holiday(const Look& l, Instant t, Instant limit) {
  if (!l.class_rules().holidays) return t;
  return next_workday(l.zones, l.rules.calendar, l.country->iso, t, limit);
}

// Any 24 hours rather than a calendar day: it keeps both (POLICY 2.4 has vendors of either kind).
Instant cap_day(const Look& l, Instant t, Instant) {
  const uint16_t cap = l.class_rules().cap_day;
  if (cap == 0 || l.s.confirmation) return t;
  return next_under_cap(*l.contact, counted(l, mask(l.cls), false), cap, hours(24), t);
}

Instant freq_week(const Look& l, Instant t, Instant) {
  if (l.s.emergency) return t;
  return next_under_cap(*l.contact, counted(l, mask(Class::collection), true),
                        l.rules.spec.freq_week, days(7), t);
}

Instant window(const Look& l, Instant t, Instant limit) {
  if (!windowed(l)) return t;
  const Window& w = l.class_rules().window;
  const CountryRow& c = *l.country;
  const Hours hours{std::max(w.from, c.from), std::min(w.to, c.to), c.sunday_from};
  return next_open(l.zones, hours, t, limit);
}

Instant preferred_slot(const Look& l, Instant t, Instant limit) {
  const std::vector<Window>& preferred = l.class_rules().preferred;
  if (preferred.empty()) return t;
  Instant next = limit;
  for (const Window& w : preferred) {
    next = std::min(next, next_open(l.zones, {w.from, w.to}, t, limit));
  }
  return next;
}

}  // namespace tact::policy::rule
