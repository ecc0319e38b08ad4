// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "bench/load/load.h"

namespace tact::bench {

// What a number is worth nothing without.
struct RunFacts {
  std::string command;
  uint64_t seed = 0;
  std::string date;  // UTC, RFC 3339
};

std::string report_table(const Load& load);
// With machine (cpu, cores, memory, kernel) and versions.
std::string report_json(const Load& load, const RunFacts& facts);

// Acknowledged messages that never had a last event, without those that the gate deferred.
uint64_t lost(const Tally& tally);

}  // namespace tact::bench
