// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/engine/centre.h"

#include <algorithm>
#include <cstdio>

#include "smpp/segment.h"

namespace tact::gateway::test {
namespace {

smpp::Octets octets(std::string_view s) {
  return {reinterpret_cast<const uint8_t*>(s.data()), s.size()};
}

std::string hex(uint64_t n) {
  char text[24];
  std::snprintf(text, sizeof text, "%08llx", static_cast<unsigned long long>(n));
  return text;
}

smpp::SessionConfig as_centre(uint8_t interface_version, uint16_t window) {
  smpp::SessionConfig config;
  config.tells_version = interface_version >= smpp::kVersion34;
  config.interface_version = std::max(interface_version, smpp::kVersion34);
  config.role = smpp::Role::smsc;
  config.system_id = "centre";
  config.window = window;
  config.timers = {smpp::kNever, smpp::kNever, smpp::kNever, smpp::kNever};
  return config;
}

}  // namespace

bool Centre::bound(uint16_t link) const {
  return std::any_of(peers_.begin(), peers_.end(), [&](const auto& entry) {
    return entry.second.link == link && entry.second.session->is_bound();
  });
}

void Centre::connected(ConnectionId connection, Mono now) {
  const auto link = parse_link_connection(connection);
  auto& peer = peers_[connection];
  peer = {link->index,
          std::make_unique<smpp::Session>(as_centre(interface_version, window)),
          {},
          0,
          false};
  peer.session->connected(now);
}

void Centre::received(ConnectionId connection, ByteView bytes, Mono now) {
  const auto at = peers_.find(connection);
  if (at == peers_.end() || silent) return;
  smpp::Events events;
  at->second.session->receive(bytes, now, events);
  for (const auto& event : events) take(connection, at->second, event, now);
}

void Centre::take(ConnectionId connection, Peer& peer, const smpp::Event& event, Mono now) {
  if (const auto* request = std::get_if<smpp::Request>(&event)) {
    if (std::holds_alternative<smpp::SubmitSm>(request->pdu.body)) {
      submitted(connection, peer, request->pdu, now);
    } else if (bind_answer != smpp::Status::ESME_ROK) {
      peer.session->reject_bind(request->pdu.header.sequence_number, bind_answer);
    } else {
      peer.session->accept_bind(request->pdu.header.sequence_number, "centre", now);
    }
  } else if (const auto* response = std::get_if<smpp::Response>(&event)) {
    const auto sent = peer.sent.find(response->cookie);
    if (sent == peer.sent.end()) return;
    if (response->status == smpp::Status::ESME_ROK) deliveries_[sent->second].answered = true;
    peer.sent.erase(sent);
  } else if (std::holds_alternative<smpp::Unbound>(event)) {
    ++unbinds;
    peer.ended = true;
  } else if (std::holds_alternative<smpp::Lost>(event)) {
    peer.ended = true;
  }
}

void Centre::submitted(ConnectionId connection, Peer& peer, const smpp::Pdu& pdu, Mono now) {
  const auto& message = std::get<smpp::SubmitSm>(pdu.body);
  const auto part = smpp::part_info(message);
  Seen one;
  one.number = seen.size();
  one.at = now;
  one.link = peer.link;
  one.connection = connection;
  one.sequence_number = pdu.header.sequence_number;
  one.to = message.destination_addr;
  one.octets.assign(part.text.begin(), part.text.end());
  one.data_coding = message.data_coding;
  smpp::read_text(part, message.data_coding, dialect, one.text);
  one.reference = part.reference;
  one.part = part.index;
  one.parts = part.total;
  one.user_message_reference = message.tlvs.u16(smpp::Tag::user_message_reference);
  for (const auto& tlv : message.tlvs) {
    one.tlvs[static_cast<uint16_t>(tlv.tag)] = {tlv.value.begin(), tlv.value.end()};
  }
  one.id = name_id ? name_id(next_id_) : hex(next_id_);
  ++next_id_;
  seen.push_back(one);
  window_most = std::max(window_most, ++peer.unanswered);
  const Say say = on_submit ? on_submit(one) : Say{};
  if (say.answer == Answer::silence) return;
  answer(one, say.answer == Answer::refuse ? say.status : smpp::Status::ESME_ROK);
}

void Centre::answer(const Seen& one, smpp::Status status) {
  const auto at = peers_.find(one.connection);
  if (at == peers_.end()) return;
  if (congestion_state) {
    smpp::TlvWriter tlvs;
    tlvs.u8(smpp::Tag::congestion_state, *congestion_state);
    smpp::SubmitSmResp response;
    if (status == smpp::Status::ESME_ROK) response.message_id = one.id;
    response.tlvs = tlvs.tlvs();
    at->second.session->respond(one.sequence_number, status, response);
  } else {
    at->second.session->answer(one.sequence_number, smpp::CommandId::submit_sm, status, one.id);
  }
  if (at->second.unanswered > 0) --at->second.unanswered;
  if (receipts && status == smpp::Status::ESME_ROK) {
    receipt(one, smpp::MessageState::delivered);
  }
}

size_t Centre::receipt(const Seen& one, smpp::MessageState state, std::string id) {
  smpp::ReceiptText text;
  const std::string spelled = id.empty() ? one.id : std::move(id);
  text.id = spelled;
  text.submit_date = text.done_date = "2603181015";
  text.state = state;
  Delivery delivery;
  smpp::format_receipt(text, delivery.octets);
  delivery.from = one.to;
  delivery.to = "1069000055";
  delivery.esm_class = smpp::kReceiptType;
  return deliver(std::move(delivery));
}

size_t Centre::deliver(Delivery delivery) {
  deliveries_.push_back(std::move(delivery));
  return deliveries_.size() - 1;
}

void Centre::deliver_waiting(Peer& peer, Mono now) {
  if (!peer.session->is_bound()) return;
  for (size_t i = 0; i < deliveries_.size(); ++i) {
    Delivery& delivery = deliveries_[i];
    if (delivery.answered || (delivery.link && *delivery.link != peer.link)) continue;
    const bool on_its_way = std::any_of(peers_.begin(), peers_.end(), [&](const auto& other) {
      return std::any_of(other.second.sent.begin(), other.second.sent.end(),
                         [&](const auto& sent) { return sent.second == i; });
    });
    if (on_its_way) continue;
    smpp::TlvWriter tlvs;
    if (delivery.user_message_reference) {
      tlvs.u16(smpp::Tag::user_message_reference, *delivery.user_message_reference);
    }
    if (delivery.receipted_message_id) {
      tlvs.c_string(smpp::Tag::receipted_message_id, *delivery.receipted_message_id);
    }
    for (const auto& [tag, value] : delivery.tlvs) {
      tlvs.octets(static_cast<smpp::Tag>(tag), octets(value));
    }
    if (delivery.message_state) tlvs.u8(smpp::Tag::message_state, *delivery.message_state);
    smpp::DeliverSm pdu;
    pdu.source_addr = delivery.from;
    pdu.destination_addr = delivery.to;
    pdu.esm_class = delivery.esm_class;
    pdu.data_coding = delivery.data_coding;
    pdu.short_message = octets(delivery.octets);
    pdu.tlvs = tlvs.tlvs();
    if (!peer.session->request(pdu, next_cookie_, now).ok()) return;
    peer.sent[next_cookie_++] = i;
    ++delivery.sent;
  }
}

void Centre::output(ConnectionId connection, Bytes& out, Mono now) {
  const auto at = peers_.find(connection);
  if (at == peers_.end()) return;
  deliver_waiting(at->second, now);
  Bytes bytes;
  at->second.session->take_output(bytes);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

bool Centre::cut(ConnectionId connection) {
  const auto at = peers_.find(connection);
  return at == peers_.end() || at->second.ended || dropped_.erase(at->second.link) > 0;
}

void Centre::closed(ConnectionId connection, Mono) { peers_.erase(connection); }

Centre::Delivery written(std::string from, std::string to, std::string_view text) {
  std::vector<uint8_t> octets;
  smpp::to_octets(text, smpp::Coding::ucs2, octets);
  Centre::Delivery delivery;
  delivery.from = std::move(from);
  delivery.to = std::move(to);
  delivery.octets.assign(octets.begin(), octets.end());
  delivery.data_coding = smpp::DataCoding::ucs2;
  return delivery;
}

}  // namespace tact::gateway::test
