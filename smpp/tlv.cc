// SPDX-License-Identifier: Apache-2.0
#include "smpp/tlv.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace tact::smpp {
namespace {

// In the order of the tags. v5.0 gives some a longer value than v3.4: ms_validity one of four
// octets where it is relative, alert_on_message_delivery one octet instead of none.
constexpr TlvInfo kTags[] = {
    {Tag::dest_addr_subunit, "dest_addr_subunit", TlvKind::integer, 1},
    {Tag::dest_network_type, "dest_network_type", TlvKind::integer, 1},
    {Tag::dest_bearer_type, "dest_bearer_type", TlvKind::integer, 1},
    {Tag::dest_telematics_id, "dest_telematics_id", TlvKind::integer, 2},
    {Tag::source_addr_subunit, "source_addr_subunit", TlvKind::integer, 1},
    {Tag::source_network_type, "source_network_type", TlvKind::integer, 1},
    {Tag::source_bearer_type, "source_bearer_type", TlvKind::integer, 1},
    {Tag::source_telematics_id, "source_telematics_id", TlvKind::integer, 1},
    {Tag::qos_time_to_live, "qos_time_to_live", TlvKind::integer, 4},
    {Tag::payload_type, "payload_type", TlvKind::integer, 1},
    {Tag::additional_status_info_text, "additional_status_info_text", TlvKind::c_string, 256},
    {Tag::receipted_message_id, "receipted_message_id", TlvKind::c_string, 65},
    {Tag::ms_msg_wait_facilities, "ms_msg_wait_facilities", TlvKind::integer, 1},
    {Tag::privacy_indicator, "privacy_indicator", TlvKind::integer, 1},
    {Tag::source_subaddress, "source_subaddress", TlvKind::octets, 23},
    {Tag::dest_subaddress, "dest_subaddress", TlvKind::octets, 23},
    {Tag::user_message_reference, "user_message_reference", TlvKind::integer, 2},
    {Tag::user_response_code, "user_response_code", TlvKind::integer, 1},
    {Tag::source_port, "source_port", TlvKind::integer, 2},
    {Tag::destination_port, "destination_port", TlvKind::integer, 2},
    {Tag::sar_msg_ref_num, "sar_msg_ref_num", TlvKind::integer, 2},
    {Tag::language_indicator, "language_indicator", TlvKind::integer, 1},
    {Tag::sar_total_segments, "sar_total_segments", TlvKind::integer, 1},
    {Tag::sar_segment_seqnum, "sar_segment_seqnum", TlvKind::integer, 1},
    {Tag::sc_interface_version, "sc_interface_version", TlvKind::integer, 1},
    {Tag::callback_num_pres_ind, "callback_num_pres_ind", TlvKind::integer, 1},
    {Tag::callback_num_atag, "callback_num_atag", TlvKind::octets, 65},
    {Tag::number_of_messages, "number_of_messages", TlvKind::integer, 1},
    {Tag::callback_num, "callback_num", TlvKind::octets, 19},
    {Tag::dpf_result, "dpf_result", TlvKind::integer, 1},
    {Tag::set_dpf, "set_dpf", TlvKind::integer, 1},
    {Tag::ms_availability_status, "ms_availability_status", TlvKind::integer, 1},
    {Tag::network_error_code, "network_error_code", TlvKind::octets, 3},
    {Tag::message_payload, "message_payload", TlvKind::octets, 0},
    {Tag::delivery_failure_reason, "delivery_failure_reason", TlvKind::integer, 1},
    {Tag::more_messages_to_send, "more_messages_to_send", TlvKind::integer, 1},
    {Tag::message_state, "message_state", TlvKind::integer, 1},
    {Tag::congestion_state, "congestion_state", TlvKind::integer, 1},
    {Tag::ussd_service_op, "ussd_service_op", TlvKind::octets, 1},
    {Tag::broadcast_channel_indicator, "broadcast_channel_indicator", TlvKind::integer, 1},
    {Tag::broadcast_content_type, "broadcast_content_type", TlvKind::octets, 3},
    {Tag::broadcast_content_type_info, "broadcast_content_type_info", TlvKind::octets, 255},
    {Tag::broadcast_message_class, "broadcast_message_class", TlvKind::integer, 1},
    {Tag::broadcast_rep_num, "broadcast_rep_num", TlvKind::integer, 2},
    {Tag::broadcast_frequency_interval, "broadcast_frequency_interval", TlvKind::octets, 3},
    {Tag::broadcast_area_identifier, "broadcast_area_identifier", TlvKind::octets, 101},
    {Tag::broadcast_error_status, "broadcast_error_status", TlvKind::integer, 4},
    {Tag::broadcast_area_success, "broadcast_area_success", TlvKind::integer, 1},
    {Tag::broadcast_end_time, "broadcast_end_time", TlvKind::c_string, 17},
    {Tag::broadcast_service_group, "broadcast_service_group", TlvKind::octets, 255},
    {Tag::billing_identification, "billing_identification", TlvKind::octets, 1024},
    {Tag::source_network_id, "source_network_id", TlvKind::c_string, 65},
    {Tag::dest_network_id, "dest_network_id", TlvKind::c_string, 65},
    {Tag::source_node_id, "source_node_id", TlvKind::octets, 6},
    {Tag::dest_node_id, "dest_node_id", TlvKind::octets, 6},
    {Tag::dest_addr_np_resolution, "dest_addr_np_resolution", TlvKind::integer, 1},
    {Tag::dest_addr_np_information, "dest_addr_np_information", TlvKind::octets, 10},
    {Tag::dest_addr_np_country, "dest_addr_np_country", TlvKind::octets, 5},
    {Tag::display_time, "display_time", TlvKind::integer, 1},
    {Tag::sms_signal, "sms_signal", TlvKind::integer, 2},
    {Tag::ms_validity, "ms_validity", TlvKind::integer, 1},
    {Tag::alert_on_message_delivery, "alert_on_message_delivery", TlvKind::octets, 1},
    {Tag::its_reply_type, "its_reply_type", TlvKind::integer, 1},
    {Tag::its_session_info, "its_session_info", TlvKind::octets, 2},
};
static_assert(std::ranges::is_sorted(kTags, {}, &TlvInfo::tag));

/// By tag: one more than its place in kTags, 0 where it has none. Each PDU that is sent asks.
constexpr auto kPlaces = [] {
  std::array<std::uint8_t, static_cast<std::size_t>(std::end(kTags)[-1].tag) + 1> places{};
  static_assert(std::size(kTags) < 255);
  std::uint8_t place = 0;
  for (const TlvInfo& info : kTags) places[static_cast<std::size_t>(info.tag)] = ++place;
  return places;
}();

/// Returns where the value goes.
std::uint8_t* write_header(Tag tag, std::size_t length, std::uint8_t* at) {
  for (const std::size_t number : {static_cast<std::size_t>(tag), length}) {
    *at++ = static_cast<std::uint8_t>(number >> 8);
    *at++ = static_cast<std::uint8_t>(number);
  }
  return at;
}

}  // namespace

std::span<const TlvInfo> tlv_infos() { return kTags; }

const TlvInfo* tlv_info(Tag tag) {
  const auto number = static_cast<std::size_t>(tag);
  const std::size_t place = number < kPlaces.size() ? kPlaces[number] : 0;
  return place > 0 ? &kTags[place - 1] : nullptr;
}

const TlvInfo* tlv_info(std::string_view name) {
  const auto* found = std::ranges::find(kTags, name, &TlvInfo::name);
  return found != std::end(kTags) ? found : nullptr;
}

bool is_whole(const Tlv& tlv) {
  const TlvInfo* info = tlv_info(tlv.tag);
  if (!info) return true;
  const std::size_t size = tlv.value.size();
  switch (info->kind) {
    case TlvKind::integer:
      return size == info->length || (tlv.tag == Tag::ms_validity && size == 4);
    case TlvKind::c_string:
      return size > 0 && size <= info->length &&
             std::memchr(tlv.value.data(), 0, size) == &tlv.value.back();
    case TlvKind::octets:
      break;
  }
  return info->length == 0 || size <= info->length;
}

void append_tlv(Tag tag, Octets value, std::vector<std::uint8_t>& append_to) {
  const std::size_t start = append_to.size();
  append_to.resize(start + 4 + value.size());
  std::ranges::copy(value, write_header(tag, value.size(), append_to.data() + start));
}

std::optional<std::string_view> Tlvs::c_string(Tag tag) const {
  const auto value = find(tag);
  if (!value) return std::nullopt;
  const std::string_view text(reinterpret_cast<const char*>(value->data()), value->size());
  return text.substr(0, text.find('\0'));
}

std::uint8_t* TlvWriter::room(Tag tag, std::size_t length) {
  if (length > 0xFFFF || kCapacity - size_ < 4 + length) {
    ok_ = false;
    return nullptr;
  }
  std::uint8_t* at = buffer_.data() + size_;
  size_ += 4 + length;
  return write_header(tag, length, at);
}

TlvWriter& TlvWriter::u8(Tag tag, std::uint8_t value) { return octets(tag, Octets(&value, 1)); }

TlvWriter& TlvWriter::u16(Tag tag, std::uint16_t value) {
  const std::uint8_t big[] = {static_cast<std::uint8_t>(value >> 8),
                              static_cast<std::uint8_t>(value)};
  return octets(tag, big);
}

TlvWriter& TlvWriter::u32(Tag tag, std::uint32_t value) {
  const std::uint8_t big[] = {
      static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
      static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
  return octets(tag, big);
}

TlvWriter& TlvWriter::c_string(Tag tag, std::string_view value) {
  if (std::uint8_t* at = room(tag, value.size() + 1)) {
    std::ranges::copy(value, at);
    at[value.size()] = 0;
  }
  return *this;
}

TlvWriter& TlvWriter::octets(Tag tag, Octets value) {
  if (std::uint8_t* at = room(tag, value.size())) std::ranges::copy(value, at);
  return *this;
}

TlvWriter& TlvWriter::append(Tlvs tlvs) {
  for (const Tlv& tlv : tlvs) octets(tlv.tag, tlv.value);
  return *this;
}

}  // namespace tact::smpp
