// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/descriptor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "proto/config.pb.h"

namespace tact::gateway::config {

// The (cfg) options of a field; the defaults of FieldRules for a field without any.
const proto::FieldRules& rules_of(const google::protobuf::FieldDescriptor& field);

bool is_duration(const google::protobuf::FieldDescriptor& field);
// A singular message that is a mapping in YAML.
bool is_section(const google::protobuf::FieldDescriptor& field);
// A list of such mappings.
bool is_section_list(const google::protobuf::FieldDescriptor& field);

// What one scalar of the file means. Numbers, sizes in octets, minutes since midnight and durations
// in milliseconds are all integers.
struct Value {
  std::variant<bool, int64_t, std::string, const google::protobuf::EnumValueDescriptor*> is;

  int64_t number() const { return std::get<int64_t>(is); }
};

struct Parsed {
  std::optional<Value> value;
  std::string problem;  // in words, if there is no value
};

// Reads a scalar of `field`'s type: bool, integers, string, bytes, enum or Duration; not its range.
// `quoted` text is never a number, and plain text that YAML takes for something else (no, 0123,
// 1e3) is never a string.
Parsed parse_value(const google::protobuf::FieldDescriptor& field, std::string_view text,
                   bool quoted);

// An enum's value as the file writes it; empty for *_UNSPECIFIED, which cannot be written.
std::string yaml_name(const google::protobuf::EnumValueDescriptor& value);

// "1..4096 PDUs", "1s..10m", "at least 1"; empty without limits.
std::string range_text(const google::protobuf::FieldDescriptor& field);
// Is a value of a field with `min` or `max` inside them? True without limits.
bool in_range(const google::protobuf::FieldDescriptor& field, const Value& value);

// The text that parse_value() reads back, quoted where needed.
std::string print_value(const google::protobuf::FieldDescriptor& field, const Value& value);

// What a YAML reader would take plain text for, such as "a boolean"; empty if it is certainly text.
std::string_view other_reading(std::string_view plain);

// "day" of {"dya"}: the candidate within a third of the letters; nothing if none is that near.
template <class Names>
std::string nearest(std::string_view word, const Names& names);

// Optimal string alignment distance: insertions, deletions, replacements, swaps of neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b);

template <class Names>
std::string nearest(std::string_view word, const Names& names) {
  std::string best;
  std::size_t best_distance = word.size() / 3 + 2;
  for (const auto& name : names) {
    const std::size_t distance = edit_distance(word, name);
    if (distance < best_distance && distance < std::string_view(name).size()) {
      best_distance = distance;
      best = name;
    }
  }
  return best;
}

}  // namespace tact::gateway::config
