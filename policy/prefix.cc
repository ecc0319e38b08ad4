// SPDX-License-Identifier: Apache-2.0
#include "policy/prefix.h"

#include <string>

namespace tact::policy {

bool PrefixMap::put(uint32_t prefix, uint32_t value) {
  uint32_t at = 0;
  for (const char c : prefix == 0 ? std::string() : std::to_string(prefix)) {
    const auto digit = static_cast<size_t>(c - '0');
    if (nodes_[at].next[digit] == 0) {
      nodes_[at].next[digit] = static_cast<uint32_t>(nodes_.size());
      nodes_.emplace_back();
    }
    at = nodes_[at].next[digit];
  }
  const bool fresh = nodes_[at].value == kNone;
  nodes_[at].value = value;
  return fresh;
}

std::optional<uint32_t> PrefixMap::find(std::string_view digits) const {
  const Node* node = nodes_.data();
  uint32_t found = node->value;
  for (const char c : digits) {
    const auto digit = static_cast<size_t>(c - '0');
    if (digit >= node->next.size() || node->next[digit] == 0) break;
    node = &nodes_[node->next[digit]];
    if (node->value != kNone) found = node->value;
  }
  if (found == kNone) return std::nullopt;
  return found;
}

}  // namespace tact::policy
