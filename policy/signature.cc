// SPDX-License-Identifier: Apache-2.0
#include "policy/signature.h"

#include <algorithm>
#include <array>
#include <optional>

namespace tact::policy {
namespace {

constexpr std::string_view kOpen = "【";
constexpr std::string_view kClose = "】";

constexpr auto kBlanks = std::to_array<std::string_view>({" ", "\t", "\r", "\n", "\u3000"});
// What may stand between the words of a marker, or behind it: blanks and light punctuation.
constexpr auto kLight = std::to_array<std::string_view>(
    {" ", "\t", "\r", "\n", ",", ".",      ";",      ":",  "!",  "。", "、", "(", ")", "[",
     "]", "<",  ">",  "\"", "'", "\u201c", "\u201d", "《", "》", "「", "」", "~", "-", "|"});

// Which octets the marks begin with: most texts go on with none of them.
constexpr auto kLightBegins = [] {
  std::array<bool, 256> begins{};
  for (const std::string_view mark : kLight) begins[static_cast<uint8_t>(mark[0])] = true;
  return begins;
}();

void trim_end(std::string_view& s, const auto& marks) {
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view m : marks) {
      if (!finishes_with(s, m)) continue;
      s.remove_suffix(m.size());
      again = true;
    }
  }
}

void trim_start(std::string_view& s, const auto& marks) {
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view m : marks) {
      if (!begins_with(s, m)) continue;
      s.remove_prefix(m.size());
      again = true;
    }
  }
}

void trim_light(std::string_view& s) {
  if (!s.empty() && kLightBegins[static_cast<uint8_t>(s[0])]) trim_start(s, kLight);
}

bool eat_end(std::string_view& s, const auto& words) {
  for (const std::string_view w : words) {
    if (!finishes_with(s, w)) continue;
    s.remove_suffix(w.size());
    return true;
  }
  return false;
}

bool eat_start(std::string_view& s, const auto& words) {
  for (const std::string_view w : words) {
    if (!begins_with(s, w)) continue;
    s.remove_prefix(w.size());
    return true;
  }
  return false;
}

bool word_char(char c) { return ascii_letter(c) || ascii_digit(c); }

std::string_view word_at_start(std::string_view s) {
  size_t n = 0;
  while (n < s.size() && word_char(s[n])) ++n;
  return s.substr(0, n);
}

std::string_view word_at_end(std::string_view s) {
  size_t n = 0;
  while (n < s.size() && word_char(s[s.size() - n - 1])) ++n;
  return s.substr(s.size() - n);
}

constexpr auto kStems =
    std::to_array<std::string_view>({"退订", "退定", "拒收", "取消订阅", "谢绝"});
// Longest first: the first that fits is eaten.
constexpr auto kVerbs =
    std::to_array<std::string_view>({"请直接回复", "请回复", "请发送", "直接回复", "可回复", "回复",
                                     "请回", "发送", "回", "发", "复"});
constexpr auto kSoThat = std::to_array<std::string_view>({"即可", "可以", "可", "以", "就能"});
constexpr auto kEnglish = std::to_array<std::string_view>(
    {"reply stop to", "text stop to", "txt stop to", "send stop to", "reply stop", "text stop",
     "txt stop", "send stop", "stop to opt out", "stop to opt-out", "stop to unsubscribe",
     "stop to end", "stop to cancel", "stop to quit", "stop2end", "stop2quit"});
constexpr auto kEnglishEnds = std::to_array<std::string_view>(
    {"opt out", "opt-out", "optout", "unsubscribe", "cancel", "end", "quit", "stop", "unsub"});
constexpr auto kEnglishVerbs = std::to_array<std::string_view>({"reply", "text", "txt", "send"});
constexpr size_t kKeywordMax = 8;

// Keywords that decide() takes for an opt-out when they were advertised (POLICY 4.2, step 3).
constexpr auto kLive =
    std::to_array<std::string_view>({"t", "r", "n", "d", "td", "qx", "0000", "stop", "unsubscribe",
                                     "cancel", "end", "quit", "stopall", "optout"});

KeywordMask bits_of(std::string_view word) {
  if (word == "r") return bit(Keyword::r);
  if (word == "t") return bit(Keyword::t);
  if (word == "n") return bit(Keyword::n);
  if (word == "d") return bit(Keyword::d);
  return 0;
}

bool live(std::string_view word) {
  if (std::find(kLive.begin(), kLive.end(), word) != kLive.end()) return true;
  if (!word.starts_with("td")) return false;
  word.remove_prefix(2);  // TDZD, TD01
  return (word.size() <= 2 && std::all_of(word.begin(), word.end(), ascii_letter)) ||
         (word.size() <= 4 && std::all_of(word.begin(), word.end(), ascii_digit));
}

bool only_signature(std::string_view rest) {
  trim_light(rest);
  if (rest.starts_with(kOpen)) {
    const size_t close = rest.find(kClose);
    if (close != rest.npos) rest.remove_prefix(close + kClose.size());
    trim_light(rest);
  }
  return rest.empty();
}

// One marker around a stem at [begin, end): its keyword, and what is left of the text behind it.
struct Found {
  std::string_view word;
  std::string_view rest;
};

std::optional<Found> around(std::string_view text, size_t begin, size_t end) {
  // 退订回T, 拒收请回复R, 退订 回复 TD
  std::string_view behind = text.substr(end);
  trim_light(behind);
  if (eat_start(behind, kVerbs)) {
    trim_light(behind);
    const std::string_view word = word_at_start(behind);
    if (!word.empty() && word.size() <= kKeywordMax) {
      return Found{word, behind.substr(word.size())};
    }
  } else if (const auto word = word_at_start(behind); live(word)) {  // 退订T, and no more
    const std::string_view rest = behind.substr(word.size());
    if (only_signature(rest)) return Found{word, rest};
  }
  // 回T退订, TD退订, 回复TD即可退订; without a verb only a keyword we know: "详询955XX退订" is
  // none.
  std::string_view before = text.substr(0, begin);
  trim_end(before, kBlanks);
  eat_end(before, kSoThat);
  trim_end(before, kBlanks);
  const std::string_view word = word_at_end(before);
  if (word.empty() || word.size() > kKeywordMax) return std::nullopt;
  before.remove_suffix(word.size());
  trim_end(before, kBlanks);
  if (!live(word) && !eat_end(before, kVerbs)) return std::nullopt;
  return Found{word, text.substr(end)};
}

// fold() says where they may be.
constexpr char16_t first_character(std::string_view s) {
  const auto octet = [&](size_t i) { return static_cast<uint8_t>(s[i]); };
  return static_cast<char16_t>((octet(0) & 0x0f) << 12 | (octet(1) & 0x3f) << 6 |
                               (octet(2) & 0x3f));
}
static_assert(std::all_of(kStems.begin(), kStems.end(), [](std::string_view stem) {
  return kMarkerHeads.find(first_character(stem)) != kMarkerHeads.npos;
}));

std::string_view stem_at(std::string_view s) {
  for (const std::string_view stem : kStems) {
    if (s.starts_with(stem)) return stem;
  }
  return {};
}

void find_english(std::string_view text, Marker& m) {
  for (const std::string_view phrase : kEnglish) {
    const size_t at = text.rfind(phrase);
    if (at == text.npos || (at > 0 && ascii_letter(text[at - 1]))) continue;
    std::string_view rest = text.substr(at + phrase.size());
    if (!rest.empty() && word_char(rest[0])) continue;
    trim_light(rest);
    if (phrase.ends_with(" to")) eat_start(rest, kEnglishEnds);
    m.found = true;
    m.live = true;
    m.at_end |= only_signature(rest);
  }
}

// "Reply BYE to opt out", "Text "QUIT" to quit": another word than STOP, at the end.
void find_english_word(std::string_view text, Marker& m) {
  constexpr std::string_view kTo = " to ";
  for (size_t at = text.find(kTo); at != text.npos; at = text.find(kTo, at + 1)) {
    std::string_view rest = text.substr(at + kTo.size());
    if (!eat_start(rest, kEnglishEnds) || !only_signature(rest)) continue;
    std::string_view before = text.substr(0, at);
    trim_end(before, kLight);
    const std::string_view word = word_at_end(before);
    before.remove_suffix(word.size());
    trim_end(before, kLight);
    if (word.empty() || !eat_end(before, kEnglishVerbs)) continue;
    if (!before.empty() && ascii_letter(before.back())) continue;
    m = {.found = true, .at_end = true, .live = live(word), .advertised = bits_of(word)};
  }
}

}  // namespace

Signature find_signature(std::string_view text) {
  Signature s;
  size_t open = text.npos, close = text.npos;
  static_assert(kOpen[0] == kClose[0]);
  for (size_t at = text.find(kOpen[0]); at != text.npos; at = text.find(kOpen[0], at + 1)) {
    const std::string_view here = text.substr(at);
    const bool opens = here.starts_with(kOpen);
    if (!opens && !here.starts_with(kClose)) continue;
    size_t& first = opens ? open : close;
    s.several |= first != text.npos;
    if (first == text.npos) first = at;
  }
  if (open == text.npos && close == text.npos) return s;
  s.place = Signature::Place::elsewhere;
  if (open == text.npos || close == text.npos || close < open) return s;
  s.begin = open;
  s.name = text.substr(open + kOpen.size(), close - open - kOpen.size());
  std::string_view before = text.substr(0, open);
  std::string_view behind = text.substr(close + kClose.size());
  trim_end(before, kBlanks);
  trim_start(behind, kBlanks);
  if (before.empty()) {
    s.place = Signature::Place::head;
  } else if (behind.empty()) {
    s.place = Signature::Place::tail;
  }
  return s;
}

Marker find_marker(const Folded& f) {
  Marker m;
  const std::string_view text = f.text;
  for (const uint32_t at : f.heads) {
    const std::string_view stem = stem_at(text.substr(at));
    if (stem.empty()) continue;
    const auto found = around(text, at, at + stem.size());
    if (!found) continue;
    m.advertised |= bits_of(found->word);
    m.found = true;
    m.live = live(found->word);
    m.at_end = only_signature(found->rest);
  }
  if (!m.at_end && f.has('p') && text.find("stop") != text.npos) find_english(text, m);
  if (!m.at_end && f.has('t') && f.has('o')) find_english_word(text, m);
  return m;
}

Marker find_marker(std::string_view utf8) {
  Folded f;
  fold(utf8, f);
  return find_marker(f);
}

std::string append_marker(std::string_view text, std::string_view marker) {
  std::string_view tail;
  const Signature s = find_signature(text);
  if (s.place == Signature::Place::tail && !s.several) {
    tail = text.substr(s.begin);
    text = text.substr(0, s.begin);
  }
  trim_end(text, kBlanks);
  std::string_view bare = text;
  trim_end(bare, kLight);
  const bool closed = bare.size() < text.size();
  const bool latin = !marker.empty() && word_char(marker[0]);
  std::string out(text);
  if (!text.empty()) out += closed ? (latin ? " " : "") : (latin ? ". " : ",");
  out += marker;
  out += tail;
  return out;
}

}  // namespace tact::policy
