// SPDX-License-Identifier: Apache-2.0
#include <google/protobuf/message.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gateway/config/defaults.h"
#include "gateway/config/field.h"
#include "gateway/config/value.h"
#include "gateway/config/yaml.h"

namespace tact::gateway::config {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::size_t kColumns = 100;

std::string scalar_text(const Message& message, const FieldDescriptor& field, int index = -1) {
  return print_value(field, get_value(message, field, index));
}

std::string list_text(const Message& message, const FieldDescriptor& field) {
  std::string out;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    out += (i == 0 ? "" : ", ") + scalar_text(message, field, i);
  }
  return '[' + out + ']';
}

std::string map_text(const Message& message, const FieldDescriptor& field) {
  std::map<std::string, std::string>
      entries;  // sorted: protobuf's own order changes from run to run
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    const Message& entry = message.GetReflection()->GetRepeatedMessage(message, &field, i);
    entries[scalar_text(entry, *field.message_type()->map_key())] =
        scalar_text(entry, *field.message_type()->map_value());
  }
  std::string out;
  for (const auto& [key, value] : entries) out += (out.empty() ? "" : ", ") + key + ": " + value;
  return '{' + out + '}';
}

// Empty: the field has no value to print.
std::string value_text(const Message& message, const FieldDescriptor& field, bool has_default) {
  const auto& reflection = *message.GetReflection();
  const bool is_set = field.is_repeated() ? reflection.FieldSize(message, &field) > 0
                                          : reflection.HasField(message, &field);
  if (!is_set && !(has_default && !field.is_repeated())) return "";
  if (rules_of(field).secret()) return "\"***\"";
  if (field.is_map()) return map_text(message, field);
  return field.is_repeated() ? list_text(message, field) : scalar_text(message, field);
}

std::string choices(const EnumDescriptor& type) {
  std::string out;
  for (int i = 0; i < type.value_count(); ++i) {
    const std::string name = yaml_name(*type.value(i));
    if (!name.empty()) out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

// "(required; 1..4096 PDUs; default 10)"
std::string facts(const FieldDescriptor& field, const std::string& default_text) {
  std::vector<std::string> facts;
  if (rules_of(field).required()) facts.push_back("required");
  if (field.enum_type() != nullptr) {
    facts.push_back((field.is_repeated() ? "of " : "one of ") + choices(*field.enum_type()));
  }
  if (const std::string range = range_text(field); !range.empty()) facts.push_back(range);
  if (!default_text.empty()) facts.push_back("default " + default_text);
  std::string out;
  for (const std::string& fact : facts) out += (out.empty() ? "" : "; ") + fact;
  return out.empty() ? out : '(' + out + ')';
}

class Printer {
 public:
  explicit Printer(bool comments) : comments_(comments) {}

  void print_section(const Message& message, const Layers& layers, std::size_t indent) {
    const auto& type = *message.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      print_field(message, field, defaults_.of(field, layers), indent);
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void print_field(const Message& message, const FieldDescriptor& field, const Layers& layers,
                   std::size_t indent) {
    const auto& reflection = *message.GetReflection();
    if (is_section(field)) {
      if (rules_of(field).opt_in() && !reflection.HasField(message, &field)) {
        return print_left_out(reflection.GetMessage(message, &field), field, indent);
      }
      print_heading(field, indent);
      return print_section(reflection.GetMessage(message, &field), layers, indent + 2);
    }
    if (is_section_list(field)) return print_sections(message, field, indent);
    const std::string text = value_text(message, field, !layers.empty());
    print_comment(field, layers.empty() ? "" : text, indent);
    if (!text.empty()) {
      out_ += std::string(indent, ' ') + field.name() + ": " + text + '\n';
    } else if (comments_) {
      out_ += std::string(indent, ' ') + "# " + field.name() + ":\n";
    }
  }

  // What it could be, as a comment.
  void print_left_out(const Message& section, const FieldDescriptor& field, std::size_t indent) {
    if (!comments_ || explained_.contains(&field)) return;
    print_comment(field, "", indent);
    const std::size_t begin = out_.size();
    out_ += std::string(indent, ' ') + field.name() + ":\n";
    const std::unique_ptr<Message> example(section.New());
    fill_example(*example);
    print_section(*example, {}, indent + 2);
    for (std::size_t line = begin; line < out_.size(); line = out_.find('\n', line) + 1) {
      out_.insert(line + indent, "# ");
    }
  }

  void print_sections(const Message& message, const FieldDescriptor& field, std::size_t indent) {
    const auto& reflection = *message.GetReflection();
    const int count = reflection.FieldSize(message, &field);
    if (count == 0) return;
    print_heading(field, indent);
    for (int i = 0; i < count; ++i) {
      std::size_t line = out_.size();
      print_section(reflection.GetRepeatedMessage(message, &field, i), {}, indent + 4);
      // The dash belongs to the first key; comments above it keep their place.
      while (out_.compare(line + indent + 4, 1, "#") == 0) line = out_.find('\n', line) + 1;
      out_[line + indent + 2] = '-';
    }
  }

  void print_heading(const FieldDescriptor& field, std::size_t indent) {
    if (comments_ && indent == 0) out_ += '\n';
    print_comment(field, "", indent);
    out_ += std::string(indent, ' ') + field.name() + ":\n";
  }

  // Each key is explained where it comes first.
  void print_comment(const FieldDescriptor& field, const std::string& default_text,
                     std::size_t indent) {
    if (!comments_ || !explained_.insert(&field).second) return;
    std::string help = rules_of(field).help();
    const std::string fact = facts(field, default_text);
    help += (help.empty() || fact.empty() ? "" : " ") + fact;
    const std::string margin = std::string(indent, ' ') + "#";
    std::string line = margin;
    for (std::size_t begin = 0; begin < help.size();) {
      const std::size_t end = std::min(help.find(' ', begin), help.size());
      if (line.size() + 1 + end - begin > kColumns) {
        out_ += line + '\n';
        line = margin;
      }
      line += ' ' + help.substr(begin, end - begin);
      begin = end + 1;
    }
    if (line != margin) out_ += line + '\n';
  }

  const bool comments_;
  Defaults defaults_;
  std::set<const FieldDescriptor*> explained_;
  std::string out_;
};

}  // namespace

std::string print_yaml(const Message& message, bool comments) {
  Printer printer(comments);
  printer.print_section(message, {}, 0);
  return printer.take();
}

}  // namespace tact::gateway::config
