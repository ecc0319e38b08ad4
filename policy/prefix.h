// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tact::policy {

// Values by the prefix of a number, the longest that fits: a trie, of which a number walks no
// further than its prefix goes.
class PrefixMap {
 public:
  // The prefix 0 fits every number. False: it was there, and has another value now.
  bool put(uint32_t prefix, uint32_t value);
  std::optional<uint32_t> find(std::string_view digits) const;

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};
  struct Node {
    std::array<uint32_t, 10> next{};  // indices of nodes; 0: none
    uint32_t value = kNone;
  };
  std::vector<Node> nodes_{1};
};

}  // namespace tact::policy
