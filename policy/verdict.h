// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "policy/likeness.h"
#include "policy/normalise.h"
#include "policy/submission.h"

namespace tact::policy {

enum class Action : uint8_t { pass = 0, rewrite = 1, defer = 2, reject = 3 };
std::string_view name(Action);  // "PASS", "REWRITE", "DEFER", "REJECT"

// The catalogue. Values are in audit records: never change or reuse one; new rules go to the end of
// their block of ten.
enum class Rule : uint16_t {
  none = 0,
  class_unknown = 1,
  class_mismatch = 2,
  account_unknown = 3,
  sender_registered = 4,
  number_invalid = 5,
  text_invalid = 6,
  zone_unknown = 7,
  field_invalid = 8,  // a field of the job is over its limit; found before the gate
  no_route = 9,       // no routing rule carries it; found behind the gate
  sig_prepend = 10,
  sig_unregistered = 11,
  sig_multi = 12,
  sig_class = 13,
  marker_append = 14,
  marker_keyword_live = 15,
  contact_missing = 16,
  opted_out = 20,
  wrong_party = 21,
  number_dead = 22,
  carrier_black = 23,
  pause = 24,
  no_consent = 25,
  third_party = 26,
  otp_keyword = 30,
  otp_promo = 31,
  otp_link = 32,
  link_not_allowed = 33,
  pii_pan = 34,
  pii_id = 35,
  var_unfilled = 36,
  apr_missing = 37,
  segments = 38,
  template_refused = 39,  // no such template, or a variable that does not fit; before the gate
  adv = 40,
  lex_threat = 41,
  lex_insult = 42,
  lex_disclose = 43,
  lex_impersonate = 44,
  lex_mislead = 45,
  lex_paypath = 46,
  lex_reborrow = 47,
  lex_slang = 48,
  lex_state = 49,
  window = 60,
  holiday = 61,
  dunning_early = 62,
  cap_day = 63,
  cap_month = 64,
  freq_week = 65,
  expired = 66,
  queue_full = 67,    // its lane holds lane_messages; told in JobAck
  keys_full = 68,     // no room for its idempotency key
  cancelled = 69,     // its producer has taken it back
  cancels_full = 70,  // too many withdrawals are in force; the answer to a cancel
  clock = 71,         // the clocks disagree, and one of them forbids it; found behind the gate
  cap_short = 72,
  preferred_slot = 73,
  cooldown = 74,
  retouch = 75,
  escalate = 76,
  special_date = 77,
  breaker = 78,
};
std::string_view name(Rule);  // "WINDOW", "LEX_INSULT", "ADV": bounded, fit for a metric's label

// One rule that had something to say. `detail` is short UTF-8: a term, a host, a count; never a
// phone number, an identity number or a code. `action` pass is a warning.
struct Fired {
  Rule rule = Rule::none;
  Action action = Action::pass;
  std::string detail;
  Span where;  // of the folded text as submitted (source_span); empty: the rule is of no one place
};
std::string label(const Fired&);  // name(rule), but "ADV_" + term for ADV: what an officer reads

struct Verdict {
  Action action = Action::pass;  // the strongest: reject > defer > rewrite > pass
  Class cls = Class::unset;      // as judged: the account's default where none was given
  uint16_t brand = 0;            // as judged; 0 if it could not be told
  uint8_t advertised = 0;        // KeywordMask of the opt-out keywords in the final text
  int segments = 0;              // of the final text; 0 at release
  Likeness like;                 // to be kept with its slot; not known: its class needs none
  Instant until{};               // defer: the next instant that every rule permits
  std::string text;              // rewritten text, kept even if deferred; empty: as submitted
  boost::container::small_vector<Fired, 2> fired;  // every rule that fired, in catalogue order
  bool fired_rule(Rule) const;
};

}  // namespace tact::policy
