// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/destinations.h"

#include <algorithm>

namespace tact::gateway {

namespace {
using namespace std::chrono_literals;

constexpr size_t kEntriesMax = 65'536;
constexpr Mono kSweep = 10s;
// How long messages that have waited may lie in their lane; then nobody waits for them any more.
constexpr auto kLinger = 1h;
// So many destinations within so short a time, and one answer in four: no accident of theirs.
constexpr Mono kCounting = 5s;
constexpr uint32_t kManyParked = 10;
constexpr uint32_t kShare = 4;
}  // namespace

std::optional<Civil> Destinations::park(NumberHash number, Class cls, Civil until, Now now) {
  const auto known = entries_.find(number);
  if (known == entries_.end() && entries_.size() >= kEntriesMax) return std::nullopt;
  Entry& entry = entries_[number];
  if (entry.parked_until <= now.civil) {
    ++parked_;
    ++newly_parked_;
  }
  entry.parked_until = std::max(entry.parked_until, until);
  ++entry.waiting[raw(cls)];
  return entry.parked_until;
}

void Destinations::answered(Mono now) {
  if (now - counting_since_ >= kCounting) {
    counting_since_ = now;
    answers_ = newly_parked_ = 0;
  }
  ++answers_;
}

bool Destinations::spreads() {
  if (newly_parked_ < kManyParked || newly_parked_ * kShare < answers_) return false;
  answers_ = newly_parked_ = 0;
  return true;
}

void Destinations::came_back(NumberHash number, Class cls) {
  const auto at = entries_.find(number);
  if (at == entries_.end()) return;
  uint32_t& waiting = at->second.waiting[raw(cls)];
  if (waiting > 0) --waiting;
}

std::optional<Civil> Destinations::hold(NumberHash number, Class cls, bool waited, Civil now) {
  if (entries_.empty()) return std::nullopt;
  const auto at = entries_.find(number);
  if (at == entries_.end()) return std::nullopt;
  Entry& entry = at->second;
  uint32_t& waiting = entry.waiting[raw(cls)];
  const bool parked = now < entry.parked_until;
  if (!parked && (waited || waiting == 0)) return std::nullopt;
  ++waiting;
  return std::max(entry.parked_until, now);
}

void Destinations::bar(NumberHash number, smpp::Status refusal, Civil until) {
  if (entries_.size() >= kEntriesMax && !entries_.contains(number)) return;
  Entry& entry = entries_[number];
  entry.refusal = refusal;
  entry.barred_until = std::max(entry.barred_until, until);
}

std::optional<smpp::Status> Destinations::barred(NumberHash number, Civil now) const {
  const auto at = entries_.find(number);
  if (at == entries_.end() || at->second.barred_until <= now) return std::nullopt;
  return at->second.refusal;
}

bool Destinations::forgotten(const Entry& entry, Civil now) const {
  const bool waits = std::any_of(entry.waiting.begin(), entry.waiting.end(),
                                 [](uint32_t waiting) { return waiting > 0; });
  return entry.barred_until <= now && entry.parked_until + (waits ? kLinger : 0h) <= now;
}

void Destinations::tick(Now now) {
  if (entries_.empty() || now.mono - swept_ < kSweep) return;
  swept_ = now.mono;
  parked_ = 0;
  erase_if(entries_, [&](const auto& item) {
    if (now.civil < item.second.parked_until) ++parked_;
    return forgotten(item.second, now.civil);
  });
}

}  // namespace tact::gateway
