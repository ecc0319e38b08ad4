// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "smpp/types.h"

namespace tact::bench {

// Things to do later, in slots of a millisecond: within a slot in the order of entry. A slot is one
// vector and 256 of them are a page, so a hundred thousand entries a second, seconds ahead, cost a
// push_back each and a search among few pages.
template <class Thing>
class Agenda {
 public:
  void add(smpp::Mono due, Thing thing) {
    // A slot is due when it is over: nothing comes early.
    const int64_t at = due / kSlot + 1;
    std::vector<Thing>& slot = pages_[at / kPageSlots][static_cast<std::size_t>(at % kPageSlots)];
    if (slot.capacity() == 0 && !spare_.empty()) {
      slot = std::move(spare_.back());
      spare_.pop_back();
    }
    slot.push_back(std::move(thing));
    first_ = std::min(first_, at);
  }

  // smpp::kNever when empty.
  smpp::Mono deadline() const { return first_ == kNone ? smpp::kNever : first_ * kSlot; }

  // Calls use(Thing&&) for each that is due. What `use` adds waits for another call, unless it
  // should have been done before.
  template <class Use>
  void take_due(smpp::Mono now, Use use) {
    while (first_ <= now / kSlot) {
      std::vector<Thing> things = take_first();
      for (Thing& thing : things) use(std::move(thing));
      things.clear();
      if (spare_.size() < kSpareMax) spare_.push_back(std::move(things));
    }
  }

 private:
  static constexpr smpp::Mono kSlot = std::chrono::milliseconds(1);
  static constexpr int64_t kPageSlots = 256;
  static constexpr int64_t kNone = std::numeric_limits<int64_t>::max();
  static constexpr std::size_t kSpareMax = 4096;

  using Page = std::array<std::vector<Thing>, kPageSlots>;

  // Its slot, and moves on to the next that holds something; pages without any are dropped.
  std::vector<Thing> take_first() {
    auto page = pages_.begin();
    auto slot = static_cast<std::size_t>(first_ % kPageSlots);
    std::vector<Thing> things = std::exchange(page->second[slot], {});
    for (;;) {
      while (slot < page->second.size() && page->second[slot].empty()) ++slot;
      if (slot < page->second.size()) break;
      page = pages_.erase(page);
      if (page == pages_.end()) break;
      slot = 0;
    }
    first_ = page == pages_.end() ? kNone : page->first * kPageSlots + static_cast<int64_t>(slot);
    return things;
  }

  std::map<int64_t, Page> pages_;          // each holds something
  int64_t first_ = kNone;                  // the earliest slot that holds something
  std::vector<std::vector<Thing>> spare_;  // of slots that are over: room for later ones
};

}  // namespace tact::bench
