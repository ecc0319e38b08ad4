// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/problem.h"

namespace tact::gateway::config {

// A YAML text as it stands: nothing is guessed, nothing is merged, every node knows its place.
struct Node {
  enum class Kind { nothing, scalar, sequence, mapping, reported };  // reported: already a problem
  Kind kind = Kind::nothing;
  Mark mark;
  std::string text;         // of a scalar
  bool quoted = false;      // a scalar in quotes or a block scalar: certainly text
  std::vector<Node> keys;   // of a mapping, as written, duplicates included
  std::vector<Node> items;  // of a sequence; of a mapping, the value of each key

  // The value of the first key with this name; null if there is none or this is no mapping.
  const Node* find(std::string_view key) const;
};

inline constexpr std::size_t kTextMax = 4u << 20;  // octets of a configuration file
inline constexpr int kDepthMax = 32;               // nested mappings and sequences

// Reads one YAML document. Nothing comes back if it is no YAML, no UTF-8, too large or too deep;
// anchors, aliases, tags and further documents are reported, but the tree comes back, so that what
// else is wrong can be told in the same run. An empty text is an empty mapping.
std::optional<Node> parse_tree(std::string_view text, Report& report);

}  // namespace tact::gateway::config
