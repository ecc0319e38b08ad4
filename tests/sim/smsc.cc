// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/smsc.h"

#include <algorithm>

#include "smpp/segment.h"
#include "smpp/text.h"
#include "tests/sim/rules.h"

namespace tact::sim {
namespace {

using namespace std::chrono_literals;

smpp::SessionConfig as_carrier() {
  smpp::SessionConfig config;
  config.role = smpp::Role::smsc;
  config.system_id = "carrier";
  config.window = 64;
  config.timers = {smpp::kNever, smpp::kNever, smpp::kNever, smpp::kNever};
  return config;
}

smpp::Octets octets(std::string_view s) {
  return {reinterpret_cast<const uint8_t*>(s.data()), s.size()};
}

}  // namespace

Smsc::Smsc(size_t route, const Plan& plan, Agenda& agenda, Net& net, Audit& audit, Chance chance)
    : route_(route),
      plan_(plan),
      carrier_(plan.carriers[route]),
      settings_(plan.settings.routes[route]),
      agenda_(agenda),
      net_(net),
      audit_(audit),
      chance_(chance),
      next_id_(carrier_.first_id) {}

// ---- Sessions.

void Smsc::opened(uint64_t serial, uint16_t link) {
  Session& session = sessions_[serial];
  session.link = link;
  session.smpp = std::make_unique<smpp::Session>(as_carrier());
  session.smpp->connected(agenda_.now());
}

void Smsc::received(uint64_t serial, ByteView bytes, Stamp stamp) {
  const auto at = sessions_.find(serial);
  if (at == sessions_.end()) return;
  smpp::Events events;
  at->second.smpp->receive(bytes, agenda_.now(), events);
  for (const auto& event : events) take(serial, at->second, event, stamp);
  flush(serial);
}

void Smsc::take(uint64_t serial, Session& session, const smpp::Event& event, Stamp stamp) {
  if (const auto* request = std::get_if<smpp::Request>(&event)) {
    if (std::holds_alternative<smpp::SubmitSm>(request->pdu.body)) {
      submit(serial, session, request->pdu, stamp);
    } else {
      bind(serial, session, request->pdu);
    }
  } else if (const auto* response = std::get_if<smpp::Response>(&event)) {
    const auto sent = session.sent.find(response->cookie);
    if (sent == session.sent.end()) return;
    const size_t delivery = sent->second;
    session.sent.erase(sent);
    answered(delivery, response->status, stamp);
  } else if (std::holds_alternative<smpp::Unbound>(event) ||
             std::holds_alternative<smpp::Lost>(event)) {
    agenda_.in(0ns, [this, serial] {
      flush(serial);
      net_.close(serial);
      ended(serial);
    });
  }
}

void Smsc::bind(uint64_t serial, Session& session, const smpp::Pdu& pdu) {
  const uint32_t number = pdu.header.sequence_number;
  if (!calm_ && carrier_.already_bound) {
    for (const auto& [other, older] : sessions_) {
      if (other == serial || older.link != session.link) continue;
      session.smpp->reject_bind(number, smpp::Status::ESME_RALYBND);
      // It asks the older one whether it lives, and hears nothing.
      agenda_.in(chance_.between(1s, 5s), [this, dead = other] {
        net_.close(dead);
        ended(dead);
      });
      return;
    }
  }
  session.smpp->accept_bind(number, "carrier", agenda_.now());
  for (size_t k = 0; k < deliveries_.size(); ++k) {
    if (deliveries_[k].copies > 0) deliver_in(k, chance_.between(0ns, 100ms));
  }
}

void Smsc::go_out() { out_until_ = agenda_.now() + chance_.between(Mono(0), carrier_.outage_max); }

void Smsc::ended(uint64_t serial) {
  const auto at = sessions_.find(serial);
  if (at == sessions_.end()) return;
  audit_.session_ended(serial);
  const auto lost = std::move(at->second.sent);
  sessions_.erase(at);
  for (const auto& [cookie, delivery] : lost) deliver_in(delivery, chance_.between(10ms, 3s));
}

void Smsc::flush(uint64_t serial) {
  const auto at = sessions_.find(serial);
  if (at == sessions_.end()) return;
  Bytes bytes;
  at->second.smpp->take_output(bytes);
  if (!bytes.empty()) net_.send(serial, std::move(bytes));
}

std::vector<uint64_t> Smsc::sessions() const {
  std::vector<uint64_t> serials;
  for (const auto& [serial, session] : sessions_) serials.push_back(serial);
  return serials;
}

void Smsc::unbind_one() {
  const auto serials = sessions();
  if (serials.empty()) return;
  const uint64_t serial = chance_.one_of(serials);
  sessions_.at(serial).smpp->unbind(agenda_.now());
  flush(serial);
}

void Smsc::calm() {
  calm_ = true;
  for (size_t k = 0; k < deliveries_.size(); ++k) {
    if (deliveries_[k].copies > 0) deliver_in(k, chance_.between(0s, 5s));
  }
}

// ---- submit_sm.

std::optional<smpp::Status> Smsc::choose_status() {
  using smpp::Status;
  if (calm_) return Status::ESME_ROK;
  if (chance_.permille(carrier_.silent)) return std::nullopt;
  if (chance_.permille(carrier_.throttles)) return Status::ESME_RTHROTTLED;
  if (chance_.permille(carrier_.queue_full)) return Status::ESME_RMSGQFUL;
  if (chance_.permille(carrier_.temporary)) {
    return chance_.coin() ? Status::ESME_RSYSERR : Status::ESME_RX_T_APPN;
  }
  if (chance_.permille(carrier_.permanent)) {
    return chance_.coin() ? Status::ESME_RINVDSTADR : Status::ESME_RX_P_APPN;
  }
  return Status::ESME_ROK;
}

void Smsc::submit(uint64_t serial, const Session& session, const smpp::Pdu& pdu, Stamp stamp) {
  const auto& sm = std::get<smpp::SubmitSm>(pdu.body);
  const auto part = smpp::part_info(sm);
  Submitted facts;
  smpp::read_text(part, sm.data_coding, settings_.dialect, facts.text);
  auto message = audit_.message_in(facts.text);
  if (!message && part.is_part()) {
    message = audit_.message_of(route_, std::string(sm.destination_addr), part.reference);
  }
  const bool own = !message && is_answer(facts.text);
  if (!message && !own) {
    return audit_.wrong("I1", std::nullopt, "a text that nobody pushed: " + facts.text);
  }
  facts.message = message.value_or(0);
  facts.route = route_;
  facts.link = session.link;
  facts.serial = serial;
  facts.stamp = stamp;
  facts.to = sm.destination_addr;
  facts.reference = part.reference;
  facts.part = part.index;
  facts.parts = part.total;
  const std::string to(sm.destination_addr), from(sm.source_addr);
  const auto reference = sm.tlvs.u16(smpp::Tag::user_message_reference);
  const bool first = part.index == 1;
  std::optional<size_t> submission;
  if (own) {
    audit_.answer_sent(route_, stamp);
  } else {
    submission = audit_.submitted(std::move(facts));
  }

  const auto status = choose_status();
  const bool accepts =
      status ? *status == smpp::Status::ESME_ROK : !chance_.permille(carrier_.silent_refuses);
  const uint64_t n = next_id_++;
  const std::string id = spell_response(n);
  if (accepts && submission) audit_.accepted(*submission, id);
  Mono wait = chance_.between(carrier_.answer_min, carrier_.answer_max);
  if (!calm_ && chance_.permille(carrier_.late)) {
    wait += settings_.links[session.link].session.timers.response +
            chance_.between(0s, Mono(2 * settings_.settle_time));
  }
  if (status) {
    agenda_.in(wait, [=, this, number = pdu.header.sequence_number] {
      answer(serial, number, *status, submission, id);
    });
  }
  if (!accepts || (carrier_.first_part_only && !first)) return;
  plan_receipts(submission, n, to, from, reference, agenda_.now() + wait);
}

void Smsc::answer(uint64_t serial, uint32_t sequence_number, smpp::Status status,
                  std::optional<size_t> submission, const std::string& id) {
  const auto at = sessions_.find(serial);
  if (at == sessions_.end()) return;
  if (!at->second.smpp->answer(sequence_number, smpp::CommandId::submit_sm, status, id)) return;
  if (submission) audit_.answered(*submission, status);
  flush(serial);
}

// ---- Deliveries.

void Smsc::deliver_in(size_t delivery, Mono delay) {
  agenda_.in(delay, [this, delivery] { deliver(delivery); });
}

void Smsc::deliver(size_t index) {
  Delivery& delivery = deliveries_[index];
  if (delivery.copies == 0) return;
  std::vector<uint64_t> able;
  for (auto& [serial, session] : sessions_) {
    const auto state = session.smpp->state();
    if (state != smpp::SessionState::bound_rx && state != smpp::SessionState::bound_trx) continue;
    for (const auto& [cookie, other] : session.sent) {
      if (other == index) return;  // on its way
    }
    able.push_back(serial);
  }
  if (able.empty()) return;  // the next bind asks again
  const uint64_t serial = chance_.one_of(able);
  Session& session = sessions_.at(serial);
  smpp::TlvWriter tlvs;
  if (!delivery.receipted_id.empty()) {
    tlvs.c_string(smpp::Tag::receipted_message_id, delivery.receipted_id);
  }
  if (delivery.state_tlv) tlvs.u8(smpp::Tag::message_state, static_cast<uint8_t>(delivery.state));
  if (delivery.reference) tlvs.u16(smpp::Tag::user_message_reference, *delivery.reference);
  smpp::DeliverSm pdu;
  pdu.source_addr = delivery.from;
  pdu.destination_addr = delivery.to;
  pdu.esm_class = delivery.esm_class;
  pdu.data_coding = delivery.data_coding;
  pdu.short_message = octets(delivery.octets);
  pdu.tlvs = tlvs.tlvs();
  if (!session.smpp->request(pdu, next_cookie_, agenda_.now()).ok()) {
    return deliver_in(index, chance_.between(100ms, 1s));
  }
  session.sent[next_cookie_++] = index;
  if (delivery.submission) audit_.receipt_sent(*delivery.submission, delivery.state);
  flush(serial);
}

void Smsc::answered(size_t index, smpp::Status status, Stamp stamp) {
  Delivery& delivery = deliveries_[index];
  if (status != smpp::Status::ESME_ROK) return deliver_in(index, 5s);
  if (--delivery.copies > 0) deliver_in(index, chance_.between(1ms, 10s));
  if (delivery.answered) return;
  delivery.answered = true;
  if (delivery.submission) audit_.receipt_taken(*delivery.submission, delivery.state, stamp);
  if (delivery.reply && --reply_parts_[*delivery.reply] == 0) {
    audit_.reply_taken(*delivery.reply, stamp);
  }
}

}  // namespace tact::sim
