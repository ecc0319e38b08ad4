// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "policy/rule_set.h"

namespace tact::sim {

// The senders that every plan chooses from: tenant k has account k, brand k and this signature.
struct Sender {
  const char* tenant;
  const char* brand;  // also its signature
  const char* contact;
  const char* source;
};
inline constexpr Sender kSenders[] = {{"bank", "XX银行", "955XX", "1069000055"},
                                      {"shop", "YY商城", "400YY", "1069000066"}};

// What the gateway answers by itself, in the name of each: as it is sent, one part long.
inline constexpr std::string_view kMenuAnswer = "额度见手机银行。";
inline constexpr std::string_view kHelpAnswer = "咨询请致电。";
inline constexpr std::string_view kConfirmation = "您已退订。";
bool is_answer(std::string_view text);

// Rule sets differ in what they count and when they let pass; each is built once.
//   strict: hours and caps as the law has them (policy/README.md)
//   loose:  the widest hours, no caps, and long texts
std::shared_ptr<const policy::RuleSet> strict_rules();
std::shared_ptr<const policy::RuleSet> loose_rules();

// The hours in which MARKETING and COLLECTION pass, in the recipient's zone.
inline constexpr int kOpens = 9, kCloses = 20;
inline constexpr int kLooseOpens = 8, kLooseCloses = 22;
// Offset of the zone that a number of the plan lives in, summer time included.
std::chrono::hours zone_offset(std::string_view number, policy::Instant at);

}  // namespace tact::sim
