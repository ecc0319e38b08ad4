// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/inbound.h"

#include <algorithm>

#include "gateway/engine/tenant.h"
#include "policy/number.h"

namespace tact::gateway {

namespace {
using namespace std::chrono_literals;
constexpr std::chrono::hours kRemember{24};
constexpr size_t kRememberMax = 1'000'000;
constexpr auto kTick = 1s;

smpp::ShortMessage as_short_message(const smpp::DataSm& data) {
  smpp::ShortMessage out;
  out.source_addr = data.source_addr;
  out.destination_addr = data.destination_addr;
  out.esm_class = data.esm_class;
  out.data_coding = data.data_coding;
  out.tlvs = data.tlvs;
  return out;
}

uint64_t digest(std::string_view id, NumberHash number, smpp::MessageState state) {
  return alias_hash(canonical_id(id), number) * 31 + static_cast<uint64_t>(state);
}
}  // namespace

Inbound::Inbound(ShardContext& context, const RouteSettings& settings, RouteStats& stats,
                 std::deque<Link>& links, Awaiting& awaiting)
    : context_(context),
      settings_(settings),
      stats_(stats),
      links_(links),
      awaiting_(awaiting),
      parked_(context, settings),
      long_replies_(context, settings.id) {}

void Inbound::start(StoreReader& reader) {
  parked_.start(reader);
  long_replies_.start(reader);
}

NumberHash Inbound::number_of(std::string_view address) const {
  return context_.hasher.hash(policy::carrier_digits(address, settings_.country_code));
}

uint64_t Inbound::note(const smpp::Pdu& pdu, uint16_t link, bool reply) {
  const uint64_t answer = next_answer_++;
  answers_[answer] = {link,
                      links_[link].attempt(),
                      pdu.header.sequence_number,
                      pdu.header.command_id,
                      context_.now.mono,
                      reply};
  return answer;
}

void Inbound::request(const smpp::Pdu& pdu, uint16_t link) {
  smpp::ShortMessage message;
  if (const auto* deliver = std::get_if<smpp::DeliverSm>(&pdu.body)) {
    message = *deliver;
  } else if (const auto* data = std::get_if<smpp::DataSm>(&pdu.body)) {
    message = as_short_message(*data);
  } else {
    return;
  }
  smpp::Receipt receipt;
  if (smpp::parse_receipt(message, receipt)) {
    take_receipt(message, receipt, note(pdu, link, false));
  } else if (smpp::is_receipt(message.esm_class) || smpp::is_intermediate(message.esm_class)) {
    // A receipt that names no message helps nobody; refused, it would come again for days.
    stats_.receipts.add();
    stats_.receipts_unmatched.add();
    answer_with_commit(note(pdu, link, false));
  } else {
    take_reply(message, note(pdu, link, true));
  }
}

void Inbound::take_receipt(const smpp::ShortMessage& pdu, const smpp::Receipt& receipt,
                           uint64_t answer) {
  stats_.receipts.add();
  const auto state = static_cast<size_t>(receipt.state);
  if (state < stats_.receipts_by_state.size()) stats_.receipts_by_state[state].add();
  answer_with_commit(answer);
  const smpp::IdRule rule{settings_.receipt_id_base, settings_.response_id_base};
  // source_addr is the message's recipient (v5.0 4.3.5.1); some carriers leave the addresses as
  // they were.
  std::optional<Awaiting::Match> match;
  std::string_view id = receipt.id;
  for (const std::string_view address : {pdu.source_addr, pdu.destination_addr}) {
    const NumberHash number = number_of(address);
    for (const std::string_view spelling : {receipt.id, receipt.receipted_id}) {
      if (match || spelling.empty()) continue;
      match = awaiting_.find(spelling, rule, number, std::nullopt);
      id = spelling;
    }
    if (!match && receipt.user_message_reference) {
      id = receipt.id;
      match = awaiting_.find("", rule, number, receipt.user_message_reference);
    }
  }
  if (match) return apply(*match, id, receipt.state, receipt.err);
  const NumberHash number = number_of(pdu.source_addr);
  if (repeated(digest(receipt.id, number, receipt.state))) {
    stats_.receipts_duplicate.add();
    return;
  }
  const bool kept = parked_.park({std::string(receipt.id), std::string(receipt.err), receipt.state,
                                  number, context_.now.civil});
  (kept ? stats_.receipts_parked : stats_.receipts_unmatched).add();
}

bool Inbound::repeated(uint64_t digest) { return closed_.contains(digest); }

void Inbound::apply(const Awaiting::Match& match, std::string_view id, smpp::MessageState state,
                    std::string_view error) {
  const Sent sent = awaiting_.sent(match.entry);
  const auto progress = awaiting_.receipt(match, id, state, error);
  const std::string key = awaiting_key(settings_.id, match.entry.sent);
  AuditRecord record = audit_of(sent, settings_.id, AuditRecord::Kind::receipt, context_.now.civil);
  record.code = static_cast<uint32_t>(progress.closed ? progress.state : state);
  record.note = error;
  context_.out.audit(record);
  if (!progress.closed) {
    context_.out.put(Table::awaiting, key, std::string(awaiting_.record(match.entry)));
    return;
  }
  stats_.receipt_latency.observe(context_.now.civil - sent.submitted);
  auto& event = context_.begin_event(sent.id, sent.reference, true);
  event.mutable_receipt()->set_state(static_cast<proto::ReceiptState>(progress.state));
  event.mutable_receipt()->set_error(readable(progress.error));
  event.mutable_receipt()->set_smsc_message_id(readable(id));
  context_.end_event(sent.upstream);
  awaiting_.erase(match.entry);
  context_.out.erase(Table::awaiting, key);
  const uint64_t closed = digest(id, sent.number, state);
  if (closed_.size() < kRememberMax && closed_.emplace(closed, 0).second) {
    closed_order_.emplace_back(context_.now.civil, closed);
  }
}

void Inbound::match_parked(Awaiting::Entry entry) {
  if (parked_.size() == 0) return;
  const Sent sent = awaiting_.sent(entry);
  const smpp::IdRule rule{settings_.receipt_id_base, settings_.response_id_base};
  for (const auto& part : sent.parts) {
    const auto receipt = parked_.claim(part.id, sent.number);
    if (!receipt || !awaiting_.alive(entry)) continue;
    const auto match = awaiting_.find(receipt->id, rule, sent.number, std::nullopt);
    if (match) apply(*match, receipt->id, receipt->state, receipt->error);
  }
}

void Inbound::take_reply(const smpp::ShortMessage& pdu, uint64_t answer) {
  stats_.replies.add();
  const auto part = smpp::part_info(pdu);
  const auto coding = smpp::coding_of(pdu.data_coding, settings_.default_alphabet);
  std::string text;
  // Binary is not for us to read; its octets are shown as Latin-1 so that a person may.
  smpp::to_utf8(part.text, coding.value_or(smpp::Coding::latin1), text);
  if (part.is_part()) {
    auto whole = long_replies_.take(part, pdu.source_addr, pdu.destination_addr, text);
    if (!whole) return answer_with_commit(answer);
    return hand_over(std::move(*whole), answer);
  }
  hand_over({std::string(pdu.source_addr),
             std::string(pdu.destination_addr),
             std::move(text),
             context_.now.civil,
             {}},
            answer);
}

void Inbound::hand_over(LongReplies::Whole whole, uint64_t answer) {
  ReplyArrived reply;
  reply.route = settings_.id;
  reply.answer = answer;
  reply.number = number_of(whole.from);
  reply.from = readable(whole.from);
  reply.to = readable(whole.to);
  reply.text = std::move(whole.text);
  reply.at = context_.now.civil;
  const auto* account = account_of(whole.to);
  std::vector<TenantId> tenants;
  if (account) {
    reply.account = account->id;
    tenants.push_back(account->tenant);
  } else {
    // Nobody's number: whoever sends on this route has to hear of it, since it may be an opt-out.
    stats_.replies_unmatched.add();
    tenants = context_.directory.tenants_on(settings_.id);
  }
  if (tenants.empty()) {
    for (auto& part : whole.stored) context_.out.erase(Table::parts, std::move(part));
    return answer_with_commit(answer);
  }
  if (const auto it = answers_.find(answer); it != answers_.end()) {
    it->second.effects = static_cast<uint16_t>(tenants.size());
  }
  for (size_t i = 0; i < tenants.size(); ++i) {
    ReplyArrived copy = reply;
    copy.tenant = tenants[i];
    if (i + 1 == tenants.size()) copy.parts = std::move(whole.stored);
    if (Tenant* here = context_.tenant(copy.tenant)) {
      here->reply(copy);
      for (auto& part : copy.parts) context_.out.erase(Table::parts, std::move(part));
      answer_with_commit(answer);
    } else {
      context_.out.mail(context_.directory.home(copy.tenant), std::move(copy));
    }
  }
}

// Our numbers are short codes; some carriers put their country's code in front of them.
const AccountSettings* Inbound::account_of(std::string_view to) const {
  const std::string digits = policy::carrier_digits(to, settings_.country_code);
  if (const auto* account = context_.directory.account_of_source(digits)) return account;
  const std::string code = std::to_string(settings_.country_code);
  if (!digits.starts_with(code)) return nullptr;
  return context_.directory.account_of_source(std::string_view(digits).substr(code.size()));
}

void Inbound::settled(uint64_t token) {
  const auto it = answers_.find(token);
  if (it == answers_.end()) return;
  if (--it->second.effects > 0) return;
  const Answer answer = it->second;
  answers_.erase(it);
  if (answer.reply) context_.stats.opt_out_effect.observe(context_.now.mono - answer.read);
  Link& link = links_[answer.link];
  // A session that ended meanwhile delivers it again on the next one, where it finds its effect
  // done.
  if (link.attempt() != answer.attempt) return;
  link.session().answer(answer.sequence_number, answer.command, smpp::Status::ESME_ROK);
}

void Inbound::tick() {
  parked_.expire();
  while (auto whole = long_replies_.overdue()) {
    hand_over(std::move(*whole), 0);
  }
  while (!closed_order_.empty() && closed_order_.front().first + kRemember <= context_.now.civil) {
    closed_.erase(closed_order_.front().second);
    closed_order_.pop_front();
  }
}

Mono Inbound::deadline() const {
  const auto due = long_replies_.next_due();
  if (parked_.size() == 0 && !due) return kNever;
  return due ? std::max(context_.mono_at(*due), context_.now.mono + kTick)
             : context_.now.mono + 60 * kTick;
}

}  // namespace tact::gateway
