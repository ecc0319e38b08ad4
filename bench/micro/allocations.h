// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tact::bench {

// Octets that this thread has asked of the allocator so far, be it with new or with malloc, rounded
// up to its size classes. 0 where the allocator is not jemalloc.
uint64_t allocated();

}  // namespace tact::bench
