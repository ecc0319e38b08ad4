// SPDX-License-Identifier: Apache-2.0
#include "smpp/session.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tact::smpp {
namespace {

SessionState bound_state(BindMode mode) {
  switch (mode) {
    case BindMode::transmitter:
      return SessionState::bound_tx;
    case BindMode::receiver:
      return SessionState::bound_rx;
    case BindMode::transceiver:
      break;
  }
  return SessionState::bound_trx;
}

CommandId bind_command(BindMode mode) {
  switch (mode) {
    case BindMode::transmitter:
      return CommandId::bind_transmitter;
    case BindMode::receiver:
      return CommandId::bind_receiver;
    case BindMode::transceiver:
      break;
  }
  return CommandId::bind_transceiver;
}

BindMode mode_of(CommandId bind) {
  if (bind == CommandId::bind_transmitter) return BindMode::transmitter;
  if (bind == CommandId::bind_receiver) return BindMode::receiver;
  return BindMode::transceiver;
}

bool is_bind(CommandId command) {
  return command == CommandId::bind_transmitter || command == CommandId::bind_receiver ||
         command == CommandId::bind_transceiver;
}

/// v3.4 p. 47, 49, 52 and 67: these have no body when they carry an error.
bool omits_body(CommandId request) { return is_bind(request) || request == CommandId::submit_sm; }

/// Which way a message command goes: v3.4 table 2-1 p. 19; the broadcast ones go with submit_sm.
bool is_esme_request(CommandId command) {
  switch (command) {
    case CommandId::submit_sm:
    case CommandId::submit_multi:
    case CommandId::data_sm:
    case CommandId::query_sm:
    case CommandId::cancel_sm:
    case CommandId::replace_sm:
    case CommandId::broadcast_sm:
    case CommandId::query_broadcast_sm:
    case CommandId::cancel_broadcast_sm:
      return true;
    default:
      return false;
  }
}
bool is_smsc_request(CommandId command) {
  return command == CommandId::deliver_sm || command == CommandId::data_sm ||
         command == CommandId::alert_notification;
}

}  // namespace

std::string_view name(SessionState state) {
  constexpr std::string_view kNames[] = {"closed",   "open",      "binding",  "bound_tx",
                                         "bound_rx", "bound_trx", "unbinding"};
  return kNames[static_cast<std::size_t>(state)];
}

Session::Session(const SessionConfig& config)
    : config_(config), window_(std::clamp<std::uint32_t>(config.window, 1, 4096)) {}

// ---- the connection
// -------------------------------------------------------------------------------

void Session::connected(Mono now) {
  assert(state_ == SessionState::closed);
  state_ = SessionState::open;
  sequence_ = std::clamp(config_.first_sequence, kSequenceMin, kSequenceMax) - 1;
  version_ = esme_version_ = 0;
  timers_ = Timers(config_.timers, now);
  output_.clear();
  tail_.clear();
}

void Session::receive(Octets octets, Mono now, Events& events) {
  if (state_ == SessionState::closed || octets.empty()) return;
  if (!tail_.empty() && !complete_tail(octets, now, events)) return;
  while (state_ != SessionState::closed && !octets.empty()) {
    const Frame next = frame(octets, config_.pdu_limit);
    if (next.kind == Frame::Kind::lost) return lose_stream(octets, next.reason, events);
    if (next.kind == Frame::Kind::more) {
      tail_.assign(octets.begin(), octets.end());
      return;
    }
    take_pdu(octets.first(next.length), now, events);
    octets = octets.subspan(next.length);
  }
}

/// Adds to the PDU that was begun, never more than belongs to it. True when it was complete.
bool Session::complete_tail(Octets& octets, Mono now, Events& events) {
  const auto move = [&](std::size_t wanted) {
    const std::size_t size = std::min(wanted, octets.size());
    tail_.insert(tail_.end(), octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
    octets = octets.subspan(size);
  };
  if (tail_.size() < 4) move(4 - tail_.size());
  Frame begun = frame(tail_, config_.pdu_limit);
  if (begun.kind == Frame::Kind::lost) {
    lose_stream(tail_, begun.reason, events);
    return false;
  }
  if (begun.length == 0) return false;
  move(begun.length - tail_.size());
  if (tail_.size() < begun.length) return false;
  std::swap(whole_, tail_);
  tail_.clear();
  take_pdu(whole_, now, events);
  return true;
}

void Session::disconnected(Mono, Events& events) {
  if (state_ == SessionState::closed) return;
  output_.clear();
  close(events);
}

void Session::close(Events& events) {
  state_ = SessionState::closed;
  unbind_lost_at_ = kNever;
  tail_.clear();
  while (const auto entry = window_.drain()) events.emplace_back(Unanswered{entry->cookie});
}

void Session::lose(std::string reason, Events& events) {
  events.emplace_back(Lost{std::move(reason)});
  close(events);
}

/// Only four octets are told: enough to see HTTP, too few to show a text that is not ours to show.
void Session::lose_stream(Octets octets, std::string_view reason, Events& events) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text, hex;
  for (const std::uint8_t octet : octets.first(4)) {
    if (octet >= 0x20 && octet < 0x7F) text += static_cast<char>(octet);
    hex.append({kDigits[octet >> 4], kDigits[octet & 15]});
  }
  lose(std::string(reason) + (text.size() == 4 ? ": \"" + text + '"' : ": 0x" + hex), events);
}

void Session::take_output(std::vector<std::uint8_t>& into) {
  assert(into.empty());
  std::swap(output_, into);
}

Mono Session::deadline() const {
  if (state_ == SessionState::closed) return kNever;
  return std::min({timers_.deadline(), window_.deadline(config_.timers.response), unbind_lost_at_});
}

void Session::expire(Mono now, Events& events) {
  if (state_ == SessionState::closed) return;
  while (const auto entry = window_.expire(now, config_.timers.response)) {
    events.emplace_back(TimedOut{entry->cookie});
  }
  if (unbind_lost_at_ != kNever && unbind_lost_at_ <= now) {
    return lose("unbind was not answered", events);
  }
  switch (timers_.due(now)) {
    case Alarm::none:
      break;
    case Alarm::session_init:
      return lose("session_init timer: not bound in time", events);
    case Alarm::enquire_link_lost:
      return lose("enquire_link was not answered", events);
    case Alarm::inactivity:
      return lose("inactivity timer: no message for too long", events);
    case Alarm::enquire_link:
      send(EnquireLink{}, Status::ESME_ROK, next_sequence());
      timers_.enquired(now);
      break;
  }
}

// ---- requests of ours
// -----------------------------------------------------------------------------

template <class P>
CodecResult Session::send(const P& pdu, Status status, std::uint32_t sequence_number) {
  const CodecResult result = encode(pdu, status, sequence_number, output_);
  if (result.ok()) ++counters_.pdus_out;
  return result;
}

std::uint32_t Session::next_sequence() { return sequence_ = window_.number_behind(sequence_); }

bool Session::may_send(CommandId command) const {
  if (config_.role == Role::smsc && command == CommandId::outbind) {
    return state_ == SessionState::open;
  }
  if (!is_bound()) return false;
  return config_.role == Role::esme
             ? is_esme_request(command) && bound_mode_ != BindMode::receiver
             : is_smsc_request(command) && bound_mode_ != BindMode::transmitter;
}

template <class P>
Sent Session::send_request(const P& pdu, std::uint64_t cookie, Mono now) {
  if (!may_send(P::kCommand)) return {0, Refusal::not_bound, {}};
  if (!knows(P::kCommand)) return {0, Refusal::not_in_version, {}};
  if (!pdu.tlvs.encoded().empty() && !takes_tlvs()) {
    return {0, Refusal::invalid_field, {Status::ESME_ROPTPARNOTALLWD, 0, "tlvs"}};
  }
  constexpr bool answered = has_response(P::kCommand);
  if (answered && window_.free() == 0) return {0, Refusal::window_full, {}};
  const std::uint32_t sequence_number = next_sequence();
  const CodecResult fault = send(pdu, Status::ESME_ROK, sequence_number);
  if (!fault.ok()) return {0, Refusal::invalid_field, fault};
  if (answered) window_.offer(sequence_number, P::kCommand, cookie, now);
  timers_.transacted(now);
  return {sequence_number, Refusal::none, {}};
}

Sent Session::submit(const SubmitSm& pdu, std::uint64_t cookie, Mono now) {
  return send_request(pdu, cookie, now);
}

Sent Session::request(const Body& body, std::uint64_t cookie, Mono now) {
  return std::visit([&](const auto& pdu) { return send_request(pdu, cookie, now); }, body);
}

bool Session::bind(Mono) {
  if (config_.role != Role::esme || state_ != SessionState::open) return false;
  const Bind fields{
      config_.system_id, config_.password, config_.system_type,   config_.interface_version,
      config_.addr_ton,  config_.addr_npi, config_.address_range, Tlvs()};
  bind_command_ = bind_command(config_.mode);
  if (!knows(bind_command_)) return false;
  bind_sequence_ = next_sequence();
  bool sent = false;
  for_command(bind_command_, [&]<class P>() {
    if constexpr (std::is_base_of_v<Bind, P>) {
      sent = send(P{fields}, Status::ESME_ROK, bind_sequence_).ok();
    }
  });
  if (sent) state_ = SessionState::binding;
  return sent;
}

bool Session::unbind(Mono now) {
  if (!is_bound()) return false;
  state_ = SessionState::unbinding;
  unbind_lost_at_ = add(now, config_.timers.response);
  return send(Unbind{}, Status::ESME_ROK, unbind_sequence_ = next_sequence()).ok();
}

// ---- answers of ours
// ------------------------------------------------------------------------------

bool Session::answer(std::uint32_t sequence_number, CommandId command, Status status,
                     std::string_view message_id) {
  if (!awaits(command)) return false;
  if (status == Status::ESME_ROK && !takes_id(message_id)) return false;
  return send_answer(sequence_number, command, status, message_id);
}

bool Session::send_answer(std::uint32_t sequence_number, CommandId command, Status status,
                          std::string_view message_id) {
  if (status != Status::ESME_ROK && omits_body(command)) {
    encode_header(response_to(command), status, sequence_number, output_);
    ++counters_.pdus_out;
    return true;
  }
  bool sent = false;
  for_command(response_to(command), [&]<class P>() {
    P response;
    if constexpr (std::is_base_of_v<MessageResponse, P>) {
      if (status == Status::ESME_ROK) response.message_id = message_id;
    }
    sent = send(response, status, sequence_number).ok();
  });
  return sent;
}

bool Session::respond(std::uint32_t sequence_number, Status status, const Body& response) {
  const CommandId command = command_of(response);
  if (!is_response(command) || !awaits(request_of(command))) return false;
  if (!takes_id(message_id_of(response))) return false;
  return std::visit(
      [&](auto pdu) {
        if (!takes_tlvs()) pdu.tlvs = {};
        if (status != Status::ESME_ROK && pdu.tlvs.empty() && omits_body(request_of(command))) {
          return send_answer(sequence_number, request_of(command), status, {});
        }
        return send(pdu, status, sequence_number).ok();
      },
      response);
}

/// Is it a Request of the peer's that the caller answers?
bool Session::awaits(CommandId request) const {
  if (!is_bound() && state_ != SessionState::unbinding) return false;
  return has_response(request) &&
         (config_.role == Role::esme ? is_smsc_request(request) : is_esme_request(request));
}

/// v3.4 §3.4 p. 44.
bool Session::takes_id(std::string_view message_id) const {
  return config_.role == Role::esme || esme_version_ >= kVersion34 || message_id.size() <= 8;
}

/// Is this the bind that waits for its answer?
bool Session::binds(std::uint32_t sequence_number) const {
  return config_.role == Role::smsc && state_ == SessionState::binding &&
         sequence_number == bind_sequence_;
}

bool Session::accept_bind(std::uint32_t sequence_number, std::string_view system_id, Mono now) {
  if (!binds(sequence_number)) return false;
  // v3.4 §3.4 p. 44: no TLVs to an ESME of an older version.
  TlvWriter version;
  if (version_ >= kVersion34 && config_.tells_version) {
    version.u8(Tag::sc_interface_version, config_.interface_version);
  }
  bool sent = false;
  for_command(response_to(bind_command_), [&]<class P>() {
    if constexpr (std::is_base_of_v<BindResponse, P>) {
      sent = send(P{{system_id, version.tlvs()}}, Status::ESME_ROK, sequence_number).ok();
    }
  });
  if (!sent) return false;
  bound_mode_ = mode_of(bind_command_);
  state_ = bound_state(bound_mode_);
  timers_.bound(now);
  return true;
}

bool Session::reject_bind(std::uint32_t sequence_number, Status status) {
  if (!binds(sequence_number) || status == Status::ESME_ROK) return false;
  state_ = SessionState::open;
  return send_answer(sequence_number, bind_command_, status, {});
}

// ---- what the peer sends
// --------------------------------------------------------------------------

void Session::take_pdu(Octets frame, Mono now, Events& events) {
  ++counters_.pdus_in;
  timers_.heard(now);
  Pdu pdu;
  const CodecResult result = decode(frame, pdu);
  const CommandId command = pdu.header.command_id;
  if (result.status == Status::ESME_RINVCMDID || !knows(command)) {
    ++counters_.unknown_command;
    // A response is never answered, not even a strange one: two sides that do it never stop.
    if (!is_response(command)) {
      send(GenericNack{}, Status::ESME_RINVCMDID, pdu.header.sequence_number);
    }
    return;
  }
  if (command != CommandId::enquire_link && command != CommandId::enquire_link_resp) {
    timers_.transacted(now);
  }
  if (is_response(command)) return take_response(pdu, now, events);
  if (!may_receive(command)) {
    ++counters_.wrong_state;
    const bool again = is_bind(command) && config_.role == Role::smsc;
    return refuse(pdu.header, again ? Status::ESME_RALYBND : Status::ESME_RINVBNDSTS);
  }
  if (!result.ok()) {
    ++counters_.malformed;
    return refuse(pdu.header, result.status);
  }
  take_request(pdu, events);
}

void Session::refuse(const Header& header, Status status) {
  send_answer(header.sequence_number, header.command_id, status, {});
}

/// The broadcast commands exist where both sides tell v5.0.
bool Session::knows(CommandId command) const {
  if (is_broadcast(command)) return version_ >= kVersion50;
  return !is_since_34(command) || version_of_commands() >= kVersion34;
}

/// An SMSC that tells no version may have the commands of ours all the same; a bind always tells
/// one.
std::uint8_t Session::version_of_commands() const {
  const bool told = version_ > 0 || (config_.role == Role::smsc && state_ != SessionState::open);
  return told ? version_ : config_.interface_version;
}

bool Session::may_receive(CommandId command) const {
  const bool bound = is_bound() || state_ == SessionState::unbinding;
  const bool esme = config_.role == Role::esme;
  if (command == CommandId::enquire_link) return true;
  if (command == CommandId::unbind) return bound;
  if (command == CommandId::outbind) return esme && state_ == SessionState::open;
  if (is_bind(command)) return !esme && state_ == SessionState::open;
  if (!bound) return false;
  return esme ? is_smsc_request(command) && bound_mode_ != BindMode::transmitter
              : is_esme_request(command) && bound_mode_ != BindMode::receiver;
}

void Session::take_request(const Pdu& pdu, Events& events) {
  const std::uint32_t sequence_number = pdu.header.sequence_number;
  const CommandId command = pdu.header.command_id;
  if (command == CommandId::enquire_link) {
    send(EnquireLinkResp{}, Status::ESME_ROK, sequence_number);
    return;
  }
  if (command == CommandId::unbind) {
    send(UnbindResp{}, Status::ESME_ROK, sequence_number);
    events.emplace_back(Unbound{true});
    return close(events);
  }
  if (const Bind* bind = bind_of(pdu.body)) {
    state_ = SessionState::binding;
    bind_command_ = command;
    bind_sequence_ = sequence_number;
    esme_version_ = bind->interface_version;
    version_ = std::min(config_.interface_version, esme_version_);
  }
  events.emplace_back(Request{pdu});
}

void Session::take_response(const Pdu& pdu, Mono now, Events& events) {
  const CommandId command = pdu.header.command_id;
  const std::uint32_t sequence_number = pdu.header.sequence_number;
  const bool nack = command == CommandId::generic_nack;
  if (const auto state = tlvs_of(pdu.body).u8(Tag::congestion_state); state && *state <= 100) {
    events.emplace_back(Congestion{*state});
  }
  if (command == CommandId::enquire_link_resp) return;
  if (state_ == SessionState::binding && config_.role == Role::esme &&
      sequence_number == bind_sequence_ && (nack || command == response_to(bind_command_))) {
    return take_bind_response(pdu, now, events);
  }
  if (state_ == SessionState::unbinding && sequence_number == unbind_sequence_ &&
      (nack || command == CommandId::unbind_resp)) {
    events.emplace_back(Unbound{false});
    return close(events);
  }
  const auto entry = window_.settle(sequence_number, command);
  if (!entry) {
    ++counters_.stray_response;
    return;
  }
  // A nack never means yes, whatever its status says.
  Status status = pdu.header.command_status;
  if (nack && status == Status::ESME_ROK) status = Status::ESME_RINVCMDID;
  events.emplace_back(Response{entry->cookie, sequence_number, status, entry->late,
                               now - entry->sent, message_id_of(pdu.body), tlvs_of(pdu.body),
                               pdu.body});
}

void Session::take_bind_response(const Pdu& pdu, Mono now, Events& events) {
  Status status = pdu.header.command_status;
  const bool nack = pdu.header.command_id == CommandId::generic_nack;
  if (nack && status == Status::ESME_ROK) status = Status::ESME_RBINDFAIL;
  if (status != Status::ESME_ROK) {
    state_ = SessionState::open;
    events.emplace_back(BindFailed{status});
    return;
  }
  bound_mode_ = config_.mode;
  state_ = bound_state(bound_mode_);
  timers_.bound(now);
  std::string_view system_id;
  std::visit(
      [&](const auto& body) {
        if constexpr (requires { body.system_id; }) system_id = body.system_id;
      },
      pdu.body);
  const std::uint8_t version = tlvs_of(pdu.body).u8(Tag::sc_interface_version).value_or(0);
  version_ = std::min(config_.interface_version, version);
  events.emplace_back(Bound{system_id, version});
}

}  // namespace tact::smpp
