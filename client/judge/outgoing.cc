// SPDX-License-Identifier: Apache-2.0
#include "client/judge/outgoing.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "client/judge/columns.h"
#include "client/time_text.h"

namespace tact::client {
namespace {

using policy::Instant;

constexpr std::string_view kWhere = "+8613800138000";
constexpr std::string_view kWhen = "2026-03-18T10:15+08:00";  // a Wednesday

std::optional<Instant> instant(std::string_view text) {
  const auto ms = parse_time_ms(text);
  if (!ms) return std::nullopt;
  return Instant(std::chrono::milliseconds(*ms));
}

// Setters answer what is wrong with the value, or "".
std::string set_time(std::optional<Instant>& out, const std::string& value) {
  if (value.empty()) return "";
  out = instant(value);
  return out ? "" : "expected a time with its offset, such as " + std::string(kWhen);
}

std::string set_flag(bool& out, const std::string& value) {
  for (const std::string_view yes : {"1", "true", "yes"}) {
    if (value == yes) return out = true, "";
  }
  for (const std::string_view no : {"0", "false", "no"}) {
    if (value == no) return out = false, "";
  }
  return "expected 1 or 0, got \"" + value + '"';
}

std::string set_at(Outgoing& out, const std::string& value) {
  std::optional<Instant> at;
  if (std::string error = set_time(at, value); !error.empty() || !at) return error;
  out.submission.now = *at;
  const auto local = instant(value.substr(0, value.find_first_of("+-Zz", value.find(':'))) + "Z");
  if (local) {
    out.offset_minutes =
        static_cast<int>(std::chrono::duration_cast<std::chrono::minutes>(*local - *at).count());
  }
  return "";
}

std::string set_class(Outgoing& out, const std::string& value) {
  // A class that nobody knows is for the gate to refuse.
  out.cls = value;
  out.submission.cls = value.empty()
                           ? policy::Class::unset
                           : policy::parse_class(value).value_or(static_cast<policy::Class>(0xff));
  return "";
}

std::string set_role(Outgoing& out, const std::string& value) {
  const auto role = value.empty() ? policy::Role::unset : policy::parse_role(value);
  if (!role) return "expected DEBTOR, GUARANTOR or CONTACT, got \"" + value + '"';
  out.submission.role = *role;
  return "";
}

std::string set_due(Outgoing& out, const std::string& value) {
  if (value.empty()) return "";
  const auto midnight = instant(value.substr(0, 10) + "T00:00:00Z");
  if (!midnight) return "expected a date such as 2026-03-15, got \"" + value + '"';
  out.submission.due = std::chrono::floor<std::chrono::days>(*midnight);
  return "";
}

// "03-18", several parted by commas.
std::string set_special(Outgoing& out, const std::string& value) {
  out.special_dates.clear();
  for (size_t at = 0; at < value.size(); at += 6) {
    const auto midnight = instant("2000-" + value.substr(at, 5) + "T00:00:00Z");
    const bool parted = at + 5 == value.size() || (at + 6 < value.size() && value[at + 5] == ',');
    if (!midnight || !parted)
      return "expected days of the year such as 03-18, got \"" + value + '"';
    const std::chrono::year_month_day day = std::chrono::floor<std::chrono::days>(*midnight);
    out.special_dates += static_cast<char>(static_cast<unsigned>(day.month()));
    out.special_dates += static_cast<char>(static_cast<unsigned>(day.day()));
  }
  return "";
}

std::string set_month(Outgoing& out, const std::string& value) {
  constexpr int kMost = 1000;
  int n = -1;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), n);
  if (error != std::errc() || end != value.data() + value.size() || n < 0 || n > kMost) {
    return "expected a number of messages, got \"" + value + '"';
  }
  out.sent_this_month = n;
  return "";
}

std::string set_optout(Outgoing& out, const std::string& value) {
  out.opted_out.clear();
  for (size_t at = 0; at < value.size();) {
    const size_t end = std::min(value.find(',', at), value.size());
    const std::string name = value.substr(at, end - at);
    const auto cls = policy::parse_class(name);
    if (name == "ALL") {
      for (int c = 1; c <= policy::kClassCount; ++c) {
        out.opted_out.push_back(static_cast<policy::Class>(c));
      }
    } else if (cls) {
      out.opted_out.push_back(*cls);
    } else {
      return "no class \"" + name + "\"; expected classes parted by commas, or ALL";
    }
    at = end + 1;
  }
  return "";
}

// "DEFER:2026-03-19T09:00+08:00", or one word.
std::string set_expected(Outgoing& out, const std::string& value) {
  const size_t colon = value.find(':');
  out.expected = value.substr(0, colon);
  constexpr auto kActions =
      std::to_array<std::string_view>({"", "PASS", "REWRITE", "DEFER", "REJECT"});
  if (std::find(kActions.begin(), kActions.end(), out.expected) == kActions.end()) {
    return "expected PASS, REWRITE, DEFER, DEFER:time or REJECT, got \"" + value + '"';
  }
  if (colon == value.npos) return "";
  if (out.expected != "DEFER") return "only DEFER has a time behind it";
  return set_time(out.until, value.substr(colon + 1));
}

template <bool policy::Submission::*Flag>
std::string set_bool(Outgoing& out, const std::string& value) {
  return set_flag(out.submission.*Flag, value);
}

constexpr auto kColumns = std::to_array<Column<Outgoing>>({
    {"class", set_class},
    {"text", set_text<Outgoing, &Outgoing::text>},
    {"to", set_text<Outgoing, &Outgoing::to>},
    {"from", set_text<Outgoing, &Outgoing::from>},
    {"account", set_text<Outgoing, &Outgoing::account>},
    {"zone", set_text<Outgoing, &Outgoing::zone>},
    {"campaign", set_text<Outgoing, &Outgoing::campaign>},
    {"at", set_at},
    {"urgent", set_bool<&policy::Submission::urgent>},
    {"consent", set_bool<&policy::Submission::consent>},
    {"emergency", set_bool<&policy::Submission::emergency>},
    {"role", set_role},
    {"due", set_due},
    {"special", set_special},
    {"stage", set_text<Outgoing, &Outgoing::stage>},
    {"expires",
     [](Outgoing& out, const std::string& v) { return set_time(out.submission.expires_at, v); }},
    {"last", [](Outgoing& out, const std::string& v) { return set_time(out.last_collection, v); }},
    {"month", set_month},
    {"optout", set_optout},
    {"expected", set_expected},
    {"rule", set_text<Outgoing, &Outgoing::rule>},
    {"rewritten", set_text<Outgoing, &Outgoing::rewritten>},
    {"reason", ignored<Outgoing>},
    {"why", ignored<Outgoing>},
    {"note", ignored<Outgoing>},
});

// The account of that name, "tenant/name" where several have it; the first if none is named.
uint16_t account_of(const gateway::Config& config, const std::string& name) {
  for (const auto& tenant : config.engine.tenants) {
    for (const auto& account : tenant.accounts) {
      if (name.empty() || name == account.name || name == tenant.name + '/' + account.name) {
        return gateway::raw(account.id);
      }
    }
  }
  return 0;
}

}  // namespace

policy::Submission Outgoing::view() const {
  policy::Submission s = submission;
  s.text = text;
  s.to = to;
  s.from = from;
  s.zone = zone;
  s.campaign = campaign;
  s.stage = stage;
  s.special_dates = special_dates;
  s.number = std::hash<std::string_view>{}(std::string_view(to).substr(to.starts_with('+')));
  return s;
}

std::string wrong_outgoing_column(std::string_view name) { return wrong_column(kColumns, name); }

Outgoing read_outgoing(SheetRow& row, const std::vector<SheetCell>& defaults,
                       const gateway::Config& config) {
  Outgoing out;
  out.line = row.line;
  out.to = kWhere;
  set_at(out, std::string(kWhen));
  out.submission.role = policy::Role::debtor;
  out.submission.consent = true;
  fill(out, kColumns, defaults, row);
  out.submission.account = account_of(config, out.account);
  return out;
}

}  // namespace tact::client
