// SPDX-License-Identifier: Apache-2.0
#include "smpp/types.h"

namespace tact::smpp {

std::string_view name(CommandId id) {
  switch (id) {
    case CommandId::bind_receiver:
      return "bind_receiver";
    case CommandId::bind_transmitter:
      return "bind_transmitter";
    case CommandId::query_sm:
      return "query_sm";
    case CommandId::submit_sm:
      return "submit_sm";
    case CommandId::deliver_sm:
      return "deliver_sm";
    case CommandId::unbind:
      return "unbind";
    case CommandId::replace_sm:
      return "replace_sm";
    case CommandId::cancel_sm:
      return "cancel_sm";
    case CommandId::bind_transceiver:
      return "bind_transceiver";
    case CommandId::outbind:
      return "outbind";
    case CommandId::enquire_link:
      return "enquire_link";
    case CommandId::submit_multi:
      return "submit_multi";
    case CommandId::alert_notification:
      return "alert_notification";
    case CommandId::data_sm:
      return "data_sm";
    case CommandId::generic_nack:
      return "generic_nack";
    case CommandId::bind_receiver_resp:
      return "bind_receiver_resp";
    case CommandId::bind_transmitter_resp:
      return "bind_transmitter_resp";
    case CommandId::query_sm_resp:
      return "query_sm_resp";
    case CommandId::submit_sm_resp:
      return "submit_sm_resp";
    case CommandId::deliver_sm_resp:
      return "deliver_sm_resp";
    case CommandId::unbind_resp:
      return "unbind_resp";
    case CommandId::replace_sm_resp:
      return "replace_sm_resp";
    case CommandId::cancel_sm_resp:
      return "cancel_sm_resp";
    case CommandId::bind_transceiver_resp:
      return "bind_transceiver_resp";
    case CommandId::enquire_link_resp:
      return "enquire_link_resp";
    case CommandId::submit_multi_resp:
      return "submit_multi_resp";
    case CommandId::data_sm_resp:
      return "data_sm_resp";
  }
  return "unknown";
}

std::string_view name(MessageState state) {
  switch (state) {
    case MessageState::scheduled:
      return "SCHEDULED";
    case MessageState::enroute:
      return "ENROUTE";
    case MessageState::delivered:
      return "DELIVRD";
    case MessageState::expired:
      return "EXPIRED";
    case MessageState::deleted:
      return "DELETED";
    case MessageState::undeliverable:
      return "UNDELIV";
    case MessageState::accepted:
      return "ACCEPTD";
    case MessageState::unknown:
      return "UNKNOWN";
    case MessageState::rejected:
      return "REJECTD";
    case MessageState::skipped:
      return "SKIPPED";
  }
  return "UNKNOWN";
}

}  // namespace tact::smpp
