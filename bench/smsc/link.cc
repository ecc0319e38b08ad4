// SPDX-License-Identifier: Apache-2.0
#include "bench/smsc/link.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "bench/smsc/centre.h"
#include "smpp/receipt.h"

namespace tact::bench {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using smpp::Mono;

constexpr std::size_t kChunkBytes = 64 * 1024;
// A peer that does not read its answers is not read from either.
constexpr std::size_t kOutputBytesMax = 1u << 20;

}  // namespace

smpp::SessionConfig Link::session_config(const Scenario& scenario) {
  smpp::SessionConfig config;
  config.role = smpp::Role::smsc;
  config.system_id = "tact-smsc";
  config.window = scenario.deliver_window;
  config.tells_version = scenario.interface_version >= smpp::kVersion34;
  config.interface_version = std::max(scenario.interface_version, smpp::kVersion34);
  config.assume_tlvs = true;  // the scenario says what is sent, as carriers do
  config.timers.response = scenario.deliver_timeout;
  return config;
}

Link::Link(Transport::Socket socket, uint64_t id, Centre& centre)
    : id_(id),
      centre_(centre),
      transport_(std::move(socket), centre.tls()),
      session_(session_config(centre.scenario())),
      chunk_(kChunkBytes) {}

void Link::start(Mono now) {
  error_code ignored;
  transport_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  session_.connected(now);
  transport_.async_handshake([self = shared_from_this()](error_code error) {
    if (self->ended_) return;
    if (!error) return self->do_read();
    ++self->centre_.statistics().handshakes_failed;
    self->end(Centre::now());
  });
}

void Link::do_read() {
  transport_.async_read_some(asio::buffer(chunk_),
                             [self = shared_from_this()](error_code error, std::size_t size) {
                               self->on_read(error, size);
                             });
}

void Link::on_read(error_code error, std::size_t size) {
  if (ended_) return;
  const Mono now = Centre::now();
  if (error) return end(now);
  if (silent_) return do_read();
  session_.receive(smpp::Octets(chunk_).first(size), now, events_);
  for (const smpp::Event& event : events_) {
    if (std::holds_alternative<smpp::Lost>(event)) centre_.statistics().count(Violation::bad_pdu);
  }
  on_events(now);
  if (ended_) return;
  want_write();
  read_paused_ = session_.output().size() > kOutputBytesMax;
  if (!read_paused_) do_read();
}

void Link::on_events(Mono now) {
  bool pump = false;
  for (const smpp::Event& event : events_) {
    if (const auto* request = std::get_if<smpp::Request>(&event)) {
      if (!ended_ && !silent_) on_request(*request, now);
    } else if (const auto* response = std::get_if<smpp::Response>(&event)) {
      // A late one was given up when its time was over, and waits for a bind.
      if (!response->late) centre_.deliveries().on_answer(response->cookie, response->status, now);
      pump = true;
    } else if (const auto* silent = std::get_if<smpp::TimedOut>(&event)) {
      centre_.deliveries().on_silence(silent->cookie, false);
      pump = true;
    } else if (const auto* lost = std::get_if<smpp::Unanswered>(&event)) {
      centre_.deliveries().on_silence(lost->cookie, true);
    } else if (std::holds_alternative<smpp::Unbound>(event)) {
      ++centre_.statistics().unbinds;
      on_unbound();
    } else if (std::holds_alternative<smpp::Lost>(event)) {
      closing_ = true;
    }
  }
  events_.clear();
  if (pump && receives_) centre_.deliveries().pump(account_, now);
}

void Link::on_request(const smpp::Request& request, Mono now) {
  const smpp::Header& header = request.pdu.header;
  if (const auto* submit = std::get_if<smpp::SubmitSm>(&request.pdu.body)) {
    centre_.on_submit(*this, header.sequence_number, *submit, now);
  } else if (smpp::bind_of(request.pdu.body) != nullptr) {
    on_bind(request.pdu, now);
  } else {
    centre_.statistics().count(Violation::unexpected_command);
    session_.answer(header.sequence_number, header.command_id, smpp::Status::ESME_RINVCMDID);
  }
}

void Link::on_bind(const smpp::Pdu& pdu, Mono now) {
  const smpp::Bind& bind = *smpp::bind_of(pdu.body);
  const uint32_t sequence = pdu.header.sequence_number;
  const smpp::Status status = centre_.accounts().judge(bind, now);
  if (status != smpp::Status::ESME_ROK) {
    ++centre_.statistics().binds_refused;
    session_.reject_bind(sequence, status);
    return;
  }
  account_ = centre_.deliveries().account(bind.system_id);
  session_.accept_bind(sequence, "tact-smsc", now);
  ++centre_.statistics().binds_accepted;
  ++centre_.statistics().bound;
  limits_ = &centre_.accounts().bind(bind.system_id);
  receives_ = session_.state() != smpp::SessionState::bound_tx;
  if (receives_) centre_.deliveries().add_receiver(account_, *this, now);
}

void Link::on_unbound() {
  stop_receiving();
  closing_ = true;
  --centre_.statistics().bound;
  centre_.accounts().unbind(*limits_);
  limits_ = nullptr;
}

void Link::stop_receiving() {
  if (receives_) centre_.deliveries().remove_receiver(account_, *this);
  receives_ = false;
}

uint64_t Link::count_submit(uint32_t sequence_number) {
  Statistics& statistics = centre_.statistics();
  const uint32_t window = limits_->window;
  if (++unanswered_ > window && window > 0) statistics.count(Violation::window_exceeded);
  uint32_t& used = sequences_[sequence_number % sequences_.size()];
  if (used == sequence_number) statistics.count(Violation::sequence_reuse);
  used = sequence_number;
  return ++submits_;
}

bool Link::steps_back(uint16_t reference) {
  const uint16_t before = std::exchange(reference_, reference);
  return submits_ > 1 && static_cast<int16_t>(static_cast<uint16_t>(reference - before)) < 0;
}

void Link::answer(uint32_t sequence_number, smpp::Status status, std::string_view message_id,
                  uint8_t congestion) {
  bool sent = false;
  if (congestion <= 100) {
    smpp::TlvWriter tlvs;
    tlvs.u8(smpp::Tag::congestion_state, congestion);
    smpp::SubmitSmResp response;
    response.message_id = message_id;
    response.tlvs = tlvs.tlvs();
    sent = session_.respond(sequence_number, status, response);
  } else {
    sent = session_.answer(sequence_number, smpp::CommandId::submit_sm, status, message_id);
  }
  // Above 8 characters an ESME of v3.3 has no room for an id.
  if (!sent && status == smpp::Status::ESME_ROK) {
    sent = session_.answer(sequence_number, smpp::CommandId::submit_sm, smpp::Status::ESME_RSYSERR);
  }
  if (!sent) return;
  ++answered_;
  want_write();
}

bool Link::deliver(const Delivery& delivery, uint64_t cookie, Mono now) {
  if (session_.window_free() == 0) return false;
  smpp::DeliverSm pdu;
  pdu.source_addr_ton = smpp::Ton::international;
  pdu.source_addr_npi = smpp::Npi::isdn;
  pdu.source_addr = delivery.handset.view();
  pdu.dest_addr_npi = smpp::Npi::isdn;
  pdu.destination_addr = delivery.service_number.view();
  smpp::TlvWriter tlvs;
  if (delivery.reply) {
    pdu.esm_class = delivery.reply->esm_class;
    pdu.data_coding = delivery.reply->data_coding;
    pdu.short_message = delivery.reply->octets;
  } else {
    fill_receipt(delivery, now, pdu, tlvs);
  }
  for (const OwnTlv& own : centre_.scenario().delivery_tlvs) tlvs.octets(own.tag, own.value);
  pdu.tlvs = tlvs.tlvs();
  if (!session_.request(pdu, cookie, now).ok()) return false;
  centre_.count_delivery(delivery, now);
  want_write();
  return true;
}

void Link::fill_receipt(const Delivery& delivery, Mono now, smpp::DeliverSm& pdu,
                        smpp::TlvWriter& tlvs) {
  const Scenario& scenario = centre_.scenario();
  const MessageIdText id = receipt_id(scenario, delivery.message_number);
  const bool good = delivery.state == smpp::MessageState::delivered;
  pdu.esm_class = smpp::kReceiptType;
  text_.clear();
  smpp::format_receipt({.id = id.view(),
                        .submit_date = centre_.date(delivery.submitted),
                        .done_date = centre_.date(now),
                        .state = delivery.state,
                        .err = good ? "000" : "001"},
                       text_);
  const std::size_t kept = text_.size() * delivery.kept / kWholeReceipt;
  const smpp::Octets text(reinterpret_cast<const uint8_t*>(text_.data()), kept);
  if (scenario.receipt_text == ReceiptPlace::short_message) pdu.short_message = text;
  if (scenario.receipt_text == ReceiptPlace::message_payload) {
    tlvs.octets(smpp::Tag::message_payload, text);
  }
  if (scenario.receipt_tlvs || scenario.receipt_text == ReceiptPlace::none) {
    const MessageIdText told = response_id(scenario, delivery.message_number);
    tlvs.c_string(smpp::Tag::receipted_message_id, told.view());
    tlvs.u8(smpp::Tag::message_state, static_cast<uint8_t>(delivery.state));
    if (delivery.has_reference) {
      tlvs.u16(smpp::Tag::user_message_reference, delivery.reference);
    }
  }
}

void Link::want_write() {
  if (write_wanted_ || ended_ || !writing_.empty()) return;
  write_wanted_ = true;
  asio::post(transport_.executor(), [self = shared_from_this()] {
    self->write_wanted_ = false;
    self->do_write();
  });
}

void Link::do_write() {
  if (ended_ || silent_ || !writing_.empty()) return;
  session_.take_output(writing_);
  unanswered_ -= answered_;
  answered_ = 0;
  if (writing_.empty()) {
    if (closing_) end(Centre::now());
    return;
  }
  transport_.async_write(
      asio::buffer(writing_),
      [self = shared_from_this()](error_code error, std::size_t) { self->on_write(error); });
}

void Link::on_write(error_code error) {
  if (ended_) return;
  writing_.clear();
  if (error) return end(Centre::now());
  do_write();
  if (ended_ || !read_paused_) return;
  read_paused_ = false;
  do_read();
}

void Link::fall_silent() {
  silent_ = true;
  stop_receiving();
}

void Link::reset() {
  error_code ignored;
  transport_.socket().set_option(asio::socket_base::linger(true, 0), ignored);
  end(Centre::now());
}

void Link::tick(Mono now) {
  if (ended_ || silent_) return;
  session_.expire(now, events_);
  on_events(now);
  count_violations();
  want_write();
}

void Link::end(Mono now) {
  if (ended_) return;
  ended_ = true;
  error_code ignored;
  transport_.socket().close(ignored);
  stop_receiving();
  if (limits_ != nullptr) {
    --centre_.statistics().bound;
    centre_.accounts().lose(*limits_, now);
  }
  count_violations();
  smpp::Events rest;
  session_.disconnected(now, rest);
  for (const smpp::Event& event : rest) {
    if (const auto* lost = std::get_if<smpp::Unanswered>(&event)) {
      centre_.deliveries().on_silence(lost->cookie, true);
    }
  }
  centre_.deliveries().pump(account_, now);
  centre_.on_end(*this);
}

void Link::count_violations() {
  Statistics& statistics = centre_.statistics();
  const smpp::SessionCounters& counters = session_.counters();
  statistics.pdus_in += counters.pdus_in - counted_.pdus_in;
  statistics.pdus_out += counters.pdus_out - counted_.pdus_out;
  statistics.count(Violation::bad_pdu, counters.malformed - counted_.malformed);
  statistics.count(Violation::unexpected_command, counters.unknown_command + counters.wrong_state -
                                                      counted_.unknown_command -
                                                      counted_.wrong_state);
  statistics.count(Violation::stray_response, counters.stray_response - counted_.stray_response);
  counted_ = counters;
}

}  // namespace tact::bench
