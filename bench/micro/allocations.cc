// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/allocations.h"

#include <cstddef>

// Of jemalloc; a build with sanitizers has their allocator instead.
extern "C" __attribute__((weak)) int mallctl(const char* name, void* old, std::size_t* old_size,
                                             void* fresh, std::size_t fresh_size);

namespace tact::bench {

uint64_t allocated() {
  static thread_local const uint64_t* const counter = [] {
    const uint64_t* at = nullptr;
    std::size_t size = sizeof at;
    if (mallctl != nullptr) mallctl("thread.allocatedp", &at, &size, nullptr, 0);
    return at;
  }();
  return counter == nullptr ? 0 : *counter;
}

}  // namespace tact::bench
