// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/config/tree.h"

namespace tact::gateway::config {

// Default mappings that apply to a section, the nearest to the root first: `classes` may say of
// `otp` what its type says otherwise of every class.
using Layers = std::vector<const Node*>;

// The (cfg).def options as YAML nodes, parsed once each. A default that does not parse is our own
// bug.
class Defaults {
 public:
  // With examples, a field without a default has its (cfg).example instead.
  explicit Defaults(bool examples = false) : examples_(examples) {}

  // The layers of a field within a section to which `outer` applies: empty if it has no default.
  Layers of(const google::protobuf::FieldDescriptor& field, const Layers& outer);

 private:
  const Node* parsed(const google::protobuf::FieldDescriptor& field, const std::string& text);

  const bool examples_;
  std::unordered_map<const google::protobuf::FieldDescriptor*, Node> nodes_;
};

}  // namespace tact::gateway::config
