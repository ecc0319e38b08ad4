// SPDX-License-Identifier: Apache-2.0
// What becomes of messages while none of the route's links can take any.
#include <algorithm>

#include "gateway/engine/sender.h"

namespace tact::gateway {

namespace {
using namespace std::chrono_literals;
// Of each lane in one turn; the rest soon after, so that a night's worth of them stops nobody else.
constexpr int kExpiriesPerTurn = 256;
constexpr Mono kGoOn = 5ms;
}  // namespace

bool Sender::can_leave() const {
  return std::any_of(links_.begin(), links_.end(), [](const Link& l) { return l.can_submit(); });
}

// Whose validity ends meanwhile has its end in time: the staged ones at their time, those of a lane
// in their order, each once it is the first. Offered and resolved in one turn, an expired message
// is below the durable fence as any other (I3).
void Sender::serve_stranded() {
  stranded_due_ = kNever;
  if (draining_ || can_leave()) {
    stranded_ = false;
    return;
  }
  if (!std::exchange(stranded_, true)) staged_due_ = context_.now.mono;
  if (staged_due_ <= context_.now.mono) expire_staged();
  stranded_due_ = staged_due_;
  for (const Class cls : kClassOrder) expire_queued(lanes_[static_cast<size_t>(cls)]);
}

void Sender::expire_staged() {
  staged_due_ = kNever;
  for (Stage& stage : stages_) {
    for (auto& queue : stage.queues) {
      std::deque<uint32_t> staying;
      for (const uint32_t slot : std::exchange(queue, {})) {
        const Civil expires = flights_[slot].message.expires;
        if (expires <= context_.now.civil && ends_unsent(slot)) continue;
        staying.push_back(slot);
        staged_due_ = std::min(staged_due_, due_at(expires));
      }
      queue = std::move(staying);
    }
  }
}

void Sender::expire_queued(Lane& lane) {
  int left = kExpiriesPerTurn;
  while (const Lane::Item* front = lane.front()) {
    const Civil expires = front->message().expires;
    if (expires > context_.now.civil || left-- == 0) {
      stranded_due_ = std::min(stranded_due_, due_at(expires));
      return;
    }
    const uint32_t slot = offer(lane);
    stage(slot, 0, false);
    if (ends_unsent(slot)) stages_[0].queues[static_cast<size_t>(lane.id().cls)].pop_back();
  }
}

// When to look again at what expires then; what should have been looked at already: soon.
Mono Sender::due_at(Civil expires) const {
  return std::max(context_.mono_at(expires), context_.now.mono + kGoOn);
}

}  // namespace tact::gateway
