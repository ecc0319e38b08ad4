// SPDX-License-Identifier: Apache-2.0
#include "smpp/status.h"

namespace tact::smpp {
namespace {

struct Named {
  Status status;
  std::string_view name;
};

constexpr Named kNames[] = {
    {Status::ESME_ROK, "ESME_ROK"},
    {Status::ESME_RINVMSGLEN, "ESME_RINVMSGLEN"},
    {Status::ESME_RINVCMDLEN, "ESME_RINVCMDLEN"},
    {Status::ESME_RINVCMDID, "ESME_RINVCMDID"},
    {Status::ESME_RINVBNDSTS, "ESME_RINVBNDSTS"},
    {Status::ESME_RALYBND, "ESME_RALYBND"},
    {Status::ESME_RINVPRTFLG, "ESME_RINVPRTFLG"},
    {Status::ESME_RINVREGDLVFLG, "ESME_RINVREGDLVFLG"},
    {Status::ESME_RSYSERR, "ESME_RSYSERR"},
    {Status::ESME_RINVSRCADR, "ESME_RINVSRCADR"},
    {Status::ESME_RINVDSTADR, "ESME_RINVDSTADR"},
    {Status::ESME_RINVMSGID, "ESME_RINVMSGID"},
    {Status::ESME_RBINDFAIL, "ESME_RBINDFAIL"},
    {Status::ESME_RINVPASWD, "ESME_RINVPASWD"},
    {Status::ESME_RINVSYSID, "ESME_RINVSYSID"},
    {Status::ESME_RCANCELFAIL, "ESME_RCANCELFAIL"},
    {Status::ESME_RREPLACEFAIL, "ESME_RREPLACEFAIL"},
    {Status::ESME_RMSGQFUL, "ESME_RMSGQFUL"},
    {Status::ESME_RINVSERTYP, "ESME_RINVSERTYP"},
    {Status::ESME_RINVNUMDESTS, "ESME_RINVNUMDESTS"},
    {Status::ESME_RINVDLNAME, "ESME_RINVDLNAME"},
    {Status::ESME_RINVDESTFLAG, "ESME_RINVDESTFLAG"},
    {Status::ESME_RINVSUBREP, "ESME_RINVSUBREP"},
    {Status::ESME_RINVESMCLASS, "ESME_RINVESMCLASS"},
    {Status::ESME_RCNTSUBDL, "ESME_RCNTSUBDL"},
    {Status::ESME_RSUBMITFAIL, "ESME_RSUBMITFAIL"},
    {Status::ESME_RINVSRCTON, "ESME_RINVSRCTON"},
    {Status::ESME_RINVSRCNPI, "ESME_RINVSRCNPI"},
    {Status::ESME_RINVDSTTON, "ESME_RINVDSTTON"},
    {Status::ESME_RINVDSTNPI, "ESME_RINVDSTNPI"},
    {Status::ESME_RINVSYSTYP, "ESME_RINVSYSTYP"},
    {Status::ESME_RINVREPFLAG, "ESME_RINVREPFLAG"},
    {Status::ESME_RINVNUMMSGS, "ESME_RINVNUMMSGS"},
    {Status::ESME_RTHROTTLED, "ESME_RTHROTTLED"},
    {Status::ESME_RINVSCHED, "ESME_RINVSCHED"},
    {Status::ESME_RINVEXPIRY, "ESME_RINVEXPIRY"},
    {Status::ESME_RINVDFTMSGID, "ESME_RINVDFTMSGID"},
    {Status::ESME_RX_T_APPN, "ESME_RX_T_APPN"},
    {Status::ESME_RX_P_APPN, "ESME_RX_P_APPN"},
    {Status::ESME_RX_R_APPN, "ESME_RX_R_APPN"},
    {Status::ESME_RQUERYFAIL, "ESME_RQUERYFAIL"},
    {Status::ESME_RINVOPTPARSTREAM, "ESME_RINVOPTPARSTREAM"},
    {Status::ESME_ROPTPARNOTALLWD, "ESME_ROPTPARNOTALLWD"},
    {Status::ESME_RINVPARLEN, "ESME_RINVPARLEN"},
    {Status::ESME_RMISSINGOPTPARAM, "ESME_RMISSINGOPTPARAM"},
    {Status::ESME_RINVOPTPARAMVAL, "ESME_RINVOPTPARAMVAL"},
    {Status::ESME_RDELIVERYFAILURE, "ESME_RDELIVERYFAILURE"},
    {Status::ESME_RUNKNOWNERR, "ESME_RUNKNOWNERR"},
    {Status::ESME_RSERTYPUNAUTH, "ESME_RSERTYPUNAUTH"},
    {Status::ESME_RPROHIBITED, "ESME_RPROHIBITED"},
    {Status::ESME_RSERTYPUNAVAIL, "ESME_RSERTYPUNAVAIL"},
    {Status::ESME_RSERTYPDENIED, "ESME_RSERTYPDENIED"},
    {Status::ESME_RINVDCS, "ESME_RINVDCS"},
    {Status::ESME_RINVSRCADDRSUBUNIT, "ESME_RINVSRCADDRSUBUNIT"},
    {Status::ESME_RINVDSTADDRSUBUNIT, "ESME_RINVDSTADDRSUBUNIT"},
    {Status::ESME_RINVBCASTFREQINT, "ESME_RINVBCASTFREQINT"},
    {Status::ESME_RINVBCASTALIAS_NAME, "ESME_RINVBCASTALIAS_NAME"},
    {Status::ESME_RINVBCASTAREAFMT, "ESME_RINVBCASTAREAFMT"},
    {Status::ESME_RINVNUMBCAST_AREAS, "ESME_RINVNUMBCAST_AREAS"},
    {Status::ESME_RINVBCASTCNTTYPE, "ESME_RINVBCASTCNTTYPE"},
    {Status::ESME_RINVBCASTMSGCLASS, "ESME_RINVBCASTMSGCLASS"},
    {Status::ESME_RBCASTFAIL, "ESME_RBCASTFAIL"},
    {Status::ESME_RBCASTQUERYFAIL, "ESME_RBCASTQUERYFAIL"},
    {Status::ESME_RBCASTCANCELFAIL, "ESME_RBCASTCANCELFAIL"},
    {Status::ESME_RINVBCAST_REP, "ESME_RINVBCAST_REP"},
    {Status::ESME_RINVBCASTSRVGRP, "ESME_RINVBCASTSRVGRP"},
    {Status::ESME_RINVBCASTCHANIND, "ESME_RINVBCASTCHANIND"},
};

}  // namespace

std::string_view name(Status status) {
  for (const Named& named : kNames) {
    if (named.status == status) return named.name;
  }
  const auto value = static_cast<std::uint32_t>(status);
  return value >= 0x400 && value <= 0x4FF ? "vendor" : "unknown";
}

std::optional<Status> status_named(std::string_view name) {
  for (const Named& named : kNames) {
    if (named.name == name) return named.status;
  }
  return std::nullopt;
}

std::vector<std::string_view> status_names() {
  std::vector<std::string_view> names;
  for (const Named& named : kNames) names.push_back(named.name);
  return names;
}

StatusClass classify(Status status) {
  switch (status) {
    case Status::ESME_ROK:
      return StatusClass::ok;
    case Status::ESME_RTHROTTLED:
      return StatusClass::throttled;
    case Status::ESME_RMSGQFUL:
      return StatusClass::busy_destination;
    // RSUBMITFAIL is what some carriers answer when their window is exceeded (fiorix/go-smpp#2).
    case Status::ESME_RSYSERR:
    case Status::ESME_RSUBMITFAIL:
    case Status::ESME_RX_T_APPN:
    case Status::ESME_RSERTYPUNAVAIL:
      return StatusClass::retry;
    case Status::ESME_RX_P_APPN:
      return StatusClass::permanent_destination;
    case Status::ESME_RINVBNDSTS:
    case Status::ESME_RALYBND:
    case Status::ESME_RBINDFAIL:
    case Status::ESME_RINVPASWD:
    case Status::ESME_RINVSYSID:
    case Status::ESME_RINVSYSTYP:
      return StatusClass::bind;
    default:
      return StatusClass::permanent;
  }
}

std::string_view name(StatusClass status_class) {
  switch (status_class) {
    case StatusClass::ok:
      return "ok";
    case StatusClass::throttled:
      return "throttled";
    case StatusClass::busy_destination:
      return "busy_destination";
    case StatusClass::retry:
      return "retry";
    case StatusClass::permanent:
      return "permanent";
    case StatusClass::permanent_destination:
      return "permanent_destination";
    case StatusClass::bind:
      return "bind";
  }
  return "unknown";
}

}  // namespace tact::smpp
