// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/allocations.h"

#include <cstdlib>
#include <new>

namespace tact::bench {
namespace {
thread_local uint64_t count = 0;
}
uint64_t allocations() { return count; }
}  // namespace tact::bench

void* operator new(size_t octets) {
  ++tact::bench::count;
  if (void* const made = std::malloc(octets > 0 ? octets : 1)) return made;
  throw std::bad_alloc();
}
void operator delete(void* made) noexcept { std::free(made); }
void operator delete(void* made, size_t) noexcept { std::free(made); }
