// SPDX-License-Identifier: Apache-2.0
// What upstreams tell and ask beside their jobs: opt-outs, cancels, queries.
#include <algorithm>

#include "gateway/engine/admission.h"
#include "gateway/engine/suppressed.h"
#include "gateway/engine/tenant.h"

namespace tact::gateway {

namespace {
// In force at once, per tenant: each costs a few dozen octets in memory.
constexpr size_t kWithdrawalsMax = 65'536;

void refuse(proto::Result& result, policy::Rule rule, std::string_view detail) {
  result.set_outcome(proto::REJECTED);
  auto& fired = *result.add_fired();
  fired.set_rule(std::string(policy::name(rule)));
  fired.set_detail(std::string(detail));
}

// Nothing: a reason that this gateway does not know.
std::optional<policy::Block> reason_of(int told) {
  switch (told) {
    case proto::Suppression::OPT_OUT:
      return policy::Block::opt_out;
    case proto::Suppression::WRONG_PARTY:
      return policy::Block::wrong_party;
    case proto::Suppression::NUMBER_DEAD:
      return policy::Block::dead_number;
    case proto::Suppression::CARRIER_BLACK:
      return policy::Block::carrier;
    case proto::Suppression::PAUSED:
      return policy::Block::pause;
    case proto::Suppression::ESCALATED:
      return policy::Block::escalated;
    default:
      return std::nullopt;
  }
}

policy::SuppressionEntry withdrawal_of(uint64_t key, MessageId before, Civil since, Civil until) {
  policy::SuppressionEntry entry;
  entry.scope = policy::kWithdrawnScope;
  entry.number = key;
  entry.proof = raw(before);
  entry.since = since;
  entry.pause_until = until;
  return entry;
}
}  // namespace

bool Tenant::control(const proto::Control& control, Upstream& upstream, ConnectionId connection,
                     proto::JobAck& ack) {
  if (control.has_cancel() || control.has_query()) {
    ask(control, upstream, connection, ack);
    return false;
  }
  if (control.has_review()) {
    for (const auto& decision : control.review().decisions()) {
      review(decision, upstream.settings(), *ack.add_results());
    }
    return true;
  }
  if (control.has_resume()) {
    for (const auto& subject : control.resume().subjects()) {
      resume(subject, upstream.settings().id, *ack.add_results());
    }
    return true;
  }
  const bool on = control.has_suppress();
  const auto& entries = on ? control.suppress().entries() : control.allow().entries();
  for (const auto& entry : entries) {
    suppression(entry, on, upstream.settings(), *ack.add_results());
  }
  return true;
}

void Tenant::suppression(const proto::Suppression& entry, bool on, const UpstreamSettings& upstream,
                         proto::Result& result) {
  const auto brand = std::find_if(settings_.brands.begin(), settings_.brands.end(),
                                  [&](const auto& b) { return b.name == entry.brand(); });
  policy::ClassMask classes = 0;
  bool known = true;
  for (const int told : entry.classes()) {
    const Class cls = class_of(told);
    known &= policy::known(cls);
    classes |= policy::mask(cls);
  }
  if (entry.classes().empty()) classes = policy::kOptionalClasses;
  NumberHash number = entry.number_hash();
  if (!entry.to().empty()) {
    const std::string_view to = recipient(entry.to());
    number = to.empty() ? 0 : context_.hasher.hash(to);
  }
  const auto reason = reason_of(entry.reason());
  const char* wrong = brand == settings_.brands.end()     ? "brand"
                      : number == 0                       ? "to"
                      : !known                            ? "classes"
                      : !reason                           ? "reason"
                      : entry.proof().size() > kStringMax ? "proof"
                                                          : nullptr;
  if (wrong) return refuse(result, policy::Rule::field_invalid, wrong);
  const MessageId id = context_.take_id();
  const Civil since = entry.since_ms() ? from_ms(entry.since_ms()) : context_.now.civil;
  const Civil until = entry.until_ms() ? from_ms(entry.until_ms()) : Civil{};
  block(brand->id, number, classes, *reason, on, raw(id), since, until, entry.proof());
  if (*reason == policy::Block::escalated && !on) contacts_.answer(number, brand->id);
  if (*reason == policy::Block::opt_out) tell_opt_out(brand->id, number, classes, !on, upstream);
  result.set_outcome(proto::QUEUED);
  result.set_message_id(raw(id));
}

void Tenant::review(const proto::Decision& decision, const UpstreamSettings& upstream,
                    proto::Result& result) {
  const Suspect* found = suspects_.find(static_cast<MessageId>(decision.reply_id()));
  policy::ClassMask classes = 0;
  bool known = true;
  for (const int told : decision.classes()) {
    const Class cls = class_of(told);
    known &= policy::known(cls);
    classes |= policy::mask(cls);
  }
  const bool opts_out = decision.action() == proto::Decision::OPT_OUT;
  const char* wrong = !found                                                       ? "reply_id"
                      : !opts_out && decision.action() != proto::Decision::RELEASE ? "action"
                      : !known                                                     ? "classes"
                      : decision.by().size() > kStringMax                          ? "by"
                                                                                   : nullptr;
  if (wrong) return refuse(result, policy::Rule::field_invalid, wrong);
  const Suspect suspect = *found;
  const std::string by = decision.by().empty() ? "review" : decision.by();
  suspects_.end(suspect.id);
  if (opts_out) {
    policy::Reply plain;
    plain.kind = policy::Reply::Kind::opt_out;
    if (classes == 0) classes = policy::blocked_classes(plain, suspect.last);
    for (const BrandId brand : brands_of(suspect.brand)) {
      block(brand, suspect.number, classes, policy::Block::opt_out, true, raw(suspect.id),
            context_.now.civil, {}, by);
      tell_opt_out(brand, suspect.number, classes, false, upstream);
    }
    context_.stats.opt_outs.add();
  } else {
    release(suspect, by);
  }
  result.set_outcome(proto::QUEUED);
  result.set_message_id(raw(suspect.id));
}

// What the reply held back (replies.cc), unless another one does.
void Tenant::release(const Suspect& suspect, std::string_view by) {
  struct Held {
    Suspect::Reason reason;
    Class cls;
    policy::Block block;
  };
  constexpr Held kHeld[] = {{Suspect::kUnclear, Class::marketing, policy::Block::pause},
                            {Suspect::kDispute, Class::collection, policy::Block::pause},
                            {Suspect::kWrongParty, Class::collection, policy::Block::wrong_party}};
  for (const auto& [reason, cls, why] : kHeld) {
    if ((suspect.reasons & reason) == 0 || suspects_.held_by_another(suspect, reason)) continue;
    for (const BrandId brand : brands_of(suspect.brand)) {
      block(brand, suspect.number, policy::mask(cls), why, false, raw(suspect.id),
            context_.now.civil, {}, by);
    }
  }
}

void Tenant::ask(const proto::Control& control, Upstream& upstream, ConnectionId connection,
                 proto::JobAck& ack) {
  Inquiry inquiry;
  inquiry.upstream = &upstream;
  inquiry.connection = connection;
  inquiry.cancel = control.has_cancel();
  inquiry.before = context_.take_id();
  std::set<uint64_t> keys;
  for (const auto& told :
       inquiry.cancel ? control.cancel().subjects() : control.query().subjects()) {
    Inquiry::Subject subject;
    subject.result = ack.results_size();
    proto::Result& result = *ack.add_results();
    const auto wrong = read_subject(told, inquiry.cancel, upstream.settings().id, subject, result);
    if (wrong) {
      refuse(result, wrong->rule, wrong->detail);
    } else if (subject.key == 0) {
      result.set_outcome(proto::NOT_FOUND);
    } else if (!keys.insert(subject.key).second) {
      refuse(result, policy::Rule::field_invalid, "twice");
    } else {
      if (inquiry.cancel) withdraw(subject.key, inquiry.before);
      inquiry.subjects.push_back(std::move(subject));
    }
  }
  inquiry.ack = std::move(ack);
  inquiries_.ask(std::move(inquiry));
}

std::optional<policy::Fired> Tenant::read_subject(const proto::Subject& told, bool cancel,
                                                  UpstreamId upstream, Inquiry::Subject& out,
                                                  proto::Result& result) const {
  const auto wrong = [](const char* field) {
    return policy::Fired{policy::Rule::field_invalid, policy::Action::reject, field};
  };
  MessageId id{};
  switch (told.which_case()) {
    case proto::Subject::kMessageId:
      id = static_cast<MessageId>(told.message_id());
      break;
    case proto::Subject::kIdempotencyKey:
      if (told.idempotency_key().empty()) return wrong("idempotency_key");
      id = keys_.find(key_digest(upstream, told.idempotency_key()), context_.now.civil)
               .value_or(MessageId{});
      break;
    case proto::Subject::kCampaign:
      if (!cancel || told.campaign().empty()) return wrong("campaign");
      out.campaign = true;
      out.key = policy::withdrawn_key(raw(upstream), told.campaign());
      break;
    case proto::Subject::WHICH_NOT_SET:
      return wrong("which");
  }
  if (raw(id) != 0) {
    result.set_message_id(raw(id));
    out.key = policy::withdrawn_key(raw(upstream), raw(id));
  }
  const bool full = withdrawals_.size() >= kWithdrawalsMax && !withdrawals_.contains(out.key);
  if (cancel && out.key != 0 && full) {
    return policy::Fired{policy::Rule::cancels_full, policy::Action::reject, ""};
  }
  return std::nullopt;
}

void Tenant::conclude(Inquiry&& inquiry) {
  // What was too late leaves nothing to withdraw: if the carrier refuses it, it is tried again.
  for (const auto& subject : inquiry.subjects) {
    if (!inquiry.cancel || inquiry.ack.results(subject.result).outcome() == proto::CANCELLED) {
      continue;
    }
    const auto it = withdrawals_.find(subject.key);
    if (it == withdrawals_.end() || it->second.before != inquiry.before) continue;
    take_back_withdrawal(subject.key);
  }
  inquiry.upstream->conclude(inquiry.connection, inquiry.ack);
}

void Tenant::take_back_withdrawal(uint64_t key) {
  Withdrawal& held = withdrawals_.at(key);
  withdrawal_ends_.erase({held.until, key});
  held.until = context_.now.civil;
  withdrawal_ends_.insert({held.until, key});
}

void Tenant::resume(const proto::Subject& subject, UpstreamId upstream, proto::Result& result) {
  if (!subject.has_campaign() || subject.campaign().empty()) {
    return refuse(result, policy::Rule::field_invalid, "campaign");
  }
  const uint64_t key =
      policy::halted_key(policy::campaign_digest(raw(upstream), subject.campaign()));
  const bool halted = withdrawals_.contains(key);
  if (halted) take_back_withdrawal(key);
  result.set_outcome(halted ? proto::RESUMED : proto::NOT_FOUND);
}

void Tenant::withdraw(uint64_t key, MessageId before) {
  // Until no message that was accepted before can be alive.
  Seconds validity{0};
  for (const Class cls : kClassOrder) validity = std::max(validity, context_.of(cls).validity);
  const Civil until = context_.now.civil + kFarthest + validity;
  Withdrawal& held = withdrawals_[key];
  withdrawal_ends_.erase({held.until, key});
  held = {before, until};
  withdrawal_ends_.insert({until, key});
  auto entry = withdrawal_of(key, before, context_.now.civil, until);
  entry.blocks.fill(static_cast<policy::BlockMask>(policy::Block::withdrawn));
  context_.out.withdraw(settings_.id, entry);
}

void Tenant::start_withdrawals(StoreReader& reader) {
  const std::string begin = fact_key(settings_.id, kWithdrawalFact, 0);
  reader.scan(
      Table::facts, begin, prefix_end(std::string_view(begin).substr(0, 3)),
      [&](std::string_view key, std::string_view value) {
        const auto entry = decode_withdrawal(key, value);
        if (!entry) {
          context_.stats.unreadable.add();
          return true;
        }
        context_.suppression.put(*entry);
        withdrawals_[entry->number] = {static_cast<MessageId>(entry->proof), entry->pause_until};
        withdrawal_ends_.insert({entry->pause_until, entry->number});
        return true;
      });
}

// After the frames of this turn: what one of them took back again is not forgotten by it.
void Tenant::end_withdrawals() {
  while (!withdrawal_ends_.empty() && withdrawal_ends_.begin()->first <= context_.now.civil) {
    const uint64_t key = withdrawal_ends_.begin()->second;
    withdrawal_ends_.erase(withdrawal_ends_.begin());
    withdrawals_.erase(key);
    context_.out.withdraw(settings_.id, withdrawal_of(key, {}, {}, {}));
  }
}

}  // namespace tact::gateway
