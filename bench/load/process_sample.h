// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace tact::bench {

// What the kernel tells of a process, from /proc.
struct ProcessSample {
  double cpu_seconds = 0;  // user and system, all threads, since its start
  uint64_t resident_bytes = 0;
  // Sent to block devices, be it later; nothing where the kernel does not tell (another user's).
  std::optional<uint64_t> written_bytes;
};

// Nothing when there is no such process.
std::optional<ProcessSample> sample_process(int pid);

}  // namespace tact::bench
