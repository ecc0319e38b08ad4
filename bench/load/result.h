// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "bench/load/load.h"
#include "bench/load/sampler.h"

namespace tact::bench {

// What a number is worth nothing without.
struct RunFacts {
  std::string command;
  uint64_t seed = 0;
  std::string date;                           // UTC, RFC 3339
  std::map<std::string, std::string> labels;  // what else the caller knows, such as a commit
};

// All that is known of a run, with machine, versions and scenario, as one JSON object. What is in
// it: bench/load/README.md.
std::string result_json(const Load& load, const Samples& samples, const RunFacts& facts);

}  // namespace tact::bench
