// SPDX-License-Identifier: Apache-2.0
// What carriers see: I3, I4, I8, I9, I10, and what they said themselves.
#include <algorithm>

#include "tests/sim/audit.h"
#include "tests/sim/rules.h"

namespace tact::sim {

size_t Audit::submitted(Submitted submission) {
  const size_t index = submissions_.size();
  Submission& s = submissions_.emplace_back();
  static_cast<Submitted&>(s) = std::move(submission);
  s.epoch = epoch_;
  ++counts_.submissions;
  history_.note(agenda_.now(), s.message, [&] {
    return "m" + std::to_string(s.message) + " submit_sm part " + std::to_string(s.part) + "/" +
           std::to_string(s.parts) + " on route " + std::to_string(s.route + 1) + " link " +
           std::to_string(s.link) + " connection " + std::to_string(s.serial);
  });
  const Book& b = book(s.message);
  if (!b.pushed) wrong("I1", s.message, "sent before it was pushed");
  if (b.to != s.to) wrong("receipts", s.message, "sent to another number: " + s.to);
  if (b.finals > 0 && s.stamp.mono > b.final_at) {
    wrong("I1", s.message, "sent after its final event");
  }
  check_time(s);
  check_consent(s);
  check_again(s);
  check_row(s);
  check_route(s);
  check_window(s);
  check_text(s);
  check_key(s);
  Budget& budget = budget_[s.route];
  budget.moments.push_back({epoch_, s.stamp.mono});
  budget.longest = std::max(budget.longest, static_cast<size_t>(s.parts));
  on_[s.serial].push_back(index);
  if (s.parts > 1) references_[{s.route, s.to, s.reference}] = s.message;
  book(s.message).submissions.push_back(index);
  return index;
}

void Audit::answer_sent(size_t route, Stamp stamp) {
  ++counts_.answers;
  budget_[route].moments.push_back({epoch_, stamp.mono});
}

void Audit::accepted(size_t submission, std::string id) {
  submissions_[submission].accepted = true;
  submissions_[submission].id = std::move(id);
}

void Audit::answered(size_t submission, smpp::Status status) {
  Submission& s = submissions_[submission];
  s.status = status;
  s.answered_at = agenda_.now();
  history_.note(agenda_.now(), s.message, [&] {
    return "m" + std::to_string(s.message) + " part " + std::to_string(s.part) + " answered " +
           std::string(smpp::name(status)) + " id " + s.id;
  });
}

void Audit::receipt_sent(size_t submission, smpp::MessageState state) {
  Submission& s = submissions_[submission];
  ++counts_.receipts;
  s.sent.insert(state);
  history_.note(agenda_.now(), s.message, [&] {
    return "m" + std::to_string(s.message) + " part " + std::to_string(s.part) + " receipt state " +
           std::to_string(static_cast<int>(state)) + " for id " + s.id;
  });
}

void Audit::receipt_taken(size_t submission, smpp::MessageState state, Stamp stamp) {
  Submission& s = submissions_[submission];
  s.taken.try_emplace(state, stamp.civil);
  history_.note(agenda_.now(), s.message, [&] {
    return "m" + std::to_string(s.message) + " part " + std::to_string(s.part) + " receipt taken";
  });
}

size_t Audit::reply_sent(std::string from, std::string to, std::string text, int effect) {
  ++counts_.replies;
  ++replies_open_;
  ++asked_[{from, to, text}];
  replies_.push_back({std::move(from), std::move(to), std::move(text), effect, agenda_.now()});
  const ReplyBook& reply = replies_.back();
  for (size_t k = 0; k < plan_.settings.tenants.size(); ++k) {
    if (effect < 0 && reply.to == kSenders[k].source) lift(k, reply.from, false);
  }
  return replies_.size() - 1;
}

void Audit::reply_doubled(size_t index) {
  const ReplyBook& reply = replies_[index];
  ++asked_[{reply.from, reply.to, reply.text}];
}

void Audit::reply_taken(size_t index, Stamp stamp) {
  ReplyBook& reply = replies_[index];
  if (reply.taken) return;
  reply.taken = true;
  --replies_open_;
  history_.note(agenda_.now(), std::nullopt, [&] {
    return "reply \"" + reply.text + "\" from " + reply.from + " to " + reply.to + " answered";
  });
  for (size_t k = 0; k < plan_.settings.tenants.size(); ++k) {
    if (reply.to != kSenders[k].source) continue;
    if (reply.effect > 0) block(k, reply.from, reply.sent, stamp.mono);
    if (reply.effect < 0) lift(k, reply.from, true);
  }
}

// ---- The last look (I8).

void Audit::check_time(const Submission& s) {
  const Book& b = book(s.message);
  if (b.expires && s.stamp.civil >= *b.expires) {
    wrong("I8", s.message, "sent after its expires_at");
  }
  if (b.not_before && s.stamp.civil < *b.not_before && plan_.clock_steps == 0) {
    wrong("I8", s.message, "sent before its not_before");
  }
  if (b.cls != Class::marketing && b.cls != Class::collection) return;
  const bool strict = plan_.settings.rules == strict_rules();
  const auto local = s.stamp.civil + zone_offset(b.to, s.stamp.civil);
  const auto today = std::chrono::floor<std::chrono::days>(local);
  const auto hour = std::chrono::floor<std::chrono::hours>(local - today).count();
  if (hour < (strict ? kOpens : kLooseOpens) || hour >= (strict ? kCloses : kLooseCloses)) {
    wrong("I8", s.message, "sent outside of its hours");
  }
}

void Audit::check_consent(const Submission& s) {
  const Book& b = book(s.message);
  if (b.cls != Class::marketing) return;
  const auto at = consents_.find({b.tenant, b.to});
  if (at == consents_.end() || !at->second.blocked_at) return;
  const Consent& consent = at->second;
  if (consent.lifts_pending > 0 || consent.lifted_at >= consent.block_sent) return;
  if (s.stamp.mono > *consent.blocked_at) {
    wrong("I8", s.message, "MARKETING was sent after the answer to an opt-out");
  }
}

// ---- Once more (I4).

const Audit::Submission* Audit::last_of(const Book& b, int part) const {
  for (auto it = b.submissions.rbegin(); it != b.submissions.rend(); ++it) {
    if (submissions_[*it].part == part) return &submissions_[*it];
  }
  return nullptr;
}

// Whether the engine can have lost the answer to `before`.
bool Audit::disturbed(const Submission& before, const Submission& now) const {
  if (before.epoch != now.epoch || ended_.contains(before.serial)) return true;
  const auto& link = plan_.settings.routes[before.route].links[before.link];
  return now.stamp.mono - before.stamp.mono >= link.session.timers.response;
}

void Audit::check_again(const Submission& s) {
  const Book& b = book(s.message);
  const Submission* before = last_of(b, s.part);
  if (!before) return;
  if (before->status && *before->status != smpp::Status::ESME_ROK) return;
  ++counts_.doubled;
  const auto& policy = plan_.settings.classes[static_cast<size_t>(b.cls)];
  if (policy.unknown == gateway::UnknownPolicy::report) {
    return wrong("I4", s.message, "of a class that reports, and sent twice");
  }
  if (s.stamp.mono < before->stamp.mono) return;  // a stalled pipe brought the older one last
  if (!disturbed(*before, s)) {
    return wrong("I4", s.message, "sent twice, and nothing had gone wrong in between");
  }
  const auto& route = plan_.settings.routes[before->route];
  if (s.stamp.mono - before->stamp.mono < route.settle_time) {
    return wrong("I4", s.message, "sent again before its settle time was over");
  }
  // What of it was lost by the stop alone?
  if (before->epoch == s.epoch) return;
  const Stop& stop = stops_[before->epoch];
  const auto ended = ended_.find(before->serial);
  if (ended != ended_.end() && ended->second == before->epoch) return;
  if (stop.at - before->stamp.mono >= route.links[before->link].session.timers.response) return;
  auto& doubles = crash_doubles_[{before->epoch, before->route, b.cls}];
  doubles.insert(s.message);
  if (stop.clean) wrong("I4", s.message, "sent twice across a drain that had finished");
  if (doubles.size() > open_max(before->route)) {
    wrong("I4", s.message, "one stop made more than open_max messages of a lane double");
  }
}

// ---- Order (I9).

bool Audit::part_accepted(const Book& b, int part) const {
  return std::any_of(b.submissions.begin(), b.submissions.end(), [&](size_t k) {
    return submissions_[k].part == part && submissions_[k].accepted;
  });
}

void Audit::check_row(const Submission& s) {
  // A receipt that is known by its reference alone may be taken for one of another part.
  if (s.part == 1 || plan_.carriers[s.route].receipt_reference) return;
  const Book& b = book(s.message);
  const auto& on = on_[s.serial];
  const Submission* last = on.empty() ? nullptr : &submissions_[on.back()];
  const bool follows = last && last->message == s.message && last->part < s.part;
  for (int part = follows ? last->part + 1 : 1; part < s.part; ++part) {
    if (part_accepted(b, part)) continue;
    return wrong("I9", s.message,
                 "part " + std::to_string(s.part) + " does not follow part " +
                     std::to_string(part) + " on its link");
  }
}

// A request holds its slot until it is answered or its timer ends.
void Audit::check_window(const Submission& s) {
  const auto& session = plan_.settings.routes[s.route].links[s.link].session;
  uint32_t held = 1;
  auto& on = on_[s.serial];
  for (auto it = on.rbegin(); it != on.rend(); ++it) {
    const Submission& other = submissions_[*it];
    if (s.stamp.mono - other.stamp.mono >= session.timers.response) break;
    if (!other.status || other.answered_at > s.stamp.mono) ++held;
  }
  if (held > session.window) wrong("window", s.message, "sent beyond the window of its link");
}

bool Audit::links_may_fail() const {
  if (plan_.crashes + plan_.drains + plan_.disk_stops > 0) return true;
  return std::ranges::any_of(plan_.carriers, [](const CarrierPlan& c) {
    return c.resets + c.unbinds + c.refuses_bind + c.stalls + c.outages > 0;
  });
}

// Messages of one stream, of one class and to one number, which had nothing to wait for: they leave
// as they were pushed. Only in runs where nothing sends a message back.
void Audit::finish_order() {
  if (links_may_fail()) return;
  std::map<std::tuple<size_t, Class, std::string>, std::pair<Mono, size_t>> latest;
  for (size_t m = 0; m < books_.size() && !violation_; ++m) {
    const Book& b = books_[m];
    if (plan_.producers[b.upstream].streams > 1 || b.outcome != proto::QUEUED) continue;
    if (b.deferred || b.submissions.empty()) continue;
    const Mono first = submissions_[b.submissions.front()].stamp.mono;
    auto& [at, before] = latest[{b.upstream, b.cls, b.to}];
    if (first < at) {
      wrong("I9", m,
            "left before m" + std::to_string(before) + ", which had been accepted earlier");
    }
    at = first;
    before = m;
  }
}

// ---- Routes (DESIGN 17.13).

// A plan's rules differ by class and prefix only.
const gateway::RoutingRule* Audit::rule_of(const Book& b) const {
  const auto& rules = plan_.settings.tenants[b.tenant].routing;
  const auto at = std::ranges::find_if(rules, [&](const gateway::RoutingRule& rule) {
    return (rule.classes.empty() || std::ranges::count(rule.classes, b.cls) > 0) &&
           (rule.prefixes.empty() || b.to.starts_with(rule.prefixes.front()));
  });
  return at == rules.end() ? nullptr : &*at;
}

void Audit::check_route(const Submission& s) {
  const Book& b = book(s.message);
  const gateway::RoutingRule* rule = rule_of(b);
  const auto id = plan_.settings.routes[s.route].id;
  if (!rule || std::ranges::count(rule->routes, id, &gateway::WeightedRoute::route) == 0) {
    return wrong("routes", s.message, "sent by a route that its rule does not name");
  }
  for (const size_t k : b.submissions) {
    const Submission& other = submissions_[k];
    if (other.route == s.route || other.epoch != s.epoch) continue;
    if (other.status != smpp::Status::ESME_ROK || other.answered_at > s.stamp.mono) continue;
    return wrong("I4", s.message, "sent by a route though another had taken some of it");
  }
}

// Where no route fails, a number goes by one of its rule's routes, and by none that is a spare.
void Audit::finish_routes() {
  if (links_may_fail()) return;
  std::map<std::pair<const gateway::RoutingRule*, std::string>, size_t> routes;
  for (const Submission& s : submissions_) {
    const gateway::RoutingRule* rule = rule_of(book(s.message));
    const auto id = plan_.settings.routes[s.route].id;
    const auto mine = std::ranges::find(rule->routes, id, &gateway::WeightedRoute::route);
    const auto [at, fresh] = routes.try_emplace({rule, s.to}, s.route);
    if (at->second == s.route && mine->weight > 0) continue;
    return wrong("routes", s.message, "sent by another route than its number's");
  }
}

// ---- Texts.

void Audit::check_text(const Submission& s) {
  Book& b = book(s.message);
  if (s.part < 1 || s.part > s.parts) return wrong("I9", s.message, "a part out of its range");
  b.parts[s.part] = s.text;
  if (b.parts.size() != static_cast<size_t>(s.parts)) return;
  if (b.sent_text.empty() && b.rewritten) return;  // the answer that tells the text was lost
  std::string whole;
  for (const auto& [part, text] : b.parts) whole += text;
  const std::string& wanted = b.sent_text.empty() ? b.text : b.sent_text;
  if (whole != wanted) wrong("I9", s.message, "its parts make another text: " + whole);
}

void Audit::check_key(const Submission& s) {
  const Book& b = book(s.message);
  // A key that may have been forgotten by time cannot be held against anybody.
  if (b.key.empty() || plan_.settings.idempotency_time < std::chrono::hours(24)) return;
  const auto [at, fresh] = upstreams_[b.upstream].keys.try_emplace(b.key, s.message);
  if (!fresh && at->second != s.message && plan_.chaos < std::chrono::hours(20)) {
    wrong("I7", s.message,
          "two messages of one key were sent: m" + std::to_string(at->second) + " before it");
  }
}

}  // namespace tact::sim
