// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "gateway/engine/directory.h"
#include "gateway/io/rocks.h"

namespace tact::gateway {

// What the store still owes to a name that left the configuration: messages in lanes and `later`,
// messages that wait for receipts, events that nobody acknowledged. An acknowledged message must
// not end because a line of YAML did (I1, DESIGN 17.1). Returns what to tell the operator about the
// first such name, nothing when all is well. Counts from keys and headers, before anything runs.
std::optional<std::string> leftovers(Rocks& rocks, const Directory& directory);

}  // namespace tact::gateway
