// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tact::policy {

// Characters that the stem of an opt-out marker may begin with (signature.cc).
inline constexpr std::u16string_view kMarkerHeads = u"退拒取谢";

// A text as the lexicon and the keyword rule see it. Buffers are reused from text to text.
struct Folded {
  // NFKC, case-folded (lower case), invisible characters removed, Traditional Chinese folded to
  // Simplified character by character. UTF-8. Blanks and punctuation are still there.
  std::string text;

  // What was seen of `text` on the way: which ASCII characters it has (what holds a rare one is not
  // looked for without it), how many digits among them, and every character that is neither letter
  // nor number.
  std::bitset<128> ascii;
  size_t digits = 0;
  struct Gap {
    uint32_t offset = 0;
    uint8_t bytes = 0;
    bool clause = false;  // see Origin
  };
  std::vector<Gap> gaps;
  std::vector<uint32_t> heads;  // where one of kMarkerHeads stands in `text`

  // `text` without its gaps: "老-赖" and "老 赖" become "老赖".
  std::string squeezed;
  struct Origin {
    uint32_t offset = 0;  // of the byte in `text`
    uint32_t clause = 0;  // rises at , : ; ! ? 。 brackets, quotes and line ends
  };
  // Of one byte of `squeezed`. REQUIRES: i < squeezed.size()
  Origin origin(size_t i) const;

  // What is kept comes in runs, and few bytes are ever asked for: `squeezed` from `begin` on is
  // `text` from `origin.offset` on, up to the next run.
  struct Run {
    uint32_t begin = 0;
    Origin origin;
  };
  std::vector<Run> runs;

  bool has(char ascii_character) const { return ascii[static_cast<uint8_t>(ascii_character)]; }
};

// Fills `out.text` and what is seen of it. False if the input was not UTF-8 (bad bytes become
// U+FFFD). Every rule about text begins here, so that full-width, circled or styled letters,
// zero-width characters and the two scripts of Chinese are no way around it. The result of folding
// it again is the same.
bool fold(std::string_view utf8, Folded& out);
// Fills `squeezed` and its runs from `text` and its gaps.
void squeeze(Folded&);

// The two together, for terms and short strings.
std::string folded(std::string_view utf8);
std::string squeezed(std::string_view utf8);

// The code point at `pos` and its length in bytes; U+FFFD and 1 for a bad byte. Inline, but for
// what is rare. REQUIRES: pos < size.
struct Decoded {
  char32_t cp;
  uint8_t bytes;
  bool good;
};
Decoded decode_rare(std::string_view s, size_t pos);
inline Decoded decode_utf8(std::string_view s, size_t pos) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(s[i]); };
  const uint8_t lead = byte(pos);
  if (lead < 0x80) return {lead, 1, true};
  if ((lead & 0xf0) == 0xe0 && pos + 3 <= s.size()) {  // Han, kana, hangul, full width
    const auto second = static_cast<uint8_t>(byte(pos + 1) ^ 0x80);
    const auto third = static_cast<uint8_t>(byte(pos + 2) ^ 0x80);
    const char32_t cp = (lead & 0x0fu) << 12 | second << 6 | third;
    if ((second | third) < 0x40 && cp >= 0x800 && (cp < 0xd800 || cp >= 0xe000)) {
      return {cp, 3, true};
    }
  }
  return decode_rare(s, pos);
}
void append_utf8(char32_t cp, std::string& out);
size_t code_points(std::string_view utf8);

// A part of a text, in bytes: [begin, end). Empty: of no place.
struct Span {
  uint32_t begin = 0;
  uint32_t end = 0;
  bool empty() const { return begin == end; }
  bool operator==(const Span&) const = default;
};
// What of a text became this part of its folding. Folds it several times: for those who show a
// text, not for the gate.
Span source_span(std::string_view utf8, Span of_folded);

constexpr bool ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool ascii_digit(char c) { return c >= '0' && c <= '9'; }

// starts_with() and ends_with() for lists of words of which hardly one ever fits: most are told
// apart by one octet, without a call. REQUIRES: the word is not empty.
constexpr bool begins_with(std::string_view s, std::string_view word) {
  return !s.empty() && s.front() == word.front() && s.starts_with(word);
}
constexpr bool finishes_with(std::string_view s, std::string_view word) {
  return !s.empty() && s.back() == word.back() && s.ends_with(word);
}

}  // namespace tact::policy
