// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/context.h"

#include <algorithm>

#include "gateway/engine/check.h"
#include "gateway/engine/tenant.h"

namespace tact::gateway {

namespace {
// As long as a clock that was set has to stand before it is believed (gateway/io/clock.h).
constexpr std::chrono::minutes kDisputeWait{10};

// Whose time is a matter of windows and holidays, not of minutes.
bool may_wait(Class cls, bool urgent) {
  return cls == Class::collection || cls == Class::marketing ||
         (cls == Class::notification && !urgent);
}
}  // namespace

MessageId ShardContext::take_id() {
  // A block has 2^32 ids; the next one is asked for when half of it is spent, so it is there in
  // time.
  const auto counter = static_cast<uint32_t>(next_id);
  if (counter == 0x80000000) out.lease_block();
  if (counter == 0xffffffff) {
    CHECK(!spare_blocks.empty());
    next_id = uint64_t{spare_blocks.back()} << 32;
    spare_blocks.pop_back();
  }
  return static_cast<MessageId>(++next_id);
}

proto::Event& ShardContext::begin_event(MessageId message, std::string_view reference, bool final) {
  event.Clear();
  event.set_message_id(raw(message));
  event.set_reference(reference.data(), reference.size());
  event.set_time_ms(to_ms(now.civil));
  event.set_final(final);
  return event;
}

void ShardContext::end_event(UpstreamId upstream) {
  // An upstream that left the configuration has nobody to be told.
  if (directory.upstream(upstream)) out.event(upstream, directory.home(upstream), event);
}

policy::Verdict ShardContext::admit(const policy::Submission& submission,
                                    const policy::Contact& contact) {
  policy::Verdict verdict = gate.admit(submission, contact, suppression);
  if (now.disputed == Civil{} || !may_wait(verdict.cls, submission.urgent)) return verdict;
  policy::Submission then = submission;
  then.now = now.disputed;
  second_opinion(verdict, gate.admit(then, contact, suppression));
  return verdict;
}

policy::Verdict ShardContext::last_look(const Message& message) {
  policy::Submission submission = submission_of(message, now.civil);
  policy::Verdict verdict = gate.release(submission, suppression);
  if (now.disputed == Civil{} || !may_wait(message.cls, submission.urgent)) return verdict;
  submission.now = now.disputed;
  second_opinion(verdict, gate.release(submission, suppression));
  return verdict;
}

void ShardContext::second_opinion(policy::Verdict& verdict, const policy::Verdict& other) const {
  using policy::Action;
  if (verdict.action >= Action::defer || other.action < Action::defer) return;
  Civil::duration wait = kDisputeWait;
  if (other.action == Action::defer) wait = std::min(wait, other.until - now.disputed);
  verdict.action = Action::defer;
  verdict.until = now.civil + wait;
  verdict.fired.push_back({policy::Rule::clock, Action::defer, ""});
}

void ShardContext::tell(const Fate& fate) {
  if (Tenant* here = tenant(fate.tenant)) {
    here->fate(fate);
  } else if (directory.tenant(fate.tenant)) {
    out.mail(directory.home(fate.tenant), fate);
  }
}

namespace {
// What a message tells of itself in every form it is kept in.
template <typename Facts>
AuditRecord audit_facts(const Facts& message, RouteId route, AuditRecord::Kind kind, Civil at) {
  AuditRecord record;
  record.kind = kind;
  record.cls = message.cls;
  record.at = at;
  record.id = message.id;
  record.number = message.number;
  record.tenant = message.tenant;
  record.account = message.account;
  record.brand = message.brand;
  record.upstream = message.upstream;
  record.route = route;
  return record;
}
}  // namespace

AuditRecord audit_of(const Message& message, AuditRecord::Kind kind, Civil at) {
  AuditRecord record = audit_facts(message, message.route, kind, at);
  record.segments = message.segments;
  return record;
}

AuditRecord audit_of(const Sent& sent, RouteId route, AuditRecord::Kind kind, Civil at) {
  return audit_facts(sent, route, kind, at);
}

void tell_fired(const policy::Verdict& verdict,
                google::protobuf::RepeatedPtrField<proto::Fired>& out) {
  for (const auto& fired : verdict.fired) {
    auto& told = *out.Add();
    told.set_rule(policy::label(fired));
    told.set_detail(fired.detail);
  }
}

policy::Submission submission_of(const Message& message, Civil now) {
  policy::Submission s;
  s.owner = raw(message.upstream);
  s.account = raw(message.account);
  s.brand = raw(message.brand);
  s.cls = message.cls;
  s.role = static_cast<policy::Role>((message.flags & Message::kRole) >> Message::kRoleShift);
  s.from = message.from;
  s.to = message.to;
  s.text = message.text;
  s.zone = message.zone;
  s.campaign = message.campaign;
  s.stage = message.stage;
  s.special_dates = message.special_dates;
  if (message.due) s.due = *message.due;
  s.number = message.number;
  s.id = raw(message.id);
  s.urgent = message.flags & Message::kUrgent;
  s.consent = message.flags & Message::kConsent;
  s.emergency = message.flags & Message::kEmergency;
  s.confirmation = message.flags & Message::kConfirmation;
  s.expires_at = message.expires;
  s.accepted = message.accepted;
  s.now = now;
  return s;
}

}  // namespace tact::gateway
