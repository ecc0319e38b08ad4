// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/notice_log.h"

#include <fmt/format.h>

#include "gateway/engine/retry.h"

namespace tact::gateway {

namespace {

struct Wording {
  Level level;
  std::string_view what;
  std::string_view reason;  // the name of the field
};

Wording wording(LinkNotice::Kind kind) {
  using Kind = LinkNotice::Kind;
  switch (kind) {
    case Kind::binding:
      return {Level::info, "link: binding", ""};
    case Kind::bound:
      return {Level::info, "link: bound", "smsc"};
    case Kind::connect_failed:
      return {Level::warning, "link: no connection", "reason"};
    case Kind::tls_failed:
      return {Level::warning, "link: TLS failed", "reason"};
    case Kind::bind_refused:
      return {Level::warning, "link: bind refused", "status"};
    case Kind::bind_failed:
      return {Level::warning, "link: lost before it was bound", "reason"};
    case Kind::tlvs_withheld:
      return {Level::warning, "link: the SMSC tells no version that has TLVs", "not_sent"};
    case Kind::lost:
      return {Level::warning, "link: lost", "reason"};
    case Kind::unbound:
      return {Level::info, "link: unbound", ""};
  }
  return {Level::error, "link: ?", ""};
}

void tell_link(Log& log, std::string_view route, const LinkNotice& notice) {
  const LinkSettings& link = *notice.link;
  const Wording words = wording(notice.kind);
  const bool refused = notice.kind == LinkNotice::Kind::bind_refused;
  std::vector<Field> fields = {{"route", route}, {"link", link.name}};
  const std::string peer = fmt::format("{}:{}", notice.host->host, notice.host->port);
  const std::string reason = refused ? status_text(notice.status) : notice.reason;
  fields.emplace_back("peer", peer);
  if (!words.reason.empty() && !reason.empty()) fields.emplace_back(words.reason, reason);
  if (notice.failures > 0) fields.emplace_back("failures", notice.failures);
  if (notice.retry_in > Millis{0}) fields.emplace_back("retry_in_ms", notice.retry_in.count());
  log.line(words.level, words.what, fields, fmt::format("{}/{}", route, link.name));
}

void tell_carrier(Log& log, std::string_view route, const CarrierNotice& notice) {
  const bool text = notice.says == CarrierSays::content;
  const Field fields[] = {{"route", route}, {"code", notice.code}};
  log.line(Level::warning,
           text ? "carrier: refuses a text for its content" : "carrier: refuses a signature",
           fields, route);
}

void tell_upstream(Log& log, const UpstreamNotice& notice) {
  const bool ours = notice.code == proto::Error::DRAINING;
  const Field fields[] = {{"upstream", notice.upstream->name},
                          {"code", proto::Error::Code_Name(notice.code)},
                          {"reason", notice.reason}};
  log.line(ours ? Level::info : Level::warning, "upstream: refused", fields, notice.upstream->name);
}

}  // namespace

void tell(Log& log, const Directory& directory, const Notice& notice) {
  if (const auto* link = std::get_if<LinkNotice>(&notice)) {
    tell_link(log, directory.name(link->route), *link);
  } else if (const auto* carrier = std::get_if<CarrierNotice>(&notice)) {
    tell_carrier(log, directory.name(carrier->route), *carrier);
  } else if (const auto* halted = std::get_if<HaltedNotice>(&notice)) {
    const Field fields[] = {{"tenant", halted->tenant->name}, {"campaign", halted->campaign}};
    log.line(Level::warning, "campaign: halted by its opt-outs", fields, halted->tenant->name);
  } else {
    tell_upstream(log, std::get<UpstreamNotice>(notice));
  }
}

}  // namespace tact::gateway
