// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/engine/directory.h"
#include "gateway/engine/notice.h"
#include "gateway/io/log.h"

namespace tact::gateway {

// A line of the log about a link says what happened and why, and when it is tried again; one about
// an upstream, for which error its connection is closed:
//
//   {...,"level":"warning","what":"link: bind refused","route":"carrier","link":"main-1",
//    "peer":"smsc.example:2775","status":"ESME_RINVPASWD","failures":3,"retry_in_ms":2184}
//   {...,"level":"warning","what":"upstream: refused","upstream":"core","code":"SEQUENCE_GAP",
//    "reason":"sequence 9 after 7"}
//
// Each link and upstream has rate limits of its own: one that flaps hides no other.
void tell(Log& log, const Directory& directory, const Notice& notice);

}  // namespace tact::gateway
