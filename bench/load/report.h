// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "bench/load/load.h"

namespace tact::bench {

// What the terminal shows when a run has ended.
std::string report_table(const Load& load);

}  // namespace tact::bench
