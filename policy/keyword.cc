// SPDX-License-Identifier: Apache-2.0
#include "policy/keyword.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "policy/normalise.h"
#include "policy/phrases.h"
#include "policy/reply_text.h"
#include "policy/signature.h"

namespace tact::policy {
namespace {

using Kind = Reply::Kind;

constexpr size_t kMaxText = 1000;
constexpr size_t kMaxPhrase = 30;         // characters of a Chinese phrase
constexpr size_t kMaxEnglishPhrase = 60;  // characters of an English one

// The forms in which a keyword may come: as it is; without a courtesy ending; without a leading
// reply verb; without both (POLICY 4.2, step 3).
using Forms = std::vector<std::string>;
Forms forms(const std::string& text) {
  Forms all{text};
  const auto add = [&](std::string s) {
    if (!s.empty() && std::find(all.begin(), all.end(), s) == all.end()) {
      all.push_back(std::move(s));
    }
  };
  const std::string bare = without_courtesy(text);
  add(bare);
  add(without_verb(text));
  add(without_verb(bare));
  return all;
}

bool advertised(const ReplyContext& context, const std::string& word) {
  return (word == "n" && (context.advertised & bit(Keyword::n)) != 0) ||
         (word == "d" && (context.advertised & bit(Keyword::d)) != 0);
}

bool opt_out_keyword(const std::string& s, const ReplyContext& context) {
  if (matches(Phrase::opt_out_word, s) || advertised(context, s)) return true;
  const std::string joined = joined_letters(s);
  if (joined != s && matches(Phrase::opt_out_letters, joined)) return true;
  return std::any_of(context.keywords.begin(), context.keywords.end(), [&](std::string_view k) {
    const std::string keyword = reply_text(k).text;
    return !keyword.empty() && (keyword == s || keyword == joined);
  });
}

std::optional<std::string> find_keyword(const Forms& all, const ReplyContext& context) {
  for (const std::string& s : all) {
    if (opt_out_keyword(s, context)) return s;
  }
  return std::nullopt;
}

bool refusal(const std::string& text) {
  const std::string bare = without_courtesy(text);
  for (const std::string& s : {text, bare}) {
    if (length(s) <= kMaxPhrase && matches(Phrase::refusal, without_blanks(s))) return true;
    if (length(s) <= kMaxEnglishPhrase && matches(Phrase::english_refusal, s)) return true;
  }
  return false;
}

// "T,别再发了"; "不需要,别发了": the second clause is a plain refusal, or the first is the keyword
// and the second no more than its reason. Clauses of mere courtesy do not count.
bool two_clauses(const std::string& text, const ReplyContext& context) {
  auto parts = clauses(text);
  const auto courtesy = [](const std::string& part) { return matches(Phrase::courtesy, part); };
  parts.erase(std::remove_if(parts.begin(), parts.end(), courtesy), parts.end());
  if (parts.size() == 1) return find_keyword(forms(parts[0]), context) || refusal(parts[0]);
  if (parts.size() != 2) return false;
  if (length(parts[0]) == 1 && length(parts[1]) == 1) return false;  // "T.T" weeps
  const bool first = find_keyword(forms(parts[0]), context).has_value() || refusal(parts[0]);
  const bool second = find_keyword(forms(parts[1]), context).has_value() || refusal(parts[1]);
  if (second) return first || !matches(Phrase::condition, parts[0]);
  return first && matches(Phrase::reason, without_blanks(parts[1]));
}

bool everything(const std::string& text) { return matches(Phrase::stop_all, without_blanks(text)); }

bool opt_in(const Forms& all) {
  for (const std::string& s : all) {
    if (matches(Phrase::opt_in, without_blanks(s)) ||
        matches(Phrase::opt_in_letters, joined_letters(s))) {
      return true;
    }
  }
  return false;
}

bool help(const Forms& all) {
  return std::any_of(all.begin(), all.end(),
                     [](const std::string& s) { return matches(Phrase::help, s); });
}

// The item a reply chooses: its number, its number and label, or its label. 0: none.
uint8_t menu_item(const Forms& all, std::span<const std::string_view> menu) {
  for (const std::string& form : all) {
    std::string s = without_blanks(without_choice(form));
    for (size_t i = 0; i < menu.size() && i < 99; ++i) {
      const std::string label = without_blanks(reply_text(menu[i]).text);
      std::string rest = s;
      const bool numbered = take_number(rest, i + 1);
      if (numbered && (rest.empty() || rest == label)) return static_cast<uint8_t>(i + 1);
      const bool looks_up = label.starts_with("查") && s == label.substr(std::string("查").size());
      if (!label.empty() && (s == label || looks_up)) return static_cast<uint8_t>(i + 1);
    }
  }
  return 0;
}

Reply choose(const std::string& text, const ReplyContext& context) {
  Reply r;
  const std::string tight = without_blanks(text);
  const Forms all = forms(text);
  if (text == "?") {
    r.kind = Kind::help;
  } else if (matches(Phrase::negation, tight)) {
    r.suspect = true;
  } else if (matches(Phrase::question, text)) {
    r.kind = Kind::help;
    r.suspect = true;
  } else if (auto keyword = find_keyword(all, context)) {
    r.kind = Kind::opt_out;
    r.keyword = std::move(*keyword);
  } else if (refusal(text) || two_clauses(text, context)) {
    r.kind = Kind::opt_out;
    r.keyword = text;
  } else if (help(all)) {
    r.kind = Kind::help;
    r.keyword = text;
  } else if (opt_in(all)) {
    r.kind = Kind::opt_in;
    r.keyword = text;
  } else if (const uint8_t item = menu_item(all, context.menu); item != 0) {
    r.kind = Kind::menu;
    r.item = item;
    r.keyword = text;
  }
  return r;
}

}  // namespace

Reply decide(std::string_view utf8, const ReplyContext& context) {
  const ReplyText t = reply_text(first_characters(utf8, kMaxText));
  if (t.text.empty()) return {};
  Reply r = choose(t.text, context);
  const std::string tight = without_blanks(t.plain);
  r.stop_all = r.kind == Kind::opt_out && everything(t.text);
  if (r.kind == Kind::none) r.suspect |= t.text == "n" || matches(Phrase::suspect, t.plain);
  r.wrong_party = matches(Phrase::wrong_party, tight) || matches(Phrase::wrong_english, t.plain);
  r.dispute = matches(Phrase::dispute, tight) || matches(Phrase::dispute_english, t.plain);
  return r;
}

std::string label(const Reply& r) {
  switch (r.kind) {
    case Kind::opt_out:
      return "OPT_OUT";
    case Kind::opt_in:
      return "OPT_IN";
    case Kind::help:
      return "HELP";
    case Kind::menu:
      return "MENU:" + std::to_string(r.item);
    case Kind::none:
      break;
  }
  return "NONE";
}

ClassMask blocked_classes(const Reply& r, Class last) {
  if (r.kind != Kind::opt_out) return 0;
  constexpr ClassMask kNotices = mask(Class::notification);
  if (r.stop_all) return kOptionalClasses | kNotices;
  switch (last) {
    case Class::marketing:
      return mask(Class::marketing);
    case Class::notification:
      return mask(Class::marketing) | kNotices;
    default:
      return kOptionalClasses;  // COLLECTION; and what we cannot tell errs on the quiet side
  }
}

KeywordMask advertised_keywords(std::string_view utf8) { return find_marker(utf8).advertised; }

ClassMask freed_classes(const Reply& r) {
  constexpr ClassMask kNotices = mask(Class::notification);
  return r.kind == Kind::opt_in ? kOptionalClasses | kNotices : ClassMask{0};
}

}  // namespace tact::policy
