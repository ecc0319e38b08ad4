// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <utility>

#include "gateway/config/context.h"

// The gate's rules. policy::build() has the last word; its findings are told at the value in the
// file.
namespace tact::gateway::config {
namespace {

using ClassPolicies = std::vector<std::pair<policy::Class, const proto::ClassPolicy*>>;

ClassPolicies policies_of(const proto::PolicyClasses& classes) {
  return {{policy::Class::otp, &classes.otp()},
          {policy::Class::crisis, &classes.crisis()},
          {policy::Class::notification, &classes.notification()},
          {policy::Class::collection, &classes.collection()},
          {policy::Class::marketing, &classes.marketing()}};
}

std::string path_of(policy::Class cls) {
  std::string name(policy::name(cls));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return "policy.classes." + name;
}

policy::Window window_of(const proto::Window& source) {
  return {policy::Minutes(source.from()), policy::Minutes(source.to())};
}

policy::ClassRules rules_of(const proto::ClassPolicy& source) {
  policy::ClassRules out;
  out.window = window_of(source.window());
  out.holidays = source.holidays();
  out.max_defer = milliseconds(source.max_defer());
  out.segments_soft = static_cast<uint16_t>(source.segments_soft());
  out.segments_hard = static_cast<uint16_t>(source.segments_hard());
  out.cap_day = static_cast<uint16_t>(source.cap_day());
  out.cap_minute = static_cast<uint16_t>(source.cap_minute());
  out.cap_hour = static_cast<uint16_t>(source.cap_hour());
  out.special_dates = source.special_dates();
  out.cooldown = milliseconds(source.cooldown());
  for (const proto::PreferredHours& each : source.preferred()) {
    policy::Preferred preferred{{policy::Minutes(each.from()), policy::Minutes(each.to())}};
    if (!each.days().empty()) preferred.days = 0;
    for (const int day : each.days()) preferred.days |= static_cast<uint8_t>(1 << day % 7);
    out.preferred.push_back(preferred);
  }
  return out;
}

void read_holidays(const proto::Policy& source, Context& context, policy::RuleSetSpec& out) {
  const std::map<std::string, std::string> files(source.holidays().begin(),
                                                 source.holidays().end());
  for (const auto& [country, name] : files) {
    const std::string path = "policy.holidays." + country;
    if (country.size() != 2 ||
        !std::all_of(country.begin(), country.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) {
      context.problem(path, "expected an ISO country code such as CN, got \"" + country + '"');
      continue;
    }
    auto rows = context.read_rows(
        path, name, [&](const std::string& text) { return policy::parse_holidays(text, country); });
    out.holidays.insert(out.holidays.end(), rows.begin(), rows.end());
  }
}

// "tenants[1].brands" for "brands[2]" with the index in that tenant; empty for what is no such
// index.
std::string path_in_tenants(const proto::Config& source, const std::string& list,
                            std::size_t index) {
  for (int i = 0; i < source.tenants_size(); ++i) {
    const auto count = static_cast<std::size_t>(
        list == "brands" ? source.tenants(i).brands_size() : source.tenants(i).accounts_size());
    if (index < count) {
      return item(item("tenants", i) + '.' + list, static_cast<int>(index));
    }
    index -= count;
  }
  return "tenants";
}

// Where a field of the spec stands in the file.
std::string source_path(const proto::Config& source, const std::string& spec_path) {
  const std::string list = spec_path.substr(0, spec_path.find('['));
  const std::size_t close = spec_path.find(']');
  if (list == "stages") return "policy." + spec_path;
  if (list == "lexicon" || list == "zones" || list == "countries")
    return "policy." + list + "_file";
  if (list == "holidays" || close == std::string::npos) return "policy." + list;
  const std::string rest = spec_path.substr(close + 1);
  const std::size_t index = std::stoul(spec_path.substr(list.size() + 1));
  if (list == "classes") return path_of(static_cast<policy::Class>(index + 1)) + rest;
  return path_in_tenants(source, list, index) + rest;
}

// What policy::build() found and nobody has told yet.
void tell(const proto::Config& source, const policy::SpecError& error, Context& context) {
  // An account without brands: read_tenants() has told why.
  if (error.path.starts_with("accounts[") && error.path.ends_with("].brands")) return;
  const std::string path = source_path(source, error.path);
  if (context.is_told(path)) return;
  const bool is_file = path.ends_with("_file") || path == "policy.holidays";
  context.problem(path, (is_file ? error.path : path) + ": " + error.message);
}

}  // namespace

void read_policy(const proto::Config& source, Context& context, Config& out) {
  const proto::Policy& policy = source.policy();
  policy::RuleSetSpec& spec = out.rules;
  for (const auto& [cls, class_policy] : policies_of(policy.classes())) {
    spec.classes[static_cast<std::size_t>(cls) - 1] = rules_of(*class_policy);
  }
  if (policy.classes().otp().max_defer().seconds() > 0) {
    context.problem("policy.classes.otp.max_defer", "a one-time code is never deferred");
  }
  spec.cap_month = static_cast<uint16_t>(policy.cap_month());
  spec.freq_week = static_cast<uint16_t>(policy.freq_week());
  spec.mask_personal_numbers = policy.mask_personal_numbers();
  for (const proto::Stage& stage : policy.stages()) {
    spec.stages.push_back({stage.name(), static_cast<uint16_t>(stage.cap_month())});
  }
  spec.dead_for = milliseconds(policy.dead_for());
  spec.black_for = milliseconds(policy.black_for());
  out.engine.breaker = {policy.breaker().opt_outs(), policy.breaker().sample()};
  out.engine.dead_after = policy.dead_after();
  spec.retouch = policy.retouch();
  spec.escalate_after = static_cast<uint16_t>(policy.escalate_after());
  spec.lexicon =
      context.read_rows("policy.lexicon_file", policy.lexicon_file(),
                        [](const std::string& text) { return policy::parse_lexicon(text); });
  spec.zones = context.read_rows("policy.zones_file", policy.zones_file(),
                                 [](const std::string& text) { return policy::parse_zones(text); });
  spec.countries =
      context.read_rows("policy.countries_file", policy.countries_file(),
                        [](const std::string& text) { return policy::parse_countries(text); });
  read_holidays(policy, context, spec);
  policy::BuildResult built = policy::build(spec);
  for (const policy::SpecError& error : built.errors) {
    tell(source, error, context);
  }
  out.engine.rules = std::move(built.rules);
  if (out.engine.rules) try_answers(source, context, out);
}

}  // namespace tact::gateway::config
