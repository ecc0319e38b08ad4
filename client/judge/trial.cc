// SPDX-License-Identifier: Apache-2.0
#include "client/judge/trial.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "client/time_text.h"
#include "gateway/engine/charged.h"

namespace tact::client {
namespace {

using policy::Instant;
using policy::Rule;

// Messages "already sent this month": more than a day ago where the month is old enough, so that
// only the cap of the month sees them.
Instant earlier_this_month(const Outgoing& row, int i) {
  using namespace std::chrono;
  const auto local = row.submission.now + minutes(row.offset_minutes);
  const year_month_day day(floor<days>(local));
  const Instant begin = sys_days(day.year() / day.month() / 1) - minutes(row.offset_minutes);
  return std::max(row.submission.now - hours(25) - minutes(i), begin + milliseconds(i));
}

}  // namespace

Trial::Trial(const gateway::Config& config, bool stateful)
    : config_(config),
      stateful_(stateful),
      directory_(config.engine),
      gate_(config.engine.rules, gateway::charged_segments(directory_, backlog_)) {
  for (const auto& route : config.engine.routes) backlog_.add(route.id);
}

smpp::SegmentPlan Trial::plan(const std::string& text, const policy::Submission& s,
                              const policy::Verdict& v) {
  const auto* route = gateway::route_of(s, v, directory_, backlog_);
  return route ? smpp::plan(text, route->concat, route->dialect) : smpp::plan(text);
}

Trial::Sender Trial::sender(uint16_t account) const {
  for (const auto& tenant : config_.engine.tenants) {
    for (const auto& each : tenant.accounts) {
      if (gateway::raw(each.id) == account) return {tenant.id, each.brands};
    }
  }
  return {};
}

void Trial::remember(const Outgoing& row, const policy::Submission& s, const Sender& from,
                     State& state) {
  policy::ContactBook& book =
      state.books.try_emplace(from.tenant, gateway::raw(from.tenant)).first->second;
  for (const gateway::BrandId id : from.brands) {
    const uint16_t brand = gateway::raw(id);
    for (int i = 0; i < row.sent_this_month; ++i) {
      const Instant then = earlier_this_month(row, i);
      book.settle(s.number, next_id(), brand, policy::Class::marketing, 0, then, then);
    }
    if (row.last_collection) {
      book.settle(s.number, next_id(), brand, policy::Class::collection, 0, *row.last_collection,
                  *row.last_collection);
    }
    for (const policy::Class cls : row.opted_out) {
      state.suppression.set(brand, s.number, policy::mask(cls), policy::Block::opt_out, true, s.now,
                            next_id());
    }
  }
}

Judged Trial::judge(const Outgoing& row) {
  if (!stateful_ || !state_) state_ = std::make_unique<State>();
  policy::Submission s = row.view();
  const Sender from = sender(s.account);
  remember(row, s, from, *state_);
  policy::ContactBook& book = state_->books.at(from.tenant);
  s.id = next_id();
  Judged out;
  if (row.text.size() > config_.engine.limits.text_bytes) {
    out.verdict.action = policy::Action::reject;
    out.verdict.fired.push_back({Rule::field_invalid, policy::Action::reject, "text", {}});
  } else {
    out.verdict = gate_.admit(s, book.find(s.number), state_->suppression);
  }
  const policy::Verdict& v = out.verdict;
  const std::string& sent = v.text.empty() ? row.text : v.text;
  out.plan = plan(sent, s, v);
  if (!stateful_ || v.action == policy::Action::reject || !gate_.rules().counted(v.cls)) return out;
  const bool deferred = v.action == policy::Action::defer;
  book.reserve(s.number, s.id, v.brand, v.cls, deferred ? v.until : s.now, s.now, v.like);
  if (!deferred) book.settle(s.number, s.id, v.brand, v.cls, v.advertised, s.now, s.now);
  return out;
}

std::string mismatch(const Outgoing& row, const policy::Verdict& v) {
  const std::string action(policy::name(v.action));
  const std::string got = action +
                          (v.action == policy::Action::defer ? ':' + time_of(row, v.until) : "") +
                          (v.fired.empty() ? "" : " (" + labels(v) + ')');
  if (!row.expected.empty() && row.expected != action) {
    return "expected " + row.expected + ", got " + got;
  }
  if (row.until && *row.until != v.until) {
    return "expected DEFER:" + time_of(row, *row.until) + ", got " + got;
  }
  if (!row.rule.empty() &&
      (' ' + labels(v) + ' ').find(' ' + row.rule + ' ') == std::string::npos) {
    return "expected " + row.rule + ", got " + got;
  }
  if (row.rewritten.empty() || row.rewritten == v.text) return "";
  return "expected the text \"" + row.rewritten + "\", got \"" + v.text + '"';
}

std::string labels(const policy::Verdict& v) {
  std::string all;
  for (const policy::Fired& fired : v.fired) all += (all.empty() ? "" : " ") + label(fired);
  return all;
}

std::string time_of(const Outgoing& row, Instant t) {
  const int offset = row.offset_minutes;
  const auto local = t + std::chrono::minutes(offset);
  std::string text = format_time(local.time_since_epoch().count());
  text.pop_back();                                          // Z
  if (text.ends_with(":00")) text.resize(text.size() - 3);  // seconds
  if (offset == 0) return text + 'Z';
  char zone[16];
  std::snprintf(zone, sizeof zone, "%c%02d:%02d", offset < 0 ? '-' : '+', std::abs(offset) / 60,
                std::abs(offset) % 60);
  return text + zone;
}

}  // namespace tact::client
