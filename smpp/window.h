// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "smpp/types.h"

namespace tact::smpp {

/// Requests sent and not answered, by sequence_number. All memory is taken at construction.
///
/// A request that is expired leaves the window (its slot is free again) but is remembered, so that
/// a late response can still be told from a stray one: as many as the capacity, the oldest is
/// forgotten first.
class Window {
 public:
  struct Entry {
    std::uint64_t cookie = 0;
    std::uint32_t sequence_number = 0;
    CommandId command{};
    Mono sent{};
    bool late = false;  ///< it had expired before
  };

  /// REQUIRES: 1 <= capacity <= 65536.
  explicit Window(std::uint32_t capacity);

  std::uint32_t capacity() const { return capacity_; }
  std::uint32_t size() const { return outstanding_.count; }
  std::uint32_t free() const { return capacity_ - outstanding_.count; }
  bool contains(std::uint32_t sequence_number) const;
  /// The sequence number behind `last` that is of no request in the window, nor of one
  /// that a late response may still come to; behind kSequenceMax
  /// comes kSequenceMin.
  std::uint32_t number_behind(std::uint32_t last) const;

  /// False if the window is full or the number is in it. REQUIRES: `sent` does not go back.
  bool offer(std::uint32_t sequence_number, CommandId command, std::uint64_t cookie, Mono sent);

  /// Takes the entry out that a response to `command` with this number answers; generic_nack
  /// answers any command. Nothing for a stray response.
  std::optional<Entry> settle(std::uint32_t sequence_number, CommandId response);

  /// When the oldest request will have waited for `timeout`.
  Mono deadline(Mono timeout) const;
  /// The oldest request, if it has waited for `timeout`: call until nothing comes.
  std::optional<Entry> expire(Mono now, Mono timeout);

  /// The oldest outstanding request, taken out; what had expired is forgotten. Call until nothing
  /// comes: the window is then as new.
  std::optional<Entry> drain();

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct Slot {
    Entry entry;
    std::uint32_t older = kNone, newer = kNone;  // in its list
    std::uint32_t next = kNone;                  // in its bucket, or in the free list
  };
  struct List {
    std::uint32_t oldest = kNone, newest = kNone, count = 0;
  };

  std::uint32_t find(std::uint32_t sequence_number) const;
  std::uint32_t& bucket(std::uint32_t sequence_number) {
    return buckets_[sequence_number & (buckets_.size() - 1)];
  }
  void push(List& list, std::uint32_t slot);
  void unlink(List& list, std::uint32_t slot);
  void release(std::uint32_t slot);

  const std::uint32_t capacity_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> buckets_;
  std::uint32_t free_ = kNone;
  List outstanding_;
  List expired_;
};

}  // namespace tact::smpp
