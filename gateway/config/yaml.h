// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <string>
#include <string_view>

#include "gateway/config/problem.h"

namespace tact::gateway::config {

// Where each value of a file stands, by its path such as "routes[0].links[1].window", so that what
// is checked later can be reported as exactly as a typing error.
class Positions {
 public:
  void set(const std::string& path, Mark mark) { marks_.emplace(path, mark); }
  bool has(const std::string& path) const { return marks_.contains(path); }
  // The place of the value, or of the nearest mapping around it that the file has.
  Mark of(std::string path) const;

 private:
  std::map<std::string, Mark, std::less<>> marks_;
};

// Fills any protobuf message of bools, integers, strings, enums, Durations, maps of these, and
// messages from YAML, beside its descriptor. Strict: unknown and duplicate keys, anchors, tags,
// empty values and whatever YAML would guess a type for are problems; all of them are reported.
// Fields that the text does not have, or has wrong, take their default, so `out` is always worth
// checking further. False if the text is no YAML at all; `out` is untouched then.
bool read_yaml(std::string_view text, google::protobuf::Message& out, Report& report,
               Positions& positions);

// A message in which every field has its default or else its example, and every list of messages
// one element. REQUIRES: `out` is empty.
void fill_example(google::protobuf::Message& out);

// The message as YAML that read_yaml() accepts; secrets as ***. Fields without a value and without
// a default are left out. With comments every key is there, above it its meaning, unit, range and
// default; keys without a value are commented out.
std::string print_yaml(const google::protobuf::Message& message, bool comments = false);

}  // namespace tact::gateway::config
