// SPDX-License-Identifier: Apache-2.0
// What a reply from a handset means for its sender's brand (POLICY 4), and what follows.
#include <algorithm>

#include "gateway/engine/captured.h"
#include "gateway/engine/tenant.h"
#include "policy/number.h"

namespace tact::gateway {

namespace {
// A confirmation that comes later is presumed to be another message (47 CFR 64.1200(a)(12)).
constexpr std::chrono::minutes kConfirmWithin{5};

proto::ReplyKind told(policy::Reply::Kind kind) {
  switch (kind) {
    case policy::Reply::Kind::none:
      return proto::NONE;
    case policy::Reply::Kind::opt_out:
      return proto::OPT_OUT;
    case policy::Reply::Kind::opt_in:
      return proto::OPT_IN;
    case policy::Reply::Kind::help:
      return proto::HELP;
    case policy::Reply::Kind::menu:
      return proto::MENU;
  }
  return proto::REPLY_UNSPECIFIED;
}

// The one of an account's numbers that a reply was sent to: carriers put codes in front of it and
// digits behind it.
std::string_view number_replied_to(const AccountSettings& account, std::string_view to) {
  for (const std::string& source : account.sources) {
    if (to.find(source) != to.npos) return source;
  }
  return account.sources.empty() ? std::string_view{} : account.sources.front();
}
}  // namespace

void Tenant::reply(const ReplyArrived& arrived) {
  const Civil now = context_.now.civil;
  const AccountSettings* account = context_.directory.account(arrived.account);
  const policy::Contact contact = contacts_.find(arrived.number);
  // A number that several brands share: the last of them that wrote is the one that is answered.
  const uint16_t own = account && account->brands.size() == 1 ? raw(account->brands.front()) : 0;
  const bool written_to = !contact.slots.empty();
  // Copied: what follows may change the book.
  const policy::Slot* newest = contact.last_sent(own, now);
  const auto last = newest ? std::optional(*newest) : std::nullopt;
  const auto brand = static_cast<BrandId>(own ? own : last ? last->brand : 0);

  const policy::Reply reply = decide(arrived, brand, contact, last);
  const auto blocked = policy::blocked_classes(reply, last ? last->cls : Class::unset);
  const bool fresh = is_fresh(brands_of(brand), arrived.number, blocked);
  // Equal octets that were told before are the carrier's repeat or the person's second word. Which
  // of them it is matters only where an opt-out was ended in between: then it counts, since losing
  // one is worse than hearing one twice.
  if (arrived.again && !fresh) return;
  const MessageId id = context_.take_id();
  policy::Answer answer = policy::answer_to(context_.gate.rules(), raw(arrived.account), raw(brand),
                                            handset(arrived), reply, fresh);
  if (!answer.text.empty() && !upstream(upstream_for(arrived.account).id).take_room()) {
    answer.text.clear();
    context_.stats.answers_withheld.add();
  }
  const MessageId answer_id = answer.text.empty() ? MessageId{} : context_.take_id();

  context_.stats.replies_by_kind[static_cast<size_t>(reply.kind)].add();
  if (reply.suspect) context_.stats.replies_suspect.add();
  if (reply.kind == policy::Reply::Kind::menu) context_.stats.menu_choices[reply.item].add();
  AuditRecord record;
  record.kind = AuditRecord::Kind::reply;
  record.at = now;
  record.id = id;
  record.number = arrived.number;
  record.tenant = settings_.id;
  record.account = arrived.account;
  record.brand = brand;
  record.route = arrived.route;
  record.code = static_cast<uint32_t>(reply.kind);
  record.code |= static_cast<uint32_t>(reply.item) << AuditRecord::kReplyItemShift;
  if (reply.suspect) record.code |= AuditRecord::kSuspect;
  if (reply.wrong_party) record.code |= AuditRecord::kWrongParty;
  if (reply.dispute) record.code |= AuditRecord::kDispute;
  record.text = text_digest(arrived.text);
  record.note = reply.keyword;
  context_.out.audit(record);
  tell_reply(arrived, reply, brand, last, id, answer_id);
  if (blocked && last) opted_out_of(contacts_.find(arrived.number).likeness(last->id).campaign);
  if (written_to) contacts_.answer(arrived.number, brand);
  effect(arrived, reply, brand, last, id);
  hold(arrived, reply, brand, last ? last->cls : Class::unset, id);
  if (answer.text.empty()) return;
  context_.stats.answers[static_cast<size_t>(reply.kind)].add();
  this->answer(arrived, brand, answer, id, answer_id);
}

policy::Reply Tenant::decide(const ReplyArrived& arrived, BrandId brand,
                             const policy::Contact& contact,
                             const std::optional<policy::Slot>& last) const {
  const policy::RuleSet& rules = context_.gate.rules();
  const policy::AccountSpec* spec = rules.account(raw(arrived.account));
  const bool menu_open =
      spec && contact.wrote(raw(brand), spec->replies.menu_after, context_.now.civil);
  policy::ReplyContext context = policy::reply_context(rules, raw(arrived.account), menu_open);
  context.advertised = last ? last->advertised : 0;
  return policy::decide(arrived.text, context);
}

std::string Tenant::handset(const ReplyArrived& arrived) const {
  const RouteSettings* route = context_.directory.route(arrived.route);
  return policy::carrier_digits(arrived.from,
                                route ? route->country_code : settings_.own_country_code);
}

// The answer joins the commit of its reply: a carrier that tells the reply again finds both done,
// and after a crash before the commit neither. It is judged like any message; that its recipient
// has just asked for it is its proof of consent.
void Tenant::answer(const ReplyArrived& arrived, BrandId brand, const policy::Answer& answer,
                    MessageId reply, MessageId id) {
  const Civil now = context_.now.civil;
  const AccountSettings& account = *context_.directory.account(arrived.account);
  const UpstreamSettings& upstream = upstream_for(account.id);
  const std::string to = handset(arrived);
  const std::string proof = "reply " + std::to_string(raw(reply));
  Message message;
  message.id = id;
  message.tenant = settings_.id;
  message.account = account.id;
  message.brand = raw(brand) == 0 && !account.brands.empty() ? account.brands.front() : brand;
  message.upstream = upstream.id;
  message.accepted = now;
  message.cls = Class::notification;
  message.flags = Message::kUrgent | Message::kAnswer;
  if (upstream.submitted_events) message.flags |= Message::kSubmittedEvent;
  if (answer.confirmation) {
    message.flags |= Message::kConfirmation;
    message.expires = now + kConfirmWithin;
  }
  message.number = arrived.number;
  message.to = to;
  message.from = number_replied_to(account, arrived.to);
  message.text = answer.text;
  message.consent = proof;
  const Asked asked{answer.text, now, message.expires};
  const Judged judged = judge(message, now);
  const auto outcome = place(message, judged, now);
  note(message, asked, judged.verdict, AuditRecord::Kind::admitted, outcome);
}

bool Tenant::is_fresh(const std::vector<BrandId>& brands, NumberHash number,
                      policy::ClassMask blocked) const {
  return std::ranges::any_of(brands, [&](BrandId brand) {
    policy::SuppressionEntry entry = suppression_of(brand, number);
    return policy::change(entry, blocked, policy::Block::opt_out, true, context_.now.civil, 0);
  });
}

// Without a brand the word is not lost: it counts for each of the tenant's brands.
std::vector<BrandId> Tenant::brands_of(BrandId brand) const {
  if (raw(brand) != 0) return {brand};
  std::vector<BrandId> all;
  for (const auto& each : settings_.brands) all.push_back(each.id);
  return all;
}

void Tenant::tell_reply(const ReplyArrived& arrived, const policy::Reply& reply, BrandId brand,
                        const std::optional<policy::Slot>& last, MessageId id, MessageId answer) {
  const auto about = last ? static_cast<MessageId>(last->id) : MessageId{};
  auto& event = *context_.begin_event(about, "", false).mutable_reply();
  event.set_to(arrived.to);
  event.set_from(arrived.from);
  event.set_text(arrived.text);
  event.set_kind(told(reply.kind));
  event.set_menu_item(reply.item);
  event.set_suspect(reply.suspect);
  event.set_wrong_party(reply.wrong_party);
  event.set_dispute(reply.dispute);
  event.set_brand(std::string(context_.directory.name(brand)));
  event.set_answer_id(raw(answer));
  event.set_reply_id(raw(id));
  tell(arrived.tlvs, *event.mutable_tlvs());
  upstream(upstream_for(arrived.account).id).tell_unsolicited();
}

void Tenant::effect(const ReplyArrived& arrived, const policy::Reply& reply, BrandId brand,
                    const std::optional<policy::Slot>& last, MessageId id) {
  const Civil now = context_.now.civil;
  const auto& upstream = upstream_for(arrived.account);
  const auto blocked = policy::blocked_classes(reply, last ? last->cls : Class::unset);
  const auto freed = policy::freed_classes(reply);
  const auto marketing = policy::mask(Class::marketing);
  const auto collection = policy::mask(Class::collection);
  for (const BrandId b : brands_of(brand)) {
    // Whatever it says: who writes has not been written to in vain.
    block(b, arrived.number, collection, policy::Block::escalated, false, raw(id), now);
    if (blocked) {
      block(b, arrived.number, blocked, policy::Block::opt_out, true, raw(id), now);
      tell_opt_out(b, arrived.number, blocked, false, upstream);
      context_.stats.opt_outs.add();
    }
    if (freed) {
      block(b, arrived.number, freed, policy::Block::opt_out, false, raw(id), now);
      tell_opt_out(b, arrived.number, freed, true, upstream);
      context_.stats.opt_ins.add();
    }
    if (reply.suspect) {
      block(b, arrived.number, marketing, policy::Block::pause, true, raw(id), now,
            now + kSuspectHold);
    }
    if (reply.dispute) {
      block(b, arrived.number, collection, policy::Block::pause, true, raw(id), now,
            now + kSuspectHold);
    }
    if (reply.wrong_party) {
      block(b, arrived.number, collection, policy::Block::wrong_party, true, raw(id), now);
    }
  }
}

void Tenant::hold(const ReplyArrived& arrived, const policy::Reply& reply, BrandId brand,
                  Class last, MessageId id) {
  Suspect suspect;
  if (reply.suspect) suspect.reasons |= Suspect::kUnclear;
  if (reply.dispute) suspect.reasons |= Suspect::kDispute;
  if (reply.wrong_party) suspect.reasons |= Suspect::kWrongParty;
  if (suspect.reasons == 0) return;
  suspect.id = id;
  suspect.at = context_.now.civil;
  suspect.number = arrived.number;
  suspect.brand = brand;
  suspect.account = arrived.account;
  suspect.last = last;
  suspect.handset = masked(handset(arrived));
  suspect.text = arrived.text;
  suspects_.add(suspect);
}

// One more than a campaign may lose: what is left of it waits for a person.
void Tenant::opted_out_of(uint32_t campaign) {
  const Breaker::Campaign* halted = breaker_.opted_out(campaign);
  if (!halted) return;
  withdraw(policy::halted_key(campaign), static_cast<MessageId>(policy::kAllMessages));
  context_.stats.campaigns_halted.add();
  auto& event = *context_.begin_event(MessageId{}, "", false).mutable_halted();
  event.set_campaign(halted->name);
  event.set_sent(halted->sent[0] + halted->sent[1]);
  event.set_opted_out(halted->opted_out[0] + halted->opted_out[1]);
  upstream(halted->upstream).tell_unsolicited();
  context_.notices.push_back(HaltedNotice{&settings_, halted->name});
}

}  // namespace tact::gateway
