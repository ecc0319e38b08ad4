// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "gateway/config/context.h"
#include "smpp/status.h"

// What a route does about each command_status.
namespace tact::gateway::config {
namespace {

struct Statuses {
  uint32_t from = 0, to = 0;
};

std::optional<uint32_t> hex_number(std::string_view text) {
  uint32_t value = 0;
  if (!text.starts_with("0x") && !text.starts_with("0X")) return std::nullopt;
  text.remove_prefix(2);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Statuses> parse_statuses(std::string_view text) {
  if (const auto named = smpp::status_named(text)) {
    return Statuses{static_cast<uint32_t>(*named), static_cast<uint32_t>(*named)};
  }
  const std::size_t dash = text.find('-');
  const auto from = hex_number(text.substr(0, dash));
  const auto to = dash == std::string_view::npos ? from : hex_number(text.substr(dash + 1));
  if (!from || !to) return std::nullopt;
  return Statuses{*from, *to};
}

std::string suggestion(const std::string& text) {
  if (text.empty() || text.front() < 'A') return "";  // a number
  const std::string near =
      nearest(text.starts_with("ESME_") ? text : "ESME_" + text, smpp::status_names());
  return near.empty() ? "" : "; did you mean \"" + near + "\"?";
}

std::optional<Statuses> read_statuses(const std::string& text, const std::string& path,
                                      Context& context) {
  if (context.is_told(path) || !context.has(path)) return std::nullopt;
  const auto statuses = parse_statuses(text);
  if (!statuses) {
    context.problem(path, "expected a status such as ESME_RTHROTTLED, 0x58 or 0x400-0x4ff, got \"" +
                              text + '"' + suggestion(text));
  } else if (statuses->from > statuses->to) {
    context.problem(path, path + " begins above its end: " + text);
  } else if (statuses->from == 0) {
    context.problem(path, path + ": ESME_ROK is no refusal");
  } else {
    return statuses;
  }
  return std::nullopt;
}

RetryRule::Action action(proto::RetryRule::Action action) {
  switch (action) {
    case proto::RetryRule::RETRY:
      return RetryRule::Action::retry;
    case proto::RetryRule::THROTTLE:
      return RetryRule::Action::throttle;
    case proto::RetryRule::PARK_DESTINATION:
      return RetryRule::Action::park_destination;
    case proto::RetryRule::FAIL_DESTINATION:
      return RetryRule::Action::fail_destination;
    default:
      return RetryRule::Action::fail;
  }
}

}  // namespace

std::vector<RetryRule> read_retries(const proto::Route& route, const std::string& path,
                                    Context& context) {
  std::vector<RetryRule> rules;
  std::vector<std::string> places;
  for (int i = 0; i < route.retry_size(); ++i) {
    const proto::RetryRule& source = route.retry(i);
    const std::string rule_path = item(path + ".retry", i);
    const auto statuses = read_statuses(source.status(), rule_path + ".status", context);
    RetryRule rule;
    rule.action = action(source.action());
    if (source.has_wait()) rule.wait = milliseconds(source.wait());
    if (source.has_max()) rule.max = source.max();
    using Action = RetryRule::Action;
    const bool told = source.action() != proto::RetryRule::ACTION_UNSPECIFIED;
    if (told && rule.action == Action::fail && rule.wait) {
      context.problem(rule_path + ".wait", "fail does not wait");
    }
    if (told && rule.max &&
        (rule.action == Action::fail || rule.action == Action::fail_destination)) {
      context.problem(rule_path + ".max", "such a refusal is final at once");
    }
    if (!statuses) continue;
    rule.from = statuses->from;
    rule.to = statuses->to;
    for (std::size_t k = 0; k < rules.size(); ++k) {
      if (rule.from > rules[k].to || rules[k].from > rule.to) continue;
      context.problem(rule_path + ".status", rule_path + ".status overlaps " + places[k] +
                                                 " (line " +
                                                 std::to_string(context.line_of(places[k])) + ')');
      break;
    }
    rules.push_back(rule);
    places.push_back(rule_path + ".status");
  }
  return rules;
}

}  // namespace tact::gateway::config
