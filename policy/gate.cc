// SPDX-License-Identifier: Apache-2.0
#include "policy/gate.h"

#include <algorithm>
#include <span>
#include <utility>

#include "policy/look.h"
#include "policy/rules.h"

namespace tact::policy {
namespace {

void run(Look& l, uint8_t look, Phase phase) {
  for (const RuleRow* row : rows(look, l.cls, phase)) row->judge(l);
}

// The first instant from t on that these rules permit one by one; each moves it on from the last.
Instant moved_by(const Look& l, std::span<const RuleRow* const> rules, Instant t, Instant limit) {
  for (const RuleRow* row : rules) t = row->next(l, t, limit);
  return t;
}

// A later instant that the hints like too, if there is one before the message would expire. All
// rules of time permit it, so it is as lawful as the one before.
void heed_hints(Look& l, uint8_t look, Instant limit) {
  const auto hints = rows(look, l.cls, Phase::hint);
  const Instant end = std::min(limit, l.s.expires_at.value_or(Instant::max()));
  Instant t = moved_by(l, hints, l.planned, end);
  for (Instant before = l.planned; t != before && t < end;) {
    before = t;
    t = moved_by(l, hints, moved_by(l, rows(look, l.cls, Phase::time), t, end), end);
  }
  if (t == l.planned || t >= end) return;
  l.planned = t;
  for (const RuleRow* row : hints) l.fire(row->rule, Action::defer);
}

// The next instant that every rule permits: each moves it on until none does. Listed are the rules
// that forbid now, and those that forbid a later instant found on the way; not the window, which
// merely begins the day that another rule chose.
void plan(Look& l, uint8_t look) {
  const Instant horizon = l.s.accepted.value_or(l.s.now) + l.class_rules().max_defer;
  const Instant limit = std::max(l.s.now, horizon) + std::chrono::milliseconds(1);
  const auto list = [&](Rule rule) {
    if (!l.verdict.fired_rule(rule)) l.fire(rule, Action::defer);
  };
  const auto timed = rows(look, l.cls, Phase::time);
  Instant t = l.s.now;
  for (const RuleRow* row : timed) {
    const Instant next = row->next(l, l.s.now, limit);
    if (next == l.s.now) continue;
    list(row->rule);
    t = std::max(t, next);
  }
  for (bool moved = t != l.s.now; moved && t < limit;) {
    moved = false;
    for (const RuleRow* row : timed) {
      const Instant next = row->next(l, t, limit);
      if (next == t) continue;
      if (row->rule != Rule::window) list(row->rule);
      moved = true;
      t = next;
    }
  }
  l.planned = std::min(t, limit);
  heed_hints(l, look, limit);
}

void judge(Look& l, uint8_t look) {
  Verdict& v = l.verdict;
  run(l, look, Phase::judge);
  if (known(l.cls) && !l.digits.empty()) {
    plan(l, look);
    run(l, look, Phase::planned);
  }
  for (const Fired& f : v.fired) v.action = std::max(v.action, f.action);
  if (v.action == Action::defer) v.until = l.planned;
  if (v.action == Action::reject) v.text.clear();
}

}  // namespace

struct Gate::Impl {
  std::shared_ptr<const RuleSet> rules;
  SegmentCounter count;
  Scratch scratch;
};

Gate::Gate(std::shared_ptr<const RuleSet> rules, SegmentCounter count)
    : impl_(std::make_unique<Impl>()) {
  impl_->count = std::move(count);
  use(std::move(rules));
}

Gate::~Gate() = default;

Verdict Gate::admit(const Submission& s, const Contact& contact, const Suppression& suppression) {
  Verdict v;
  Look l{impl_->rules->impl(), s, &contact, suppression, impl_->count, impl_->scratch, v};
  prepare_admit(l);
  judge(l, kAdmit);
  return v;
}

Verdict Gate::release(const Submission& s, const Suppression& suppression) {
  Verdict v;
  Look l{impl_->rules->impl(), s, nullptr, suppression, impl_->count, impl_->scratch, v};
  prepare_release(l);
  judge(l, kRelease);
  return v;
}

void Gate::use(std::shared_ptr<const RuleSet> rules) {
  impl_->rules = std::move(rules);
  impl_->rules->impl().lexicon->fit(impl_->scratch.lexicon);
}

const RuleSet& Gate::rules() const { return *impl_->rules; }

}  // namespace tact::policy
