// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "smpp/types.h"

namespace tact::bench {

// Things to do later, in slots of a millisecond: within a slot in the order of entry. A slot is one
// vector, so a hundred thousand entries a second cost a push_back each.
template <class Thing>
class Agenda {
 public:
  void add(smpp::Mono due, Thing thing) {
    // A slot is due when it is over: nothing comes early.
    std::vector<Thing>& slot = slots_[due / kSlot + 1];
    if (slot.capacity() == 0 && !spare_.empty()) {
      slot = std::move(spare_.back());
      spare_.pop_back();
    }
    slot.push_back(std::move(thing));
  }

  // smpp::kNever when empty.
  smpp::Mono deadline() const {
    return slots_.empty() ? smpp::kNever : slots_.begin()->first * kSlot;
  }

  // Calls use(Thing&&) for each that is due. What `use` adds waits for another call, if it is due.
  template <class Use>
  void take_due(smpp::Mono now, Use use) {
    while (!slots_.empty() && slots_.begin()->first <= now / kSlot) {
      auto slot = slots_.extract(slots_.begin());
      for (Thing& thing : slot.mapped()) use(std::move(thing));
      slot.mapped().clear();
      if (spare_.size() < kSpareMax) spare_.push_back(std::move(slot.mapped()));
    }
  }

 private:
  static constexpr smpp::Mono kSlot = std::chrono::milliseconds(1);

  static constexpr std::size_t kSpareMax = 4096;

  std::map<int64_t, std::vector<Thing>> slots_;
  std::vector<std::vector<Thing>> spare_;  // of slots that are over: room for later ones
};

}  // namespace tact::bench
