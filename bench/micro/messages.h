// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "gateway/engine/batch.h"

namespace tact::bench {

inline constexpr int kBatch = 100;
inline constexpr auto kClass = gateway::Class::notification;

// As a gateway stores them: 60 Chinese characters, each to a number of its own. The views point to
// what lives as long as the process.
std::vector<gateway::Message> messages(size_t count);
gateway::BatchPtr batch();  // of kBatch

}  // namespace tact::bench
