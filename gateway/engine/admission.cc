// SPDX-License-Identifier: Apache-2.0
// The way of a job's messages to a lane, to `later` or to a refusal.
#include "gateway/engine/admission.h"

#include <algorithm>
#include <charconv>

#include "gateway/engine/routing.h"
#include "gateway/engine/tenant.h"
#include "policy/template.h"

namespace tact::gateway {

namespace {
// Messages of one commit share the due times of their windows; others are rounded up to the second,
// so that a batch of `later` is not a batch of one.
Civil rounded(Civil due) {
  using std::chrono::ceil;
  return ceil<std::chrono::seconds>(due);
}

std::optional<int> number(std::string_view digits) {
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  return whole && !digits.empty() && digits.front() != '-' ? std::optional(value) : std::nullopt;
}

// "2026-03-18"; without the year, a day of a leap year.
std::optional<std::chrono::year_month_day> date(std::string_view text) {
  constexpr size_t kYear = 5;  // with its dash
  auto year = std::optional(2000);
  if (text.size() == kYear + 5) {
    if (text[4] != '-') return std::nullopt;
    year = number(text.substr(0, 4));
    text.remove_prefix(kYear);
  }
  if (text.size() != 5 || text[2] != '-') return std::nullopt;
  const auto month = number(text.substr(0, 2));
  const auto day = number(text.substr(3));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day told{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  return told.ok() ? std::optional(told) : std::nullopt;
}

policy::Verdict refusal(policy::Rule rule, std::string detail) {
  policy::Verdict verdict;
  verdict.action = policy::Action::reject;
  verdict.fired.push_back({rule, policy::Action::reject, std::move(detail)});
  return verdict;
}
}  // namespace

void Tenant::admit(const proto::Job& job, const UpstreamSettings& upstream, proto::JobAck& ack) {
  told_.clear();
  told_.reserve(static_cast<size_t>(job.messages_size()));
  for (const auto& message : job.messages()) {
    Told& told = told_.emplace_back();
    told.wrong = read(message, upstream, told.message);
    if (!told.wrong) told.wrong = read_dates(message, told);
    if (!told.wrong && !message.template_id().empty()) render(message, told);
  }
  // The book of millions is in no cache: sought in a row its places come from memory together,
  // sought one by one between judgements each is waited for.
  for (const Told& told : told_) contacts_.find(told.message.number);
  ack.mutable_results()->Reserve(job.messages_size());
  for (int i = 0; i < job.messages_size(); ++i) {
    admit_one(job.messages(i), told_[static_cast<size_t>(i)], upstream, *ack.add_results());
  }
  told_.clear();  // they are views into the job
}

void Tenant::admit_one(const proto::Message& told, Told& read, const UpstreamSettings& upstream,
                       proto::Result& result) {
  const Civil now = context_.now.civil;
  Message& message = read.message;
  const char* const wrong = read.wrong;
  const KeyDigest key = key_digest(upstream.id, told.idempotency_key());
  if (!wrong && !told.idempotency_key().empty()) {
    if (const auto first = keys_.find(key, now)) {
      context_.stats.duplicates.add();
      result.set_message_id(raw(*first));
      result.set_outcome(proto::DUPLICATE);
      return;
    }
  }
  message.id = context_.take_id();
  const Civil not_before = wrong ? now : std::max(now, from_ms(told.not_before_ms()));
  const Asked asked{message.text, not_before, message.expires};
  const bool misfits = !read.misfits.empty();
  Judged judged = wrong     ? Judged{refusal(policy::Rule::field_invalid, wrong), nullptr}
                  : misfits ? Judged{refusal(policy::Rule::template_refused, read.misfits), nullptr}
                            : judge(message, not_before);
  if (wrong) context_.stats.invalid.add();
  if (judged.verdict.action != policy::Action::reject && !told.idempotency_key().empty() &&
      !keys_.take({key, message.id, now}, now)) {
    judged.verdict = refusal(policy::Rule::keys_full, "");
  }
  const auto outcome = place(message, judged, not_before);
  if (outcome != proto::REJECTED && !told.idempotency_key().empty()) {
    context_.out.idempotency_key(settings_.id, {key, message.id, now});
  }
  note(message, asked, judged.verdict, AuditRecord::Kind::admitted, outcome);
  result.set_message_id(raw(message.id));
  result.set_outcome(outcome);
  result.set_segments(message.segments);
  tell_fired(judged.verdict, *result.mutable_fired());
  if (outcome == proto::REJECTED) return;
  if (outcome == proto::DEFERRED) {
    result.set_deferred_until_ms(to_ms(rounded(std::max(judged.verdict.until, not_before))));
  }
  if (!judged.verdict.text.empty()) result.set_text(judged.verdict.text);
}

const char* Tenant::read(const proto::Message& told, const UpstreamSettings& upstream,
                         Message& out) {
  const Civil now = context_.now.civil;
  out.tenant = settings_.id;
  out.upstream = upstream.id;
  out.accepted = now;
  out.cls = class_of(told.message_class());
  out.to = recipient(told.to());
  out.from = told.from();
  out.text = told.text();
  out.reference = told.reference();
  out.campaign = told.campaign();
  out.zone = told.zone();
  out.consent = told.consent().proof();
  out.number = context_.hasher.hash(out.to);
  if (told.has_urgent() ? told.urgent() : true) out.flags |= Message::kUrgent;
  if (!out.consent.empty()) out.flags |= Message::kConsent;
  if (!told.emergency().empty()) out.flags |= Message::kEmergency;
  if (upstream.submitted_events) out.flags |= Message::kSubmittedEvent;
  out.flags |= static_cast<uint16_t>((told.role() & 3) << Message::kRoleShift);

  const auto account =
      std::find_if(settings_.accounts.begin(), settings_.accounts.end(), [&](const auto& a) {
        return told.account().empty() ? a.id == upstream.default_account : a.name == told.account();
      });
  // An unknown account stays 0, which the gate refuses by name.
  if (account != settings_.accounts.end()) {
    out.account = account->id;
    if (account->brands.size() == 1) out.brand = account->brands.front();
    if (out.from.empty() && !account->sources.empty()) out.from = account->sources.front();
  }
  if (told.expires_at_ms() != 0) {
    out.expires = std::min(from_ms(told.expires_at_ms()), now + kFarthest);
  }
  if (told.not_before_ms() > to_ms(now + kFarthest)) return "not_before_ms";
  if (out.text.size() > context_.settings.limits.text_bytes) return "text";
  if (out.reference.size() > kStringMax) return "reference";
  if (told.idempotency_key().size() > kStringMax) return "idempotency_key";
  if (out.to.size() > kStringMax) return "to";
  if (out.from.size() > 20) return "from";  // source_addr of submit_sm: 21 octets with its NUL
  if (out.campaign.size() > kStringMax) return "campaign";
  if (out.zone.size() > kStringMax) return "zone";
  if (out.consent.size() > kStringMax) return "consent.proof";
  if (!told.template_id().empty() && !told.text().empty()) return "text";
  return nullptr;
}

// Before anything is judged: rules and segments are about the text that is sent.
void Tenant::render(const proto::Message& message, Told& told) const {
  std::vector<policy::Template::Variable> variables;
  variables.reserve(static_cast<size_t>(message.variables_size()));
  for (const auto& each : message.variables()) variables.push_back({each.name(), each.value()});
  told.misfits =
      policy::render(context_.gate.rules(), raw(told.message.account), message.template_id(),
                     message.template_version(), variables, told.text);
  told.message.text = told.text;
}

const char* Tenant::read_dates(const proto::Message& told, Told& out) {
  if (told.stage().size() > kStringMax) return "stage";
  out.message.stage = told.stage();
  if (!told.due_date().empty()) {
    const auto due = date(told.due_date());
    if (!due || told.due_date().size() != 10) return "due_date";
    out.message.due = *due;
  }
  if (told.special_dates().empty()) return nullptr;
  if (told.special_dates_size() > kSpecialDatesMax) return "special_dates";
  for (const std::string& text : told.special_dates()) {
    const auto day = date(text);
    if (!day) return "special_dates";
    out.special_dates.push_back(static_cast<char>(static_cast<unsigned>(day->month())));
    out.special_dates.push_back(static_cast<char>(static_cast<unsigned>(day->day())));
  }
  out.message.special_dates = out.special_dates;
  return nullptr;
}

Tenant::Judged Tenant::judge(Message& message, Civil not_before) {
  policy::Submission submission = submission_of(message, context_.now.civil);
  if (message.expires == Civil{}) submission.expires_at.reset();
  Judged judged;
  judged.verdict = context_.admit(submission, contacts_.find(message.number));
  const policy::Verdict& verdict = judged.verdict;
  message.cls = verdict.cls;
  message.brand = static_cast<BrandId>(verdict.brand);
  message.segments = static_cast<uint8_t>(std::clamp(verdict.segments, 0, 255));
  if (!verdict.text.empty()) message.text = verdict.text;
  message.flags = static_cast<uint16_t>((message.flags & 0x0fff) |
                                        verdict.advertised << Message::kAdvertisedShift);
  if (verdict.action == policy::Action::reject) return judged;
  // A message's own time begins when it may be sent.
  if (message.expires == Civil{}) message.expires = not_before + context_.of(message.cls).validity;
  if (not_before >= message.expires) {
    judged.verdict = refusal(policy::Rule::expired, "not_before_ms");
    return judged;
  }
  judged.route = choose_route(settings_, context_.directory, context_.backlog, message);
  if (!judged.route) {
    judged.verdict = refusal(policy::Rule::no_route, "");
    return judged;
  }
  message.route = judged.route->id;
  const LaneId lane{message.route, message.cls};
  if (context_.backlog.of(lane).get() >= context_.settings.limits.lane_messages) {
    judged.verdict = refusal(policy::Rule::queue_full, judged.route->name);
  }
  return judged;
}

proto::Outcome Tenant::place(Message& message, const Judged& judged, Civil not_before) {
  const policy::Verdict& verdict = judged.verdict;
  if (verdict.action == policy::Action::reject) {
    reject(message, verdict);
    return proto::REJECTED;
  }
  const Civil now = context_.now.civil;
  const Civil until =
      rounded(std::max(verdict.action == policy::Action::defer ? verdict.until : now, not_before));
  const bool deferred = verdict.action == policy::Action::defer || not_before > now;
  if (context_.gate.rules().counted(message.cls)) {
    message.flags |= Message::kReserved;
    contacts_.reserve(message, deferred ? until : now, verdict.like);
    if (verdict.like.campaign != 0) {
      breaker_.met(verdict.like.campaign, message.campaign, message.upstream);
    }
  }
  if (!deferred) {
    const LaneId lane{message.route, message.cls};
    context_.out.append(lane, judged.route->shard, message);
    return proto::QUEUED;
  }
  context_.out.defer(owner_of(settings_.id), context_.id, until, message);
  auto& event = context_.begin_event(message.id, message.reference, false);
  event.mutable_deferred()->set_until_ms(to_ms(until));
  tell_fired(verdict, *event.mutable_deferred()->mutable_fired());
  context_.end_event(message.upstream);
  return proto::DEFERRED;
}

void Tenant::reject(const Message& message, const policy::Verdict& verdict) {
  if (verdict.fired_rule(policy::Rule::escalate)) escalate(message);
  auto& event = context_.begin_event(message.id, message.reference, true);
  if (verdict.fired_rule(policy::Rule::cancelled)) {
    event.mutable_cancelled();
  } else if (verdict.fired_rule(policy::Rule::expired)) {
    event.mutable_expired();
  } else {
    tell_fired(verdict, *event.mutable_rejected()->mutable_fired());
  }
  context_.end_event(message.upstream);
}

// Told once: from now on the brand's reminders are refused until the person writes.
void Tenant::escalate(const Message& message) {
  if (!block(message.brand, message.number, policy::mask(Class::collection),
             policy::Block::escalated, true, raw(message.id), context_.now.civil)) {
    return;
  }
  auto& event = *context_.begin_event(message.id, message.reference, false).mutable_escalated();
  event.set_brand(std::string(context_.directory.name(message.brand)));
  event.set_number_hash(message.number);
  event.set_to(message.to.data(), message.to.size());
  upstream(message.upstream).tell_unsolicited();
}

void Tenant::note(const Message& message, const Asked& asked, const policy::Verdict& verdict,
                  AuditRecord::Kind kind, proto::Outcome outcome) {
  const auto cls = policy::known(message.cls) ? static_cast<size_t>(message.cls) : 0;
  context_.stats.verdicts[cls][static_cast<size_t>(verdict.action)].add();
  for (const auto& fired : verdict.fired) {
    context_.stats.rules[static_cast<size_t>(fired.rule)][cls].add();
  }
  AuditRecord record = audit_of(message, kind, context_.now.civil);
  record.rules = context_.gate.rules().digest();
  record.text = text_digest(message.text);
  record.code = static_cast<uint32_t>(outcome);
  record.action = verdict.action;
  record.fired = verdict.fired;
  record.note = message.consent;
  record.decision = true;
  record.flags = message.flags;
  if (outcome == proto::DEFERRED) {
    record.until = asked.not_before;
    if (verdict.action == policy::Action::defer) {
      record.until = std::max(record.until, verdict.until);
    }
  }
  record.expires = asked.expires;
  record.from = message.from;
  record.campaign = message.campaign;
  record.zone = message.zone;
  if (context_.settings.audit_texts) {
    record.to = message.to;
    record.body = asked.text;
  }
  context_.out.audit(record);
}

void Tenant::rejudge(const Message& stored) {
  Message message = stored;
  const Asked asked{message.text, context_.now.civil, message.expires};
  const Judged judged = judge(message, context_.now.civil);
  const bool reserved = message.flags & Message::kReserved;
  const auto outcome = place(message, judged, context_.now.civil);
  if (outcome == proto::REJECTED && reserved) contacts_.release(message.number, message.id);
  const bool cancelled = judged.verdict.fired_rule(policy::Rule::cancelled);
  note(message, asked, judged.verdict,
       cancelled ? AuditRecord::Kind::cancelled : AuditRecord::Kind::judged, outcome);
}

}  // namespace tact::gateway
