// SPDX-License-Identifier: Apache-2.0
#include "gateway/config/tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>

namespace tact::gateway::config {
namespace {

Mark mark_of(const YAML::Mark& mark) {
  return {mark.line + 1, mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos)};
}

// yaml-cpp's own words for a plain and for a quoted scalar without an explicit tag.
constexpr std::string_view kPlain = "?", kQuoted = "!";

// Builds the tree from parse events: unlike YAML::Node they keep duplicate keys, quotes and
// anchors.
class Builder : public YAML::EventHandler {
 public:
  explicit Builder(Report& report) : report_(report) {}

  Node take_root() { return root_.items.empty() ? Node{} : std::move(root_.items.front()); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) report_.add(mark_of(mark), "only one YAML document is allowed");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    place(mark, kPlain, anchor, Node::Kind::nothing);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    report_.add(mark_of(mark), "aliases are not allowed; write the value again");
    place(mark, kPlain, 0, Node::Kind::reported);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node& node = place(mark, tag, anchor, Node::Kind::scalar);
    node.text = value;
    node.quoted = tag != kPlain;
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, place(mark, tag, anchor, Node::Kind::sequence));
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, place(mark, tag, anchor, Node::Kind::mapping));
  }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  Node& place(const YAML::Mark& mark, std::string_view tag, YAML::anchor_t anchor,
              Node::Kind kind) {
    if (anchor != 0) report_.add(mark_of(mark), "anchors are not allowed");
    if (tag != kPlain && !(kind == Node::Kind::scalar && tag == kQuoted)) {
      report_.add(mark_of(mark), "tags such as \"" + std::string(tag) + "\" are not allowed");
    }
    Node& parent = open_.empty() ? root_ : *open_.back();
    const bool is_key =
        parent.kind == Node::Kind::mapping && parent.keys.size() == parent.items.size();
    Node& node = (is_key ? parent.keys : parent.items).emplace_back();
    node.kind = kind;
    node.mark = mark_of(mark);
    return node;
  }

  // The pointer stays good: nothing is added beside an open node until it is closed.
  void open(const YAML::Mark& mark, Node& node) {
    if (open_.size() == kDepthMax) {
      throw YAML::ParserException(mark,
                                  "nested deeper than " + std::to_string(kDepthMax) + " levels");
    }
    open_.push_back(&node);
  }

  Report& report_;
  Node root_{.kind = Node::Kind::sequence};
  std::vector<Node*> open_;
  int documents_ = 0;
};

// Offset of the first octet that is not part of a character of valid UTF-8 text; npos if there is
// none.
std::size_t find_invalid(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    if (first < 0x80) {
      if (first < 0x20 && first != '\n' && first != '\r' && first != '\t') return i;
      ++i;
      continue;
    }
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || i + length > text.size()) return i;
    char32_t code = first & (0x7F >> length);
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0) != 0x80) return i;
      code = code << 6 | (next & 0x3F);
    }
    const bool overlong = code < (length == 4 ? 0x10000u : length == 3 ? 0x800u : 0x80u);
    if (overlong || (code >= 0xD800 && code < 0xE000) || code > 0x10FFFF) return i;
    i += length;
  }
  return std::string_view::npos;
}

// The tab that indents the line of this place, if one does. The parser only says that what follows
// is not allowed.
std::optional<std::size_t> indenting_tab(std::string_view text, std::size_t offset) {
  const std::size_t end = std::min(offset, text.size());
  const std::size_t newline = end == 0 ? std::string_view::npos : text.rfind('\n', end - 1);
  const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  const std::size_t tab = text.find('\t', begin);
  return tab < text.find_first_not_of(" \t", begin) ? std::optional(tab) : std::nullopt;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].kind == Kind::scalar && keys[i].text == key) return &items[i];
  }
  return nullptr;
}

std::optional<Node> parse_tree(std::string_view text, Report& report) {
  if (text.size() > kTextMax) {
    report.add({}, "larger than " + std::to_string(kTextMax >> 20) + " MiB");
    return std::nullopt;
  }
  if (text.starts_with("\xEF\xBB\xBF")) {
    report.add({}, "starts with a byte order mark; save it without");
    return std::nullopt;
  }
  if (const std::size_t at = find_invalid(text); at != std::string_view::npos) {
    const auto lines =
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    report.add({static_cast<int>(lines) + 1, at}, "not a text in UTF-8");
    return std::nullopt;
  }
  Builder builder(report);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& e) {
    const Mark mark = mark_of(e.mark);
    if (const auto tab = indenting_tab(text, mark.offset)) {
      report.add({mark.line, *tab}, "not YAML: a tab indents this line; use spaces");
    } else {
      report.add(mark, "not YAML: " + e.msg);
    }
    return std::nullopt;
  }
  Node root = builder.take_root();
  if (root.kind == Node::Kind::nothing) root.kind = Node::Kind::mapping;
  return root;
}

}  // namespace tact::gateway::config
