// SPDX-License-Identifier: Apache-2.0
// Runs one hot path a given number of times and nothing else: what instructions.sh counts under
// callgrind. Two runs of different length, subtracted, leave the cost of a step without its setting
// up.
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

#include "bench/micro/gate_path.h"

namespace {
using namespace tact;

bool gate(policy::Class cls, uint64_t count) {
  bench::People people(10'000, 10'000);
  bench::GatePath path(cls, people);
  for (uint64_t n = 0; n < count; ++n) {
    if (!path.step()) return false;
  }
  return true;
}

const std::map<std::string, std::function<bool(uint64_t)>> kPaths = {
    {"gate-marketing", [](uint64_t n) { return gate(policy::Class::marketing, n); }},
    {"gate-notification", [](uint64_t n) { return gate(policy::Class::notification, n); }},
};

}  // namespace

int main(int argc, char** argv) {
  const auto path = argc == 3 ? kPaths.find(argv[1]) : kPaths.end();
  if (path == kPaths.end()) {
    std::fprintf(stderr, "usage: micro_paths NAME COUNT\n");
    for (const auto& [name, run] : kPaths) std::printf("%s\n", name.c_str());
    return argc == 1 ? 0 : 64;
  }
  return path->second(std::strtoull(argv[2], nullptr, 10)) ? 0 : 1;
}
