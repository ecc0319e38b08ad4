// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>

namespace tact::gateway {

// For keys that are hashes themselves.
struct KeyIsHash {
  uint64_t operator()(uint64_t key) const { return key; }
};

// A hash table of millions for the loop's thread: divided, so that no insertion moves more than a
// 256th of it. One table of a million entries of 16 octets takes 30 ms to grow, a pause that every
// connection of the shard would notice (bench/README.md); divided, its parts grow one by one.
//
// `Hash` must spread over all 64 bits.
template <typename Part, typename Hash>
class Divided {
 public:
  using Key = typename Part::key_type;

  bool contains(const Key& key) const { return of(key).contains(key); }
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

 protected:
  static constexpr size_t kParts = 256;

  // Bits from the middle: a part's own table uses the ends.
  Part& of(const Key& key) { return parts_[Hash()(key) >> 28 & (kParts - 1)]; }
  const Part& of(const Key& key) const { return parts_[Hash()(key) >> 28 & (kParts - 1)]; }

  std::array<Part, kParts> parts_;
  size_t size_ = 0;
};

template <typename Key, typename Value, typename Hash = KeyIsHash>
class DividedMap : public Divided<boost::unordered_flat_map<Key, Value, Hash>, Hash> {
 public:
  // Valid until the next call that changes something; null: not there.
  Value* find(const Key& key) {
    auto& part = this->of(key);
    const auto at = part.find(key);
    return at == part.end() ? nullptr : &at->second;
  }
  const Value* find(const Key& key) const { return const_cast<DividedMap*>(this)->find(key); }

  void insert_or_assign(const Key& key, Value value) {
    this->size_ += this->of(key).insert_or_assign(key, std::move(value)).second;
  }
  void try_emplace(const Key& key, Value value) {
    this->size_ += this->of(key).try_emplace(key, std::move(value)).second;
  }
};

template <typename Key, typename Hash = KeyIsHash>
class DividedSet : public Divided<boost::unordered_flat_set<Key, Hash>, Hash> {
 public:
  // False: it was there.
  bool insert(const Key& key) {
    const bool fresh = this->of(key).insert(key).second;
    this->size_ += fresh;
    return fresh;
  }
};

}  // namespace tact::gateway
