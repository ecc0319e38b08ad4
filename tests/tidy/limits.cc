// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/limits.h"

#include <algorithm>
#include <regex>

namespace tact::tidy {
namespace {

constexpr std::string_view kLicence = "// SPDX-License-Identifier: Apache-2.0";

int columns(std::string_view line) {
  return static_cast<int>(
      std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string over(std::string_view what, int value, int limit) {
  return std::string(what) + ": " + std::to_string(value) + ", limit " + std::to_string(limit);
}

// Preprocessor lines are blanked too: the braces of a macro need not balance.
std::string without_directives(std::string code) {
  bool continued = false;
  std::size_t start = 0;
  while (start < code.size()) {
    std::size_t end = std::min(code.find('\n', start), code.size());
    std::size_t first = code.find_first_not_of(' ', start);
    bool directive = continued || (first < end && code[first] == '#');
    continued = directive && end > start && code[end - 1] == '\\';
    if (directive) std::fill(code.begin() + start, code.begin() + end, ' ');
    start = end + 1;
  }
  return code;
}

// Walks the declarations of namespace and class scope; `head_` is where the current one begins.
class FunctionFinder {
 public:
  explicit FunctionFinder(const Source& source)
      : path_(source.path), code_(without_directives(source.code)) {}

  Findings run() {
    for (; at_ < code_.size(); ++at_) {
      char c = code_[at_];
      if (c == '(') ++parens_;
      if (c == ')') --parens_;
      if (c == '{') open();
      if (c == '}') head_ = at_ + 1;
      if (c == ';' || (c == ':' && follows_access())) head_ = at_ + 1;
    }
    return std::move(findings_);
  }

 private:
  void open() {
    std::string_view head = std::string_view(code_).substr(head_, at_ - head_);
    if (parens_ == 0 && (is_scope(head) || is_type(head))) {
      head_ = at_ + 1;  // what is inside are declarations again
      return;
    }
    bool function = parens_ == 0 && is_function(head);
    at_ = closing_brace();
    std::size_t next = code_.find_first_not_of(" \n", at_ + 1);
    // A braced member initialiser or argument: the declaration goes on behind it.
    if (parens_ > 0 || (next != std::string::npos && (code_[next] == ',' || code_[next] == '{'))) {
      return;
    }
    if (function) measure();
    head_ = at_ + 1;
  }

  static bool is_scope(std::string_view head) {
    static const std::regex pattern(R"(\b(namespace|extern)\b)");
    return head.find('(') == std::string_view::npos &&
           std::regex_search(head.begin(), head.end(), pattern);
  }

  static bool is_type(std::string_view head) {
    static const std::regex pattern(R"(\b(class|struct|union|enum)\b)");
    head = without_template(head);
    std::string_view name = head.substr(0, head.find('('));
    return std::regex_search(name.begin(), name.end(), pattern);
  }

  static bool is_function(std::string_view head) {
    std::size_t last = head.find_last_not_of(" \n");
    return last != std::string_view::npos && head[last] != '=' &&
           head.find('(') != std::string_view::npos;
  }

  static std::string_view without_template(std::string_view head) {
    std::size_t first = head.find_first_not_of(" \n");
    while (first != std::string_view::npos && head.substr(first).starts_with("template")) {
      std::size_t at = head.find('<', first);
      int depth = 0;
      for (; at < head.size(); ++at) {
        if (head[at] == '<') ++depth;
        if (head[at] == '>' && --depth == 0) break;
      }
      head.remove_prefix(std::min(at + 1, head.size()));
      first = head.find_first_not_of(" \n");
    }
    return head;
  }

  bool follows_access() const {
    std::string_view before = std::string_view(code_).substr(0, at_);
    return ends_with_any(before, {"public", "private", "protected"});
  }

  std::size_t closing_brace() const {
    int depth = 0;
    for (std::size_t at = at_; at < code_.size(); ++at) {
      if (code_[at] == '{') ++depth;
      if (code_[at] == '}' && --depth == 0) return at;
    }
    return code_.size() - 1;
  }

  void measure() {
    int first = line_at(code_, code_.find_first_not_of(" \n", head_));
    int lines = line_at(code_, at_) - first + 1;
    if (lines > kFunctionLines) {
      findings_.push_back({path_, first, over("lines of a function", lines, kFunctionLines)});
    }
  }

  std::string path_;
  std::string code_;
  std::size_t at_ = 0;
  std::size_t head_ = 0;
  int parens_ = 0;
  Findings findings_;
};

}  // namespace

bool is_handwritten(std::string_view path) {
  if (path.find("/vendor/") != std::string_view::npos) return false;
  return is_cpp(path) || ends_with_any(path, {".proto", ".sh", ".py", ".js", ".css", ".ci/run"});
}

Findings check_layout(const Source& source) {
  if (!is_handwritten(source.path)) return {};
  Findings findings;
  auto find = [&](int line, std::string message) {
    findings.push_back({source.path, line, std::move(message)});
  };
  std::vector<std::string_view> lines = lines_of(source.text);
  int count = static_cast<int>(lines.size());
  if (count > kFileLines) find(count, over("lines of a file", count, kFileLines));
  for (int i = 0; i < count; ++i) {
    std::string_view line = lines[i];
    if (columns(line) > kColumns) find(i + 1, over("columns", columns(line), kColumns));
    if (line.find('\t') != std::string_view::npos) find(i + 1, "a tab");
    if (line.ends_with(' ') || line.ends_with('\r')) find(i + 1, "trailing whitespace");
  }
  if (!source.text.ends_with('\n')) find(std::max(count, 1), "no newline at the end of the file");
  if (is_cpp(source.path) && (lines.empty() || lines[0] != kLicence)) {
    find(1, "the first line is not \"" + std::string(kLicence) + "\"");
  }
  if (source.path.ends_with(".h") && source.code.find("#pragma once") == std::string::npos) {
    find(1, "a header without #pragma once");
  }
  return findings;
}

Findings check_functions(const Source& source) {
  if (!is_cpp(source.path)) return {};
  return FunctionFinder(source).run();
}

}  // namespace tact::tidy
