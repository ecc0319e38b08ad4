// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <string_view>

#include "policy/submission.h"

namespace tact::policy {

// What tells whether two messages to one number are alike: digests of text and campaign, and
// whether the person has written since. Two texts share a digest once in four thousand million.
struct Likeness {
  uint32_t text = 0;           // never 0 once it is known
  uint32_t campaign : 31 = 0;  // 0: none
  uint32_t answered : 1 = 0;   // a reply to its brand came after it had left

  bool known() const { return text != 0; }
  bool operator==(const Likeness&) const = default;
};
static_assert(sizeof(Likeness) == 8);

// By message, beside the slots of those that need it: 16 octets each.
using Likenesses = boost::unordered_flat_map<MessageId, Likeness>;

// Digests; a text is given squeezed (Folded). Without its digits, texts are alike that differ in
// amounts and dates only.
uint32_t text_digest(std::string_view squeezed, bool with_digits);
uint32_t campaign_digest(uint16_t owner, std::string_view campaign);  // of none: 0

}  // namespace tact::policy
