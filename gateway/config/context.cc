// SPDX-License-Identifier: Apache-2.0
#include "gateway/config/context.h"

#include <algorithm>

namespace tact::gateway::config {

Context::Context(std::string path, const ReadFile& read_file, Secrets secrets, Report& report,
                 Positions& positions)
    : folder_(path.substr(0, path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1)),
      read_file_(read_file),
      secrets_(secrets),
      report_(report),
      positions_(positions) {}

void Context::problem(const std::string& path, std::string message) {
  report_.add(positions_.of(path), std::move(message));
}

std::string Context::resolved(const std::string& name) const {
  return name.empty() || name.front() == '/' ? name : folder_ + name;
}

std::string Context::read(const std::string& path, const std::string& name) {
  check_not_empty(path, name);
  if (name.empty()) return {};
  FileContents contents = read_file_(resolved(name));
  if (contents.ok) return std::move(contents.text);
  problem(path, "cannot read " + resolved(name) + ": " + contents.text);
  return {};
}

std::string Context::read_line(const std::string& path, const std::string& name) {
  std::string text = read(path, name);
  text.resize(std::min(text.find('\n'), text.size()));
  text.resize(text.find_last_not_of(" \t\r") + 1);
  return text;
}

void Context::problem_of(const std::string& name, int line, std::string message) {
  if (other_problems_.size() >= Report::kLimit) return;
  other_problems_.push_back({resolved(name), line, 1, std::move(message)});
}

void Context::check_not_empty(const std::string& path, std::string_view text) {
  if (text.empty() && has(path) && !is_told(path)) problem(path, path + " must not be empty");
}

void Context::check_ascii(const std::string& path, std::string_view text, std::size_t max) {
  if (text.size() > max) {
    problem(path, path + " must be at most " + std::to_string(max) + " octets, got " +
                      std::to_string(text.size()));
  } else if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; })) {
    problem(path, path + " must be printable ASCII");
  }
}

uint16_t Names::add(Context& context, const std::string& path, const std::string& name) {
  context.check_not_empty(path, name);
  if (next_ == UINT16_MAX) {
    context.problem(path, "too many of kind " + std::string(kind_));
    return next_;
  }
  if (name.empty()) return next_++;
  if (name.size() > 64) {
    context.problem(path, path + " must be at most 64 octets");
  } else if (const auto [at, is_new] = paths_.emplace(name, path); !is_new) {
    context.problem(path, "duplicate " + std::string(kind_) + " \"" + name + "\" (first at line " +
                              std::to_string(context.line_of(at->second)) + ')');
  }
  ids_.emplace(name, next_);
  return next_++;
}

uint16_t Names::find(Context& context, const std::string& path, const std::string& name) const {
  if (const auto at = ids_.find(name); at != ids_.end()) return at->second;
  std::vector<std::string> known;
  for (const auto& [each, id] : ids_) known.push_back(each);
  const std::string near = nearest(name, known);
  context.problem(path, "unknown " + std::string(kind_) + " \"" + name + '"' +
                            (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
  return 0;
}

std::string item(const std::string& path, int index) {
  return path + '[' + std::to_string(index) + ']';
}

std::chrono::milliseconds milliseconds(const google::protobuf::Duration& duration) {
  return std::chrono::milliseconds(duration.seconds() * 1000 + duration.nanos() / 1'000'000);
}

policy::Class class_of(int message_class) { return static_cast<policy::Class>(message_class); }

}  // namespace tact::gateway::config
