// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/audit.h"

#include <algorithm>
#include <numeric>

namespace tact::sim {

namespace {
constexpr std::string_view kTokenBegin = "ref";
constexpr int kTokenDigits = 5;
}  // namespace

std::string token_of(size_t message) {
  std::string token(kTokenBegin);
  for (int digit = kTokenDigits - 1; digit >= 0; --digit) {
    token += static_cast<char>('a' + (message >> (4 * digit) & 15));
  }
  return token + ".";
}

std::optional<size_t> Audit::message_in(std::string_view text) const {
  for (size_t at = 0; (at = text.find(kTokenBegin, at)) != text.npos; ++at) {
    const std::string_view digits = text.substr(at + kTokenBegin.size(), kTokenDigits + 1);
    if (digits.size() <= kTokenDigits || digits.back() != '.') continue;
    size_t message = 0;
    for (const char c : digits.substr(0, kTokenDigits)) {
      message = message << 4 | static_cast<size_t>(c - 'a');
    }
    if (message < books_.size()) return message;
  }
  return std::nullopt;
}

std::optional<size_t> Audit::message_of(size_t route, const std::string& to,
                                        uint16_t reference) const {
  const auto at = references_.find({route, to, reference});
  if (at == references_.end()) return std::nullopt;
  return at->second;
}

void Audit::wrong(std::string_view invariant, std::optional<size_t> message, std::string what) {
  if (violation_) return;
  history_.note(agenda_.now(), message, [&] { return "WRONG " + std::string(invariant); });
  violation_ = {std::string(invariant), std::move(what), message};
}

void Audit::stopped(bool clean) {
  stops_.push_back({agenda_.now(), clean});
  ++epoch_;
}

void Audit::started(uint64_t unknown) {
  if (stops_.empty() || !stops_.back().clean || unknown == 0) return;
  wrong("I4", std::nullopt, std::to_string(unknown) + " messages are unknown after a drain");
}

void Audit::settle(size_t message) {
  Book& b = book(message);
  if (b.settled) return;
  b.settled = true;
  --unsettled_;
}

// Whether a message was a duplicate is told in an acknowledgement, which may have been lost: then
// the end of any message of its key is all that can be waited for.
void Audit::settle_if_kept(size_t message) {
  const Book& b = book(message);
  if (!b.known) return;
  const bool any = !b.key.empty() && !b.outcome;
  const auto& others = any ? upstreams_[b.upstream].keyed[b.key] : std::vector<size_t>{message};
  const bool ended =
      std::any_of(others.begin(), others.end(), [&](size_t m) { return books_[m].finals > 0; });
  if (ended || b.outcome == proto::DUPLICATE) settle(message);
}

std::string Audit::unsettled(size_t most) const {
  std::string out;
  for (size_t k = 0; k < books_.size() && most > 0; ++k) {
    if (!books_[k].pushed || books_[k].settled) continue;
    out += " m" + std::to_string(k) + (books_[k].known ? "" : " (not acknowledged)");
    --most;
  }
  if (replies_open_ > 0) out += " " + std::to_string(replies_open_) + " replies";
  if (answers_open_ > 0) out += " " + std::to_string(answers_open_) + " answers";
  return out;
}

// ---- Consent.

void Audit::block(size_t tenant, const std::string& to, Mono sent, Mono at) {
  Consent& consent = consents_[{tenant, to}];
  if (consent.blocked_at) return;
  consent.block_sent = sent;
  consent.blocked_at = at;
}

void Audit::lift(size_t tenant, const std::string& to, bool taken) {
  Consent& consent = consents_[{tenant, to}];
  consent.lifts_pending += taken ? -1 : 1;
  consent.lifted_at = agenda_.now();
  consent.blocked_at.reset();
}

// ---- The end.

void Audit::finish() {
  for (size_t k = 0; k < books_.size() && !violation_; ++k) finish_message(k);
  finish_keys();
  finish_order();
  finish_routes();
  finish_budget();
  const auto strays = static_cast<uint64_t>(
      std::ranges::count_if(answers_, [](const auto& a) { return !a.second.named; }));
  if (strays > missed_) wrong("I6", std::nullopt, "events about nobody");
  // Parts of a long reply that wait too long, by the wall clock, are told as they are.
  const bool timeless =
      plan_.clock_steps + plan_.suspends == 0 && plan_.chaos < std::chrono::minutes(10);
  // Which of them a gap stands for it does not say.
  uint64_t untold = 0;
  for (const auto& reply : replies_) {
    if (reply.taken && (timeless || reply.effect != 0) &&
        !reply_events_.contains({reply.from, reply.to, reply.text}) && ++untold > missed_) {
      wrong("I5", std::nullopt,
            "a reply from " + reply.from + " was answered and never told: " + reply.text);
    }
  }
}

void Audit::finish_message(size_t message) {
  const Book& b = book(message);
  if (!b.pushed) return;
  const auto name = "m" + std::to_string(message);
  if (!b.known) return wrong("liveness", message, name + " was never acknowledged");
  if (b.outcome == proto::DUPLICATE) {
    if (b.finals > 0) wrong("I7", message, name + " is a duplicate and has a final event");
    if (!b.submissions.empty()) wrong("I7", message, name + " is a duplicate and was sent");
    return;
  }
  // Whether it was a duplicate is told in the acknowledgement, which may have been lost.
  if (b.finals == 0 && (b.outcome || b.key.empty())) {
    return wrong("I1", message, name + " was acknowledged and has no final event");
  }
  if (b.final != "receipt_missing" || b.ids.empty()) return;
  if (plan_.clock_steps > 0 || plan_.suspends > 0) return;
  // The engine knew these ids, and had answered a last receipt for each of them.
  const bool all = std::all_of(b.ids.begin(), b.ids.end(), [&](const std::string& id) {
    return std::any_of(b.submissions.begin(), b.submissions.end(), [&](size_t s) {
      const Submission& one = submissions_[s];
      return one.id == id && std::any_of(one.taken.begin(), one.taken.end(), [&](const auto& t) {
               return t.first != smpp::MessageState::enroute && t.second <= b.final_made;
             });
    });
  });
  if (all) wrong("receipts", message, name + " had its receipts, and was told to have none");
}

void Audit::finish_keys() {
  for (const auto& upstream : upstreams_) {
    for (const auto& [key, messages] : upstream.keyed) {
      const bool known =
          std::all_of(messages.begin(), messages.end(), [&](size_t m) { return books_[m].known; });
      const bool ended = std::any_of(messages.begin(), messages.end(),
                                     [&](size_t m) { return books_[m].finals > 0; });
      if (known && !ended)
        wrong("I1", messages.front(), "no message of key " + key + " has an end");
    }
  }
}

// I10: whatever a second is chosen, the rate and the burst bound it. The bucket may owe the parts
// of one message, and on each link parts may have been paid for before. A new process begins with a
// full bucket.
void Audit::finish_budget() {
  for (size_t route = 0; route < budget_.size(); ++route) {
    const auto& settings = plan_.settings.routes[route];
    const uint32_t burst =
        settings.burst_pdus ? settings.burst_pdus : std::max(1u, settings.rate_pdus / 10);
    auto& [moments, longest] = budget_[route];
    const size_t most = settings.rate_pdus + burst + (longest - 1) * settings.links.size() +
                        (longest > burst ? longest - burst : 0);
    std::sort(moments.begin(), moments.end());
    for (size_t first = 0, last = 0; last < moments.size(); ++last) {
      while (moments[first].epoch != moments[last].epoch ||
             moments[last].at - moments[first].at >= std::chrono::seconds(1)) {
        ++first;
      }
      if (last - first + 1 <= most) continue;
      return wrong("I10", std::nullopt,
                   settings.name + " sent more than " + std::to_string(most) + " PDUs in a second");
    }
  }
}

uint32_t Audit::open_max(size_t route) const {
  const auto& settings = plan_.settings.routes[route];
  const auto& limits = plan_.settings.limits;
  uint32_t windows = 0;
  for (const auto& link : settings.links) windows += link.session.window;
  const uint32_t ahead = std::min(std::max(4 * windows, 256u), limits.open_max / 2);
  return std::min(2 * windows + ahead, limits.open_max);
}

}  // namespace tact::sim
