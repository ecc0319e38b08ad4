// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/engine/backlog.h"
#include "gateway/engine/directory.h"
#include "policy/verdict.h"

namespace tact::gateway {

// By which route a message would go as it was judged; null: none has it.
const RouteSettings* route_of(const policy::Submission&, const policy::Verdict&, const Directory&,
                              Backlog&);

// What the rule SEGMENTS counts: the parts that the message's route makes of its text; as it is
// commonly charged where no route has it, which is refused for that. REQUIRES: both outlive it.
policy::SegmentCounter charged_segments(const Directory& directory, Backlog& backlog);

}  // namespace tact::gateway
