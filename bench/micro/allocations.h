// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tact::bench {

// Calls of operator new by this thread, in a program that allocations.cc is linked into.
uint64_t allocations();

}  // namespace tact::bench
