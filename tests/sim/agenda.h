// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "tests/sim/chance.h"

namespace tact::sim {

using gateway::Civil;
using gateway::Mono;

// Virtual time: what is due, in the order of its time; what is due at the same time happens in an
// order that the seed decides. Nothing takes time but waiting.
class Agenda {
 public:
  explicit Agenda(uint64_t seed) : ties_(seed) {}

  Mono now() const { return now_; }
  uint64_t steps() const { return steps_; }
  bool empty() const { return heap_.empty(); }

  void at(Mono when, std::function<void()> what) {
    heap_.push_back({std::max(when, now_), ties_.next(), std::move(what)});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  void in(Mono delay, std::function<void()> what) { at(now_ + delay, std::move(what)); }

  // The next event that is due until then. False: there is none, and that time has come.
  bool step(Mono until) {
    if (heap_.empty() || heap_.front().at > until) {
      now_ = std::max(now_, until);
      return false;
    }
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Entry next = std::move(heap_.back());
    heap_.pop_back();
    now_ = next.at;
    ++steps_;
    next.what();
    return true;
  }

 private:
  struct Entry {
    Mono at{};
    uint64_t tie = 0;
    std::function<void()> what;
  };
  static bool later(const Entry& a, const Entry& b) {
    return std::tie(a.at, a.tie) > std::tie(b.at, b.tie);
  }

  Mono now_{std::chrono::seconds(1'000)};
  uint64_t steps_ = 0;
  Chance ties_;
  std::vector<Entry> heap_;
};

// When the engine handed something over: in both of its clocks.
struct Stamp {
  Mono mono{};
  Civil civil{};
};

}  // namespace tact::sim
