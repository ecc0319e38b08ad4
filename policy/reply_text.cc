// SPDX-License-Identifier: Apache-2.0
#include "policy/reply_text.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <utility>

#include "policy/normalise.h"

namespace tact::policy {
namespace {

constexpr size_t kConfusableMax = 12;  // characters; longer texts are real Russian or Greek
constexpr char32_t kKeycap = 0x20e3;

bool blank(char32_t c) { return u_isUWhiteSpace(static_cast<UChar32>(c)) != 0; }

// At the ends of a reply everything goes that is neither letter nor digit.
bool edge(char32_t c) { return u_isalnum(static_cast<UChar32>(c)) == 0; }

bool symbol(char32_t c) {
  const auto type = u_charType(static_cast<UChar32>(c));
  return type == U_OTHER_SYMBOL || type == U_MODIFIER_SYMBOL;
}

bool control(char32_t c) { return u_charType(static_cast<UChar32>(c)) == U_CONTROL_CHAR; }

// Folded capitals of POLICY 4.1, step 8: Cyrillic and Greek letters that look like a Latin one.
char32_t confusable(char32_t c) {
  constexpr auto kPairs = std::to_array<std::pair<char32_t, char>>(
      {{U'а', 'a'}, {U'в', 'b'}, {U'с', 'c'}, {U'е', 'e'}, {U'н', 'h'}, {U'і', 'i'}, {U'к', 'k'},
       {U'м', 'm'}, {U'о', 'o'}, {U'р', 'p'}, {U'ѕ', 's'}, {U'т', 't'}, {U'у', 'y'}, {U'х', 'x'},
       {U'α', 'a'}, {U'β', 'b'}, {U'ε', 'e'}, {U'η', 'h'}, {U'ι', 'i'}, {U'κ', 'k'}, {U'μ', 'm'},
       {U'ν', 'n'}, {U'ο', 'o'}, {U'ρ', 'p'}, {U'τ', 't'}, {U'υ', 'y'}, {U'χ', 'x'}, {U'ζ', 'z'}});
  for (const auto& [from, to] : kPairs) {
    if (from == c) return static_cast<char32_t>(to);
  }
  return c;
}

template <typename F>
void each(std::string_view s, F f) {
  for (size_t pos = 0; pos < s.size();) {
    const Decoded d = decode_utf8(s, pos);
    f(d.cp, s.substr(pos, d.bytes));
    pos += d.bytes;
  }
}

// Where the last character begins. REQUIRES: UTF-8, not empty
size_t last_character(std::string_view s) {
  size_t at = s.size() - 1;
  while (at > 0 && (static_cast<uint8_t>(s[at]) & 0xc0) == 0x80) --at;
  return at;
}

std::string clean(std::string_view folded) {
  std::string out;
  each(folded, [&](char32_t c, std::string_view bytes) {
    if (c == kKeycap) return;
    if (c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029) {
      out += '\n';
    } else if (control(c) || symbol(c) || blank(c)) {
      out += ' ';
    } else {
      out += bytes;
    }
  });
  return out;
}

std::string collapsed(std::string_view s) {
  std::string out;
  for (const char c : s) {
    if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += c;
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string one_line(std::string_view s) {
  std::vector<std::string> lines;
  for (size_t at = 0; at <= s.size();) {
    const size_t end = std::min(s.find('\n', at), s.size());
    if (std::string line = collapsed(s.substr(at, end - at)); !line.empty()) {
      lines.push_back(std::move(line));
    }
    at = end + 1;
  }
  constexpr auto kTrailers = std::to_array<std::string_view>(
      {"发自我的", "来自我的", "发送自我的", "从我的", "sent from my", "get outlook for"});
  std::string out;
  for (const std::string& line : lines) {
    const auto begins = [&](std::string_view t) { return line.starts_with(t); };
    if (std::any_of(kTrailers.begin(), kTrailers.end(), begins)) break;
    if (begins(">") || begins("|")) continue;
    if (lines.size() > 1 && (begins("【") || begins("["))) continue;
    if (!out.empty()) out += ' ';
    out += line;
  }
  return out;
}

template <size_t N>
bool cut_start(std::string_view& s, const std::array<std::string_view, N>& words) {
  for (const std::string_view w : words) {
    if (!s.starts_with(w)) continue;
    // A Latin verb is a word of its own: "re" is not in "red".
    const bool latin = ascii_letter(w.back());
    if (latin && s.size() > w.size() && (ascii_letter(s[w.size()]) || ascii_digit(s[w.size()]))) {
      continue;
    }
    s.remove_prefix(w.size());
    return true;
  }
  return false;
}

template <size_t N>
bool cut_end(std::string_view& s, const std::array<std::string_view, N>& words) {
  for (const std::string_view w : words) {
    if (!s.ends_with(w)) continue;
    const size_t left = s.size() - w.size();
    if (ascii_letter(w.front()) && left > 0 && ascii_letter(s[left - 1])) continue;
    s.remove_suffix(w.size());
    return true;
  }
  return false;
}

}  // namespace

ReplyText reply_text(std::string_view utf8) {
  ReplyText t;
  const std::string line = one_line(clean(folded(utf8)));
  if (!line.empty() && line.find_first_not_of("? ") == line.npos) {
    t.text = t.plain = "?";
    return t;
  }
  t.plain = trimmed(line);
  if (length(t.plain) > kConfusableMax) {
    t.text = t.plain;
    return t;
  }
  each(t.plain, [&](char32_t c, std::string_view) { append_utf8(confusable(c), t.text); });
  return t;
}

std::string_view first_characters(std::string_view s, size_t n) {
  size_t pos = 0;
  while (pos < s.size() && n-- > 0) pos += decode_utf8(s, pos).bytes;
  return s.substr(0, pos);
}

size_t length(std::string_view s) { return code_points(s); }

std::string trimmed(std::string_view s) {
  while (!s.empty()) {
    const Decoded d = decode_utf8(s, 0);
    if (!edge(d.cp)) break;
    s.remove_prefix(d.bytes);
  }
  while (!s.empty()) {
    const size_t last = last_character(s);
    if (!edge(decode_utf8(s, last).cp)) break;
    s.remove_suffix(s.size() - last);
  }
  return std::string(s);
}

std::string without_blanks(std::string_view s) {
  std::string out;
  std::copy_if(s.begin(), s.end(), std::back_inserter(out), [](char c) { return c != ' '; });
  return out;
}

std::string joined_letters(std::string_view s) {
  std::string out;
  bool letters_only = true;
  each(s, [&](char32_t c, std::string_view bytes) {
    if (c < 0x80 && ascii_letter(static_cast<char>(c))) {
      out += bytes;
    } else if (c != ' ' && c != '-' && c != '_' && c != '.' && c != '/' && c != U'·') {
      letters_only = false;
    }
  });
  return letters_only ? out : std::string(s);
}

std::string without_courtesy(std::string_view s) {
  constexpr auto kCourtesies = std::to_array<std::string_view>(
      {"谢谢您", "谢谢你", "谢谢", "多谢", "感谢",   "吧",        "了",  "啦", "呀",   "啊",
       "哦",     "please", "pls",  "plz",  "thanks", "thank you", "thx", "ty", "拜托", "麻烦了"});
  std::string out = trimmed(s);
  for (std::string_view rest = out; cut_end(rest, kCourtesies); rest = out) out = trimmed(rest);
  return out;
}

std::string without_verb(std::string_view s) {
  constexpr auto kVerbs =
      std::to_array<std::string_view>({"回复", "回", "发送", "发", "reply", "text", "re"});
  std::string_view rest = s;
  return cut_start(rest, kVerbs) ? trimmed(rest) : std::string(s);
}

std::string without_choice(std::string_view s) {
  constexpr auto kChoices = std::to_array<std::string_view>(
      {"我选择", "我选", "选择", "选", "我按", "按", "我要选", "请选"});
  std::string_view rest = s;
  return cut_start(rest, kChoices) ? trimmed(rest) : std::string(s);
}

bool take_number(std::string& s, size_t n) {
  constexpr std::array<std::string_view, 10> kHan = {"",   "一", "二", "三", "四",
                                                     "五", "六", "七", "八", "九"};
  const std::string digits = std::to_string(n);
  std::string_view rest = s;
  if (rest.starts_with(digits)) {
    rest.remove_prefix(digits.size());
    if (!rest.empty() && ascii_digit(rest[0])) return false;
  } else if (n < kHan.size() && rest.starts_with(kHan[n])) {
    rest.remove_prefix(kHan[n].size());
  } else {
    return false;
  }
  s = trimmed(rest);
  return true;
}

std::vector<std::string> clauses(std::string_view s) {
  std::vector<std::string> parts;
  std::string part;
  const auto close = [&] {
    if (std::string t = trimmed(part); !t.empty()) parts.push_back(std::move(t));
    part.clear();
  };
  each(s, [&](char32_t c, std::string_view bytes) {
    const bool mark = c == ',' || c == '.' || c == ';' || c == '!' || c == '?' || c == ':' ||
                      c == U'。' || c == U'、' || c == U'~' || c == U'…';
    if (mark) {
      close();
    } else {
      part += bytes;
    }
  });
  close();
  return parts;
}

}  // namespace tact::policy
