// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "smpp/field.h"

/// The broadcast PDUs of v5.0 §4.4 and §4.6. Where, how often and what is broadcast is in their
/// TLVs: broadcast_area_identifier, broadcast_content_type, broadcast_rep_num,
/// broadcast_frequency_interval and message_payload. The responses with a message_id are in pdu.h.
namespace tact::smpp {

/// v5.0 §4.4.1. message_id names the broadcast that this one replaces, or is empty.
struct BroadcastSm {
  static constexpr CommandId kCommand = CommandId::broadcast_sm;
  std::string_view service_type;
  Ton source_addr_ton{};
  Npi source_addr_npi{};
  std::string_view source_addr;
  std::string_view message_id;
  std::uint8_t priority_flag = 0;
  std::string_view schedule_delivery_time;
  std::string_view validity_period;
  std::uint8_t replace_if_present_flag = 0;
  DataCoding data_coding{};
  std::uint8_t sm_default_msg_id = 0;
  Tlvs tlvs;

  static constexpr auto fields() {
    using S = BroadcastSm;
    return std::tuple_cat(
        std::tuple{service_type_field<S>()}, source_fields<S>(),
        std::tuple{message_id_field<S>(), Integer{"priority_flag", &S::priority_flag}},
        time_fields<S>(),
        std::tuple{Integer{"replace_if_present_flag", &S::replace_if_present_flag},
                   Integer{"data_coding", &S::data_coding},
                   Integer{"sm_default_msg_id", &S::sm_default_msg_id}, Optionals{&S::tlvs}});
  }
};

/// v5.0 §4.6. Cancels one broadcast by message_id or user_message_reference, or the pending ones of
/// a source and service.
struct CancelBroadcastSm {
  static constexpr CommandId kCommand = CommandId::cancel_broadcast_sm;
  std::string_view service_type;
  std::string_view message_id;
  Ton source_addr_ton{};
  Npi source_addr_npi{};
  std::string_view source_addr;
  Tlvs tlvs;

  static constexpr auto fields() {
    using S = CancelBroadcastSm;
    return std::tuple_cat(std::tuple{service_type_field<S>(), message_id_field<S>()},
                          source_fields<S>(), std::tuple{Optionals{&S::tlvs}});
  }
};

}  // namespace tact::smpp
