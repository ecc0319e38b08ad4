// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "gateway/engine/directory.h"
#include "gateway/io/admin.h"
#include "gateway/io/rocks.h"

namespace tact::gateway {

// The history of a number or a message from the audit, oldest first, as JSON lines: {time, what,
// id, class, ...}. Numbers stand in it as their keyed hash, texts as a digest. Reads at most
// `hours` back from `now` and answers with the newest `kTraceMost` steps; `complete` is false in a
// last line when there were more.
inline constexpr size_t kTraceMost = 10'000;
std::string trace_lines(Rocks& rocks, Sealer& sealer, const Directory& directory,
                        const TraceQuery& query, Civil now, uint32_t hours);

}  // namespace tact::gateway
