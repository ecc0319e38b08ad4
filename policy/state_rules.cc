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
  return {classes, of_brand ? l.verdict.brand : uint16_t{0}, l.s.id, l.s.now};
}

// The slots of the brand's other messages to this person. A message whose own time has come is not
// held back by what is planned behind it, which will be judged again.
template <typename Visit>
void each_other(const Look& l, Visit visit) {
  const auto& slots = l.contact->slots;
  const bool again =
      std::any_of(slots.begin(), slots.end(), [&](const Slot& s) { return s.id == l.s.id; });
  for (const Slot& s : slots) {
    const bool behind = again && !s.sent && s.at.instant() > l.planned;
    if (s.id != l.s.id && s.brand == l.verdict.brand && !behind) visit(s);
  }
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
  uint16_t cap = l.rules.spec.cap_month;
  for (const StageSpec& stage : l.rules.spec.stages) {
    if (stage.name == l.s.stage) cap = stage.cap_month;
  }
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

// POLICY 1, row 52: what three reminders did not do, a person does. What waits to be sent after
// this one does not count yet.
void escalate(Look& l) {
  const uint16_t after = l.rules.spec.escalate_after;
  if (after == 0) return;
  if (contains(l.blocked, Block::escalated)) return l.reject(Rule::escalate);
  if (l.contact == nullptr) return;
  int unanswered = 0;
  each_other(l, [&](const Slot& s) {
    if (s.cls != l.cls || (!s.sent && s.at.instant() > l.s.now)) return;
    const Likeness like = l.contact->likeness(s.id);
    unanswered += like.known() && like.answered == 0;
  });
  if (unanswered >= after) l.reject(Rule::escalate, std::to_string(unanswered) + " unanswered");
}

// A text that is planned is no less a repetition than one that was sent.
void cooldown(Look& l) {
  const auto span = l.class_rules().cooldown;
  if (span.count() == 0 || !l.verdict.like.known()) return;
  bool repeated = false;
  each_other(l, [&](const Slot& s) {
    if (std::chrono::abs(l.planned - counted_at(s, l.s.now)) >= span) return;
    repeated |= l.contact->likeness(s.id).text == l.verdict.like.text;
  });
  if (repeated) l.reject(Rule::cooldown);
}

// POLICY 1, row 33: one second touch, within three days, to who did not respond. On the same day it
// would be no second touch but a repetition.
void retouch(Look& l) {
  if (!l.rules.spec.retouch || l.verdict.like.campaign == 0) return;
  std::optional<Instant> first;
  int touches = 0;
  bool answered = false;
  bool same = false;
  each_other(l, [&](const Slot& s) {
    const Likeness like = l.contact->likeness(s.id);
    if (like.campaign != l.verdict.like.campaign) return;
    ++touches;
    answered |= like.answered != 0;
    same |= like.text == l.verdict.like.text;
    first = std::min(first.value_or(Instant::max()), counted_at(s, l.s.now));
  });
  if (!first) return;
  const auto since = std::chrono::abs(l.planned - *first);
  const char* const why = touches > 1                              ? "twice already"
                          : answered                               ? "answered"
                          : same                                   ? "same text"
                          : since < hours(24) || since > hours(72) ? "not a day to three later"
                                                                   : nullptr;
  if (why != nullptr) l.reject(Rule::retouch, why);
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

// Nobody knows when it may go on; asked now and then, since each answer is an event.
Instant breaker(const Look& l, Instant t, Instant) {
  if (!l.suppression.halted(l.s.owner, l.s.campaign)) return t;
  return std::max(t, l.s.now + hours(6));
}

Instant special_date(const Look& l, Instant t, Instant limit) {
  if (l.s.special_dates.empty() || !l.class_rules().special_dates) return t;
  return next_ordinary_day(l.zones, l.s.special_dates, t, limit);
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
  const std::vector<Preferred>& preferred = l.class_rules().preferred;
  if (preferred.empty()) return t;
  Instant next = limit;
  for (const Preferred& p : preferred) {
    const Hours hours{.from = p.hours.from, .to = p.hours.to, .days = p.days};
    next = std::min(next, next_open(l.zones, hours, t, limit));
  }
  return next;
}

}  // namespace tact::policy::rule
