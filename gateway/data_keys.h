// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/io/rocks.h"
#include "gateway/io/sealer.h"

namespace tact::gateway {

// Whether these are the keys that the store was written with: what to tell the operator, nothing
// when all is well. A key that the store does not know yet is entered. Without this a wrong file
// would be noticed by the first batch that does not open, deep in a recovery.
std::optional<std::string> check_data_keys(Rocks& rocks, const std::vector<DataKey>& keys);

}  // namespace tact::gateway
