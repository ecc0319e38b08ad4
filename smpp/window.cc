// SPDX-License-Identifier: Apache-2.0
#include "smpp/window.h"

#include <bit>

#include "smpp/timers.h"

namespace tact::smpp {

Window::Window(std::uint32_t capacity)
    : capacity_(capacity), slots_(2 * capacity), buckets_(std::bit_ceil(2 * capacity), kNone) {
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
    slots_[slot].next = free_;
    free_ = slot;
  }
}

bool Window::contains(std::uint32_t sequence_number) const {
  return find(sequence_number) != kNone;
}

std::uint32_t Window::number_behind(std::uint32_t last) const {
  do {
    last = last >= kSequenceMax ? kSequenceMin : last + 1;
  } while (contains(last));
  return last;
}

std::uint32_t Window::find(std::uint32_t sequence_number) const {
  std::uint32_t slot = buckets_[sequence_number & (buckets_.size() - 1)];
  while (slot != kNone && slots_[slot].entry.sequence_number != sequence_number) {
    slot = slots_[slot].next;
  }
  return slot;
}

void Window::push(List& list, std::uint32_t slot) {
  slots_[slot].older = list.newest;
  slots_[slot].newer = kNone;
  (list.newest == kNone ? list.oldest : slots_[list.newest].newer) = slot;
  list.newest = slot;
  ++list.count;
}

void Window::unlink(List& list, std::uint32_t slot) {
  const Slot& s = slots_[slot];
  (s.older == kNone ? list.oldest : slots_[s.older].newer) = s.newer;
  (s.newer == kNone ? list.newest : slots_[s.newer].older) = s.older;
  --list.count;
}

void Window::release(std::uint32_t slot) {
  std::uint32_t* link = &bucket(slots_[slot].entry.sequence_number);
  while (*link != slot) link = &slots_[*link].next;
  *link = slots_[slot].next;
  slots_[slot].next = free_;
  free_ = slot;
}

bool Window::offer(std::uint32_t sequence_number, CommandId command, std::uint64_t cookie,
                   Mono sent) {
  if (free() == 0 || contains(sequence_number)) return false;
  const std::uint32_t slot = free_;
  free_ = slots_[slot].next;
  slots_[slot].entry = {cookie, sequence_number, command, sent, false};
  slots_[slot].next = bucket(sequence_number);
  bucket(sequence_number) = slot;
  push(outstanding_, slot);
  return true;
}

std::optional<Window::Entry> Window::settle(std::uint32_t sequence_number, CommandId response) {
  const std::uint32_t slot = find(sequence_number);
  if (slot == kNone) return std::nullopt;
  const Entry entry = slots_[slot].entry;
  if (response != CommandId::generic_nack && response != response_to(entry.command)) {
    return std::nullopt;
  }
  unlink(entry.late ? expired_ : outstanding_, slot);
  release(slot);
  return entry;
}

Mono Window::deadline(Mono timeout) const {
  if (outstanding_.count == 0) return kNever;
  return add(slots_[outstanding_.oldest].entry.sent, timeout);
}

std::optional<Window::Entry> Window::expire(Mono now, Mono timeout) {
  const Mono at = deadline(timeout);
  if (at == kNever || at > now) return std::nullopt;
  const std::uint32_t slot = outstanding_.oldest;
  unlink(outstanding_, slot);
  if (expired_.count == capacity_) {
    const std::uint32_t forgotten = expired_.oldest;
    unlink(expired_, forgotten);
    release(forgotten);
  }
  push(expired_, slot);
  slots_[slot].entry.late = true;
  return slots_[slot].entry;
}

std::optional<Window::Entry> Window::drain() {
  while (expired_.count > 0) {
    const std::uint32_t slot = expired_.oldest;
    unlink(expired_, slot);
    release(slot);
  }
  if (outstanding_.count == 0) return std::nullopt;
  const std::uint32_t slot = outstanding_.oldest;
  unlink(outstanding_, slot);
  release(slot);
  return slots_[slot].entry;
}

}  // namespace tact::smpp
