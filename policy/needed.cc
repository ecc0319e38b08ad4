// SPDX-License-Identifier: Apache-2.0
#include "policy/needed.h"

#include <utility>

#include "policy/normalise.h"

namespace tact::policy {
namespace {

using Needed = std::optional<std::set<char32_t>>;

class Parser {
 public:
  explicit Parser(std::string_view regex) : rest_(regex) {}

  Needed whole() {
    Needed needed = alternatives();
    return understood_ && rest_.empty() ? needed : std::nullopt;
  }

 private:
  // Each branch needs one of its own.
  Needed alternatives() {
    Needed all = sequence();
    while (eat("|")) {
      Needed other = sequence();
      if (all && other) {
        all->merge(*other);
      } else {
        all.reset();
      }
    }
    return all;
  }

  // Every part is needed: the choice is ours, and few characters occur more seldom than many.
  Needed sequence() {
    Needed best;
    while (!rest_.empty() && rest_[0] != '|' && rest_[0] != ')') {
      Needed part = item();
      const bool may_be_missing = optional();
      if (!may_be_missing && part && (!best || part->size() < best->size())) best = std::move(part);
    }
    return best;
  }

  Needed item() {
    if (eat("(?:")) return group();
    if (eat("[")) return set(!eat("^"));
    if (eat("(?!") || eat("(?<!")) {
      (void)group();
      return std::nullopt;
    }
    if (eat("\\b") || eat(".") || eat("^") || eat("$")) return std::nullopt;
    if (std::string_view("()[]{}\\?*+").find(rest_[0]) != std::string_view::npos) {
      understood_ = false;
    }
    return std::set{character()};
  }

  Needed group() {
    Needed inner = alternatives();
    understood_ &= eat(")");
    return inner;
  }

  Needed set(bool of_members) {
    std::set<char32_t> members;
    while (!rest_.empty() && rest_[0] != ']') {
      const char32_t first = character();
      understood_ &= first != '\\';
      char32_t last = first;
      if (rest_.size() > 1 && rest_[1] != ']' && eat("-")) last = character();
      understood_ &= last >= first && last != '\\';
      for (char32_t c = first; c <= last; ++c) members.insert(c);
    }
    understood_ &= eat("]") && !members.empty();
    return of_members ? Needed(members) : std::nullopt;
  }

  // A quantifier behind an item, if any: does it allow none?
  bool optional() {
    if (eat("?") || eat("*")) return true;
    if (eat("+") || !eat("{")) return false;
    const bool none = rest_.starts_with('0');
    const size_t close = rest_.find('}');
    understood_ &= close != rest_.npos;
    rest_.remove_prefix(understood_ ? close + 1 : rest_.size());
    return none;
  }

  bool eat(std::string_view what) {
    if (!rest_.starts_with(what)) return false;
    rest_.remove_prefix(what.size());
    return true;
  }

  char32_t character() {
    const Decoded d = decode_utf8(rest_, 0);
    rest_.remove_prefix(d.bytes);
    return d.cp;
  }

  std::string_view rest_;
  bool understood_ = true;
};

}  // namespace

Needed needed_characters(std::string_view regex) { return Parser(regex).whole(); }

}  // namespace tact::policy
