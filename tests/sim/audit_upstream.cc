// SPDX-License-Identifier: Apache-2.0
// What producers are told: I1, I5, I6, I7, I11.
#include <algorithm>

#include "smpp/receipt.h"
#include "tests/sim/audit.h"

namespace tact::sim {
namespace {

uint64_t digest_of(const std::string& bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : bytes) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return hash;
}

std::string kind_of(const proto::Event& event) {
  const auto* field = proto::Event::descriptor()->FindFieldByNumber(event.what_case());
  return field ? std::string(field->name()) : "nothing";
}

int badness(smpp::MessageState state) {
  switch (state) {
    case smpp::MessageState::delivered:
      return 1;
    case smpp::MessageState::expired:
      return 3;
    case smpp::MessageState::deleted:
      return 4;
    case smpp::MessageState::undeliverable:
      return 5;
    case smpp::MessageState::rejected:
      return 6;
    default:
      return 0;
  }
}

}  // namespace

size_t Audit::compose(Composed message) {
  books_.emplace_back();
  static_cast<Composed&>(books_.back()) = std::move(message);
  ++counts_.messages;
  return books_.size() - 1;
}

void Audit::pushed(size_t index, uint64_t sequence, std::vector<size_t> messages) {
  for (const size_t m : messages) {
    Book& b = book(m);
    b.pushed = true;
    ++unsettled_;
    if (!b.key.empty()) upstreams_[b.upstream].keyed[b.key].push_back(m);
    history_.note(agenda_.now(), m, [&] {
      return "m" + std::to_string(m) + " pushed on stream " + std::to_string(index) + " job " +
             std::to_string(sequence) + " class " + std::to_string(static_cast<int>(b.cls)) +
             " to " + b.to + (b.key.empty() ? "" : " key " + b.key);
    });
  }
  stream(index).jobs[sequence].messages = std::move(messages);
}

void Audit::controlled(size_t index, uint64_t sequence, size_t tenant, const std::string& to,
                       bool on) {
  Job& job = stream(index).jobs[sequence];
  job.tenant = tenant;
  job.to = to;
  job.control = on;
  if (!on) lift(tenant, to, false);
}

void Audit::know(Job& job, Stamp stamp) {
  if (job.known) return;
  job.known = true;
  for (const size_t m : job.messages) {
    Book& b = book(m);
    b.known = true;
    b.known_at = stamp.mono;
    b.known_epoch = epoch_;
    settle_if_kept(m);
  }
  if (!job.control) return;
  if (*job.control) {
    block(job.tenant, job.to, stamp.mono, stamp.mono);
  } else {
    lift(job.tenant, job.to, true);
  }
}

void Audit::acknowledged(size_t index, const proto::JobAck& ack, Stamp stamp) {
  Stream& s = stream(index);
  const auto job = s.jobs.find(ack.sequence());
  if (job == s.jobs.end()) {
    return wrong("I7", std::nullopt, "job " + std::to_string(ack.sequence()) + " was never pushed");
  }
  if (!ack.replayed() && job->second.known) {
    return wrong("I7", std::nullopt,
                 "job " + std::to_string(ack.sequence()) + " was taken a second time");
  }
  if (!ack.replayed() && !job->second.control) {
    if (static_cast<size_t>(ack.results_size()) != job->second.messages.size()) {
      return wrong("I1", std::nullopt, "a job's results are not its messages");
    }
    for (int k = 0; k < ack.results_size(); ++k) {
      result(job->second.messages[static_cast<size_t>(k)], ack.results(k));
    }
  }
  for (auto it = s.jobs.upper_bound(s.known); it != s.jobs.end() && it->first <= ack.sequence();
       ++it) {
    know(it->second, stamp);
  }
  s.known = std::max(s.known, ack.sequence());
}

void Audit::welcomed(size_t index, uint64_t last_sequence, Stamp stamp) {
  Stream& s = stream(index);
  if (last_sequence < s.known) {
    return wrong("I1", std::nullopt,
                 "stream " + std::to_string(index) + " was acknowledged up to " +
                     std::to_string(s.known) + ", and is welcomed back at " +
                     std::to_string(last_sequence));
  }
  for (auto it = s.jobs.upper_bound(s.known); it != s.jobs.end() && it->first <= last_sequence;
       ++it) {
    know(it->second, stamp);
  }
  s.known = last_sequence;
}

void Audit::claim_id(size_t message, uint64_t id) {
  if (id == 0) return wrong("I11", message, "a message has no id");
  const auto [at, fresh] = ids_.try_emplace(id, message);
  if (!fresh && at->second != message) {
    return wrong("I11", message, "id " + std::to_string(id) + " belongs to two messages");
  }
  Book& b = book(message);
  if (b.id != 0 && b.id != id) wrong("I7", message, "a message has two ids: it was taken twice");
  b.id = id;
}

void Audit::result(size_t message, const proto::Result& result) {
  Book& b = book(message);
  b.outcome = result.outcome();
  history_.note(agenda_.now(), message, [&] {
    std::string rules;
    for (const auto& fired : result.fired()) rules += " " + fired.rule();
    return "m" + std::to_string(message) + " answered " + proto::Outcome_Name(result.outcome()) +
           " id " + std::to_string(result.message_id()) + rules;
  });
  if (result.outcome() == proto::DUPLICATE) {
    const auto first = ids_.find(result.message_id());
    if (b.key.empty()) return wrong("I7", message, "a duplicate without a key");
    if (first != ids_.end() && book(first->second).key != b.key) {
      wrong("I7", message, "a duplicate of a message with another key");
    }
    return;
  }
  claim_id(message, result.message_id());
  b.sent_text = result.text();
}

// ---- Events.

void Audit::subscribed(size_t upstream, uint64_t mark, uint64_t next_event) {
  if (next_event > mark + 1) {
    wrong("I6", std::nullopt,
          "events " + std::to_string(mark + 1) + " to " + std::to_string(next_event - 1) +
              " of upstream " + std::to_string(upstream) + " are gone before they were processed");
  }
}

std::optional<size_t> Audit::referenced(const std::string& reference) const {
  return message_in(reference);
}

void Audit::event(size_t index, const proto::Event& event) {
  UpstreamBook& upstream = upstreams_.at(index);
  const uint64_t digest = digest_of(event.SerializeAsString());
  const auto [at, fresh] = upstream.digests.try_emplace(event.sequence(), digest);
  if (!fresh) {
    if (at->second != digest) {
      wrong("I6", referenced(event.reference()), "an event came again with another content");
    }
    return;
  }
  if (event.sequence() != upstream.next) {
    return wrong("I6", referenced(event.reference()),
                 "event " + std::to_string(event.sequence()) + " came where " +
                     std::to_string(upstream.next) + " was due");
  }
  ++upstream.next;
  ++counts_.events;
  if (event.has_reply()) replied(event.reply());
  missed_ += event.gap().missed();
  if (event.has_reply() || event.has_opt_out() || event.has_gap()) return;
  const auto message = referenced(event.reference());
  if (!message && event.reference().empty()) return answer_told(event);
  if (!message) return wrong("I6", std::nullopt, "an event about nobody: " + kind_of(event));
  if (book(*message).upstream != index) {
    return wrong("I6", message, "an event was told to another upstream");
  }
  told(*message, event);
}

void Audit::replied(const proto::Reply& reply) {
  const Words words{reply.from(), reply.to(), reply.text()};
  reply_events_.insert(words);
  const uint64_t id = reply.answer_id();
  if (id == 0) return;
  history_.note(agenda_.now(), std::nullopt, [&] {
    return "reply \"" + reply.text() + "\" from " + reply.from() + " is answered by id " +
           std::to_string(id);
  });
  if (ids_.contains(id)) wrong("I11", std::nullopt, "an answer has the id of a message");
  if (answers_[id].named) wrong("I11", std::nullopt, "two replies have one answer");
  answers_[id].named = true;
  ++answers_open_;
  // An opt-out told again counts once more where a control has ended it in between (replies.cc).
  if (reply.kind() == proto::OPT_OUT) return;
  if (++answered_[words] > asked_[words]) {
    wrong("answers", std::nullopt, "a reply from " + reply.from() + " was answered twice");
  }
}

void Audit::answer_told(const proto::Event& event) {
  Answer& answer = answers_[event.message_id()];
  if (answer.finals > 0) {
    return wrong("I1", std::nullopt,
                 "an event after the final one of an answer: " + kind_of(event));
  }
  if (!event.final()) return;
  ++answer.finals;
  if (answer.named) --answers_open_;
}

void Audit::told(size_t message, const proto::Event& event) {
  Book& b = book(message);
  history_.note(agenda_.now(), message, [&] {
    return "m" + std::to_string(message) + " event " + std::to_string(event.sequence()) + " " +
           event.ShortDebugString();
  });
  claim_id(message, event.message_id());
  if (b.finals > 0) {
    return wrong("I1", message, "an event after the final one: " + kind_of(event));
  }
  if (event.has_deferred()) b.deferred = true;
  if (event.has_submitted()) {
    b.ids.clear();
    bool all = true;  // parts of an earlier attempt are told without their ids
    for (const auto& id : event.submitted().smsc_message_ids()) {
      all &= !id.empty();
      if (id.empty()) continue;
      b.ids.push_back(id);
      const bool given = std::any_of(b.submissions.begin(), b.submissions.end(), [&](size_t s) {
        return submissions_[s].accepted && submissions_[s].id == id;
      });
      if (!given) wrong("receipts", message, "submitted under an id that is not its own: " + id);
    }
    if (!all) b.ids.clear();
  }
  if (event.final()) told_final(message, event);
}

void Audit::told_final(size_t message, const proto::Event& event) {
  Book& b = book(message);
  ++b.finals;
  b.final_at = agenda_.now();
  b.final = kind_of(event);
  b.final_made = gateway::from_ms(event.time_ms());
  settle_if_kept(message);
  if (!b.key.empty()) {
    for (const size_t m : upstreams_[b.upstream].keyed[b.key]) settle_if_kept(m);
  }
  if (b.outcome == proto::DUPLICATE) wrong("I7", message, "a duplicate has an end of its own");
  const bool sent = !b.submissions.empty();
  if (event.has_receipt()) {
    told_receipt(message, event.receipt());
  } else if (event.has_failed()) {
    const auto status = static_cast<smpp::Status>(event.failed().command_status());
    bool given = std::any_of(b.submissions.begin(), b.submissions.end(),
                             [&](size_t s) { return submissions_[s].status == status; });
    // Nothing is tried again to its number: another message was told so.
    if (!given && sent && status == smpp::Status::ESME_RX_P_APPN) {
      given = std::ranges::any_of(submissions_, [&](const Submission& other) {
        return other.to == b.to && other.status == status;
      });
    }
    if (!given) wrong("receipts", message, "failed by a status that no carrier gave");
  } else if (event.has_receipt_missing() && !sent && epoch_ == 0) {
    wrong("receipts", message, "a receipt is missing of what was never sent");
  } else if (event.has_unknown()) {
    const auto& policy = plan_.settings.classes[static_cast<size_t>(b.cls)];
    if (policy.unknown != gateway::UnknownPolicy::report) {
      wrong("I4", message, "reported as unknown, and its class is sent again");
    }
  }
}

// The state told is the worst of the parts, each as the carrier gave it to a part of this message.
// A failure may be told once the time for the others' receipts is over, and that is the wall
// clock's: a receipt counts then if it was answered and its part's id was known.
void Audit::told_receipt(size_t message, const proto::Receipt& receipt) {
  const Book& b = book(message);
  const auto state = static_cast<smpp::MessageState>(receipt.state());
  std::map<int, int> mildest;
  std::set<int> known;  // parts
  bool given = false, by_reference = false;
  int parts = 1;
  for (const size_t s : b.submissions) {
    const Submission& one = submissions_[s];
    // A route that refused it may have wanted more parts than the one that took it.
    const bool refused = one.status && *one.status != smpp::Status::ESME_ROK;
    if (!refused) parts = std::max(parts, one.parts);
    by_reference |= plan_.carriers[one.route].receipt_reference;
    for (const auto sent : one.sent) {
      if (badness(sent) == 0) continue;
      given |= sent == state;
      if (one.status == smpp::Status::ESME_ROK && one.taken.contains(sent)) known.insert(one.part);
      auto [at, fresh] = mildest.try_emplace(one.part, badness(sent));
      at->second = std::min(at->second, badness(sent));
    }
  }
  if (!given) return wrong("receipts", message, "told a state that the carrier never gave to it");
  // A reference names the message, not the part.
  if (by_reference && parts > 1) return;
  for (int part = 1; part <= parts; ++part) {
    const auto at = mildest.find(part);
    if (badness(state) > 1 && !known.contains(part)) continue;
    if (at == mildest.end()) {
      return wrong("receipts", message, "an end by receipt, and a part had none");
    }
    if (at->second > badness(state)) {
      return wrong("receipts", message, "told a better state than its worst part has");
    }
  }
}

}  // namespace tact::sim
