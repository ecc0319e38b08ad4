// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/config/config.h"
#include "gateway/io/log.h"

namespace tact::gateway {

// Tells, at a start, what a configuration may say and its owner should know: a demo, a calendar
// that is about to end, routes that will not see their receipts.
void warn_of(const Config& config, Civil now, Log& log);
// Of that the calendars alone: also after a reload.
void warn_of_calendars(const policy::RuleSet& rules, const std::vector<std::string>& countries,
                       Civil now, Log& log);

}  // namespace tact::gateway
