// SPDX-License-Identifier: Apache-2.0
#include "gateway/warnings.h"

#include <map>
#include <string>
#include <tuple>

#include "gateway/io/metrics.h"

namespace tact::gateway {
namespace {

constexpr int64_t kHolidaysKnownDays = 30;
constexpr int64_t kCertificateDays = 30;

// A carrier sends the receipts of an account to whichever of its sessions it likes, and a route
// knows only its own messages.
void warn_of_shared_accounts(const Config& config, Log& log) {
  std::map<std::tuple<std::string, uint16_t, std::string>, std::string> owners;
  for (const RouteSettings& route : config.engine.routes) {
    for (const LinkSettings& link : route.links) {
      for (const Endpoint& host : link.hosts) {
        const auto [owner, first] =
            owners.try_emplace({host.host, host.port, link.session.system_id}, route.name);
        if (first || owner->second == route.name) continue;
        log.line(Level::warning,
                 "two routes bind as one account; receipts of one may go to the other",
                 {{"route", route.name},
                  {"other", owner->second},
                  {"host", host.host},
                  {"port", host.port},
                  {"system_id", link.session.system_id}});
      }
    }
  }
}

void warn_of_certificates(const Config& config, Civil now, Log& log) {
  for (const RouteSettings& route : config.engine.routes) {
    for (const LinkSettings& link : route.links) {
      if (!link.tls || link.tls->certificate.empty()) continue;
      const auto left = link.tls->certificate_expires - now;
      const int64_t days = std::chrono::floor<std::chrono::days>(left).count();
      if (days >= kCertificateDays) continue;
      log.line(Level::warning,
               days < 0 ? "the certificate of a link has expired"
                        : "the certificate of a link expires soon",
               {{"route", route.name}, {"link", link.name}, {"days", days}});
    }
  }
}

}  // namespace

void warn_of_calendars(const policy::RuleSet& rules, const std::vector<std::string>& countries,
                       Civil now, Log& log) {
  for (const std::string& country : countries) {
    const int64_t days = holidays_known_days(rules, country, now);
    if (days >= kHolidaysKnownDays) continue;
    log.line(Level::warning, "holidays are not known for long; then none defers",
             {{"country", country}, {"days", days}});
  }
}

void warn_of(const Config& config, Civil now, Log& log) {
  if (config.io.demo) {
    log.line(Level::warning, "demo: what no production gateway may do is permitted",
             {{"clock_offset_ms", config.io.clock_offset.count()}});
  }
  std::vector<std::string> countries;
  for (const auto& [country, file] : config.source.policy().holidays())
    countries.push_back(country);
  warn_of_calendars(*config.engine.rules, countries, now, log);
  warn_of_shared_accounts(config, log);
  // OpenSSL knows nothing of a clock that is set off.
  warn_of_certificates(config, now - config.io.clock_offset, log);
}

}  // namespace tact::gateway
