// SPDX-License-Identifier: Apache-2.0
#include "bench/smsc/statistics.h"

#include <boost/json.hpp>

namespace tact::bench {
namespace {

namespace json = boost::json;

constexpr std::size_t kSecondsMax = 3600;
constexpr std::size_t kOptOutsShown = 1000;

json::object json_of(const DeliverCounts& counts) {
  return {{"sent", counts.sent},
          {"answered", counts.answered},
          {"refused", counts.refused},
          {"timed_out", counts.timed_out},
          {"redelivered", counts.redelivered},
          {"given_up", counts.given_up}};
}

int64_t ms_between(smpp::Mono from, smpp::Mono to) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(to - from).count();
}

json::array optouts_json(const Statistics& statistics) {
  json::array list;
  for (const auto& [destination, optout] : statistics.optouts) {
    if (list.size() == kOptOutsShown) break;
    json::object entry{{"destination", destination},
                       {"answered_ms", ms_between(statistics.start, optout.answered)},
                       {"sent_after", optout.sent}};
    if (optout.sent > 0) entry["last_after_ms"] = ms_between(optout.answered, optout.last_sent);
    list.push_back(std::move(entry));
  }
  return list;
}

json::object accounts_json(const Accounts& accounts) {
  json::object list;
  for (const auto& [system_id, account] : accounts.all()) {
    list[system_id] = {
        {"bound", account.bound}, {"submits", account.submits}, {"throttled", account.throttled}};
  }
  return list;
}

}  // namespace

std::string_view name(Violation violation) {
  constexpr std::array<std::string_view, kViolations> kNames{
      "bad_pdu",           "unexpected_command", "stray_response",     "window_exceeded",
      "rate_exceeded",     "sequence_reuse",     "parts_not_in_a_row", "parts_on_different_binds",
      "parts_inconsistent"};
  return kNames[static_cast<std::size_t>(violation)];
}

SecondCounts& Statistics::second(smpp::Mono now) {
  const int64_t second = std::chrono::duration_cast<std::chrono::seconds>(now - start).count();
  if (seconds.empty() || seconds.back().second != second) {
    seconds.emplace_back().second = second;
    if (seconds.size() > kSecondsMax) seconds.pop_front();
  }
  return seconds.back();
}

std::string Statistics::to_json(smpp::Mono now, const Accounts& accounts) const {
  json::object statuses;
  for (const auto& [status, times] : submit_status) {
    std::string key(smpp::name(status));
    if (key == "vendor" || key == "unknown") key = std::to_string(static_cast<uint32_t>(status));
    statuses[key] = times;
  }
  json::object violation_counts;
  uint64_t total = 0;
  for (std::size_t i = 0; i < kViolations; ++i) {
    violation_counts[name(static_cast<Violation>(i))] = violations[i];
    total += violations[i];
  }
  violation_counts["total"] = total;
  json::array per_second;
  for (const SecondCounts& entry : seconds) {
    per_second.push_back({{"second", entry.second},
                          {"submits", entry.submits},
                          {"accepted", entry.accepted},
                          {"throttled", entry.throttled},
                          {"receipts", entry.receipts},
                          {"replies", entry.replies}});
  }
  const json::object page{
      {"uptime_ms", ms_between(start, now)},
      {"connections", connections},
      {"handshakes_failed", handshakes_failed},
      {"bound", bound},
      {"binds_accepted", binds_accepted},
      {"binds_refused", binds_refused},
      {"unbinds", unbinds},
      {"pdus_in", pdus_in},
      {"pdus_out", pdus_out},
      {"submits", submits},
      {"submit_status", std::move(statuses)},
      {"messages", messages},
      {"withheld", withheld},
      {"resets", resets},
      {"half_open", half_open},
      {"receipts_doubled", receipts_doubled},
      {"receipts_truncated", receipts_truncated},
      {"duplicates", duplicates},
      {"reference_steps_back", reference_steps_back},
      {"accounts", accounts_json(accounts)},
      {"receipts", json_of(receipts)},
      {"replies", json_of(replies)},
      {"waiting", waiting},
      {"violations", std::move(violation_counts)},
      {"sent_after_optout",
       {{"at_all", sent_after_optout}, {"later_than_1s", sent_after_optout_1s}}},
      {"optouts", optouts_json(*this)},
      {"per_second", std::move(per_second)}};
  return json::serialize(page);
}

}  // namespace tact::bench
