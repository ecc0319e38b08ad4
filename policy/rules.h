// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "policy/look.h"
#include "policy/verdict.h"

namespace tact::policy {

// At which look a rule runs.
inline constexpr uint8_t kAdmit = 1;
inline constexpr uint8_t kRelease = 2;

// When within a look. Rules of one phase run in the order of the table.
enum class Phase : uint8_t {
  judge,    // message, text, state: fires, or rewrites the text
  time,     // when it may leave: the gate looks for an instant that all of them permit
  hint,     // when it had better leave: heeded where that costs the message nothing
  planned,  // after the instant is known
};

// A row for every message, even if its class is unknown.
inline constexpr ClassMask kAlways = 0xff;

// A row of the catalogue.
struct RuleRow {
  Rule rule;
  std::string_view name;
  uint8_t looks;
  ClassMask classes;  // for which it is on; 0: only a name for what another row fires
  Phase phase;
  void (*judge)(Look&) = nullptr;
  // The earliest instant >= t that this rule permits; `limit` if there is none before it.
  Instant (*next)(const Look&, Instant t, Instant limit) = nullptr;
};

// The whole catalogue: one row per rule and behaviour.
std::span<const RuleRow> catalogue();
// What of it runs at a look at a message of this class, in the order of the table. REQUIRES: one
// look, kAdmit or kRelease
std::span<const RuleRow* const> rows(uint8_t look, Class, Phase);

// Fills cls, account, brand, number, country, zones, and folds the text, before any rule runs.
void prepare_admit(Look&);
void prepare_release(Look&);

}  // namespace tact::policy
