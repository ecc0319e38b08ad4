// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/sender.h"

#include <algorithm>
#include <bit>

#include "gateway/engine/check.h"
#include "gateway/engine/inquiries.h"
#include "gateway/engine/retry.h"
#include "smpp/time.h"

namespace tact::gateway {

namespace {
constexpr uint64_t kStride = 1 << 20;
// How long a reference counts as taken while no receipt comes, and how long who wants it waits.
constexpr std::chrono::hours kReferenceHeld{1};
constexpr std::chrono::seconds kReferenceWait{1};

// Slots and tokens that only OTP may take (DESIGN 17.13).
uint32_t reserve(uint32_t window) { return window > 1 ? std::max(1u, window / 8) : 0; }
}  // namespace

Sender::Sender(ShardContext& context, const RouteSettings& settings, RouteStats& stats,
               std::deque<Link>& links, Awaiting& awaiting, std::vector<Lane>& lanes,
               CarrierCodes& carrier_codes)
    : context_(context),
      settings_(settings),
      stats_(stats),
      links_(links),
      awaiting_(awaiting),
      lanes_(lanes),
      carrier_codes_(carrier_codes),
      submit_tlvs_(settings, context.settings),
      pacer_(settings.rate_pdus, settings.burst_pdus, context.now.mono),
      down_since_(context.now.mono),
      stages_(settings.links.size()) {
  for (const Class cls : kClassOrder) {
    beside_[raw(cls)] = context.directory.beside(settings.id, cls);
  }
}

uint32_t Sender::take_slot() {
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(flights_.size()));
    flights_.emplace_back();
  }
  const uint32_t slot = free_.back();
  free_.pop_back();
  Flight& flight = flights_[slot];
  flight.used = true;
  flight.generation = ++generation_;
  ++used_;
  return slot;
}

void Sender::free_slot(uint32_t slot) {
  Flight& flight = flights_[slot];
  flight.used = false;
  flight.item = {};
  flight.parts = flight.next = flight.outstanding = 0;
  flight.stopped = false;
  flight.refusal = smpp::Status::ESME_ROK;
  flight.withheld.reset();
  flight.answers.clear();
  free_.push_back(slot);
  --used_;
}

Sender::Flight* Sender::flight_of(uint64_t cookie, uint8_t& part) {
  const auto slot = static_cast<uint32_t>(cookie & 0xffffff);
  part = static_cast<uint8_t>(cookie >> 24);
  if (slot >= flights_.size()) return nullptr;
  Flight& flight = flights_[slot];
  return flight.used && flight.generation == cookie >> 32 ? &flight : nullptr;
}

bool Sender::busy(uint16_t link) const {
  return stages_[link].current.has_value() || links_[link].session().window_used() > 0;
}

void Sender::dispatch() {
  paced_until_ = kNever;
  // A late answer is only worth waiting for while it can still settle something.
  while (!late_order_.empty() && late_order_.front().first <= context_.now.mono) {
    late_.erase(late_order_.front().second);
    late_order_.pop_front();
  }
  destinations_.tick(context_.now);
  stats_.destinations_parked.set(destinations_.parked());
  if (!draining_) {
    for (const Class cls : kClassOrder) offer_from(lanes_[static_cast<size_t>(cls)]);
  }
  for (uint16_t link = 0; link < links_.size(); ++link) pump(link);
  serve_stranded();
  stats_.rate_pdus.set(pacer_.rate());
}

void Sender::offer_from(Lane& lane) {
  const auto cls = static_cast<size_t>(lane.id().cls);
  while (const Lane::Item* front = lane.front()) {
    const Message message = front->message();
    const auto link = link_for(message.number);
    if (!link) return;
    if (stages_[*link].queues[cls].size() >= links_[*link].settings().session.window) return;
    stage(hold(lane.offer(), message), *link, false);
  }
}

uint32_t Sender::hold(Lane::Item item, const Message& message) {
  const uint32_t slot = take_slot();
  Flight& flight = flights_[slot];
  flight.item = std::move(item);
  flight.message = message;
  return slot;
}

std::optional<uint16_t> Sender::link_for(NumberHash number) const {
  if (const auto it = sticky_.find(number); it != sticky_.end()) return it->second.link;
  std::optional<uint16_t> best;
  uint64_t least = 0;
  for (uint16_t i = 0; i < links_.size(); ++i) {
    if (!links_[i].can_submit()) continue;
    uint64_t load = links_[i].session().window_used();
    for (const auto& queue : stages_[i].queues) load += queue.size();
    if (best) {
      const uint64_t mine = load * links_[*best].settings().weight;
      const uint64_t other = least * links_[i].settings().weight;
      if (mine > other || (mine == other && stages_[i].turns >= stages_[*best].turns)) continue;
    }
    least = load;
    best = i;
  }
  return best;
}

// It was away: what the others got meanwhile is not made up for.
void Sender::link_up(uint16_t index) {
  uint64_t& turns = stages_[index].turns;
  for (uint16_t i = 0; i < links_.size(); ++i) {
    if (i != index && links_[i].can_submit()) turns = std::max(turns, stages_[i].turns);
  }
}

void Sender::stage(uint32_t slot, uint16_t link, bool first) {
  Flight& flight = flights_[slot];
  flight.link = link;
  auto [it, fresh] = sticky_.try_emplace(flight.message.number, Sticky{link, 0});
  it->second.link = link;
  ++it->second.messages;
  stages_[link].turns += kStride / links_[link].settings().weight;
  staged_due_ = std::min(staged_due_, due_at(flight.message.expires));
  Stage& stage = stages_[link];
  const auto cls = static_cast<size_t>(flight.message.cls);
  auto& queue = stage.queues[cls];
  // A class that was idle does not make up for it now.
  if (queue.empty()) stage.pass[cls] = std::max(stage.pass[cls], stage.served);
  first ? queue.push_front(slot) : queue.push_back(slot);
}

std::optional<Class> Sender::choose(const Stage& stage, const Link& link) const {
  const uint32_t free = link.session().window_free();
  if (free == 0) return std::nullopt;
  if (!stage.empty(Class::otp)) return Class::otp;
  if (free <= reserve(link.settings().session.window)) return std::nullopt;
  std::optional<Class> best;
  for (const Class cls : kClassOrder) {
    const auto c = static_cast<size_t>(cls);
    if (!stage.queues[c].empty() &&
        (!best || stage.pass[c] < stage.pass[static_cast<size_t>(*best)])) {
      best = cls;
    }
  }
  return best;
}

void Sender::pump(uint16_t index) {
  Link& link = links_[index];
  Stage& stage = stages_[index];
  if (stage.current && link.can_submit() && link.session().window_free() > 0) {
    look_again(flights_[*stage.current]);  // it began in an earlier turn
  }
  while (link.can_submit()) {
    if (stage.current) {
      const uint32_t slot = *stage.current;
      if (!send_parts(slot, link)) return;
      stage.current.reset();
      if (flights_[slot].outstanding == 0) finish(slot);
      continue;
    }
    const auto cls = choose(stage, link);
    if (!cls) return;
    auto& queue = stage.queues[static_cast<size_t>(*cls)];
    const uint32_t slot = queue.front();
    const Mono when =
        pacer_.next(*cls == Class::otp, parts_left(flights_[slot]), context_.now.mono);
    if (when > context_.now.mono) {
      paced_until_ = std::min(paced_until_, when);
      return;
    }
    queue.pop_front();
    auto& pass = stage.pass[static_cast<size_t>(*cls)];
    if (*cls != Class::otp) stage.served = pass;
    pass += kStride / context_.of(*cls).weight;
    if (start(slot, index)) stage.current = slot;
  }
}

// With window slot and token in hand: the last look, then the parts (DESIGN 17.15).
bool Sender::start(uint32_t slot, uint16_t link) {
  Flight& flight = flights_[slot];
  const Message& message = flight.message;
  if (ends_unsent(slot)) return false;
  if (!split(flight) || segments_.size() > kSegmentsMax) {
    fail(message, smpp::Status::ESME_RINVMSGLEN, 0);
    resolve(slot);
    return false;
  }
  if (segments_.size() > 1 && reference_taken(flight)) {
    // Its handset would join parts of two messages into one (DESIGN 17.8).
    defer(message, context_.now.civil + kReferenceWait);
    resolve(slot);
    return false;
  }
  flight.parts = static_cast<uint8_t>(segments_.size());
  flight.answers.assign(flight.parts, SentPart{});
  CHECK(pacer_.take(message.cls == Class::otp, parts_left(flight), context_.now.mono));
  auto& lane = stats_.lanes[static_cast<size_t>(message.cls)];
  lane.accepted_to_wire.observe(context_.now.civil - message.accepted);
  if (flight.item.durable != Mono{}) {
    lane.durable_to_wire.observe(context_.now.mono - flight.item.durable);
  }
  flight.link = link;
  return true;
}

// A part that waited for its slot needs the same leave as the first one: half a message that is
// told as such is better than a whole one that comes too late or is unwanted (I8). But a cancel
// that finds it begun is told to be too late, and withdraws nothing.
void Sender::look_again(Flight& flight) {
  Message message = flight.message;
  message.upstream = UpstreamId{};  // whose withdrawals these would be
  auto verdict = context_.last_look(message);
  if (verdict.action != policy::Action::defer && verdict.action != policy::Action::reject) return;
  flight.stopped = true;
  flight.withheld = std::move(verdict);
}

bool Sender::ends_unsent(uint32_t slot) {
  if (held_back(slot)) return true;
  const auto verdict = context_.last_look(flights_[slot].message);
  if (verdict.action < policy::Action::defer) return false;
  look_said(slot, verdict);
  return true;
}

bool Sender::held_back(uint32_t slot) {
  Message& message = flights_[slot].message;
  const bool waited = message.flags & Message::kWaited;
  message.flags &= static_cast<uint16_t>(~Message::kWaited);
  if (waited) destinations_.came_back(message.number, message.cls);
  const Civil now = context_.now.civil;
  if (message.awaiting != 0 && !awaiting_.incomplete(message.awaiting)) {
    // Settled meanwhile by a receipt or by age: its fate has been told.
  } else if (const auto refusal = destinations_.barred(message.number, now);
             refusal && message.attempts > 0) {
    stats_.refused.add();
    fail(message, *refusal, std::popcount(message.sent_parts));
  } else if (message.expires <= now) {
    return false;  // the last look says so
  } else if (const auto until = destinations_.hold(message.number, message.cls, waited, now)) {
    stats_.destination_held.add();
    message.flags |= Message::kWaited;
    defer(message, *until);
  } else {
    return false;
  }
  resolve(slot);
  return true;
}

// Is a long message to this number under way that carries the same reference on the air?
bool Sender::reference_taken(const Flight& flight) const {
  if (settings_.concat == smpp::Concat::payload) return false;
  const Message& message = flight.message;
  const auto reference = static_cast<uint16_t>(raw(message.id));
  if (awaiting_.reference_used(reference, message.number, message.awaiting,
                               context_.now.civil - kReferenceHeld)) {
    return true;
  }
  const auto sticky = sticky_.find(message.number);
  if (sticky == sticky_.end() || sticky->second.messages < 2) return false;
  const uint16_t mask = settings_.concat == smpp::Concat::udh8 ? 0xff : 0xffff;
  return std::any_of(flights_.begin(), flights_.end(), [&](const Flight& other) {
    return other.used && other.parts > 1 && other.message.number == message.number &&
           ((raw(other.message.id) ^ reference) & mask) == 0;
  });
}

std::string Sender::withheld_tlvs() const {
  std::string names = settings_.user_message_reference ? "user_message_reference" : "";
  if (submit_tlvs_.empty()) return names;
  return names + (names.empty() ? "" : ", ") + "submit_tlvs";
}

bool Sender::split(const Flight& flight) {
  if (split_for_ == flight.generation) return true;
  const auto reference = static_cast<uint16_t>(raw(flight.message.id));
  smpp::TlvWriter tlvs;
  if (settings_.user_message_reference) {
    tlvs.u16(smpp::Tag::user_message_reference, reference);
  }
  tlvs.append(submit_tlvs_.of(flight.message.account));
  smpp::SplitOptions options;
  options.concat = settings_.concat;
  options.dialect = settings_.dialect;
  options.reference = reference;
  options.tlvs = tlvs.tlvs();
  const bool done = segments_.split(flight.message.text, options) == smpp::TextError::none;
  split_for_ = done ? flight.generation : 0;
  return done;
}

// PDUs that it takes to send what is missing, at least one: the bucket is asked for as many as it
// is charged.
uint32_t Sender::parts_left(const Flight& flight) {
  if (!split(flight)) return 1;
  const auto parts = static_cast<uint32_t>(segments_.size());
  const auto sent = static_cast<uint32_t>(std::popcount(flight.message.sent_parts));
  return std::max(1u, parts - std::min(parts, sent));
}

bool Sender::send_parts(uint32_t slot, Link& link) {
  Flight& flight = flights_[slot];
  const Message& message = flight.message;
  split(flight);
  smpp::SubmitSm pdu;
  fill(flight, pdu);
  smpp::TimeText validity;
  if (settings_.validity_period) {
    validity = smpp::absolute_time(std::chrono::floor<std::chrono::seconds>(message.expires));
  }
  pdu.validity_period = validity;
  const uint8_t esm_class = pdu.esm_class;
  for (; flight.next < flight.parts && !flight.stopped; ++flight.next) {
    if (message.sent_parts >> flight.next & 1) continue;
    pdu.esm_class = esm_class;
    segments_.part(flight.next).apply_to(pdu);
    if (!link.session().takes_tlvs()) pdu.tlvs = {};
    const auto sent =
        link.session().submit(pdu, flight.cookie(slot, flight.next), context_.now.mono);
    if (sent.refusal == smpp::Refusal::invalid_field) {
      flight.stopped = true;
      flight.refusal = sent.fault.status;
      break;
    }
    if (!sent.ok()) return false;  // no slot now; or the link has gone, and link_down() follows
    flight.answers[flight.next].answer = SentPart::Answer::unanswered;
    ++flight.outstanding;
    link.stats().submitted.add();
  }
  return true;
}

void Sender::fill(const Flight& flight, smpp::SubmitSm& pdu) const {
  const Message& message = flight.message;
  pdu.service_type = settings_.service_type;
  pdu.source_addr_ton = static_cast<smpp::Ton>(settings_.source_addr_ton);
  pdu.source_addr_npi = static_cast<smpp::Npi>(settings_.source_addr_npi);
  pdu.source_addr = message.from;
  pdu.dest_addr_ton = static_cast<smpp::Ton>(settings_.dest_addr_ton);
  pdu.dest_addr_npi = static_cast<smpp::Npi>(settings_.dest_addr_npi);
  pdu.destination_addr = message.to;
  pdu.registered_delivery = smpp::kReceiptAlways;
}

void Sender::response(const smpp::Response& response, uint16_t link) {
  LinkStats& stats = links_[link].stats();
  stats.responses.add();
  stats.round_trip.observe(response.round_trip);
  destinations_.answered(context_.now.mono);
  // Also a late refusal says how the carrier is.
  if (retry_after(settings_, response.status).action == RetryRule::Action::throttle) {
    stats_.throttled.add();
    pacer_.throttled(context_.now.mono);
  }
  if (response.late) {
    stats.late_responses.add();
    return late_response(response);
  }
  uint8_t part = 0;
  Flight* flight = flight_of(response.cookie, part);
  if (!flight) return;
  stats_.lanes[static_cast<size_t>(flight->message.cls)].round_trip.observe(response.round_trip);
  --flight->outstanding;
  if (response.status == smpp::Status::ESME_ROK) {
    flight->answers[part].answer = SentPart::Answer::accepted;
    flight->answers[part].id = response.message_id;
  } else {
    flight->answers[part].answer = SentPart::Answer::absent;
    flight->stopped = true;
    flight->refusal = response.status;
  }
  const auto slot = static_cast<uint32_t>(response.cookie & 0xffffff);
  if (stages_[link].current == slot && !flight->stopped && flight->next < flight->parts) return;
  if (flight->outstanding > 0) return;
  if (stages_[link].current == slot) stages_[link].current.reset();
  finish(slot);
}

void Sender::congestion(uint8_t state) {
  stats_.congestion_told.add();
  stats_.congestion_state.set(state);
  pacer_.congested(state, context_.now.mono);
}

// The truth about a request that was given up: while other parts are still outstanding it goes to
// their flight, afterwards to the entry that waits for it.
void Sender::late_response(const smpp::Response& response) {
  const auto it = late_.find(response.cookie);
  if (it == late_.end()) return;
  const Late late = it->second;
  late_.erase(it);
  const bool accepted = response.status == smpp::Status::ESME_ROK;
  uint8_t part = 0;
  if (Flight* flight = flight_of(response.cookie, part)) {
    flight->answers[part] = {};
    if (!accepted) flight->refusal = response.status;
    if (accepted) flight->answers[part].id = response.message_id;
    if (accepted) flight->answers[part].answer = SentPart::Answer::accepted;
    return;
  }
  const bool settled = accepted ? awaiting_.settle(late.entry, late.part, response.message_id)
                                : awaiting_.refuse(late.entry, late.part);
  if (!settled) return;
  awaiting_.save(late.entry, context_.out);
  if (accepted && on_submitted_) on_submitted_(late.entry);
}

void Sender::timed_out(uint64_t cookie) {
  uint8_t part = 0;
  Flight* flight = flight_of(cookie, part);
  if (!flight) return;
  links_[flight->link].stats().timeouts.add();
  late_.emplace(cookie, Late{});
  late_order_.emplace_back(context_.now.mono + settings_.settle_time, cookie);
  unanswered(cookie);
}

void Sender::unanswered(uint64_t cookie) {
  uint8_t part = 0;
  Flight* flight = flight_of(cookie, part);
  if (!flight) return;
  --flight->outstanding;
  flight->stopped = true;  // the answer stays `unanswered`
  if (flight->outstanding > 0) return;
  const auto slot = static_cast<uint32_t>(cookie & 0xffffff);
  auto& current = stages_[flight->link].current;
  if (current == slot) current.reset();
  finish(slot);
}

void Sender::link_down(uint16_t index) {
  Stage& stage = stages_[index];
  if (stage.current) {
    const uint32_t slot = *stage.current;
    stage.current.reset();
    flights_[slot].stopped = true;
    finish(slot);
  }
  // What has not left moves to a link that lives; without one it waits here for the reconnect.
  // All of a number let go before any is staged again: else the first would draw the others to the
  // dead link.
  std::vector<uint32_t> moving;
  for (auto& queue : stage.queues) {
    moving.insert(moving.end(), queue.begin(), queue.end());
    queue.clear();
  }
  for (const uint32_t slot : moving) unstick(flights_[slot].message.number);
  for (const uint32_t slot : moving) {
    this->stage(slot, link_for(flights_[slot].message.number).value_or(index), false);
  }
}

void Sender::look_for(const LookFor& request, std::vector<LookedFor::Found>& found) const {
  for (const Flight& flight : flights_) {
    if (!flight.used || flight.message.id >= request.before) continue;
    const uint64_t key = key_among(*request.keys, flight.message);
    if (key == 0) continue;
    const bool sent = flight.parts > 0 || flight.message.awaiting != 0;
    found.push_back({key, {settings_.id, flight.message.cls}, sent});
  }
}

void Sender::unstick(NumberHash number) {
  const auto it = sticky_.find(number);
  if (it != sticky_.end() && --it->second.messages == 0) sticky_.erase(it);
}

void Sender::resolve(uint32_t slot) {
  Flight& flight = flights_[slot];
  lanes_[static_cast<size_t>(flight.message.cls)].resolve(flight.item.seq);
  unstick(flight.message.number);
  free_slot(slot);
}

}  // namespace tact::gateway
