// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

/// The vocabulary of SMPP: command ids, address kinds, esm_class, data_coding, message states.
/// Every enumeration has a fixed underlying type and may hold a value that has no name here: what a
/// peer sends is kept as it came.
namespace tact::smpp {

using Octets = std::span<const std::uint8_t>;

/// Time since an origin of the caller's choice on a steady clock; the library reads no clock.
using Mono = std::chrono::nanoseconds;

/// A deadline that never comes; a timer set to it is off.
inline constexpr Mono kNever = Mono::max();

/// v3.4 §5.1.2.1 p. 110-111; the broadcast ones are of v5.0 (§4.7.5). The top bit marks a response.
enum class CommandId : std::uint32_t {
  bind_receiver = 0x00000001,
  bind_transmitter = 0x00000002,
  query_sm = 0x00000003,
  submit_sm = 0x00000004,
  deliver_sm = 0x00000005,
  unbind = 0x00000006,
  replace_sm = 0x00000007,
  cancel_sm = 0x00000008,
  bind_transceiver = 0x00000009,
  outbind = 0x0000000B,
  enquire_link = 0x00000015,
  submit_multi = 0x00000021,
  alert_notification = 0x00000102,
  data_sm = 0x00000103,
  broadcast_sm = 0x00000111,
  query_broadcast_sm = 0x00000112,
  cancel_broadcast_sm = 0x00000113,
  generic_nack = 0x80000000,
  bind_receiver_resp = 0x80000001,
  bind_transmitter_resp = 0x80000002,
  query_sm_resp = 0x80000003,
  submit_sm_resp = 0x80000004,
  deliver_sm_resp = 0x80000005,
  unbind_resp = 0x80000006,
  replace_sm_resp = 0x80000007,
  cancel_sm_resp = 0x80000008,
  bind_transceiver_resp = 0x80000009,
  enquire_link_resp = 0x80000015,
  submit_multi_resp = 0x80000021,
  data_sm_resp = 0x80000103,
  broadcast_sm_resp = 0x80000111,
  query_broadcast_sm_resp = 0x80000112,
  cancel_broadcast_sm_resp = 0x80000113,
};

constexpr bool is_response(CommandId id) {
  return (static_cast<std::uint32_t>(id) & 0x80000000u) != 0;
}

/// Two requests are never answered.
constexpr bool has_response(CommandId request) {
  return request != CommandId::outbind && request != CommandId::alert_notification;
}

/// The request that belongs to a response; a request itself.
constexpr CommandId request_of(CommandId id) {
  return static_cast<CommandId>(static_cast<std::uint32_t>(id) & 0x7FFFFFFFu);
}

/// interface_version, v3.4 §5.2.4, v5.0 §4.7.13. Lower numbers than these are v3.3 and
/// older: without TLVs.
inline constexpr std::uint8_t kVersion34 = 0x34;
inline constexpr std::uint8_t kVersion50 = 0x50;

/// The commands that came with v5.0, and their responses.
constexpr bool is_broadcast(CommandId id) {
  const CommandId request = request_of(id);
  return request >= CommandId::broadcast_sm && request <= CommandId::cancel_broadcast_sm;
}

/// The commands that came with v3.4, and their responses.
constexpr bool is_since_34(CommandId id) {
  const CommandId request = request_of(id);
  return request == CommandId::bind_transceiver || request == CommandId::data_sm ||
         request == CommandId::alert_notification;
}

/// The response that belongs to a request. REQUIRES: has_response(request).
constexpr CommandId response_to(CommandId request) {
  return static_cast<CommandId>(static_cast<std::uint32_t>(request) | 0x80000000u);
}

/// The command as the specification writes it, or "unknown".
std::string_view name(CommandId id);

/// v3.4 §5.2.5 p. 117.
enum class Ton : std::uint8_t {
  unknown = 0,
  international = 1,
  national = 2,
  network_specific = 3,
  subscriber_number = 4,
  alphanumeric = 5,
  abbreviated = 6,
};

/// v3.4 §5.2.6 p. 118.
enum class Npi : std::uint8_t {
  unknown = 0,
  isdn = 1,
  data = 3,
  telex = 4,
  land_mobile = 6,
  national = 8,
  private_plan = 9,
  ermes = 10,
  internet = 14,
  wap_client_id = 18,
};

/// esm_class, v3.4 §5.2.12 p. 121-122: bits 1-0 mode, bits 5-2 type, bits 7-6 features.
inline constexpr std::uint8_t kUdhi = 0x40;
inline constexpr std::uint8_t kReplyPath = 0x80;
inline constexpr std::uint8_t kReceiptType = 0x04;
inline constexpr std::uint8_t kIntermediateType = 0x20;

/// A delivery receipt, whatever its mode and feature bits: carriers set those too.
constexpr bool is_receipt(std::uint8_t esm_class) { return (esm_class & 0x3C) == kReceiptType; }
/// An intermediate notification: the same form as a receipt, but not the last word.
constexpr bool is_intermediate(std::uint8_t esm_class) {
  return (esm_class & 0x3C) == kIntermediateType;
}
constexpr bool has_udh(std::uint8_t esm_class) { return (esm_class & kUdhi) != 0; }

/// registered_delivery, v3.4 §5.2.17 p. 124.
inline constexpr std::uint8_t kNoReceipt = 0;
inline constexpr std::uint8_t kReceiptAlways = 1;
inline constexpr std::uint8_t kReceiptOnFailure = 2;

/// v3.4 §5.2.19 p. 126; what smsc_default means is a property of the carrier.
enum class DataCoding : std::uint8_t {
  smsc_default = 0,
  ia5 = 1,
  octets = 2,
  latin1 = 3,
  octets_4 = 4,
  jis = 5,
  cyrillic = 6,
  hebrew = 7,
  ucs2 = 8,
  pictogram = 9,
  iso_2022_jp = 10,
  extended_kanji = 13,
  ks_c_5601 = 14,
};

/// v3.4 §5.2.28 p. 130; scheduled and skipped are of v5.0.
enum class MessageState : std::uint8_t {
  scheduled = 0,
  enroute = 1,
  delivered = 2,
  expired = 3,
  deleted = 4,
  undeliverable = 5,
  accepted = 6,
  unknown = 7,
  rejected = 8,
  skipped = 9,
};

/// The state in the seven letters of v3.4 Appendix B (DELIVRD, UNDELIV, ...), "UNKNOWN" for others.
std::string_view name(MessageState state);

/// Will this state never change again? enroute, scheduled and accepted may.
constexpr bool is_final(MessageState state) {
  return state != MessageState::enroute && state != MessageState::scheduled &&
         state != MessageState::accepted;
}

/// sequence_number, v3.4 §5.1.4 p. 115. What we send stays inside; what a peer sends is echoed.
inline constexpr std::uint32_t kSequenceMin = 0x00000001;
inline constexpr std::uint32_t kSequenceMax = 0x7FFFFFFF;

}  // namespace tact::smpp
