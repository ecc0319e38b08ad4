// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/inbound.h"

#include <algorithm>

#include "gateway/engine/captured.h"
#include "gateway/engine/tenant.h"
#include "policy/number.h"

namespace tact::gateway {

namespace {
using namespace std::chrono_literals;
constexpr auto kTick = 1s;
constexpr int kAgedPerTurn = 256;
// An answer within this time comes before a carrier gives up waiting for it; when its session then
// lives for a minute more, the carrier has it. Both are far from what carriers use (10 to 60 s).
constexpr Mono kPrompt = 5s;
constexpr Mono kLivedOn = 60s;

// Keyed, as numbers are; the separators keep it apart from them.
uint64_t digest_of(NumberHasher& hasher, const smpp::ShortMessage& pdu,
                   const smpp::PartInfo& part) {
  std::string octets;
  octets.append(pdu.source_addr).append(1, '\0').append(pdu.destination_addr).append(1, '\0');
  for (const int n : {static_cast<int>(pdu.data_coding), static_cast<int>(part.wide_reference),
                      part.reference >> 8, part.reference & 0xff, static_cast<int>(part.total),
                      static_cast<int>(part.index)}) {
    octets.push_back(static_cast<char>(n));
  }
  octets.append(part.text.begin(), part.text.end());
  // By other tables the same septets are another text.
  if (part.shift != smpp::Shift{}) {
    octets.push_back(static_cast<char>(part.shift.locking));
    octets.push_back(static_cast<char>(part.shift.single));
  }
  return hasher.hash(octets);
}

uint64_t sender_of(NumberHasher& hasher, const smpp::ShortMessage& pdu) {
  return hasher.hash(std::string(pdu.source_addr).append(1, '\0').append(pdu.destination_addr));
}
}  // namespace

Inbound::Inbound(ShardContext& context, const RouteSettings& settings, RouteStats& stats,
                 std::deque<Link>& links, Awaiting& awaiting, CarrierCodes& carrier_codes)
    : context_(context),
      settings_(settings),
      stats_(stats),
      links_(links),
      awaiting_(awaiting),
      carrier_codes_(carrier_codes),
      parked_(context, settings),
      long_replies_(context, settings.id),
      remembered_(settings.id, context.settings.limits.remembered) {}

void Inbound::start(StoreReader& reader) {
  parked_.start(reader);
  long_replies_.start(reader);
  remembered_.start(reader, context_.sealer, context_.stats.unreadable, context_.now.civil);
}

NumberHash Inbound::number_of(std::string_view address) const {
  return context_.hasher.hash(policy::carrier_digits(address, settings_.country_code));
}

uint64_t Inbound::note(const smpp::Pdu& pdu, uint16_t link, uint64_t digest) {
  const uint64_t answer = next_answer_++;
  links_[link].owes_answer();
  answers_[answer] = {link,
                      links_[link].attempt(),
                      pdu.header.sequence_number,
                      pdu.header.command_id,
                      context_.now.mono,
                      digest};
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
  // Time may have passed without a turn.
  forget_settled();
  remembered_.expire(context_.out, context_.now.civil);
  smpp::Receipt receipt;
  if (smpp::parse_receipt(message, receipt, settings_.receipt_form, settings_.dialect)) {
    take_receipt(message, receipt, note(pdu, link, 0));
  } else if (smpp::is_receipt(message.esm_class) || smpp::is_intermediate(message.esm_class)) {
    // A receipt that names no message helps nobody; refused, it would come again for days.
    stats_.receipts.add();
    stats_.receipts_unmatched.add();
    answer_with_commit(note(pdu, link, 0));
  } else {
    take_reply(message, pdu, link);
  }
}

// ---- Receipts.

void Inbound::take_receipt(const smpp::ShortMessage& pdu, const smpp::Receipt& receipt,
                           uint64_t answer) {
  stats_.receipts.add();
  smpp::MessageState state = receipt.state;
  std::string_view error = receipt.err;
  // Some carriers write their code in the place of the state: MK:0001 is as final as UNDELIV.
  if (state == smpp::MessageState::unknown && !smpp::state_of(receipt.stat) &&
      carrier_codes_.meaning(receipt.stat) != CarrierSays::nothing) {
    state = smpp::MessageState::undeliverable;
    error = receipt.stat;
  }
  const auto slot = static_cast<size_t>(state);
  if (slot < stats_.receipts_by_state.size()) stats_.receipts_by_state[slot].add();
  file({std::string(receipt.id),
        std::string(receipt.receipted_id),
        std::string(error),
        state,
        // source_addr is the message's recipient (v5.0 4.3.5.1); some carriers leave the addresses
        // as they were.
        {number_of(pdu.source_addr), number_of(pdu.destination_addr)},
        receipt.user_message_reference,
        capture(settings_.capture_tlvs, pdu.tlvs),
        answer},
       true);
}

void Inbound::file(Told told, bool search_disk) {
  bool closed = false;
  for (const NumberHash number : told.numbers) {
    // The text may cut an id short that the parameter tells whole.
    for (const std::string_view id : {told.id, told.receipted_id}) {
      if (id.empty()) continue;
      if (file_by(told, id, number, std::nullopt, search_disk)) return;
      closed |= closed_before(id, number);
    }
    if (file_by(told, "", number, told.message_reference, search_disk)) return;
  }
  answer_with_commit(told.answer);
  if (closed) return stats_.receipts_duplicate.add();
  const auto parked =
      parked_.park({std::move(told.id), std::move(told.error), told.state, told.numbers.front(),
                    context_.now.civil, told.message_reference, std::move(told.tlvs)});
  switch (parked) {
    case Parked::Outcome::kept:
      return stats_.receipts_parked.add();
    case Parked::Outcome::repeated:
      return stats_.receipts_duplicate.add();
    case Parked::Outcome::full:
      return stats_.receipts_unmatched.add();
  }
}

bool Inbound::file_by(const Told& told, std::string_view id, NumberHash number,
                      std::optional<uint16_t> message_reference, bool search_disk) {
  const smpp::IdRule rule{settings_.receipt_id_base, settings_.response_id_base};
  if (auto match = awaiting_.find(id, rule, number, message_reference)) {
    answer_with_commit(told.answer);
    apply(std::move(*match), id.empty() ? told.id : id, told.state, told.error, told.tlvs);
    return true;
  }
  if (!search_disk) return false;
  const auto key = awaiting_.find_spilled(id, rule, number, message_reference);
  if (!key) return false;
  auto& waiting = waiting_[*key];
  waiting.push_back(told);
  if (waiting.size() == 1) load(*key, *key + 1, *key);
  return true;
}

void Inbound::load(uint64_t begin, uint64_t end, uint64_t wanted) {
  LoadRequest request;
  request.id = context_.next_load++;
  request.table = Table::awaiting;
  request.begin = awaiting_key(settings_.id, begin);
  request.end = awaiting_key(settings_.id, end);
  request.records_max = kAgedPerTurn;
  loads_[request.id] = {wanted, end, context_.committed_turn};
  context_.store.load(context_.id, std::move(request));
}

// A record that changed after a load was asked for stays until that load is over: it would bring
// the record as it was.
void Inbound::spill() {
  const uint64_t sees = loads_.empty() ? context_.committed_turn : loads_.begin()->second.sees;
  awaiting_.spill(context_.settings.limits.awaiting, sees);
}

bool Inbound::loaded(const Loaded& loaded) {
  const auto it = loads_.find(loaded.id);
  if (it == loads_.end()) return false;
  const Load load = it->second;
  loads_.erase(it);
  uint64_t until = load.end;
  for (const auto& [key, record] : loaded.records) {
    const uint64_t sent = key_u64(key, 2);
    if (!awaiting_.reload(sent, record, context_.now.mono)) context_.stats.unreadable.add();
    if (loaded.more) until = sent + 1;
  }
  if (load.wanted == 0) {
    loading_aged_ = false;
    awaiting_.reloaded_until(until);
    if (loaded.more) next_aged_ = context_.now.mono;
    return true;
  }
  const auto waiting = waiting_.find(load.wanted);
  std::vector<Told> receipts = std::move(waiting->second);
  waiting_.erase(waiting);
  for (Told& told : receipts) file(std::move(told), false);
  return true;
}

bool Inbound::closed_before(std::string_view id, NumberHash number) const {
  const smpp::IdRule rule{settings_.receipt_id_base, settings_.response_id_base};
  bool closed = false;
  smpp::aliases(id, rule, [&](std::string_view spelling) {
    closed |= remembered_.closed(alias_hash(canonical_id(spelling), number));
  });
  return closed;
}

void Inbound::apply(Awaiting::Match match, std::string_view id, smpp::MessageState state,
                    std::string_view error, ByteView tlvs) {
  const Awaiting::Entry entry = match.entry;
  const auto progress = awaiting_.receipt(std::move(match), id, state, error);
  if (progress.repeated) return stats_.receipts_duplicate.add();
  const Sent& sent = progress.sent;
  const auto kind = progress.closed ? AuditRecord::Kind::receipt : AuditRecord::Kind::progress;
  AuditRecord record = audit_of(sent, settings_.id, kind, context_.now.civil);
  record.code = static_cast<uint32_t>(progress.closed ? progress.state : state);
  record.note = error;
  context_.out.audit(record);
  if (progress.closed) return end(entry, sent, progress, id, tlvs);
  if (!is_last(state)) tell_receipt(sent, state, error, id, tlvs, false);
  awaiting_.save(entry, context_.out);
}

void Inbound::tell_receipt(const Sent& sent, smpp::MessageState state, std::string_view error,
                           std::string_view id, ByteView tlvs, bool final) {
  auto& receipt = *context_.begin_event(sent.id, sent.reference, final).mutable_receipt();
  receipt.set_state(static_cast<proto::ReceiptState>(state));
  receipt.set_error(readable(error));
  receipt.set_smsc_message_id(readable(id));
  tell(tlvs, *receipt.mutable_tlvs());
  context_.end_event(sent.upstream);
}

// A message has got its last receipt; `id` and `tlvs` are that receipt's.
void Inbound::end(Awaiting::Entry entry, const Sent& sent, const Awaiting::Progress& progress,
                  std::string_view id, ByteView tlvs) {
  auto& lane = stats_.lanes[static_cast<size_t>(sent.cls)];
  lane.receipt.observe(context_.now.civil - sent.submitted);
  tell_receipt(sent, progress.state, progress.error, id, tlvs, true);
  if (progress.state == smpp::MessageState::delivered) {
    carrier_codes_.delivered(sent.number);
  } else {
    carrier_codes_.failed(sent, progress.error, smpp::name(progress.state));
  }
  awaiting_.end(entry, sent, context_.out);
  const auto close = [&](std::string_view told) {
    if (told.empty()) return;
    remembered_.close(alias_hash(canonical_id(told), sent.number), context_.out,
                      context_.now.civil);
  };
  bool known = false;
  for (const SentPart& part : sent.parts) {
    close(part.id);
    known |= part.id == id;
  }
  // Found by its reference it may have another id than the response told.
  if (!known && !closed_before(id, sent.number)) close(id);
}

void Inbound::match_parked(Awaiting::Entry entry) {
  if (parked_.size() > 0) {
    const Sent sent = awaiting_.sent(entry);
    for (const auto& part : sent.parts) {
      if (const auto receipt = parked_.claim(part.id, sent.number)) apply_parked(*receipt);
    }
    while (sent.message_reference) {
      const auto receipt = parked_.claim(*sent.message_reference, sent.number);
      if (!receipt) break;
      apply_parked(*receipt);
    }
  }
  if (!awaiting_.alive(entry)) return;
  if (settings_.receipts == ReceiptsPer::part && !awaiting_.earlier(entry.sent)) return;
  // Its last receipt may have come while parts were still missing.
  const Sent sent = awaiting_.sent(entry);
  const auto progress = awaiting_.progress(sent);
  if (progress.closed) end(entry, sent, progress, sent.parts.front().id, {});
}

void Inbound::apply_parked(const Parked::Receipt& receipt) {
  const smpp::IdRule rule{settings_.receipt_id_base, settings_.response_id_base};
  auto match = awaiting_.find(receipt.id, rule, receipt.number, receipt.message_reference);
  if (match) apply(std::move(*match), receipt.id, receipt.state, receipt.error, receipt.tlvs);
}

// ---- Replies.

void Inbound::take_reply(const smpp::ShortMessage& message, const smpp::Pdu& pdu, uint16_t link) {
  stats_.replies.add();
  const auto part = smpp::part_info(message);
  const uint64_t digest = digest_of(context_.hasher, message, part);
  const uint64_t answer = note(pdu, link, digest);
  const RememberedRecord told{RememberedRecord::Kind::told, digest,
                              part.is_part() ? 0 : sender_of(context_.hasher, message)};
  Remembered::Reply* before = remembered_.reply(digest);
  if (before) {
    stats_.replies_duplicate.add();
    before->answered = false;  // the answer that matters now is this one
    if (answer_after(before->pending, answer)) return;
    if (part.is_part()) return answer_with_commit(answer);
    before->pending = answer;
  } else {
    remembered_.tell(digest, told.sender, answer, context_.out, context_.now.civil);
  }
  if (!part.is_part()) {
    std::string text;
    smpp::read_text(part, message.data_coding, settings_.dialect, text);
    return hand_over({std::string(message.source_addr),
                      std::string(message.destination_addr),
                      std::move(text),
                      context_.now.civil,
                      {},
                      capture(settings_.capture_tlvs, message.tlvs)},
                     answer, told, before != nullptr);
  }
  auto whole = long_replies_.take(part, message.source_addr, message.destination_addr,
                                  smpp::part_text(part, message.data_coding, settings_.dialect));
  if (whole) {
    whole->tlvs = capture(settings_.capture_tlvs, message.tlvs);
    return hand_over(std::move(*whole), answer, told);
  }
  context_.out.remember(settings_.id, told, context_.now.civil);
  answer_with_commit(answer);
}

// False: the first is answered already.
bool Inbound::answer_after(uint64_t pending, uint64_t answer) {
  const auto first = answers_.find(pending);
  if (first == answers_.end()) return false;
  const uint64_t last = std::exchange(first->second.last, answer);
  (last == 0 ? first->second : answers_.find(last)->second).next = answer;
  return true;
}

void Inbound::hand_over(LongReplies::Whole whole, uint64_t answer, const RememberedRecord& told,
                        bool again) {
  ReplyArrived reply;
  reply.again = again;
  reply.route = settings_.id;
  reply.answer = answer;
  reply.number = number_of(whole.from);
  reply.from = readable(whole.from);
  reply.to = readable(whole.to);
  reply.text = std::move(whole.text);
  reply.tlvs = std::move(whole.tlvs);
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
    if (told.digest != 0) context_.out.remember(settings_.id, told, context_.now.civil);
    return answer_with_commit(answer);
  }
  remember_with(reply, tenants, told);
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

// What was told is remembered with its effect, wherever that is committed; if it has several, when
// all of them are durable.
void Inbound::remember_with(ReplyArrived& reply, const std::vector<TenantId>& tenants,
                            const RememberedRecord& told) {
  const auto it = answers_.find(reply.answer);
  if (it == answers_.end()) return;  // too old: no deliver_sm waits
  it->second.effects = static_cast<uint16_t>(tenants.size());
  const bool here = std::ranges::all_of(tenants, [&](TenantId t) { return context_.tenant(t); });
  if (here) {
    context_.out.remember(settings_.id, told, context_.now.civil);
  } else if (tenants.size() == 1) {
    reply.digest = told.digest;
    reply.sender = told.sender;
  } else {
    it->second.remember = told;
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
  const auto first = answers_.find(token);
  if (first == answers_.end() || --first->second.effects > 0) return;
  while (token != 0) {
    const auto it = answers_.find(token);
    if (it == answers_.end()) return;
    const Answer answer = it->second;
    answers_.erase(it);
    token = answer.next;
    answered(answer);
  }
}

void Inbound::answered(const Answer& answer) {
  Remembered::Reply* reply = answer.digest != 0 ? remembered_.reply(answer.digest) : nullptr;
  if (reply) reply->pending = 0;
  if (answer.remember) context_.out.remember(settings_.id, *answer.remember, context_.now.civil);
  const Mono took = context_.now.mono - answer.read;
  if (answer.digest != 0) context_.stats.opt_out_effect.observe(took);
  Link& link = links_[answer.link];
  // A session that ended meanwhile delivers it again on the next one, where it finds its effect
  // done.
  if (link.attempt() != answer.attempt) return;
  link.gave_answer();
  const bool bound = link.is_bound();
  link.session().answer(answer.sequence_number, answer.command, smpp::Status::ESME_ROK);
  if (!reply || !bound) return;
  reply->answered = true;
  if (took > kPrompt) return;
  watched_.push_back({context_.now.mono + kLivedOn, answer.digest, answer.link, answer.attempt});
}

void Inbound::forget_settled() {
  while (!watched_.empty() && watched_.front().due <= context_.now.mono) {
    const Watched watched = watched_.front();
    watched_.pop_front();
    const Link& link = links_[watched.link];
    const Remembered::Reply* reply = remembered_.reply(watched.digest);
    if (!reply || !reply->answered) continue;
    if (link.attempt() != watched.attempt || !link.is_bound()) continue;
    remembered_.forget(watched.digest, context_.out, context_.now.civil);
  }
}

// ---- Ages.

void Inbound::tick() {
  age();
  parked_.expire();
  while (auto whole = long_replies_.overdue()) {
    hand_over(std::move(*whole), 0, {});
  }
  forget_settled();
  remembered_.expire(context_.out, context_.now.civil);
}

// What is known of a message is told when its last receipt has not come in time: a part that failed
// has failed the message, and UNKNOWN is what the carrier said last.
//
// An attempt that is open, or is still to come, has another end.
void Inbound::age() {
  if (context_.now.mono < next_age_) return;
  const Civil limit = context_.now.civil - settings_.receipt_timeout;
  std::optional<Awaiting::Entry> passed;
  for (int i = 0; i < kAgedPerTurn; ++i) {
    const auto entry = awaiting_.oldest(limit);
    if (!entry) return load_aged(limit);
    if (entry == passed) return;
    const Sent sent = awaiting_.sent(*entry);
    if (!sent.complete() || sent.unknown() || sent.submitted > limit) {
      awaiting_.pass_over(*entry);
      if (!passed) passed = entry;
      next_age_ = context_.now.mono + kTick;
      continue;
    }
    smpp::MessageState told = awaiting_.progress(sent).state;
    const bool unknown = std::ranges::any_of(sent.parts, [](const SentPart& part) {
      return part.answer == SentPart::Answer::accepted && part.state == smpp::MessageState::unknown;
    });
    const bool failed = is_last(told) && told != smpp::MessageState::delivered;
    if (!failed && unknown) told = smpp::MessageState::unknown;
    if (failed || unknown) {
      tell_receipt(sent, told, sent.error, "", {}, true);
    } else {
      context_.begin_event(sent.id, sent.reference, true).mutable_receipt_missing();
      context_.end_event(sent.upstream);
    }
    stats_.receipts_timed_out.add();
    AuditRecord record =
        audit_of(sent, settings_.id, AuditRecord::Kind::receipt_missing, context_.now.civil);
    if (failed || unknown) record.code = static_cast<uint32_t>(told);
    context_.out.audit(record);
    awaiting_.end(*entry, sent, context_.out);
  }
}

// The spilled ones whose time is over come back into memory first.
void Inbound::load_aged(Civil limit) {
  const uint64_t end = Awaiting::key_at(limit + 1ms);
  if (awaiting_.spilled() == 0 || awaiting_.spilled_from() >= end || loading_aged_) return;
  if (context_.now.mono < next_aged_) return;
  loading_aged_ = true;
  next_aged_ = context_.now.mono + kTick;
  load(awaiting_.spilled_from(), end, 0);
}

Mono Inbound::deadline() const {
  Mono at = kNever;
  if (awaiting_.spilled() > 0 && !loading_aged_) {
    const Civil first = Awaiting::time_of(awaiting_.spilled_from());
    at = std::max(context_.mono_at(first + settings_.receipt_timeout), next_aged_);
  }
  if (const auto sent = awaiting_.oldest_sent()) {
    at = std::min(at, std::max(context_.mono_at(*sent + settings_.receipt_timeout), next_age_));
  }
  if (!watched_.empty()) at = std::min(at, watched_.front().due);
  if (const auto due = long_replies_.next_due()) {
    at = std::min(at, std::max(context_.mono_at(*due), context_.now.mono + kTick));
  } else if (parked_.size() > 0) {
    at = std::min(at, context_.now.mono + 60 * kTick);
  }
  return at;
}

}  // namespace tact::gateway
