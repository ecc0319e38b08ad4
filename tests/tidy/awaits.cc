// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/awaits.h"

#include <algorithm>

namespace tact::tidy {
namespace {

// One full expression around a co_await, from the end of the statement before it.
class Expression {
 public:
  Expression(const Source& source, std::size_t await)
      : source_(source), code_(source.code), await_(await), at_(start()) {}

  Findings run() {
    for (; at_ < code_.size() && !done_; ++at_) {
      switch (code_[at_]) {
        case '(':
          ++depth_;
          break;
        case ')':
          done_ = --depth_ < 0 && at_ > await_;
          break;
        case '[':
          bracket();
          break;
        case '{':
          brace();
          break;
        case '}':
        case ';':
          done_ = at_ > await_;
          break;
        default:
          break;
      }
    }
    return std::move(findings_);
  }

 private:
  // Backwards to the statement's beginning. A brace that closes a lambda or a temporary has the
  // rest of the expression directly behind it; one that closes a block has not.
  std::size_t start() const {
    std::size_t at = await_;
    int depth = 0;
    while (at > 0) {
      char c = code_[at - 1];
      if (c == '}' && (depth > 0 || std::string_view(",).(").find(code_[at]) < 4))
        ++depth;
      else if (depth == 0 && (c == ';' || c == '{' || c == '}'))
        break;
      else if (c == '{')
        --depth;
      --at;
    }
    return at;
  }

  char before() const {
    std::size_t found = code_.find_last_not_of(" \n", at_ - 1);
    return at_ == 0 || found == std::string_view::npos ? ' ' : code_[found];
  }

  // A subscript, an attribute, a structured binding, or a lambda.
  void bracket() {
    if (code_.substr(at_).starts_with("[[")) return skip('[', ']');
    std::string_view head = code_.substr(0, at_);
    head = head.substr(0, head.find_last_not_of(" \n&") + 1);
    bool binding = head.ends_with("auto");
    bool subscript = is_identifier_char(before()) || before() == ')' || before() == ']';
    bool returned = head.ends_with("return");
    std::size_t first = at_;
    skip('[', ']');
    if (binding || (subscript && !returned)) return;
    if (at_ - first > 1) find(first, "a lambda with captures in a co_await expression");
    std::size_t body = code_.find('{', at_);
    if (body == std::string_view::npos) return;
    at_ = body;
    skip('{', '}');
  }

  void brace() {
    if (depth_ == 0 && (before() == ')' || before() == ' ')) {
      done_ = true;  // the block of a control statement
      return;
    }
    find(at_, "a braced temporary in a co_await expression");
    skip('{', '}');
  }

  // Moves to the bracket that closes the one at `at_`.
  void skip(char open, char close) {
    int depth = 0;
    for (; at_ < code_.size(); ++at_) {
      if (code_[at_] == open) ++depth;
      if (code_[at_] == close && --depth == 0) return;
    }
  }

  void find(std::size_t offset, const std::string& message) {
    findings_.push_back({source_.path, line_at(code_, offset), message});
  }

  const Source& source_;
  std::string_view code_;
  std::size_t await_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool done_ = false;
  Findings findings_;
};

}  // namespace

Findings check_awaits(const Source& source) {
  static constexpr std::string_view kWord = "co_await";
  Findings findings;
  std::string_view code = source.code;
  for (std::size_t at = code.find(kWord); at != std::string_view::npos;
       at = code.find(kWord, at + kWord.size())) {
    for (Finding& finding : Expression(source, at).run()) {
      // Two co_await of one expression see the same temporary.
      if (std::find(findings.begin(), findings.end(), finding) == findings.end()) {
        findings.push_back(std::move(finding));
      }
    }
  }
  return findings;
}

}  // namespace tact::tidy
