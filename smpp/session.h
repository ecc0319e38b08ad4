// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "smpp/codec.h"
#include "smpp/pdu.h"
#include "smpp/timers.h"
#include "smpp/window.h"

/// One SMPP session of either side, without socket and clock: octets and time in; octets, events
/// and the next deadline out.
///
///     session.connected(now);  session.bind(now);
///     loop:  write session.output()          (take_output)
///            on octets:    session.receive(octets, now, events)
///            on deadline:  session.expire(now, events)
///            on close:     session.disconnected(now, events)
///
/// Answered inside, even while the window is full: enquire_link, unbind, a PDU that is damaged or
/// unknown or comes in the wrong state. A Session is used by one thread at a time.
namespace tact::smpp {

enum class Role : std::uint8_t { esme, smsc };

enum class BindMode : std::uint8_t { transmitter, receiver, transceiver };

enum class SessionState : std::uint8_t {
  closed,
  open,      ///< connected, nothing bound
  binding,   ///< bind sent (ESME), or received and not yet answered by the caller (SMSC)
  bound_tx,  ///< the names are the ESME's, on either side
  bound_rx,
  bound_trx,
  unbinding,  ///< our unbind is on its way; responses are still matched, requests still delivered
};

std::string_view name(SessionState state);

struct SessionConfig {
  Role role = Role::esme;
  BindMode mode = BindMode::transceiver;
  std::string system_id;  ///< ESME: ours in the bind; SMSC: ours in the answer
  std::string password;
  std::string system_type;
  std::uint8_t interface_version = kVersion34;
  /// SMSC: tell it in the answer to a bind, as v3.4 §4.1.6 asks; some do not.
  bool tells_version = true;
  /// Send TLVs also to a peer that gave no version that has them: some take them and do not say so.
  bool assume_tlvs = false;
  Ton addr_ton{};
  Npi addr_npi{};
  std::string address_range;
  std::uint32_t window = 10;                    ///< requests of ours outstanding, 1..4096
  std::uint32_t first_sequence = kSequenceMin;  ///< of each connection; from there they count up
  std::size_t pdu_limit = kPduLimit;
  TimerConfig timers;
};

// ---- events
// --------------------------------------------------------------------------------------- Views
// inside events point into the octets given to receive() or into the session: they are valid until
// the next call of receive(), connected() or disconnected(), and while those octets live.

/// ESME: the bind was accepted.
struct Bound {
  std::string_view system_id;
  std::uint8_t interface_version = 0;  ///< sc_interface_version; 0 if absent: no TLVs (v3.4 p. 44)
};

/// ESME: the bind was refused; the state is open again. Unbind is not due; close the connection.
struct BindFailed {
  Status status{};
};

/// The answer to a request of ours.
struct Response {
  std::uint64_t cookie = 0;
  std::uint32_t sequence_number = 0;
  Status status{};
  bool late = false;  ///< TimedOut was told before; this is the truth about it
  Mono round_trip{};
  std::string_view message_id;  ///< empty if the body has none
  Tlvs tlvs;
  Body body;  ///< GenericNack if the peer nacked it; status is then an error
};

/// How loaded the peer says it is: the congestion_state of any response, 0 to 100 (v5.0
/// section 2.9); told before the response itself.
struct Congestion {
  std::uint8_t state = 0;
};

/// A request of the peer's that the caller must answer() in its own time; for outbind and
/// alert_notification there is no answer. ESME: deliver_sm, data_sm, alert_notification, outbind.
/// SMSC: bind_* (accept_bind or reject_bind), submit_sm, submit_multi, data_sm, query_sm,
/// cancel_sm, replace_sm, broadcast_sm, query_broadcast_sm, cancel_broadcast_sm; what the caller
/// does not serve it answers with ESME_RINVCMDID.
struct Request {
  Pdu pdu;
};

/// No answer within timers.response. Not the same as refused: the peer may have taken it (SMPP says
/// no more than "may assume"). Its window slot is free again.
struct TimedOut {
  std::uint64_t cookie = 0;
};

/// The session ended with this request unanswered; its fate is unknown.
struct Unanswered {
  std::uint64_t cookie = 0;
};

/// The session ended in order. The state is closed: write what output() still holds (the answer to
/// the peer's unbind), then close the connection.
struct Unbound {
  bool by_peer = false;
};

/// The session is over and the connection must be closed.
struct Lost {
  std::string reason;  ///< in words; the first octets as text where the stream is not SMPP
};

using Event = std::variant<Bound, BindFailed, Response, Congestion, Request, TimedOut, Unanswered,
                           Unbound, Lost>;
using Events = std::vector<Event>;

// ---- the session
// ----------------------------------------------------------------------------------

enum class Refusal : std::uint8_t {
  none,
  window_full,
  not_bound,       ///< also: bound in a mode that does not allow the command, or unbinding
  not_in_version,  ///< a command of v3.4 or v5.0, and one of the sides speaks an older one
  invalid_field,   ///< Sent::fault says which; nothing was sent. TLVs to a peer that takes none too
};

struct Sent {
  std::uint32_t sequence_number = 0;  ///< 0 if refused
  Refusal refusal = Refusal::none;
  CodecResult fault;

  bool ok() const { return refusal == Refusal::none; }
};

/// What the peer did wrong, and what was moved; only ever grows, across connections.
struct SessionCounters {
  std::uint64_t pdus_in = 0;
  std::uint64_t pdus_out = 0;
  std::uint64_t malformed = 0;  ///< answered with the error of a field
  std::uint64_t unknown_command = 0;
  std::uint64_t wrong_state = 0;
  std::uint64_t stray_response = 0;  ///< a response to nothing
};

class Session {
 public:
  explicit Session(const SessionConfig& config);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // The connection.
  void connected(Mono now);  ///< REQUIRES: closed. Numbering begins again.
  /// Consumes all octets; ignores them when closed.
  void receive(Octets octets, Mono now, Events& events);
  /// The connection is gone: one Unanswered for each outstanding request. Does nothing when closed.
  void disconnected(Mono now, Events& events);

  /// What is to be written. Bounded only by what the caller lets in: a caller that stops reading
  /// while much is unwritten keeps it small.
  Octets output() const { return output_; }
  /// Swaps the output into `into`, which must be empty; its memory is reused.
  void take_output(std::vector<std::uint8_t>& into);

  Mono deadline() const;
  void expire(Mono now, Events& events);

  // Requests. Sequence numbers wrap at 0x7FFFFFFF and pass over those still outstanding.
  /// ESME, when open: sends the bind of the configuration. False (nothing sent) if not open, if a
  /// field of the configuration is over its limit, or for a transceiver of a version below 3.4.
  bool bind(Mono now);
  Sent submit(const SubmitSm& pdu, std::uint64_t cookie, Mono now);
  /// Any request but bind, unbind and enquire_link. outbind (SMSC, when open) and
  /// alert_notification take no window slot, and their cookie is not told.
  Sent request(const Body& body, std::uint64_t cookie, Mono now);
  /// False if nothing is bound. Outstanding requests are still answered until the peer's
  /// unbind_resp comes: wait for the window to empty first, to lose none.
  bool unbind(Mono now);

  // Answers. False: nothing is sent, and another answer may be tried. Which Requests wait for one,
  // and that each gets one, is the caller's to know: a number is not looked up.
  /// The response to a Request with this number; `command` is the request's. message_id goes into
  /// the responses of submit_sm, submit_multi, data_sm, broadcast_sm and query_broadcast_sm and is
  /// left out of those with an error. False if the session is neither bound nor unbinding, if
  /// `command` is none of a Request that waits for an answer() (a bind is none), and if message_id
  /// is over its limit: 64 characters, and 8 to an ESME of a version below 3.4 (v3.4 §3.4 p. 44).
  bool answer(std::uint32_t sequence_number, CommandId command, Status status,
              std::string_view message_id = {});
  /// Such a response as a PDU: query_sm_resp, or one with TLVs, which are left out for a peer that
  /// takes none. A submit_sm_resp with an error has no body then, unless TLVs are in it. False as
  /// answer(), and if a field breaks the rules of encode().
  bool respond(std::uint32_t sequence_number, Status status, const Body& response);
  /// SMSC, in state binding. False if it is in another, if the bind that waits has another number,
  /// and if system_id is over its limit.
  bool accept_bind(std::uint32_t sequence_number, std::string_view system_id, Mono now);
  /// The same; the state is open then. False also for a status that is no error.
  bool reject_bind(std::uint32_t sequence_number, Status status);

  SessionState state() const { return state_; }
  bool is_bound() const {
    return state_ == SessionState::bound_tx || state_ == SessionState::bound_rx ||
           state_ == SessionState::bound_trx;
  }
  /// What both sides speak, the lower of the two interface_versions; 0 until a bind, and if the
  /// peer gave none.
  std::uint8_t version() const { return version_; }
  bool takes_tlvs() const { return version_ >= kVersion34 || config_.assume_tlvs; }
  std::uint32_t window_free() const { return window_.free(); }
  std::uint32_t window_used() const { return window_.size(); }
  const SessionCounters& counters() const { return counters_; }

 private:
  template <class P>
  Sent send_request(const P& pdu, std::uint64_t cookie, Mono now);
  template <class P>
  CodecResult send(const P& pdu, Status status, std::uint32_t sequence_number);
  std::uint32_t next_sequence();
  bool may_send(CommandId command) const;
  bool may_receive(CommandId command) const;
  bool knows(CommandId command) const;
  std::uint8_t version_of_commands() const;
  bool awaits(CommandId request) const;
  bool takes_id(std::string_view message_id) const;
  bool binds(std::uint32_t sequence_number) const;
  bool send_answer(std::uint32_t sequence_number, CommandId command, Status status,
                   std::string_view message_id);

  bool complete_tail(Octets& octets, Mono now, Events& events);
  void take_pdu(Octets frame, Mono now, Events& events);
  void take_response(const Pdu& pdu, Mono now, Events& events);
  void take_bind_response(const Pdu& pdu, Mono now, Events& events);
  void take_request(const Pdu& pdu, Events& events);
  void refuse(const Header& header, Status status);

  void close(Events& events);
  void lose(std::string reason, Events& events);
  void lose_stream(Octets octets, std::string_view reason, Events& events);

  // Constant after construction.
  const SessionConfig config_;

  // Owned by the caller's thread.
  SessionState state_ = SessionState::closed;
  BindMode bound_mode_{};
  CommandId bind_command_{};
  std::uint32_t sequence_ = 0;
  std::uint32_t bind_sequence_ = 0;
  std::uint32_t unbind_sequence_ = 0;
  std::uint8_t version_ = 0;
  std::uint8_t esme_version_ = 0;  // SMSC: what the bind told
  Mono unbind_lost_at_ = kNever;
  Timers timers_;
  Window window_;
  std::vector<std::uint8_t> output_;
  std::vector<std::uint8_t> tail_;   // of a PDU whose rest has not come
  std::vector<std::uint8_t> whole_;  // a PDU that came in several pieces; events point into it
  SessionCounters counters_;
};

}  // namespace tact::smpp
