// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "policy/contact.h"
#include "policy/submission.h"

namespace tact::policy {

// What a reply means (POLICY 4). A plain refusal is never missed, an ordinary sentence never taken
// for one; what is unclear is `suspect`: a person looks at it, and MARKETING to the number pauses.
struct Reply {
  enum class Kind : uint8_t { none = 0, opt_out = 1, opt_in = 2, help = 3, menu = 4 };

  Kind kind = Kind::none;
  uint8_t item = 0;          // menu: 1..n
  bool suspect = false;      // hold MARKETING of that number and brand for 72 h, show to a person
  bool wrong_party = false;  // not our customer: COLLECTION stops at once
  bool dispute = false;      // claims payment, asks for terms, hardship: COLLECTION pauses
  bool stop_all = false;     // opt_out of everything optional
  std::string keyword;       // what matched, normalised; for the audit
};
std::string label(const Reply&);  // "OPT_OUT", "OPT_IN", "HELP", "MENU:2", "NONE"

struct ReplyContext {
  KeywordMask advertised = 0;                  // Slot::advertised of the last MT
  std::span<const std::string_view> menu;      // labels of the active menu; empty: none
  std::span<const std::string_view> keywords;  // opt-out keywords the account registered itself
};

// Decides on a whole reply (all parts joined, decoded to UTF-8; broken UTF-8 becomes U+FFFD).
// Thread-safe; texts beyond 1,000 characters are judged by their first 1,000.
Reply decide(std::string_view utf8, const ReplyContext&);

// The classes an opt-out blocks, in the scope of the brand (POLICY 4.3). `last` is the class of the
// message replied to, unset if unknown (then as MARKETING and COLLECTION). 0 for anything else than
// an opt-out. Never OTP or CRISIS.
ClassMask blocked_classes(const Reply&, Class last);
// The classes an opt-in frees again.
ClassMask freed_classes(const Reply&);

// The opt-out keywords that this text tells its reader ("拒收请回复R", "Reply STOP to opt out").
KeywordMask advertised_keywords(std::string_view utf8);

}  // namespace tact::policy
