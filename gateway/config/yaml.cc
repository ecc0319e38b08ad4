// SPDX-License-Identifier: Apache-2.0
#include "gateway/config/yaml.h"

#include <google/protobuf/duration.pb.h>

#include <optional>
#include <unordered_map>
#include <vector>

#include "gateway/config/defaults.h"
#include "gateway/config/field.h"
#include "gateway/config/tree.h"
#include "gateway/config/value.h"
#include "gateway/engine/check.h"

namespace tact::gateway::config {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string joined(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + '.' + name;
}

std::string within(const std::string& path) { return path.empty() ? "" : " in " + path; }

std::string_view name_of(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::scalar:
      return "a single value";
    case Node::Kind::sequence:
      return "a list";
    case Node::Kind::mapping:
      return "a mapping";
    default:
      return "nothing";
  }
}

// Walks a tree beside a message's descriptor. With examples it needs no tree.
class Reader {
 public:
  Reader(Report& report, Positions& positions, bool examples = false)
      : report_(report), positions_(positions), examples_(examples), defaults_(examples) {}

  // `node` may be null: the file does not have this section.
  void read_section(const Node* node, const Layers& layers, Message& out, const std::string& path) {
    const Children children = node != nullptr ? children_of(*node, out, path) : Children{};
    const bool tells_missing = !examples_ && (node == nullptr || node->kind == Node::Kind::mapping);
    const auto& type = *out.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      const auto child = children.find(&field);
      const Node* written = child == children.end() ? nullptr : child->second;
      if (written != nullptr) positions_.set(joined(path, field.name()), written->mark);
      if (written == nullptr && rules_of(field).required() && tells_missing) {
        report_.add(positions_.of(path), "missing \"" + field.name() + '"' + within(path));
      }
      read_field(written, defaults_.of(field, layers), field, out, path);
    }
  }

 private:
  using Children = std::unordered_map<const FieldDescriptor*, const Node*>;

  bool is_kind(const Node& node, Node::Kind kind) {
    if (node.kind == kind) return true;
    if (node.kind != Node::Kind::reported) {
      report_.add(node.mark, "expected " + std::string(name_of(kind)) + ", got " +
                                 std::string(name_of(node.kind)));
    }
    return false;
  }

  // The fields that a mapping has, after telling what it should not have.
  Children children_of(const Node& node, const Message& out, const std::string& path) {
    Children children;
    if (!is_kind(node, Node::Kind::mapping)) return children;
    const auto& type = *out.GetDescriptor();
    check_duplicates(node);
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const Node& key = node.keys[i];
      if (report_.is_full()) break;
      if (!is_kind(key, Node::Kind::scalar)) continue;
      const FieldDescriptor* field = type.FindFieldByName(key.text);
      if (field != nullptr) {
        children.emplace(field, &node.items[i]);
        continue;
      }
      std::vector<std::string> names;
      for (int k = 0; k < type.field_count(); ++k) names.push_back(type.field(k)->name());
      const std::string near = nearest(key.text, names);
      report_.add(key.mark, "unknown key \"" + key.text + '"' + within(path) +
                                (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
    }
    return children;
  }

  void check_duplicates(const Node& node) {
    std::unordered_map<std::string_view, int> first_line;
    for (const Node& key : node.keys) {
      if (key.kind != Node::Kind::scalar) continue;
      const auto [at, is_new] = first_line.emplace(key.text, key.mark.line);
      if (is_new) continue;
      report_.add(key.mark, "duplicate key \"" + key.text + "\" (first at line " +
                                std::to_string(at->second) + ')');
    }
  }

  void read_field(const Node* written, const Layers& layers, const FieldDescriptor& field,
                  Message& out, const std::string& path) {
    if (is_section(field)) {
      const proto::FieldRules& rules = rules_of(field);
      const bool is_left_out = rules.opt_in() || (rules.required() && !examples_);
      if (written == nullptr && is_left_out) return;
      Message* section = out.GetReflection()->MutableMessage(&out, &field);
      return read_section(written, layers, *section, joined(path, field.name()));
    }
    if (written != nullptr && read_value(*written, field, out, joined(path, field.name()))) return;
    if (layers.empty()) {
      if (examples_ && is_section_list(field)) {
        read_section(nullptr, {}, *out.GetReflection()->AddMessage(&out, &field), path);
      }
      return;
    }
    out.GetReflection()->ClearField(&out, &field);
    CHECK(read_value(*layers.front(), field, out, joined(path, field.name())));
  }

  bool read_value(const Node& node, const FieldDescriptor& field, Message& out,
                  const std::string& path) {
    if (field.is_map()) return read_map(node, field, out, path);
    if (field.is_repeated()) return read_list(node, field, out, path);
    const std::optional<Value> value = scalar(node, field, path);
    if (value) set_value(out, field, *value);
    return value.has_value();
  }

  bool read_list(const Node& node, const FieldDescriptor& field, Message& out,
                 const std::string& path) {
    if (!is_kind(node, Node::Kind::sequence)) return false;
    if (node.items.empty() && rules_of(field).required()) {
      report_.add(node.mark, path + " must not be empty");
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const Node& item = node.items[i];
      const std::string item_path = path + '[' + std::to_string(i) + ']';
      positions_.set(item_path, item.mark);
      if (is_section_list(field)) {
        Message* added = out.GetReflection()->AddMessage(&out, &field);
        read_section(&item, {}, *added, item_path);
      } else if (const std::optional<Value> value = scalar(item, field, item_path)) {
        set_value(out, field, *value);
      }
    }
    return true;
  }

  bool read_map(const Node& node, const FieldDescriptor& field, Message& out,
                const std::string& path) {
    if (!is_kind(node, Node::Kind::mapping)) return false;
    check_duplicates(node);
    const FieldDescriptor& key_field = *field.message_type()->map_key();
    const FieldDescriptor& value_field = *field.message_type()->map_value();
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const std::string item_path = joined(path, node.keys[i].text);
      positions_.set(item_path, node.items[i].mark);
      const std::optional<Value> key = scalar(node.keys[i], key_field, item_path);
      const std::optional<Value> value = scalar(node.items[i], value_field, item_path);
      if (!key || !value) continue;
      Message* entry = out.GetReflection()->AddMessage(&out, &field);
      set_value(*entry, key_field, *key);
      set_value(*entry, value_field, *value);
    }
    return true;
  }

  std::optional<Value> scalar(const Node& node, const FieldDescriptor& field,
                              const std::string& path) {
    if (!is_kind(node, Node::Kind::scalar)) return std::nullopt;
    Parsed parsed = parse_value(field, node.text, node.quoted);
    if (!parsed.value && rules_of(field).secret()) {
      report_.add(node.mark, path + " must be a text in quotes");
    } else if (!parsed.value) {
      report_.add(node.mark, std::move(parsed.problem));
    } else if (!in_range(field, *parsed.value)) {
      report_.add(node.mark, path + " must be " + range_text(field) + ", got " + node.text);
      return std::nullopt;
    }
    return std::move(parsed.value);
  }

  Report& report_;
  Positions& positions_;
  const bool examples_;
  Defaults defaults_;
};

}  // namespace

Mark Positions::of(std::string path) const {
  while (!path.empty()) {
    if (const auto at = marks_.find(path); at != marks_.end()) return at->second;
    const std::size_t cut = path.find_last_of(".[");
    path.resize(cut == std::string::npos ? 0 : cut);
  }
  const auto root = marks_.find("");
  return root == marks_.end() ? Mark{} : root->second;
}

bool read_yaml(std::string_view text, Message& out, Report& report, Positions& positions) {
  const std::optional<Node> root = parse_tree(text, report);
  if (!root) return false;
  positions.set("", root->mark);
  Reader(report, positions).read_section(&*root, {}, out, "");
  return true;
}

void fill_example(Message& out) {
  Report report("", "");
  Positions positions;
  Reader(report, positions, true).read_section(nullptr, {}, out, "");
  CHECK(report.ok());
}

}  // namespace tact::gateway::config
