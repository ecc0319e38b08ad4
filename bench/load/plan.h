// SPDX-License-Identifier: Apache-2.0
// What a run is to be. Every setting is a key and a value in text, in a scenario file and on the
// command line.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "bench/load/load.h"
#include "bench/load/workload.h"
#include "bench/settings.h"

namespace tact::bench {

struct NamedToken {
  std::string upstream;
  std::string token_file;
};

struct Plan {
  WorkloadOptions workload;
  LoadOptions load;  // but for the upstreams and, if there are no phases, for these
  std::vector<NamedToken> more_upstreams;
  Phase steady{std::chrono::seconds(10), false, 1000, 1000};  // where there are no phases
};

// In the order in which help shows them.
std::span<const SettingOf<Plan>> plan_settings();

}  // namespace tact::bench
