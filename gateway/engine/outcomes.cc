// SPDX-License-Identifier: Apache-2.0
// What became of a message that was given to a link: every end is one commit (I2).
#include <algorithm>
#include <bit>

#include "gateway/engine/check.h"
#include "gateway/engine/retry.h"
#include "gateway/engine/sender.h"

namespace tact::gateway {

namespace {
using namespace std::chrono_literals;
// Retries that are due within a tenth of a second share a batch of `later`.
Civil rounded(Civil due) { return Civil((due.time_since_epoch() + 99ms) / 100ms * 100ms); }

constexpr size_t kPartsMax = 255;  // of a record of `awaiting`
}  // namespace

void Sender::look_said(uint32_t slot, const policy::Verdict& verdict) {
  const Message& message = flights_[slot].message;
  const auto cls = static_cast<size_t>(message.cls);
  for (const auto& fired : verdict.fired) {
    context_.stats.rules[static_cast<size_t>(fired.rule)][cls].add();
  }
  AuditRecord record = audit_of(message, AuditRecord::Kind::released, context_.now.civil);
  record.rules = context_.gate.rules().digest();
  record.action = verdict.action;
  record.fired = verdict.fired;
  if (verdict.action == policy::Action::defer) {
    // Its tenant judges it anew at that time; the slot it holds stays reserved until then. What has
    // left in part waits here, where its other parts are known: the last look judges it again.
    const Civil until = std::chrono::ceil<std::chrono::seconds>(verdict.until);
    if (message.awaiting == 0 && context_.directory.tenant(message.tenant)) {
      context_.out.defer(owner_of(message.tenant), context_.directory.home(message.tenant), until,
                         message);
    } else {
      context_.out.defer(owner_of(settings_.id), context_.id, until, message);
    }
    auto& event = context_.begin_event(message.id, message.reference, false);
    event.mutable_deferred()->set_until_ms(to_ms(until));
    tell_fired(verdict, *event.mutable_deferred()->mutable_fired());
  } else if (verdict.fired_rule(policy::Rule::cancelled)) {
    record.kind = AuditRecord::Kind::cancelled;
    // Taken back in time, and then made unknown by a crash.
    auto& event = context_.begin_event(message.id, message.reference, true);
    event.mutable_cancelled()->set_may_have_left(message.awaiting != 0);
  } else if (verdict.fired_rule(policy::Rule::expired)) {
    record.kind = AuditRecord::Kind::expired;
    context_.begin_event(message.id, message.reference, true)
        .mutable_expired()
        ->set_parts_accepted(static_cast<uint32_t>(std::popcount(message.sent_parts)));
  } else {
    auto& event = context_.begin_event(message.id, message.reference, true);
    tell_fired(verdict, *event.mutable_rejected()->mutable_fired());
    event.mutable_rejected()->set_parts_accepted(
        static_cast<uint32_t>(std::popcount(message.sent_parts)));
  }
  if (verdict.action == policy::Action::reject) {
    tell_fate(message, message.awaiting != 0);
    forget_earlier(message);
  }
  context_.end_event(message.upstream);
  context_.out.audit(record);
  resolve(slot);
}

void Sender::finish(uint32_t slot) {
  Flight& flight = flights_[slot];
  // A receipt of an earlier attempt has ended it meanwhile, or its age: its fate has been told.
  if (has_ended(flight.message)) return resolve(slot);
  const auto count = [&](SentPart::Answer answer) {
    return std::count_if(flight.answers.begin(), flight.answers.end(),
                         [&](const SentPart& p) { return p.answer == answer; });
  };
  // Parts that an earlier attempt brought through are absent here and known to the awaiting entry.
  const auto before = std::popcount(flight.message.sent_parts);
  const auto unanswered = count(SentPart::Answer::unanswered);
  const auto accepted = count(SentPart::Answer::accepted) + before;
  if (unanswered > 0) {
    settle_later(flight.message, flight.answers);
  } else if (accepted == flight.parts) {
    submitted(flight);
  } else if (flight.withheld && flight.refusal == smpp::Status::ESME_ROK) {
    flight.message = rest_of(flight);
    return look_said(slot, *flight.withheld);
  } else if (accepted == 0 && flight.refusal == smpp::Status::ESME_ROK) {
    // Its link went before anything left: it is as if it had not been offered.
    return draining_ ? put_back(slot) : stage_again(slot);
  } else {
    refused(flight);
  }
  resolve(slot);
}

void Sender::stage_again(uint32_t slot) {
  Flight& flight = flights_[slot];
  const NumberHash number = flight.message.number;
  unstick(number);
  flight.parts = flight.next = 0;
  flight.stopped = false;
  flight.answers.clear();
  stage(slot, link_for(number).value_or(flight.link), true);
}

bool Sender::has_ended(const Message& message) const {
  return message.awaiting != 0 && !awaiting_.earlier(message.awaiting);
}

// A receipt that came before the answers to this attempt was taken, by its reference, for the first
// part that had none. The answers say whose id it is. What an earlier attempt was answered for
// (`answered`, bit k: part k+1) is its own, whatever its id.
void Sender::give_back(std::vector<SentPart>& earlier, uint16_t answered,
                       std::vector<SentPart>& parts) const {
  const auto learnt = [&](size_t k) {
    const bool own = k < size_t{kSegmentsMax} && (answered >> k & 1) != 0;
    return !own && earlier[k].answer == SentPart::Answer::accepted;
  };
  const smpp::IdRule rule{settings_.receipt_id_base, settings_.response_id_base};
  for (size_t k = 0; k < parts.size(); ++k) {
    if (parts[k].id.empty()) continue;
    const std::string id = canonical_id(parts[k].id);
    for (size_t other = 0; other < earlier.size(); ++other) {
      if (other == k || !learnt(other)) continue;
      bool same = false;
      smpp::aliases(earlier[other].id, rule, [&](std::string_view s) { same |= s == id; });
      if (!same) continue;
      parts[k].state = earlier[other].state;
      earlier[other] = {};
    }
  }
}

// What this attempt was answered joins what is known of the earlier ones.
void Sender::merge(std::vector<SentPart>& earlier, uint16_t answered,
                   std::vector<SentPart> parts) const {
  give_back(earlier, answered, parts);
  earlier.resize(std::max(earlier.size(), parts.size()));
  for (size_t k = 0; k < parts.size(); ++k) {
    if (parts[k].answer == SentPart::Answer::absent) continue;
    // While this attempt was under way a receipt may have told that an earlier one came through.
    if (earlier[k].answer != SentPart::Answer::accepted) earlier[k] = std::move(parts[k]);
  }
}

Awaiting::Entry Sender::await(const Message& message, const std::vector<SentPart>& parts,
                              bool keep_message) {
  const Now now = context_.now;
  Sent sent;
  const auto earlier = message.awaiting ? awaiting_.earlier(message.awaiting) : std::nullopt;
  if (earlier) sent = awaiting_.sent(*earlier);
  sent.id = message.id;
  sent.number = message.number;
  sent.accepted = message.accepted;
  sent.submitted = now.civil;
  sent.tenant = message.tenant;
  sent.account = message.account;
  sent.brand = message.brand;
  sent.upstream = message.upstream;
  sent.cls = message.cls;
  sent.flags = message.flags;
  sent.reference = message.reference;
  if (settings_.user_message_reference) {
    sent.message_reference = static_cast<uint16_t>(raw(message.id));
  }
  if (earlier) {
    merge(sent.parts, message.sent_parts, parts);
  } else {
    sent.parts = parts;
  }
  sent.again |= !sent.complete();
  sent.message.clear();
  if (keep_message) {
    BatchBuilder builder;
    builder.add(message);
    sent.message = seal_batch(static_cast<uint8_t>(message.cls), 1,
                              builder.take(message.cls)->body(), context_.sealer);
  }
  Awaiting::Entry entry;
  if (earlier) {
    entry = *earlier;
    awaiting_.replace(entry, sent, now.mono);
  } else {
    entry = awaiting_.add(sent, now.mono, now.civil);
  }
  awaiting_.save(entry, context_.out);
  return entry;
}

void Sender::submitted(const Flight& flight) {
  const Message& message = flight.message;
  const auto entry = await(message, flight.answers, false);
  std::string ids;
  for (const auto& part : flight.answers) {
    if (!ids.empty()) ids += ' ';
    ids += part.id;
  }
  AuditRecord record = audit_of(message, AuditRecord::Kind::submitted, context_.now.civil);
  record.text = text_digest(message.text);
  record.note = ids;
  context_.out.audit(record);
  tell_fate(message, true);
  if (message.flags & Message::kSubmittedEvent) {
    auto& event = context_.begin_event(message.id, message.reference, false);
    event.mutable_submitted()->set_route(settings_.name);
    for (const auto& part : flight.answers) {
      event.mutable_submitted()->add_smsc_message_ids(readable(part.id));
    }
    context_.end_event(message.upstream);
  }
  if (on_submitted_) on_submitted_(entry);
}

void Sender::recovered(const Message& message) {
  if (has_ended(message)) return;
  // As many as split() makes: what the gate counted is the carrier's bill, or another route's.
  const auto plan = smpp::plan(message.text, settings_.concat, settings_.dialect);
  const bool whole = settings_.concat == smpp::Concat::payload || plan.parts < 1;
  std::vector<SentPart> parts(whole ? 1 : std::min<size_t>(kPartsMax, plan.parts));
  for (size_t k = 0; k < parts.size(); ++k) {
    if (!(message.sent_parts >> k & 1)) parts[k].answer = SentPart::Answer::unanswered;
  }
  settle_later(message, std::move(parts));
}

void Sender::settle_later(const Message& message, std::vector<SentPart> parts) {
  stats_.unknown.add();
  // Also of a class that reports: a part that never left may still be sent.
  const auto entry = await(message, parts, true);
  for (auto& [cookie, late] : late_) {
    // Timed-out requests of this message were noted before their entry existed.
    uint8_t part = 0;
    const Flight* flight = flight_of(cookie, part);
    if (flight && flight->message.id == message.id) late = {entry, part};
  }
  context_.out.audit(audit_of(message, AuditRecord::Kind::unknown, context_.now.civil));
  tell_fate(message, true);
  if (on_submitted_) on_submitted_(entry);
}

// What an answer or a receipt has settled is known; of the rest the class decides (DESIGN 17.5).
void Sender::decide_unknown(Awaiting::Entry entry) {
  Sent sent = awaiting_.sent(entry);
  const auto opened =
      open_batch({reinterpret_cast<const uint8_t*>(sent.message.data()), sent.message.size()},
                 context_.sealer);
  const auto batch = opened ? Batch::parse(sent.cls, opened->count, opened->body) : nullptr;
  const bool report = context_.of(sent.cls).unknown == UnknownPolicy::report;
  if (!batch || (report && sent.unknown())) return report_unknown(entry, sent);
  // Again through lane and last look, only the parts that nobody answered for. The entry stays: a
  // receipt that comes meanwhile still finds its message, and the next attempt goes on in it.
  stats_.unknown_resent.add();
  Message message = batch->message(0);
  message.sent_parts = 0;
  for (size_t k = 0; k < sent.parts.size(); ++k) {
    auto& part = sent.parts[k];
    if (part.answer == SentPart::Answer::unanswered) {
      part = {SentPart::Answer::absent, smpp::MessageState::unknown, ""};
    }
    if (part.answer == SentPart::Answer::accepted) {
      message.sent_parts |= static_cast<uint16_t>(1u << k);
    }
  }
  message.awaiting = entry.sent;
  sent.again = true;
  sent.message.clear();
  awaiting_.replace(entry, sent, context_.now.mono);
  awaiting_.save(entry, context_.out);
  context_.out.append({settings_.id, sent.cls}, context_.id, message);
}

void Sender::report_unknown(Awaiting::Entry entry, const Sent& sent) {
  stats_.unknown_reported.add();
  context_.begin_event(sent.id, sent.reference, true)
      .mutable_unknown()
      ->set_parts_accepted(static_cast<uint32_t>(
          std::ranges::count(sent.parts, SentPart::Answer::accepted, &SentPart::answer)));
  context_.end_event(sent.upstream);
  context_.out.audit(audit_of(sent, settings_.id, AuditRecord::Kind::reported, context_.now.civil));
  awaiting_.end(entry, sent, context_.out);
}

void Sender::refused(const Flight& flight) {
  const Message& message = flight.message;
  AuditRecord record = audit_of(message, AuditRecord::Kind::refused, context_.now.civil);
  record.code = static_cast<uint32_t>(flight.refusal);
  context_.out.audit(record);
  const int accepted =
      std::popcount(message.sent_parts) +
      static_cast<int>(std::count_if(flight.answers.begin(), flight.answers.end(), [](auto& p) {
        return p.answer == SentPart::Answer::accepted;
      }));
  const Now now = context_.now;
  // Its link went behind the first parts: nobody refused the others.
  if (flight.refusal == smpp::Status::ESME_ROK) {
    return retry(flight, rounded(now.civil + doubled(settings_.retry_wait, message.attempts)),
                 false);
  }
  const Retry said = retry_after(settings_, flight.refusal);
  if (said.action == RetryRule::Action::fail_destination) {
    stats_.destinations_barred.add();
    destinations_.bar(message.number, flight.refusal, now.civil + said.wait);
  }
  if (said.is_final() || message.attempts >= said.max ||
      destinations_.barred(message.number, now.civil)) {
    stats_.refused.add();
    fail(message, flight.refusal, accepted);
    return;
  }
  bool waits = false;
  Civil due = rounded(now.civil + doubled(said.wait, message.attempts));
  if (said.action == RetryRule::Action::park_destination) {
    stats_.destination_busy.add();
    if (const auto until = destinations_.park(message.number, message.cls, due, now)) {
      due = *until;
      waits = true;
    }
    if (destinations_.spreads()) {
      stats_.destination_spreads.add();
      pacer_.throttled(now.mono);
    }
  }
  retry(flight, due, waits);
}

void Sender::fail(const Message& message, smpp::Status status, int accepted) {
  auto& event = context_.begin_event(message.id, message.reference, true);
  event.mutable_failed()->set_command_status(static_cast<uint32_t>(status));
  event.mutable_failed()->set_name(status_text(status));
  event.mutable_failed()->set_parts_accepted(static_cast<uint32_t>(accepted));
  context_.end_event(message.upstream);
  AuditRecord record = audit_of(message, AuditRecord::Kind::failed, context_.now.civil);
  record.code = static_cast<uint32_t>(status);
  context_.out.audit(record);
  carrier_codes_.failed(message, status_text(status), "");
  tell_fate(message, accepted > 0);
  forget_earlier(message);
}

// Its end has been told: no receipt of an earlier attempt, and no lack of one, may tell another.
void Sender::forget_earlier(const Message& message) {
  const auto earlier = message.awaiting ? awaiting_.earlier(message.awaiting) : std::nullopt;
  if (earlier) awaiting_.end(*earlier, awaiting_.sent(*earlier), context_.out);
}

// The message with what the SMSC has taken of it, which its entry in `awaiting` keeps: only the
// other parts are sent another time.
Message Sender::rest_of(const Flight& flight) {
  Message message = flight.message;
  for (size_t k = 0; k < flight.answers.size(); ++k) {
    if (flight.answers[k].answer != SentPart::Answer::accepted) continue;
    message.sent_parts |= static_cast<uint16_t>(1u << k);
  }
  if (message.sent_parts != 0) {
    message.awaiting = await(flight.message, flight.answers, false).sent;
  }
  return message;
}

void Sender::retry(const Flight& flight, Civil due, bool waits) {
  stats_.retried.add();
  Message message = rest_of(flight);
  if (message.attempts < 0xff) ++message.attempts;
  if (waits) message.flags |= Message::kWaited;
  defer(message, due);
}

void Sender::defer(const Message& message, Civil due) {
  context_.out.defer(owner_of(settings_.id), context_.id,
                     std::max(std::min(due, message.expires), context_.now.civil), message);
}

void Sender::drain() {
  draining_ = true;
  for (auto& stage : stages_) {
    for (auto& queue : stage.queues) {
      for (const uint32_t slot : std::exchange(queue, {})) put_back(slot);
    }
  }
}

// Certainly unsent, and must not look unknown to the next start: it waits in `later`, due at once.
void Sender::put_back(uint32_t slot) {
  context_.out.defer(owner_of(settings_.id), context_.id, context_.now.civil,
                     flights_[slot].message);
  resolve(slot);
}

void Sender::tell_fate(const Message& message, bool sent) {
  if (!(message.flags & Message::kReserved)) return;
  // Its slot stays as planned: it counts, and a reply is about what was sent before it.
  if (sent && (message.flags & Message::kAnswer)) return;
  context_.tell({message.tenant, message.id, message.number, message.brand, message.cls, sent,
                 static_cast<uint8_t>(message.flags >> Message::kAdvertisedShift),
                 context_.now.civil});
}

}  // namespace tact::gateway
