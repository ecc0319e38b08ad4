// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tact::smpp {

/// command_status, v3.4 §5.1.3 p. 112-114 and v5.0 §4.7.6 p. 116-122. 0x400-0x4FF belongs to
/// vendors; a value without a name is kept as it came.
enum class Status : std::uint32_t {
  ESME_ROK = 0x00,
  ESME_RINVMSGLEN = 0x01,
  ESME_RINVCMDLEN = 0x02,
  ESME_RINVCMDID = 0x03,
  ESME_RINVBNDSTS = 0x04,
  ESME_RALYBND = 0x05,
  ESME_RINVPRTFLG = 0x06,
  ESME_RINVREGDLVFLG = 0x07,
  ESME_RSYSERR = 0x08,
  ESME_RINVSRCADR = 0x0A,
  ESME_RINVDSTADR = 0x0B,
  ESME_RINVMSGID = 0x0C,
  ESME_RBINDFAIL = 0x0D,
  ESME_RINVPASWD = 0x0E,
  ESME_RINVSYSID = 0x0F,
  ESME_RCANCELFAIL = 0x11,
  ESME_RREPLACEFAIL = 0x13,
  ESME_RMSGQFUL = 0x14,
  ESME_RINVSERTYP = 0x15,
  ESME_RINVNUMDESTS = 0x33,
  ESME_RINVDLNAME = 0x34,
  ESME_RINVDESTFLAG = 0x40,
  ESME_RINVSUBREP = 0x42,
  ESME_RINVESMCLASS = 0x43,
  ESME_RCNTSUBDL = 0x44,
  ESME_RSUBMITFAIL = 0x45,
  ESME_RINVSRCTON = 0x48,
  ESME_RINVSRCNPI = 0x49,
  ESME_RINVDSTTON = 0x50,
  ESME_RINVDSTNPI = 0x51,
  ESME_RINVSYSTYP = 0x53,
  ESME_RINVREPFLAG = 0x54,
  ESME_RINVNUMMSGS = 0x55,
  ESME_RTHROTTLED = 0x58,
  ESME_RINVSCHED = 0x61,
  ESME_RINVEXPIRY = 0x62,
  ESME_RINVDFTMSGID = 0x63,
  ESME_RX_T_APPN = 0x64,
  ESME_RX_P_APPN = 0x65,
  ESME_RX_R_APPN = 0x66,
  ESME_RQUERYFAIL = 0x67,
  ESME_RINVOPTPARSTREAM = 0xC0,
  ESME_ROPTPARNOTALLWD = 0xC1,
  ESME_RINVPARLEN = 0xC2,
  ESME_RMISSINGOPTPARAM = 0xC3,
  ESME_RINVOPTPARAMVAL = 0xC4,
  ESME_RDELIVERYFAILURE = 0xFE,
  ESME_RUNKNOWNERR = 0xFF,
  ESME_RSERTYPUNAUTH = 0x100,
  ESME_RPROHIBITED = 0x101,
  ESME_RSERTYPUNAVAIL = 0x102,
  ESME_RSERTYPDENIED = 0x103,
  ESME_RINVDCS = 0x104,
  ESME_RINVSRCADDRSUBUNIT = 0x105,
  ESME_RINVDSTADDRSUBUNIT = 0x106,
  ESME_RINVBCASTFREQINT = 0x107,
  ESME_RINVBCASTALIAS_NAME = 0x108,
  ESME_RINVBCASTAREAFMT = 0x109,
  ESME_RINVNUMBCAST_AREAS = 0x10A,
  ESME_RINVBCASTCNTTYPE = 0x10B,
  ESME_RINVBCASTMSGCLASS = 0x10C,
  ESME_RBCASTFAIL = 0x10D,
  ESME_RBCASTQUERYFAIL = 0x10E,
  ESME_RBCASTCANCELFAIL = 0x10F,
  ESME_RINVBCAST_REP = 0x110,
  ESME_RINVBCASTSRVGRP = 0x111,
  ESME_RINVBCASTCHANIND = 0x112,
};

/// The name as above, or "vendor" (0x400-0x4FF) or "unknown".
std::string_view name(Status status);
/// The other way round; nothing for what is no name of the list above.
std::optional<Status> status_named(std::string_view name);
/// All names of the list above, in its order.
std::vector<std::string_view> status_names();

/// What a sender should make of the answer to a message.
enum class StatusClass : std::uint8_t {
  ok,
  throttled,              ///< slow the whole account down (RTHROTTLED)
  busy_destination,       ///< RMSGQFUL: one destination's queue or a global one (v5.0 p. 117)
  retry,                  ///< this message may be tried again later
  permanent,              ///< this message will not be taken; also every status without a name
  permanent_destination,  ///< nor is anything to be tried again to its destination (RX_P_APPN)
  bind,                   ///< about the session, not about the message
};

StatusClass classify(Status status);

/// "ok", "throttled", ...: for metrics and logs.
std::string_view name(StatusClass status_class);

}  // namespace tact::smpp
