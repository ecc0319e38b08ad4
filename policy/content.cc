// SPDX-License-Identifier: Apache-2.0
#include "policy/content.h"

#include <algorithm>
#include <array>
#include <boost/container/small_vector.hpp>
#include <optional>
#include <span>
#include <string>

namespace tact::policy {
namespace {

// Top-level domains that make "a.b" a link without a scheme. Two-letter country codes are taken
// from kCountryTlds; those that are English words too need a path behind them, so that "paid.It
// was" is none.
constexpr auto kTlds = std::to_array<std::string_view>(
    {"com",    "net",    "org",  "edu",  "gov",     "info",  "biz",    "name",     "mobi",
     "xyz",    "top",    "vip",  "shop", "store",   "site",  "online", "club",     "app",
     "dev",    "link",   "live", "icu",  "work",    "ltd",   "fun",    "tech",     "wang",
     "ren",    "win",    "loan", "bank", "finance", "money", "click",  "cloud",    "space",
     "press",  "pro",    "asia", "tel",  "group",   "life",  "world",  "today",    "news",
     "email",  "page",   "web",  "run",  "art",     "zone",  "host",   "rest",     "cash",
     "credit", "plus",   "red",  "pub",  "kim",     "bid",   "stream", "download", "men",
     "date",   "party",  "cyou", "buzz", "cfd",     "sbs",   "mom",    "lol",      "bond",
     "quest",  "beauty", "hair", "skin", "makeup",  "ink",   "fit",    "law",      "中国",
     "公司",   "网络",   "网址", "在线", "中文网",  "商城",  "香港",   "集团",     "我爱你"});
constexpr auto kCountryTlds = std::to_array<std::string_view>(
    {"ac", "ae", "af", "ag", "ai", "al", "ar", "au", "az", "bd", "bg", "bo", "br", "bz", "ca",
     "cc", "cd", "ch", "ci", "cl", "cm", "cn", "co", "cx", "cz", "de", "dk", "ec", "ee", "eg",
     "es", "eu", "fi", "fm", "fr", "ga", "gd", "ge", "gg", "gl", "gq", "gr", "gs", "hk", "hm",
     "hr", "hu", "id", "ie", "il", "im", "io", "ir", "je", "jp", "ke", "kg", "kh", "kr", "kz",
     "la", "lc", "li", "lk", "lt", "lu", "lv", "ly", "ma", "md", "mk", "ml", "mn", "mo", "ms",
     "mu", "mx", "my", "ng", "nl", "np", "nu", "nz", "pe", "ph", "pk", "pl", "ps", "pt", "pw",
     "qa", "re", "ro", "rs", "ru", "sa", "sc", "se", "sg", "sh", "si", "sk", "st", "su", "sx",
     "tc", "tf", "tg", "th", "tj", "tk", "tl", "tm", "tn", "tr", "tv", "tw", "ua", "ug", "uk",
     "us", "uy", "uz", "vc", "ve", "vg", "vn", "ws", "yt", "za"});
constexpr auto kWordTlds = std::to_array<std::string_view>(
    {"am", "as", "at", "be", "by", "do", "in", "is", "it", "me", "no", "so", "to"});

constexpr auto kTitles =
    std::to_array<std::string_view>({"mr", "mrs", "ms", "dr", "prof", "no", "st"});  // "Mr.Li"

bool among(std::string_view s, const auto& list) {
  return std::find(list.begin(), list.end(), s) != list.end();
}

bool ascii_alnum(char c) { return ascii_letter(c) || ascii_digit(c); }
bool han(char32_t c) { return (c >= 0x2e80 && c < 0xa000) || (c >= 0xf900 && c < 0xfb00); }

// Letters that a host without a scheme may hold: ASCII, and other scripts (look-alikes) but not
// Han, which in our texts is the sentence around it.
bool host_char(char32_t c) {
  if (c < 0x80) return ascii_alnum(static_cast<char>(c)) || c == '-';
  return c >= 0xa1 && !han(c) && !(c >= 0x2000 && c < 0x2c00) && !(c >= 0xff00);
}

size_t host_begin(std::string_view s, size_t dot) {
  size_t begin = dot;
  while (begin > 0) {
    size_t at = begin - 1;
    while (at > 0 && (static_cast<uint8_t>(s[at]) & 0xc0) == 0x80) --at;
    if (!host_char(decode_utf8(s, at).cp)) break;
    begin = at;
  }
  return begin;
}

size_t host_end(std::string_view s, size_t at) {
  while (at < s.size()) {
    const Decoded d = decode_utf8(s, at);
    if (d.cp != '.' && !host_char(d.cp)) break;
    at += d.bytes;
  }
  return at;
}

bool is_foreign(std::string_view host) {
  return std::any_of(host.begin(), host.end(),
                     [](char c) { return static_cast<uint8_t>(c) >= 0x80; }) ||
         host.find("xn--") != host.npos;
}

// The host behind "://": up to the path; user information is cut off, for it is not where one goes.
std::string_view authority(std::string_view rest) {
  const size_t end = rest.find_first_of("/?#\\ \t\r\n,;\"'<>()");
  std::string_view host = rest.substr(0, end);
  if (const size_t user = host.rfind('@'); user != host.npos) host.remove_prefix(user + 1);
  host = host.substr(0, host.find(':'));
  while (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

bool dotted_quad(std::string_view host) {
  return std::count(host.begin(), host.end(), '.') == 3 &&
         std::all_of(host.begin(), host.end(), [](char c) { return c == '.' || ascii_digit(c); });
}

// Does a host without a scheme look like one? `next` is the character behind it.
bool plausible(std::string_view host, char next) {
  const bool path = next == '/' || next == '?' || next == '#';
  if (dotted_quad(host)) return path || next == ':';
  const size_t dot = host.rfind('.');
  if (dot == host.npos || dot == 0) return false;
  const std::string_view tld = host.substr(dot + 1);
  if (std::all_of(tld.begin(), tld.end(), ascii_digit)) return false;  // 2,350.00
  if (path && tld.size() >= 2) return true;
  if (host.starts_with("www.")) return true;
  if (among(host.substr(0, dot), kTitles)) return false;
  return among(tld, kTlds) || among(tld, kCountryTlds) ||
         (among(tld, kWordTlds) && std::count(host.begin(), host.end(), '.') > 1);
}

// A Han top-level domain stands right of the last dot: "银行.中国".
std::optional<std::string_view> han_tld(std::string_view s, size_t dot) {
  if (dot + 1 >= s.size() || static_cast<uint8_t>(s[dot + 1]) < 0x80) return std::nullopt;
  for (const std::string_view tld : kTlds) {
    if (static_cast<uint8_t>(tld[0]) >= 0x80 && s.substr(dot + 1).starts_with(tld)) return tld;
  }
  return std::nullopt;
}

// "s。bank。cn", "bank。cn/x": browsers take the ideographic full stop for a dot (RFC 3490, 3.1).
// One alone is the end of a sentence: "请打开APP。VIP客户".
void find_full_stops(const Folded& f, std::vector<Link>& out) {
  constexpr std::string_view kStop = "。";
  const std::string_view s = f.text;
  const auto part = [](char c) { return ascii_alnum(c) || c == '-'; };
  for (const Folded::Gap& gap : f.gaps) {
    size_t end = gap.offset + kStop.size();
    if (gap.bytes != kStop.size() || gap.offset == 0 || !part(s[gap.offset - 1])) continue;
    if (end >= s.size() || !ascii_letter(s[end]) || !s.substr(gap.offset).starts_with(kStop))
      continue;
    size_t begin = gap.offset;
    while (begin > 0 && part(s[begin - 1])) --begin;
    size_t stops = 1;
    while (end < s.size()) {
      const bool stop = s.substr(end).starts_with(kStop) && end + kStop.size() < s.size() &&
                        ascii_letter(s[end + kStop.size()]);
      if (!stop && !part(s[end])) break;
      stops += stop;
      end += stop ? kStop.size() : 1;
    }
    const bool path = end < s.size() && s[end] == '/';
    if (path || stops > 1) return out.push_back({s.substr(begin, end - begin), true});
  }
}

// A dot that is none for a handset, but for who reads: "evil[.]com", "evil(dot)com", "evil点com",
// "evil . com". `s` ends where a top-level domain begins; where the host begins, npos: no such dot.
size_t disguised_begin(std::string_view s, bool path) {
  constexpr auto kDots = std::to_array<std::string_view>({".", "。", "\u00b7", "点", "dot"});
  const auto blanks = [&] {
    const size_t size = s.size();
    while (s.ends_with(' ')) s.remove_suffix(1);
    return s.size() < size;
  };
  const bool apart = blanks();
  const bool closed = !s.empty() && std::string_view(")]}>").find(s.back()) != s.npos;
  if (closed) s.remove_suffix(1);
  const auto dot = std::find_if(kDots.begin(), kDots.end(),
                                [&](std::string_view d) { return finishes_with(s, d); });
  if (dot == kDots.end()) return s.npos;
  s.remove_suffix(dot->size());
  if (closed && (s.empty() || std::string_view("([{<").find(s.back()) == s.npos)) return s.npos;
  if (closed) s.remove_suffix(1);
  const bool before = blanks();
  // One blank behind a dot is the end of a sentence; none at all is find_links' affair.
  if (*dot == "." && !closed && !before && !(apart && path)) return s.npos;
  if (*dot == "dot" && !closed && !(apart && before)) return s.npos;
  size_t begin = s.size();
  while (begin > 0 && (ascii_alnum(s[begin - 1]) || s[begin - 1] == '-')) --begin;
  const std::string_view name = s.substr(begin);
  return std::any_of(name.begin(), name.end(), ascii_letter) ? begin : s.npos;
}

void find_disguised(const Folded& f, std::vector<Link>& out) {
  constexpr auto kUsual = std::to_array<std::string_view>({"com", "cn", "net", "org", "cc", "xyz"});
  const std::string_view s = f.text;
  for (const std::string_view tld : kUsual) {
    if (!f.has(tld[0]) || !f.has(tld[1])) continue;
    for (size_t at = s.find(tld); at != s.npos; at = s.find(tld, at + 1)) {
      const size_t end = at + tld.size();
      if (end < s.size() && ascii_alnum(s[end])) continue;
      if (at > 0 && ascii_alnum(s[at - 1])) continue;
      const size_t begin = disguised_begin(s.substr(0, at), end < s.size() && s[end] == '/');
      if (begin != s.npos) return out.push_back({s.substr(begin, end - begin), true});
    }
  }
}

// ISO/IEC 7812-1, annex B.
bool luhn(std::string_view digits) {
  int sum = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    int d = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1 && (d *= 2) > 9) d -= 9;
    sum += d;
  }
  return sum % 10 == 0;
}

bool card_number(std::string_view digits) {
  return std::all_of(digits.begin(), digits.end(), ascii_digit) && digits.size() >= 13 &&
         digits.size() <= 19 && digits[0] >= '3' && digits[0] <= '6' && luhn(digits);
}

// GB 11643-1999: weights 2^(17-i) mod 11 over the first 17 digits.
bool identity_number(std::string_view s) {
  if (s.size() != 18) return false;
  const auto number = [&](size_t at, size_t n) {
    int v = 0;
    for (size_t i = at; i < at + n; ++i) v = v * 10 + (s[i] - '0');
    return v;
  };
  const int year = number(6, 4);
  const int month = number(10, 2);
  const int day = number(12, 2);
  if (year < 1900 || year > 2099 || month < 1 || month > 12 || day < 1 || day > 31) return false;
  int sum = 0;
  int weight = 1;
  for (size_t i = 17; i-- > 0;) {
    weight = weight * 2 % 11;
    sum += weight * (s[i] - '0');
  }
  return s[17] == "10x98765432"[sum % 11];
}

// Of so many groups, the first of that size. Printed in fours (or 4-6-5), or digit by digit: two
// amounts side by side are no card.
bool card_row(std::string_view digits, size_t groups, size_t first) {
  const bool in_fours = groups >= 3 && (first == 4 || first == 6);
  return (groups == 1 || in_fours || groups == digits.size()) && card_number(digits);
}
bool identity_row(std::string_view digits, size_t groups, size_t first) {
  const bool in_groups = first == 3 || first == 4 || first == 6 || groups >= 17;
  return (groups == 1 || in_groups) && identity_number(digits);
}

using Groups = boost::container::small_vector<std::string_view, 8>;

// The first row of adjacent digit groups (parted by single blanks or hyphens; an X may close one)
// that together have `least` to `most` characters and of which `judge` is true.
template <typename Judge>
std::string_view find_row(const Groups& groups, size_t least, size_t most, Judge judge) {
  std::array<char, 20> joined;
  for (size_t first = 0; first < groups.size(); ++first) {
    size_t n = 0;
    for (size_t last = first; last < groups.size(); ++last) {
      if (n + groups[last].size() > most) break;
      n += groups[last].copy(joined.data() + n, joined.size() - n);
      if (n < least) continue;
      const std::string_view digits(joined.data(), n);
      if (!judge(digits, last - first + 1, groups[first].size())) continue;
      const char* end = groups[last].data() + groups[last].size();
      return {groups[first].data(), static_cast<size_t>(end - groups[first].data())};
    }
  }
  return {};
}

// What parts the groups of one number. A row uses one style throughout: "3,000.00 4,000.00" is no
// row, nor is "12.5-30.5".
using Joints = std::span<const std::string_view>;
constexpr auto kBlanksAndDashes = std::to_array<std::string_view>(
    {" - ", "  ", " ", "-", "\n", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212"});
constexpr auto kDots = std::to_array<std::string_view>({"."});
constexpr auto kMiddleDots = std::to_array<std::string_view>({"\u00b7", "\u30fb", "\u2022"});
constexpr auto kMarks = std::to_array<std::string_view>({"_", "/", "|", "~"});
constexpr auto kStyles = std::to_array<Joints>({kBlanksAndDashes, kDots, kMiddleDots, kMarks});

// The digit groups from `at` on that single joints join; moves `at` behind them.
void read_groups(std::string_view s, Joints joints, size_t& at, Groups& groups) {
  groups.clear();
  while (at < s.size() && ascii_digit(s[at])) {
    size_t end = at;
    while (end < s.size() && ascii_digit(s[end])) ++end;
    const bool word = end + 1 < s.size() && ascii_alnum(s[end + 1]);
    if (end < s.size() && s[end] == 'x' && !word) ++end;
    groups.push_back(s.substr(at, end - at));
    at = end;
    for (const std::string_view joint : joints) {
      const size_t next = at + joint.size();
      if (next < s.size() && ascii_digit(s[next]) && s.substr(at).starts_with(joint)) {
        at = next;
        break;
      }
    }
  }
}

bool identifier(std::string_view s) {
  constexpr size_t kMax = 32;
  return !s.empty() && s.size() <= kMax && std::all_of(s.begin(), s.end(), [](char c) {
    return ascii_alnum(c) || c == '_' || c == '.' || c == '-' || c == '{' || c == '$' || c == ' ';
  });
}

std::string_view between(std::string_view s, std::string_view open, char close, bool any_script) {
  for (size_t at = s.find(open); at != s.npos; at = s.find(open, at + 1)) {
    const size_t from = at + open.size();
    const size_t end = s.find(close, from);
    if (end == s.npos) return {};
    const std::string_view inner = s.substr(from, end - from);
    const bool named = identifier(inner) && (any_script || inner.find(' ') == inner.npos);
    if (named || (any_script && code_points(inner) <= 12)) {
      return s.substr(at, end + 1 - at);
    }
  }
  return {};
}

// "%s元", "%1$s", "%.2f", "%(name)s", "%name%": but not the discount of "100%spend".
std::string_view printf_variable(std::string_view s) {
  for (size_t at = s.find('%'); at != s.npos; at = s.find('%', at + 1)) {
    if (at > 0 && (ascii_digit(s[at - 1]) || s[at - 1] == ' ')) continue;
    const std::string_view rest = s.substr(at + 1);
    size_t n = 0;
    if (rest.starts_with('(')) {
      n = std::min(rest.find(')'), rest.size() - 1) + 1;
    } else {
      while (n < rest.size() && (ascii_digit(rest[n]) || rest[n] == '$' || rest[n] == '.')) ++n;
    }
    const bool kind = n < rest.size() && std::string_view("sdf").find(rest[n]) != s.npos;
    const bool ends = n + 1 >= rest.size() || !ascii_alnum(rest[n + 1]);
    if (kind && ends) return s.substr(at, n + 2);
    const size_t close = rest.find('%');
    if (close == rest.npos || !ascii_letter(rest[0])) continue;
    const std::string_view name = rest.substr(0, close);
    if (identifier(name) && name.find(' ') == name.npos) return s.substr(at, close + 2);
  }
  return {};
}

bool whole_word(std::string_view s, std::string_view word) {
  for (size_t at = s.find(word); at != s.npos; at = s.find(word, at + 1)) {
    const size_t end = at + word.size();
    const bool open = at > 0 && (ascii_alnum(s[at - 1]) || s[at - 1] == '.' || s[at - 1] == '/');
    const bool tail = end < s.size() && (ascii_alnum(s[end]) || s[end] == '/');
    if (!open && !tail) return true;
  }
  return false;
}

}  // namespace

void find_links(const Folded& f, std::vector<Link>& out) {
  find_full_stops(f, out);
  find_disguised(f, out);
  if (!f.has('.') && !f.has('/')) return;
  const std::string_view s = f.text;
  const auto add = [&](std::string_view host) { out.push_back({host, is_foreign(host)}); };
  for (size_t at = 0; at < s.size();) {
    if (s[at] != '.' && s[at] != ':') {
      ++at;
      continue;
    }
    if (s[at] == ':') {
      if (s.substr(at).starts_with("://") && at > 0 && ascii_letter(s[at - 1])) {
        const std::string_view host = authority(s.substr(at + 3));
        add(host);
        at = static_cast<size_t>(host.data() - s.data()) + host.size();
      } else {
        ++at;
      }
      continue;
    }
    const size_t begin = host_begin(s, at);
    const size_t end = host_end(s, at);
    std::string_view host = s.substr(begin, end - begin);
    while (host.ends_with('.') || host.ends_with('-')) host.remove_suffix(1);
    const char next = end < s.size() ? s[end] : ' ';
    const bool mail = begin > 0 && s[begin - 1] == '@' && next != '/';
    if (const auto tld = han_tld(s, s.substr(0, end).rfind('.')); tld && at + 1 == end) {
      out.push_back({s.substr(begin, end - begin + tld->size()), true});
    } else if (!mail && host.find('.') != host.npos && plausible(host, next)) {
      add(host);
    }
    at = std::max(end, at + 1);
  }
}

bool host_allowed(std::string_view host, const std::vector<std::string>& allowed) {
  return std::any_of(allowed.begin(), allowed.end(), [&](std::string_view a) {
    return a.starts_with("*.") ? host.ends_with(a.substr(1)) && host.size() > a.size() - 1
                               : host == a;
  });
}

PersonalNumbers find_personal_numbers(const Folded& f) {
  constexpr size_t kFewest = 13;
  PersonalNumbers found;
  if (f.digits < kFewest) return found;
  const std::string_view s = f.text;
  Groups groups;
  for (const Joints joints : kStyles) {
    for (size_t at = 0; at < s.size(); ++at) {
      if (!ascii_digit(s[at])) continue;
      read_groups(s, joints, at, groups);
      if (found.card.empty()) found.card = find_row(groups, 13, 19, card_row);
      if (found.identity.empty()) found.identity = find_row(groups, 18, 18, identity_row);
    }
  }
  return found;
}

std::optional<std::string> mask_personal_numbers(std::string_view utf8) {
  std::string text(utf8);
  Folded f;
  for (int masked = 0; masked <= kMaskedMax; ++masked) {
    fold(text, f);
    const PersonalNumbers numbers = find_personal_numbers(f);
    const std::string_view number = numbers.card.empty() ? numbers.identity : numbers.card;
    if (number.empty()) return text;
    std::string last = "****";
    for (size_t at = number.size(), left = 4; left > 0; --left) {
      do --at;
      while (!ascii_digit(number[at]) && !ascii_letter(number[at]));
      last.insert(4, 1, number[at]);
    }
    const auto begin = static_cast<uint32_t>(number.data() - f.text.data());
    const Span where = source_span(text, {begin, begin + static_cast<uint32_t>(number.size())});
    text.replace(where.begin, where.end - where.begin, last);
  }
  return std::nullopt;
}

std::string_view find_unfilled_variable(const Folded& f, std::string_view raw) {
  const std::string_view text = f.text;
  std::string_view found;
  if (f.has('{')) found = between(text, "{", '}', true);
  if (found.empty() && f.has('#')) found = between(text, "#", '#', false);
  if (found.empty() && f.has('%')) found = printf_variable(text);
  if (!found.empty() || !f.has('u')) return found;
  for (const std::string_view word : {"null", "NULL", "undefined"}) {
    if (!whole_word(raw, word)) continue;
    const std::string_view lower = word == "NULL" ? "null" : word;
    return text.substr(text.find(lower), lower.size());
  }
  return {};
}

}  // namespace tact::policy
