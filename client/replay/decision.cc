// SPDX-License-Identifier: Apache-2.0
#include "client/replay/decision.h"

#include <algorithm>
#include <charconv>

#include "client/time_text.h"

namespace tact::client {
namespace {

namespace json = boost::json;
using policy::Rule;

bool flag(const json::object& record, std::string_view name) {
  const json::value* value = record.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

template <typename All>
auto id_by_name(const All& all, const std::string& name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
  return found == all.end() ? decltype(found->id){} : found->id;
}

}  // namespace

std::string text_in(const json::object& record, std::string_view name) {
  const json::value* value = record.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::optional<policy::Instant> time_in(const json::object& record, std::string_view name) {
  const auto time_ms = parse_time_ms(text_in(record, name));
  if (!time_ms) return std::nullopt;
  return gateway::from_ms(*time_ms);
}

std::uint64_t hex_in(const json::object& record, std::string_view name) {
  const std::string text = text_in(record, name);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

std::uint64_t id_in(const json::object& record) {
  const std::string text = text_in(record, "id");
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

Named names_of(const json::object& record, const gateway::Config& config) {
  Named named;
  for (const auto& tenant : config.engine.tenants) {
    if (tenant.name != text_in(record, "tenant")) continue;
    named.tenant = tenant.id;
    named.account = id_by_name(tenant.accounts, text_in(record, "account"));
    named.brand = id_by_name(tenant.brands, text_in(record, "brand"));
  }
  return named;
}

policy::Submission Decision::view() const {
  policy::Submission s = submission;
  s.from = from;
  s.to = to;
  s.text = text;
  s.zone = zone;
  s.campaign = campaign;
  return s;
}

std::optional<Decision> read_decision(const json::object& record, const gateway::Config& config) {
  const std::string what = text_in(record, "what");
  const auto now = time_in(record, "time");
  if ((what != "admitted" && what != "judged") || !record.contains("urgent") || !now) {
    return std::nullopt;
  }
  const Named named = names_of(record, config);
  Decision out;
  out.tenant = named.tenant;
  for (auto* const part : {&out.to, &out.text, &out.from, &out.zone, &out.campaign}) {
    const char* const name = part == &out.to     ? "to"
                             : part == &out.text ? "text"
                             : part == &out.from ? "from"
                             : part == &out.zone ? "zone"
                                                 : "campaign";
    *part = text_in(record, name);
  }
  policy::Submission& s = out.submission;
  s.account = gateway::raw(named.account);
  const policy::AccountSpec* account = config.engine.rules->account(s.account);
  if (account != nullptr && account->brands.size() == 1) s.brand = account->brands.front();
  s.cls = policy::parse_class(text_in(record, "class")).value_or(static_cast<policy::Class>(0xff));
  s.role = policy::parse_role(text_in(record, "role")).value_or(policy::Role::unset);
  s.number = hex_in(record, "number_hash");
  s.id = id_in(record);
  s.urgent = flag(record, "urgent");
  s.consent = flag(record, "consent");
  s.emergency = flag(record, "emergency");
  s.confirmation = flag(record, "confirmation");
  s.expires_at = time_in(record, "expires");
  s.now = *now;
  out.action = text_in(record, "action");
  out.rule_set = text_in(record, "rule_set");
  out.until = time_in(record, "until");
  out.digest = hex_in(record, "text_digest");
  if (const json::value* fired = record.if_contains("fired"); fired && fired->is_array()) {
    for (const json::value& one : fired->get_array()) {
      if (one.is_object()) out.rules.insert(text_in(one.get_object(), "rule"));
    }
  }
  return out;
}

bool is_outside(const std::string& rule) {
  constexpr Rule kOutside[] = {Rule::field_invalid, Rule::no_route,        Rule::queue_full,
                               Rule::keys_full,     Rule::cancels_full,    Rule::cancelled,
                               Rule::clock,         Rule::template_refused};
  return std::any_of(std::begin(kOutside), std::end(kOutside),
                     [&](Rule outside) { return policy::name(outside) == rule; });
}

}  // namespace tact::client
