// SPDX-License-Identifier: Apache-2.0
#include "gateway/config/defaults.h"

#include <utility>

#include "gateway/config/value.h"
#include "gateway/engine/check.h"

namespace tact::gateway::config {

Layers Defaults::of(const google::protobuf::FieldDescriptor& field, const Layers& outer) {
  Layers layers;
  for (const Node* layer : outer) {
    if (const Node* node = layer->find(field.name())) layers.push_back(node);
  }
  const proto::FieldRules& rules = rules_of(field);
  if (!rules.def().empty()) layers.push_back(parsed(field, rules.def()));
  if (examples_ && layers.empty() && !rules.example().empty()) {
    layers.push_back(parsed(field, rules.example()));
  }
  return layers;
}

const Node* Defaults::parsed(const google::protobuf::FieldDescriptor& field,
                             const std::string& text) {
  const auto [at, is_new] = nodes_.try_emplace(&field);
  if (!is_new) return &at->second;
  if (field.is_repeated() || is_section(field)) {
    Report report(field.full_name(), text);
    std::optional<Node> node = parse_tree(text, report);
    CHECK(node && report.ok());
    at->second = *std::move(node);
  } else {
    at->second.kind = Node::Kind::scalar;
    at->second.text = text;
    at->second.quoted = field.cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING;
  }
  return &at->second;
}

}  // namespace tact::gateway::config
