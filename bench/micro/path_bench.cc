// SPDX-License-Identifier: Apache-2.0
// The time of every path, and how many octets of memory it asks for. `each` is that of one message,
// PDU or reply where a step has several.
#include <benchmark/benchmark.h>

#include "bench/micro/allocations.h"
#include "bench/micro/paths.h"

namespace {

using namespace tact::bench;

void measure(benchmark::State& state, const Path& path) {
  const Path::Step step = path.make();
  for (int i = 0; i < 16; ++i) step();  // buffers grow
  const uint64_t before = allocated();
  for (auto _ : state) {
    if (!step()) return state.SkipWithError("it did not do what it should");
  }
  const auto items = static_cast<double>(state.iterations()) * path.items;
  state.counters["octets"] = static_cast<double>(allocated() - before) / items;
  using benchmark::Counter;
  state.counters["each"] = Counter(items, Counter::kIsRate | Counter::kInvert);
}

}  // namespace

int main(int argc, char** argv) {
  for (const Path& path : all_paths()) {
    benchmark::RegisterBenchmark(path.name.c_str(), &measure, path);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 64;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
