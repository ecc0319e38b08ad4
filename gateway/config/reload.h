// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/config/config.h"

// What a changed file means for a gateway that runs by an older one.
namespace tact::gateway {

// Rules are taken over while it runs: section policy; of brands signatures, classes, contacts, link
// hosts and markers; of accounts the default class, templates and what replies mean. All of them at
// once, or none. Everything else takes a restart.
struct Reload {
  std::shared_ptr<const policy::RuleSet> rules;  // null: refused, see needs_restart
  std::vector<std::string> calendars;            // ISO codes of the countries with holidays
  // Where the files differ in what is not taken over. Without rules: which tenants, brands and
  // accounts there are has changed, and rules cannot be told of what does not run.
  std::vector<std::string> needs_restart;
};

// `running` is the configuration that assign_ids() has been applied to; `fresh` is as load_config()
// made it.
Reload reload_rules(const Config& running, Config fresh);

}  // namespace tact::gateway
