// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "policy/keyword.h"
#include "policy/rule_set.h"

namespace tact::policy {

// What the account's settings add to the context of a reply to one of its numbers: its opt-out
// words, and its menu if that is open. Views into the rule set. Account 0: nothing.
ReplyContext reply_context(const RuleSet&, uint16_t account, bool menu_open);

// What is answered to a reply by the gateway itself.
struct Answer {
  std::string text;           // as configured, to be judged like any other; empty: nothing
  bool confirmation = false;  // of an opt-out
};

// `from`: the handset, in E.164. `fresh`: the opt-out blocks what was not blocked before; only such
// a one is confirmed, so that a confirmation goes out once. A brand's own text comes first, then
// the one that the recipient's country expects.
Answer answer_to(const RuleSet&, uint16_t account, uint16_t brand, std::string_view from,
                 const Reply&, bool fresh);

}  // namespace tact::policy
