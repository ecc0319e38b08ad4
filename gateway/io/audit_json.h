// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "gateway/engine/audit.h"
#include "gateway/engine/directory.h"
#include "policy/suppression.h"

namespace tact::gateway {

enum class AuditDetail : uint8_t {
  step,   // what happened: for people who look for one number or message
  facts,  // and everything that a decision rested on, but what it would tell in clear
  texts,  // and number and text, where they are kept
};

// "OPT_OUT", "PAUSE": why a number is blocked.
std::string_view block_name(policy::Block);

// A record as a JSON object: names of what is configured, numbers as their keyed hash.
std::string audit_json(const AuditRecord& record, const Directory& directory, AuditDetail detail);

}  // namespace tact::gateway
