// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <iterator>

#include "smpp/types.h"

/// The lists inside of a PDU: the destinations of submit_multi, the failures of its response.
namespace tact::smpp {

/// Reads one item by its table and moves `rest` behind it; false, and `rest` is left alone, where
/// there is no whole one. Limits are not looked at: decode() and encode() do that.
template <class Item>
bool read_item(Octets& rest, Item& out);

/// A view of encoded items without their count; encode_item() makes them. Like Tlvs: nothing is
/// allocated, and reading stops at the first item that is not whole.
template <class Item>
class List {
 public:
  class Iterator {
   public:
    using value_type = Item;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    explicit Iterator(Octets rest) : rest_(rest) { ++*this; }
    const Item& operator*() const { return item_; }
    const Item* operator->() const { return &item_; }
    Iterator& operator++() {
      end_ = !read_item(rest_, item_);
      return *this;
    }
    bool operator==(std::default_sentinel_t) const { return end_; }

   private:
    Octets rest_;
    Item item_;
    bool end_ = true;
  };

  List() = default;
  explicit List(Octets encoded) : encoded_(encoded) {}

  Iterator begin() const { return Iterator(encoded_); }
  std::default_sentinel_t end() const { return {}; }
  bool empty() const { return begin() == end(); }
  Octets encoded() const { return encoded_; }

  std::size_t count() const {
    std::size_t items = 0;
    for (auto at = begin(); at != end(); ++at) ++items;
    return items;
  }

  /// The octets of the whole items in front; less than encoded() where the last one is cut short.
  Octets whole() const {
    Octets rest = encoded_;
    for (Item item; read_item(rest, item);) {
    }
    return encoded_.first(encoded_.size() - rest.size());
  }

 private:
  Octets encoded_;
};

}  // namespace tact::smpp
