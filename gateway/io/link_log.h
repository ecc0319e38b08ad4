// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "gateway/engine/notice.h"
#include "gateway/io/log.h"

namespace tact::gateway {

// A line of the log that says what happened to a link and why, and when it is tried again:
//
//   {...,"level":"warning","what":"link: bind refused","route":"carrier","link":"main-1",
//    "peer":"smsc.example:2775","status":"ESME_RINVPASWD","failures":3,"retry_in_ms":2184}
//
// Each link has rate limits of its own: one that flaps hides no other.
void tell(Log& log, std::string_view route, const LinkNotice& notice);

}  // namespace tact::gateway
