// SPDX-License-Identifier: Apache-2.0
// What becomes of messages while none of the route's links can take any.
#include <algorithm>

#include "gateway/engine/routing.h"
#include "gateway/engine/sender.h"

namespace tact::gateway {

namespace {
using namespace std::chrono_literals;
// Of each lane in one turn; the rest soon after, so that a night's worth of them stops nobody else.
constexpr int kExpiriesPerTurn = 256;
constexpr Mono kGoOn = 5ms;
// Moved in one turn, all classes together. What has to step aside for those behind it is written
// twice and comes back: it costs more.
constexpr int kMovesPerTurn = 64;
constexpr int kStepAside = 8;
constexpr Mono kMoveAgain = 10ms;
// A route that takes over has so much of a lane's messages before it at most, in seconds of its
// rate: its own must not stand behind a night's worth of another's.
constexpr uint64_t kRoomSeconds = 2;
constexpr uint64_t kRoomLeast = 64;
// Jobs that were judged before the lane closed are on their way to it for so long.
constexpr Mono kStillComing = 1s;
}  // namespace

bool Sender::can_leave() const {
  return std::any_of(links_.begin(), links_.end(), [](const Link& l) { return l.can_submit(); });
}

// Whose validity ends meanwhile has its end in time: the staged ones at their time, those of a lane
// in their order, each once it is the first.
void Sender::serve_stranded() {
  const Mono now = context_.now.mono;
  stranded_due_ = kNever;
  if (draining_) return;
  if (can_leave()) return leave_stranded();
  if (down_since_ == kNever) {
    down_since_ = staged_due_ = now;
  }
  if (staged_due_ <= now) expire_staged();
  stranded_due_ = staged_due_;
  for (const Class cls : kClassOrder) expire_queued(lanes_[static_cast<size_t>(cls)]);
  if (now - down_since_ >= settings_.failover_after) {
    fail_over();
  } else {
    stranded_due_ = std::min(stranded_due_, down_since_ + settings_.failover_after);
  }
}

// Its own numbers come back once it has been up for as long as it takes to give them away: one that
// comes and goes is not trusted at once, and most of what went elsewhere has left by then (I9).
void Sender::leave_stranded() {
  const Mono now = context_.now.mono;
  if (std::exchange(down_since_, kNever) != kNever) up_since_ = now;
  failing_over_ = false;
  emptied_.fill(kNever);
  const bool for_good = now - up_since_ >= settings_.failover_after;
  for (const Class cls : kClassOrder) {
    bool& closed = closed_[raw(cls)];
    closed = closed && !for_good && has_substitute(cls);
    if (closed) stranded_due_ = std::min(up_since_ + settings_.failover_after, now + kStillComing);
  }
}

bool Sender::has_substitute(Class cls) const {
  return std::ranges::any_of(
      beside_[raw(cls)], [&](RouteId route) { return context_.backlog.down(route).get() == 0; });
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
  while (const Lane::Item* head = lane.head()) {
    const Civil expires = head->message().expires;
    if (expires > context_.now.civil || left-- == 0) {
      stranded_due_ = std::min(stranded_due_, due_at(expires));
      return;
    }
    Lane::Item item = lane.take();
    const Message message = item.message();
    const uint32_t slot = hold(std::move(item), message);
    stage(slot, 0, false);
    if (ends_unsent(slot)) stages_[0].queues[static_cast<size_t>(lane.id().cls)].pop_back();
  }
}

// ---- By other routes (DESIGN 17.13).

// What certainly was never sent, or was refused whole, moves in its order to the lane of another
// route of its rule, each in one commit. New messages go there directly only when nothing is left
// here that they could pass.
void Sender::fail_over() {
  const Mono now = context_.now.mono;
  if (!std::exchange(failing_over_, true)) {
    stats_.failovers.add();
    emptied_.fill(kNever);
  }
  int budget = kMovesPerTurn;
  moved_ = 0;
  for (const Class cls : kClassOrder) {
    Mono& emptied = emptied_[raw(cls)];
    if (!has_substitute(cls)) {
      if (!beside_[raw(cls)].empty()) stranded_due_ = std::min(stranded_due_, now + kStillComing);
      continue;
    }
    const bool left = move_staged(cls, budget) || move_queued(lanes_[raw(cls)], budget);
    if (left) {
      emptied = kNever;
      stranded_due_ = std::min(stranded_due_, now + kMoveAgain);
    } else if (emptied == kNever) {
      emptied = now;
    }
    if (left || closed_[raw(cls)]) continue;
    closed_[raw(cls)] = now - emptied >= kStillComing;
    if (!closed_[raw(cls)]) stranded_due_ = std::min(stranded_due_, emptied + kStillComing);
  }
}

bool Sender::move_staged(Class cls, int& budget) {
  for (Stage& stage : stages_) {
    auto& queue = stage.queues[raw(cls)];
    std::deque<uint32_t> staying;
    bool left = false;
    for (const uint32_t slot : std::exchange(queue, {})) {
      const Message& message = flights_[slot].message;
      const auto to = left ? std::nullopt : other_route(message);
      if (to && budget > 0 && has_room(*to, cls)) {
        move(message, *to);
        --budget;
        resolve(slot);
        continue;
      }
      left |= to.has_value();
      staying.push_back(slot);
    }
    queue = std::move(staying);
    if (left) return true;
  }
  return false;
}

bool Sender::move_queued(Lane& lane, int& budget) {
  while (const Lane::Item* head = lane.head()) {
    const Message message = head->message();
    const auto to = other_route(message);
    if (budget <= 0 || (to && !has_room(*to, message.cls))) return true;
    const Lane::Item item = lane.take();
    if (to) {
      move(message, *to);
      --budget;
    } else {
      // For those behind it: it may have been sent, or nobody else may send it.
      defer(message, context_.now.civil + settings_.failover_after);
      budget -= kStepAside;
    }
    lane.resolve(item.seq);
  }
  return lane.queued() > 0;
}

// Nothing of it may have been taken by this carrier.
std::optional<RouteId> Sender::other_route(const Message& message) const {
  const TenantSettings* tenant = context_.directory.tenant(message.tenant);
  const RoutingRule* rule = tenant ? rule_for(*tenant, message) : nullptr;
  if (!rule || message.awaiting != 0) return std::nullopt;
  return route_for(*rule, message.number, [&](RouteId route) {
    return route == settings_.id || context_.backlog.down(route).get() != 0;
  });
}

bool Sender::has_room(RouteId route, Class cls) const {
  const uint64_t room =
      std::max(kRoomLeast, kRoomSeconds * context_.directory.route(route)->rate_pdus);
  return context_.backlog.of({route, cls}).get() + static_cast<uint64_t>(moved_) < room;
}

void Sender::move(Message message, RouteId to) {
  if (message.flags & Message::kWaited) destinations_.came_back(message.number, message.cls);
  message.flags &= static_cast<uint16_t>(~Message::kWaited);
  message.attempts = 0;
  message.route = to;
  context_.out.append({to, message.cls}, context_.directory.home(to), message);
  AuditRecord record = audit_of(message, AuditRecord::Kind::rerouted, context_.now.civil);
  record.note = settings_.name;
  context_.out.audit(record);
  stats_.rerouted.add();
  ++moved_;
}

// When to look again at what expires then; what should have been looked at already: soon.
Mono Sender::due_at(Civil expires) const {
  return std::max(context_.mono_at(expires), context_.now.mono + kGoOn);
}

}  // namespace tact::gateway
