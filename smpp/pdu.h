// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <tuple>
#include <variant>

#include "smpp/broadcast.h"
#include "smpp/field.h"

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

// ---- session
// --------------------------------------------------------------------------------------

/// bind_transmitter, bind_receiver, bind_transceiver: v3.4 §4.1 p. 46-53.
struct Bind {
  std::string_view system_id;
  std::string_view password;
  std::string_view system_type;
  std::uint8_t interface_version = kVersion34;
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
        CString<Bind>{"address_range", &Bind::address_range, 41, Status::ESME_RBINDFAIL,
                      Privacy::number},
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
struct ReplaceSmResp : HeaderOnly {
  static constexpr CommandId kCommand = CommandId::replace_sm_resp;
};
struct CancelBroadcastSmResp : HeaderOnly {
  static constexpr CommandId kCommand = CommandId::cancel_broadcast_sm_resp;
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

  static constexpr auto fields(Harmless harmless) {
    using S = ShortMessage;
    return std::tuple_cat(std::tuple{service_type_field<S>()}, source_fields<S>(),
                          destination_fields<S>(), message_fields<S>(harmless));
  }
};

struct SubmitSm : ShortMessage {
  static constexpr CommandId kCommand = CommandId::submit_sm;
  static constexpr auto fields() { return ShortMessage::fields(Harmless::refused); }
};

/// What is harmless is ignored here: refusing a receipt brings it back for days.
struct DeliverSm : ShortMessage {
  static constexpr CommandId kCommand = CommandId::deliver_sm;
  static constexpr auto fields() { return ShortMessage::fields(Harmless::ignored); }
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
    return std::tuple_cat(std::tuple{service_type_field<S>()}, source_fields<S>(65),
                          destination_fields<S>(65),
                          std::tuple{Integer{"esm_class", &S::esm_class},
                                     Integer{"registered_delivery", &S::registered_delivery},
                                     Integer{"data_coding", &S::data_coding}, Optionals{&S::tlvs}});
  }
};

struct MessageResponse {
  std::string_view message_id;  ///< an opaque string of the SMSC; empty in deliver_sm_resp
  Tlvs tlvs;

  static constexpr auto fields() {
    return std::tuple{message_id_field<MessageResponse>(), Optionals{&MessageResponse::tlvs}};
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
struct BroadcastSmResp : MessageResponse {
  static constexpr CommandId kCommand = CommandId::broadcast_sm_resp;
};
/// How far it came is in broadcast_area_identifier, broadcast_area_success and message_state.
struct QueryBroadcastSmResp : MessageResponse {
  static constexpr CommandId kCommand = CommandId::query_broadcast_sm_resp;
};

/// query_sm, v3.4 §4.8 p. 94, and query_broadcast_sm, v5.0 §4.6.
struct MessageQuery {
  std::string_view message_id;
  Ton source_addr_ton{};
  Npi source_addr_npi{};
  std::string_view source_addr;
  Tlvs tlvs;

  static constexpr auto fields() {
    using S = MessageQuery;
    return std::tuple_cat(std::tuple{message_id_field<S>()}, source_fields<S>(),
                          std::tuple{Optionals{&S::tlvs}});
  }
};

struct QuerySm : MessageQuery {
  static constexpr CommandId kCommand = CommandId::query_sm;
};
struct QueryBroadcastSm : MessageQuery {
  static constexpr CommandId kCommand = CommandId::query_broadcast_sm;
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
    return std::tuple{message_id_field<S>(),
                      Time<S>{{"final_date", &S::final_date, 17, Status::ESME_RQUERYFAIL}},
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
    return std::tuple_cat(std::tuple{service_type_field<S>(), message_id_field<S>()},
                          source_fields<S>(), destination_fields<S>(),
                          std::tuple{Optionals{&S::tlvs}});
  }
};

/// v3.4 §4.10 p. 102. What is empty stays as it was.
struct ReplaceSm {
  static constexpr CommandId kCommand = CommandId::replace_sm;
  std::string_view message_id;
  Ton source_addr_ton{};
  Npi source_addr_npi{};
  std::string_view source_addr;
  std::string_view schedule_delivery_time;
  std::string_view validity_period;
  std::uint8_t registered_delivery = 0;
  std::uint8_t sm_default_msg_id = 0;
  Octets short_message;
  Tlvs tlvs;  ///< none in v3.4; message_payload in v5.0

  static constexpr auto fields() {
    using S = ReplaceSm;
    return std::tuple_cat(std::tuple{message_id_field<S>()}, source_fields<S>(), time_fields<S>(),
                          std::tuple{Integer{"registered_delivery", &S::registered_delivery},
                                     Integer{"sm_default_msg_id", &S::sm_default_msg_id},
                                     Counted<S>{"short_message", &S::short_message, 254,
                                                Status::ESME_RINVMSGLEN, Harmless::refused},
                                     Optionals{&S::tlvs}});
  }
};

/// v3.4 §4.12 p. 108: a handset is there again. Has no response.
struct AlertNotification {
  static constexpr CommandId kCommand = CommandId::alert_notification;
  Ton source_addr_ton{};
  Npi source_addr_npi{};
  std::string_view source_addr;
  Ton esme_addr_ton{};
  Npi esme_addr_npi{};
  std::string_view esme_addr;
  Tlvs tlvs;  ///< ms_availability_status

  static constexpr auto fields() {
    using S = AlertNotification;
    return std::tuple_cat(source_fields<S>(65),
                          std::tuple{Integer{"esme_addr_ton", &S::esme_addr_ton},
                                     Integer{"esme_addr_npi", &S::esme_addr_npi},
                                     CString<S>{"esme_addr", &S::esme_addr, 65,
                                                Status::ESME_RINVDSTADR, Privacy::number},
                                     Optionals{&S::tlvs}});
  }
};

// ---- one message to many
// -------------------------------------------------------------------------------------

/// A destination of submit_multi: one number, v3.4 §4.5.1.2.
struct SmeAddress {
  static constexpr std::uint8_t kFlag = 1;
  static constexpr std::string_view kName = "sme";
  Ton dest_addr_ton{};
  Npi dest_addr_npi{};
  std::string_view destination_addr;

  static constexpr auto fields() { return destination_fields<SmeAddress>(); }
};

/// Or a list of numbers that the SMSC keeps, v3.4 §4.5.1.3.
struct DistributionList {
  static constexpr std::uint8_t kFlag = 2;
  static constexpr std::string_view kName = "list";
  std::string_view dl_name;

  static constexpr auto fields() {
    using S = DistributionList;
    return std::tuple{
        CString<S>{"dl_name", &S::dl_name, 21, Status::ESME_RINVDLNAME, Privacy::number}};
  }
};

/// Encoded as kFlag (dest_flag) and the fields of the choice.
using DestAddress = std::variant<SmeAddress, DistributionList>;

/// A destination that was not served, and why: v3.4 §4.5.2 p. 76.
struct UnsuccessSme {
  Ton dest_addr_ton{};
  Npi dest_addr_npi{};
  std::string_view destination_addr;
  Status error_status_code{};

  static constexpr auto fields() {
    using S = UnsuccessSme;
    return std::tuple_cat(destination_fields<S>(),
                          std::tuple{Integer{"error_status_code", &S::error_status_code}});
  }
};

/// v3.4 §4.5 p. 69-75. 1 to 254 destinations are sent, 0 to 255 are read.
struct SubmitMulti {
  static constexpr CommandId kCommand = CommandId::submit_multi;
  std::string_view service_type;
  Ton source_addr_ton{};
  Npi source_addr_npi{};
  std::string_view source_addr;
  List<DestAddress> dest_address;
  std::uint8_t esm_class = 0;
  std::uint8_t protocol_id = 0;
  std::uint8_t priority_flag = 0;
  std::string_view schedule_delivery_time;
  std::string_view validity_period;
  std::uint8_t registered_delivery = 0;
  std::uint8_t replace_if_present_flag = 0;
  DataCoding data_coding{};
  std::uint8_t sm_default_msg_id = 0;
  Octets short_message;
  Tlvs tlvs;

  static constexpr auto fields() {
    using S = SubmitMulti;
    return std::tuple_cat(
        std::tuple{service_type_field<S>()}, source_fields<S>(),
        std::tuple{Listed{"dest_address", &S::dest_address, 1, 254, Status::ESME_RINVNUMDESTS}},
        message_fields<S>(Harmless::refused));
  }
};

/// v3.4 §4.5.2 p. 76. No unsuccess_sme: all went well.
struct SubmitMultiResp : MessageResponse {
  static constexpr CommandId kCommand = CommandId::submit_multi_resp;
  List<UnsuccessSme> unsuccess_sme;

  static constexpr auto fields() {
    using S = SubmitMultiResp;
    return std::tuple{message_id_field<MessageResponse>(),
                      Listed{"unsuccess_sme", &S::unsuccess_sme, 0, 255, Status::ESME_RINVNUMDESTS},
                      Optionals{&MessageResponse::tlvs}};
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
                 DataSmResp, QuerySm, QuerySmResp, CancelSm, CancelSmResp, ReplaceSm, ReplaceSmResp,
                 SubmitMulti, SubmitMultiResp, AlertNotification, BroadcastSm, BroadcastSmResp,
                 QueryBroadcastSm, QueryBroadcastSmResp, CancelBroadcastSm, CancelBroadcastSmResp>;

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
/// The fields that both have: a receipt or a text that comes in data_sm is read as any other.
ShortMessage as_short_message(const DataSm& data);
/// message_id of any response or query that has one, else empty.
std::string_view message_id_of(const Body& body);
inline Tlvs tlvs_of(const Body& body) {
  return std::visit([](const auto& pdu) { return pdu.tlvs; }, body);
}

/// Same command and the same value in every field of the table; octets are compared, not places.
bool equal(const Body& a, const Body& b);

}  // namespace tact::smpp
