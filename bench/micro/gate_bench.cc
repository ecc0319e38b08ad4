// SPDX-License-Identifier: Apache-2.0
// What the gate costs a message (gate_path.h), for few people and for ten million contacts and as
// many opt-outs. p50 and p99 are of single messages and hold a reading of the clock each.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "bench/micro/gate_path.h"

namespace tact::bench {
namespace {

// Kept from one benchmark to the next of the same size: ten million entries take a while to make.
People& people(uint64_t contacts, uint64_t opted_out) {
  static std::unique_ptr<People> made;
  static uint64_t of[2];
  if (!made || of[0] != contacts || of[1] != opted_out) {
    made.reset();
    made = std::make_unique<People>(contacts, opted_out);
    of[0] = contacts;
    of[1] = opted_out;
  }
  return *made;
}

void gate(benchmark::State& state, policy::Class cls) {
  GatePath path(
      cls, people(static_cast<uint64_t>(state.range(0)), static_cast<uint64_t>(state.range(1))));
  std::vector<int64_t> took_ns;
  took_ns.reserve(1 << 22);
  for (auto _ : state) {
    const auto began = std::chrono::steady_clock::now();
    if (!path.step()) return state.SkipWithError("the gate refused what it should let pass");
    if (took_ns.size() == took_ns.capacity()) continue;
    took_ns.push_back((std::chrono::steady_clock::now() - began).count());
  }
  std::sort(took_ns.begin(), took_ns.end());
  const auto quantile = [&](double q) {
    return static_cast<double>(took_ns[size_t(q * double(took_ns.size() - 1))]);
  };
  state.counters["p50_ns"] = quantile(0.5);
  state.counters["p99_ns"] = quantile(0.99);
}

void few(benchmark::internal::Benchmark* b) { b->Args({10'000, 10'000}); }
void many(benchmark::internal::Benchmark* b) { b->Args({10'000'000, 10'000'000}); }

// Arguments: contacts, opt-outs.
BENCHMARK_CAPTURE(gate, notification, policy::Class::notification)->Apply(few);
BENCHMARK_CAPTURE(gate, marketing, policy::Class::marketing)->Apply(few);
BENCHMARK_CAPTURE(gate, marketing, policy::Class::marketing)->Apply(many);
BENCHMARK_CAPTURE(gate, notification, policy::Class::notification)->Apply(many);

}  // namespace
}  // namespace tact::bench
