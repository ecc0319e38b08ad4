// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/retry.h"

#include <algorithm>
#include <charconv>

namespace tact::gateway {

namespace {
using Action = RetryRule::Action;

constexpr int kDoublingsMax = 6;

Action default_action(smpp::Status refusal) {
  switch (smpp::classify(refusal)) {
    case smpp::StatusClass::throttled:
      return Action::throttle;
    case smpp::StatusClass::busy_destination:
      return Action::park_destination;
    case smpp::StatusClass::permanent:
      return Action::fail;
    case smpp::StatusClass::permanent_destination:
      return Action::fail_destination;
    default:
      return Action::retry;
  }
}

Millis default_wait(const RouteSettings& route, Action action) {
  switch (action) {
    case Action::throttle:
      return route.throttle_wait;
    case Action::park_destination:
      return route.park_wait;
    case Action::fail_destination:
      return route.bar_time;
    default:
      return route.retry_wait;
  }
}
}  // namespace

Retry retry_after(const RouteSettings& route, smpp::Status refusal) {
  const auto status = static_cast<uint32_t>(refusal);
  const auto rule = std::find_if(route.retry.begin(), route.retry.end(), [&](const RetryRule& r) {
    return r.from <= status && status <= r.to;
  });
  const bool ruled = rule != route.retry.end();
  Retry retry{ruled ? rule->action : default_action(refusal), {}, route.retries_max};
  retry.wait = default_wait(route, retry.action);
  if (ruled && rule->wait) retry.wait = *rule->wait;
  if (ruled && rule->max) retry.max = *rule->max;
  return retry;
}

Millis doubled(Millis wait, uint8_t attempts) {
  return wait * (1 << std::min<int>(attempts, kDoublingsMax));
}

std::string status_text(smpp::Status status) {
  std::string text(smpp::name(status));
  if (text.starts_with("ESME_")) return text;
  char digits[8];
  const auto end =
      std::to_chars(std::begin(digits), std::end(digits), static_cast<uint32_t>(status), 16).ptr;
  text += " 0x" + std::string(static_cast<size_t>(std::end(digits) - end), '0');
  return text.append(digits, end);
}

}  // namespace tact::gateway
