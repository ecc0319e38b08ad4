// SPDX-License-Identifier: Apache-2.0
// Runs every path a fixed number of times for callgrind to count: instructions.py starts it. The
// setting up is not counted, and neither are the first steps, in which buffers grow.
#include <valgrind/callgrind.h>

#include <algorithm>
#include <cstdio>

#include "bench/micro/paths.h"

namespace {

using namespace tact::bench;

constexpr int kItems = 2'000;

bool run(const Path::Step& step, int times) {
  for (int i = 0; i < times; ++i) {
    if (!step()) return false;
  }
  return true;
}

bool count(const Path& path) {
  const Path::Step step = path.make();
  const int steps = std::max(20, kItems / path.items);
  CALLGRIND_START_INSTRUMENTATION;
  bool good = run(step, steps / 4);
  CALLGRIND_ZERO_STATS;
  good = good && run(step, steps);
  CALLGRIND_DUMP_STATS_AT(path.name.c_str());
  CALLGRIND_STOP_INSTRUMENTATION;
  std::printf("%s %d\n", path.name.c_str(), steps * path.items);
  if (!good) std::fprintf(stderr, "%s did not do what it should\n", path.name.c_str());
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--compiler") {
    std::printf("g++ %s\n", __VERSION__);
    return 0;
  }
  const auto paths = all_paths();
  return std::all_of(paths.begin(), paths.end(), &count) ? 0 : 1;
}
