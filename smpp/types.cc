// SPDX-License-Identifier: Apache-2.0
#include "smpp/types.h"

namespace tact::smpp {

namespace {

struct Named {
  CommandId id;
  std::string_view name;
};

constexpr Named kCommands[] = {
    {CommandId::bind_receiver, "bind_receiver"},
    {CommandId::bind_transmitter, "bind_transmitter"},
    {CommandId::query_sm, "query_sm"},
    {CommandId::submit_sm, "submit_sm"},
    {CommandId::deliver_sm, "deliver_sm"},
    {CommandId::unbind, "unbind"},
    {CommandId::replace_sm, "replace_sm"},
    {CommandId::cancel_sm, "cancel_sm"},
    {CommandId::bind_transceiver, "bind_transceiver"},
    {CommandId::outbind, "outbind"},
    {CommandId::enquire_link, "enquire_link"},
    {CommandId::submit_multi, "submit_multi"},
    {CommandId::alert_notification, "alert_notification"},
    {CommandId::data_sm, "data_sm"},
    {CommandId::broadcast_sm, "broadcast_sm"},
    {CommandId::query_broadcast_sm, "query_broadcast_sm"},
    {CommandId::cancel_broadcast_sm, "cancel_broadcast_sm"},
    {CommandId::generic_nack, "generic_nack"},
    {CommandId::bind_receiver_resp, "bind_receiver_resp"},
    {CommandId::bind_transmitter_resp, "bind_transmitter_resp"},
    {CommandId::query_sm_resp, "query_sm_resp"},
    {CommandId::submit_sm_resp, "submit_sm_resp"},
    {CommandId::deliver_sm_resp, "deliver_sm_resp"},
    {CommandId::unbind_resp, "unbind_resp"},
    {CommandId::replace_sm_resp, "replace_sm_resp"},
    {CommandId::cancel_sm_resp, "cancel_sm_resp"},
    {CommandId::bind_transceiver_resp, "bind_transceiver_resp"},
    {CommandId::enquire_link_resp, "enquire_link_resp"},
    {CommandId::submit_multi_resp, "submit_multi_resp"},
    {CommandId::data_sm_resp, "data_sm_resp"},
    {CommandId::broadcast_sm_resp, "broadcast_sm_resp"},
    {CommandId::query_broadcast_sm_resp, "query_broadcast_sm_resp"},
    {CommandId::cancel_broadcast_sm_resp, "cancel_broadcast_sm_resp"},
};

}  // namespace

std::string_view name(CommandId id) {
  for (const Named& command : kCommands) {
    if (command.id == id) return command.name;
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
