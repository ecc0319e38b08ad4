// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <tuple>
#include <variant>

#include "smpp/status.h"
#include "smpp/tlv.h"
#include "smpp/types.h"

/// One struct per PDU, and one constexpr table per struct that is the only description of its
/// layout: decode, encode, size, print, parse, compare and the tests' generator interpret it.
///
/// Fields are views. A decoded PDU points into the octets it was decoded from; a PDU to be encoded
/// points wherever the caller keeps its strings. Nothing is owned, nothing is allocated.
namespace tact::smpp {

/// v3.4 §3.2 p. 38.
struct Header {
  std::uint32_t command_length = 0;  ///< set by decode; encode computes it
  CommandId command_id{};            ///< set by decode; encode takes it from the body
  Status command_status = Status::ESME_ROK;
  std::uint32_t sequence_number = 0;
};

inline constexpr std::size_t kHeaderSize = 16;

// ---- the kinds of fields
// -------------------------------------------------------------------------

/// How much of a field a log may show.
enum class Privacy : std::uint8_t { shown, number, text, secret };

/// An unsigned integer or enumeration of 1, 2 or 4 octets, big endian.
template <class P, class T>
struct Integer {
  std::string_view name;
  T P::*member;
};

/// A C-octet string; the limit includes the NUL. A longer one in a request is answered with
/// `error`.
template <class P>
struct CString {
  std::string_view name;
  std::string_view P::*member;
  std::uint16_t limit;
  Status error;
  Privacy privacy = Privacy::shown;
};

/// May one to three octets that are no TLV follow the text? They mean that sm_length was wrong.
enum class Trailing : std::uint8_t { ignored, refused };

/// One octet of length, then as many octets (sm_length and short_message). The limit is for
/// sending; whatever the length octet can say is accepted.
template <class P>
struct Counted {
  std::string_view name;
  Octets P::*member;
  std::uint16_t limit;
  Status error;
  Trailing trailing;
};

/// The optional parameters: all that is left.
template <class P>
struct Optionals {
  Tlvs P::*member;
};

template <class P, class T>
Integer(const char*, T P::*) -> Integer<P, T>;
template <class P>
Optionals(Tlvs P::*) -> Optionals<P>;

// ---- session
// --------------------------------------------------------------------------------------

/// bind_transmitter, bind_receiver, bind_transceiver: v3.4 §4.1 p. 46-53.
struct Bind {
  std::string_view system_id;
  std::string_view password;
  std::string_view system_type;
  std::uint8_t interface_version = 0x34;
  Ton addr_ton{};
  Npi addr_npi{};
  std::string_view address_range;
  Tlvs tlvs;

  static constexpr auto fields() {
    return std::tuple{
        CString<Bind>{"system_id", &Bind::system_id, 16, Status::ESME_RINVSYSID},
        CString<Bind>{"password", &Bind::password, 9, Status::ESME_RINVPASWD, Privacy::secret},
        CString<Bind>{"system_type", &Bind::system_type, 13, Status::ESME_RINVSYSTYP},
        Integer{"interface_version", &Bind::interface_version},
        Integer{"addr_ton", &Bind::addr_ton},
        Integer{"addr_npi", &Bind::addr_npi},
        CString<Bind>{"address_range", &Bind::address_range, 41, Status::ESME_RBINDFAIL},
        Optionals{&Bind::tlvs}};
  }
};

struct BindReceiver : Bind {
  static constexpr CommandId kCommand = CommandId::bind_receiver;
};
struct BindTransmitter : Bind {
  static constexpr CommandId kCommand = CommandId::bind_transmitter;
};
struct BindTransceiver : Bind {
  static constexpr CommandId kCommand = CommandId::bind_transceiver;
};

struct BindResponse {
  std::string_view system_id;
  Tlvs tlvs;

  static constexpr auto fields() {
    return std::tuple{
        CString<BindResponse>{"system_id", &BindResponse::system_id, 16, Status::ESME_RINVSYSID},
        Optionals{&BindResponse::tlvs}};
  }
};

struct BindReceiverResp : BindResponse {
  static constexpr CommandId kCommand = CommandId::bind_receiver_resp;
};
struct BindTransmitterResp : BindResponse {
  static constexpr CommandId kCommand = CommandId::bind_transmitter_resp;
};
struct BindTransceiverResp : BindResponse {
  static constexpr CommandId kCommand = CommandId::bind_transceiver_resp;
};

/// v3.4 §4.1.7 p. 54. Has no response.
struct Outbind {
  static constexpr CommandId kCommand = CommandId::outbind;
  std::string_view system_id;
  std::string_view password;
  Tlvs tlvs;

  static constexpr auto fields() {
    return std::tuple{
        CString<Outbind>{"system_id", &Outbind::system_id, 16, Status::ESME_RINVSYSID},
        CString<Outbind>{"password", &Outbind::password, 9, Status::ESME_RINVPASWD,
                         Privacy::secret},
        Optionals{&Outbind::tlvs}};
  }
};

/// PDUs without a body. The TLVs are there because congestion_state may come in any response
/// (v5.0 §4.8.4.18) and because stray octets behind a header must not hurt.
struct HeaderOnly {
  Tlvs tlvs;

  static constexpr auto fields() { return std::tuple{Optionals{&HeaderOnly::tlvs}}; }
};

struct Unbind : HeaderOnly {
  static constexpr CommandId kCommand = CommandId::unbind;
};
struct UnbindResp : HeaderOnly {
  static constexpr CommandId kCommand = CommandId::unbind_resp;
};
struct EnquireLink : HeaderOnly {
  static constexpr CommandId kCommand = CommandId::enquire_link;
};
struct EnquireLinkResp : HeaderOnly {
  static constexpr CommandId kCommand = CommandId::enquire_link_resp;
};
struct GenericNack : HeaderOnly {
  static constexpr CommandId kCommand = CommandId::generic_nack;
};
struct CancelSmResp : HeaderOnly {
  static constexpr CommandId kCommand = CommandId::cancel_sm_resp;
};

// ---- messages
// -------------------------------------------------------------------------------------

/// submit_sm and deliver_sm, v3.4 §4.4 p. 59-66 and §4.6 p. 79-84: the same fields in one order.
struct ShortMessage {
  std::string_view service_type;
  Ton source_addr_ton{};
  Npi source_addr_npi{};
  std::string_view source_addr;
  Ton dest_addr_ton{};
  Npi dest_addr_npi{};
  std::string_view destination_addr;
  std::uint8_t esm_class = 0;
  std::uint8_t protocol_id = 0;
  std::uint8_t priority_flag = 0;
  std::string_view schedule_delivery_time;
  std::string_view validity_period;
  std::uint8_t registered_delivery = 0;
  std::uint8_t replace_if_present_flag = 0;
  DataCoding data_coding{};
  std::uint8_t sm_default_msg_id = 0;
  Octets short_message;  ///< UDH and text; at most 254 octets, longer only as message_payload
  Tlvs tlvs;

  /// The text's octets wherever they are: short_message, else the message_payload TLV.
  Octets payload() const {
    if (!short_message.empty()) return short_message;
    return tlvs.find(Tag::message_payload).value_or(Octets{});
  }

  static constexpr auto fields(Trailing trailing) {
    using S = ShortMessage;
    return std::tuple{
        CString<S>{"service_type", &S::service_type, 6, Status::ESME_RINVSERTYP},
        Integer{"source_addr_ton", &S::source_addr_ton},
        Integer{"source_addr_npi", &S::source_addr_npi},
        CString<S>{"source_addr", &S::source_addr, 21, Status::ESME_RINVSRCADR, Privacy::number},
        Integer{"dest_addr_ton", &S::dest_addr_ton},
        Integer{"dest_addr_npi", &S::dest_addr_npi},
        CString<S>{"destination_addr", &S::destination_addr, 21, Status::ESME_RINVDSTADR,
                   Privacy::number},
        Integer{"esm_class", &S::esm_class},
        Integer{"protocol_id", &S::protocol_id},
        Integer{"priority_flag", &S::priority_flag},
        CString<S>{"schedule_delivery_time", &S::schedule_delivery_time, 17,
                   Status::ESME_RINVSCHED},
        CString<S>{"validity_period", &S::validity_period, 17, Status::ESME_RINVEXPIRY},
        Integer{"registered_delivery", &S::registered_delivery},
        Integer{"replace_if_present_flag", &S::replace_if_present_flag},
        Integer{"data_coding", &S::data_coding},
        Integer{"sm_default_msg_id", &S::sm_default_msg_id},
        Counted<S>{"short_message", &S::short_message, 254, Status::ESME_RINVMSGLEN, trailing},
        Optionals{&S::tlvs}};
  }
};

struct SubmitSm : ShortMessage {
  static constexpr CommandId kCommand = CommandId::submit_sm;
  static constexpr auto fields() { return ShortMessage::fields(Trailing::refused); }
};

/// Stray octets behind the text are ignored here: refusing a receipt brings it back for days.
struct DeliverSm : ShortMessage {
  static constexpr CommandId kCommand = CommandId::deliver_sm;
  static constexpr auto fields() { return ShortMessage::fields(Trailing::ignored); }
};

/// v3.4 §4.7 p. 87. The text is in message_payload.
struct DataSm {
  static constexpr CommandId kCommand = CommandId::data_sm;
  std::string_view service_type;
  Ton source_addr_ton{};
  Npi source_addr_npi{};
  std::string_view source_addr;
  Ton dest_addr_ton{};
  Npi dest_addr_npi{};
  std::string_view destination_addr;
  std::uint8_t esm_class = 0;
  std::uint8_t registered_delivery = 0;
  DataCoding data_coding{};
  Tlvs tlvs;

  static constexpr auto fields() {
    using S = DataSm;
    return std::tuple{
        CString<S>{"service_type", &S::service_type, 6, Status::ESME_RINVSERTYP},
        Integer{"source_addr_ton", &S::source_addr_ton},
        Integer{"source_addr_npi", &S::source_addr_npi},
        CString<S>{"source_addr", &S::source_addr, 65, Status::ESME_RINVSRCADR, Privacy::number},
        Integer{"dest_addr_ton", &S::dest_addr_ton},
        Integer{"dest_addr_npi", &S::dest_addr_npi},
        CString<S>{"destination_addr", &S::destination_addr, 65, Status::ESME_RINVDSTADR,
                   Privacy::number},
        Integer{"esm_class", &S::esm_class},
        Integer{"registered_delivery", &S::registered_delivery},
        Integer{"data_coding", &S::data_coding},
        Optionals{&S::tlvs}};
  }
};

struct MessageResponse {
  std::string_view message_id;  ///< an opaque string of the SMSC; empty in deliver_sm_resp
  Tlvs tlvs;

  static constexpr auto fields() {
    return std::tuple{CString<MessageResponse>{"message_id", &MessageResponse::message_id, 65,
                                               Status::ESME_RINVMSGID},
                      Optionals{&MessageResponse::tlvs}};
  }
};

struct SubmitSmResp : MessageResponse {
  static constexpr CommandId kCommand = CommandId::submit_sm_resp;
};
struct DeliverSmResp : MessageResponse {
  static constexpr CommandId kCommand = CommandId::deliver_sm_resp;
};
struct DataSmResp : MessageResponse {
  static constexpr CommandId kCommand = CommandId::data_sm_resp;
};

/// v3.4 §4.8 p. 94.
struct QuerySm {
  static constexpr CommandId kCommand = CommandId::query_sm;
  std::string_view message_id;
  Ton source_addr_ton{};
  Npi source_addr_npi{};
  std::string_view source_addr;
  Tlvs tlvs;

  static constexpr auto fields() {
    using S = QuerySm;
    return std::tuple{
        CString<S>{"message_id", &S::message_id, 65, Status::ESME_RINVMSGID},
        Integer{"source_addr_ton", &S::source_addr_ton},
        Integer{"source_addr_npi", &S::source_addr_npi},
        CString<S>{"source_addr", &S::source_addr, 21, Status::ESME_RINVSRCADR, Privacy::number},
        Optionals{&S::tlvs}};
  }
};

struct QuerySmResp {
  static constexpr CommandId kCommand = CommandId::query_sm_resp;
  std::string_view message_id;
  std::string_view final_date;
  MessageState message_state{};
  std::uint8_t error_code = 0;
  Tlvs tlvs;

  static constexpr auto fields() {
    using S = QuerySmResp;
    return std::tuple{CString<S>{"message_id", &S::message_id, 65, Status::ESME_RINVMSGID},
                      CString<S>{"final_date", &S::final_date, 17, Status::ESME_RQUERYFAIL},
                      Integer{"message_state", &S::message_state},
                      Integer{"error_code", &S::error_code}, Optionals{&S::tlvs}};
  }
};

/// v3.4 §4.9 p. 98.
struct CancelSm {
  static constexpr CommandId kCommand = CommandId::cancel_sm;
  std::string_view service_type;
  std::string_view message_id;
  Ton source_addr_ton{};
  Npi source_addr_npi{};
  std::string_view source_addr;
  Ton dest_addr_ton{};
  Npi dest_addr_npi{};
  std::string_view destination_addr;
  Tlvs tlvs;

  static constexpr auto fields() {
    using S = CancelSm;
    return std::tuple{
        CString<S>{"service_type", &S::service_type, 6, Status::ESME_RINVSERTYP},
        CString<S>{"message_id", &S::message_id, 65, Status::ESME_RINVMSGID},
        Integer{"source_addr_ton", &S::source_addr_ton},
        Integer{"source_addr_npi", &S::source_addr_npi},
        CString<S>{"source_addr", &S::source_addr, 21, Status::ESME_RINVSRCADR, Privacy::number},
        Integer{"dest_addr_ton", &S::dest_addr_ton},
        Integer{"dest_addr_npi", &S::dest_addr_npi},
        CString<S>{"destination_addr", &S::destination_addr, 21, Status::ESME_RINVDSTADR,
                   Privacy::number},
        Optionals{&S::tlvs}};
  }
};

// ---- any PDU
// --------------------------------------------------------------------------------------

/// Every PDU this library knows. generic_nack comes first: it is the value of a Pdu not yet
/// decoded.
using Body =
    std::variant<GenericNack, BindReceiver, BindReceiverResp, BindTransmitter, BindTransmitterResp,
                 BindTransceiver, BindTransceiverResp, Outbind, Unbind, UnbindResp, EnquireLink,
                 EnquireLinkResp, SubmitSm, SubmitSmResp, DeliverSm, DeliverSmResp, DataSm,
                 DataSmResp, QuerySm, QuerySmResp, CancelSm, CancelSmResp>;

struct Pdu {
  Header header;
  Body body;
};

/// Calls fn.template operator()<P>() for the struct P of the command; false if there is none.
template <class Fn, class... P>
constexpr bool for_command(CommandId id, Fn&& fn, std::variant<P...>*) {
  return ((P::kCommand == id ? (fn.template operator()<P>(), true) : false) || ...);
}
template <class Fn>
constexpr bool for_command(CommandId id, Fn&& fn) {
  return for_command(id, fn, static_cast<Body*>(nullptr));
}

/// The command of whatever the body holds.
inline CommandId command_of(const Body& body) {
  return std::visit([](const auto& pdu) { return pdu.kCommand; }, body);
}

/// The body as a bind request of any of the three kinds, else null.
const Bind* bind_of(const Body& body);
/// The body as submit_sm or deliver_sm, else null.
const ShortMessage* short_message_of(const Body& body);
/// message_id of any response or query that has one, else empty.
std::string_view message_id_of(const Body& body);
inline Tlvs tlvs_of(const Body& body) {
  return std::visit([](const auto& pdu) { return pdu.tlvs; }, body);
}

/// Same command and the same value in every field of the table; octets are compared, not places.
bool equal(const Body& a, const Body& b);

}  // namespace tact::smpp
