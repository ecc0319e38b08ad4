// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>

namespace tact::gateway {

// For keys that are hashes themselves.
struct KeyIsHash {
  uint64_t operator()(uint64_t key) const { return key; }
};

// A hash map of millions for the loop's thread: divided, so that no insertion moves more than a
// 256th of it. One table of a million entries of 16 octets takes 30 ms to grow, a pause that every
// connection of the shard would notice (bench/README.md); divided, its parts grow one by one.
//
// `Hash` must spread over all 64 bits.
template <typename Key, typename Value, typename Hash = KeyIsHash>
class DividedMap {
 public:
  using Part = boost::unordered_flat_map<Key, Value, Hash>;

  // Valid until the next call that changes something; null: not there.
  Value* find(const Key& key) {
    Part& part = of(key);
    const auto at = part.find(key);
    return at == part.end() ? nullptr : &at->second;
  }
  const Value* find(const Key& key) const { return const_cast<DividedMap*>(this)->find(key); }
  bool contains(const Key& key) const { return find(key) != nullptr; }

  void insert_or_assign(const Key& key, Value value) {
    size_ += of(key).insert_or_assign(key, std::move(value)).second;
  }
  void try_emplace(const Key& key, Value value) {
    size_ += of(key).try_emplace(key, std::move(value)).second;
  }
  bool erase(const Key& key) {
    const size_t erased = of(key).erase(key);
    size_ -= erased;
    return erased != 0;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  size_t bytes() const {  // about
    size_t slots = 0;
    for (const Part& part : parts_) slots += part.bucket_count();
    return slots * (sizeof(typename Part::value_type) + 1);
  }

 private:
  static constexpr size_t kParts = 256;

  // Bits from the middle: a part's own table uses the ends.
  Part& of(const Key& key) { return parts_[Hash()(key) >> 28 & (kParts - 1)]; }

  std::array<Part, kParts> parts_;
  size_t size_ = 0;
};

}  // namespace tact::gateway
