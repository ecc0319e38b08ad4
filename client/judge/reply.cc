// SPDX-License-Identifier: Apache-2.0
#include "client/judge/reply.h"

#include <algorithm>
#include <array>
#include <utility>

#include "client/judge/columns.h"

namespace tact::client {
namespace {

using policy::Keyword;

std::vector<std::string> parted(std::string_view text, char by) {
  std::vector<std::string> parts;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(by, at), text.size());
    parts.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

// Setters answer what is wrong with the value, or "".
std::string set_advertised(ReplyCase& out, const std::string& value) {
  constexpr auto kNames = std::to_array<std::pair<std::string_view, Keyword>>(
      {{"R", Keyword::r}, {"T", Keyword::t}, {"N", Keyword::n}, {"D", Keyword::d}});
  out.advertised = 0;
  for (const std::string& name : parted(value, ',')) {
    const auto at = std::find_if(kNames.begin(), kNames.end(),
                                 [&](const auto& known) { return known.first == name; });
    if (at == kNames.end()) return "expected R, T, N, D parted by commas, got \"" + value + '"';
    out.advertised |= policy::bit(at->second);
  }
  return "";
}

std::string set_after(ReplyCase& out, const std::string& value) {
  const auto cls = value.empty() ? policy::Class::unset : policy::parse_class(value);
  if (!cls) return "no class \"" + value + '"';
  out.after = *cls;
  return "";
}

std::string set_expected(ReplyCase& out, const std::string& value) {
  constexpr auto kKinds =
      std::to_array<std::string_view>({"OPT_OUT", "OPT_IN", "HELP", "NONE", "MENU:"});
  const bool known = std::any_of(kKinds.begin(), kKinds.end(), [&](std::string_view kind) {
    return kind.ends_with(':') ? value.starts_with(kind) : value == kind;
  });
  if (!known) return "expected OPT_OUT, OPT_IN, HELP, MENU:n or NONE, got \"" + value + '"';
  out.expected = value;
  return "";
}

constexpr auto kColumns = std::to_array<Column<ReplyCase>>({
    {"text", set_text<ReplyCase, &ReplyCase::text>},
    {"after", set_after},
    {"advertised", set_advertised},
    {"menu",
     [](ReplyCase& out, const std::string& v) { return out.menu = parted(v, '|'), std::string(); }},
    {"keywords", [](ReplyCase& out,
                    const std::string& v) { return out.keywords = parted(v, '|'), std::string(); }},
    {"expected", set_expected},
    {"flags", set_text<ReplyCase, &ReplyCase::flags>},
    {"why", ignored<ReplyCase>},
    {"reason", ignored<ReplyCase>},
    {"note", ignored<ReplyCase>},
});

}  // namespace

std::string wrong_reply_column(std::string_view name) { return wrong_column(kColumns, name); }

ReplyCase read_reply(SheetRow& row, const std::vector<SheetCell>& defaults) {
  ReplyCase out;
  out.line = row.line;
  out.advertised = policy::bit(Keyword::r) | policy::bit(Keyword::t);
  out.menu = {"查账单", "查额度", "查利率"};
  fill(out, kColumns, defaults, row);
  out.has_flags = row.find("flags") != nullptr;
  return out;
}

policy::Reply decide(const ReplyCase& reply) {
  const std::vector<std::string_view> menu(reply.menu.begin(), reply.menu.end());
  const std::vector<std::string_view> keywords(reply.keywords.begin(), reply.keywords.end());
  return policy::decide(reply.text,
                        {.advertised = reply.advertised, .menu = menu, .keywords = keywords});
}

std::string flags_of(const policy::Reply& r) {
  std::string all;
  for (const auto& [is_set, name] : {std::pair(r.suspect, "suspect"),
                                     {r.wrong_party, "wrong_party"},
                                     {r.dispute, "dispute"},
                                     {r.stop_all, "stop_all"}}) {
    if (is_set) all += (all.empty() ? "" : " ") + std::string(name);
  }
  return all;
}

std::string mismatch(const ReplyCase& row, const policy::Reply& got) {
  const std::string kind = policy::label(got);
  if (!row.expected.empty() && kind != row.expected) {
    return "expected " + row.expected + ", got " + kind;
  }
  const std::string flags = flags_of(got);
  if (!row.has_flags || flags == row.flags) return "";
  return "expected flags \"" + row.flags + "\", got \"" + flags + '"';
}

}  // namespace tact::client
