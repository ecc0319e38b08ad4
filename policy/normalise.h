// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tact::policy {

// A text as the lexicon and the keyword rule see it. Buffers are reused from text to text.
struct Folded {
  // NFKC, case-folded (lower case), invisible characters removed, Traditional Chinese folded to
  // Simplified character by character. UTF-8. Blanks and punctuation are still there.
  std::string text;

  // `text` without everything that is neither letter nor number: "老-赖" and "老 赖" become "老赖".
  std::string squeezed;
  struct Origin {
    uint32_t offset = 0;  // of the byte in `text`
    uint32_t clause = 0;  // rises at , : ; ! ? 。 brackets, quotes and line ends
  };
  std::vector<Origin> origins;  // one for each byte of `squeezed`
};

// Fills `out.text`. False if the input was not UTF-8 (bad bytes become U+FFFD). Every rule about
// text begins here, so that full-width, circled or styled letters, zero-width characters and the
// two scripts of Chinese are no way around it. The result of folding it again is the same.
bool fold(std::string_view utf8, Folded& out);
// Fills `squeezed` and `origins` from `text`.
void squeeze(Folded&);

// The two together, for terms and short strings.
std::string folded(std::string_view utf8);
std::string squeezed(std::string_view utf8);

// The code point at `pos` and its length in bytes; U+FFFD and 1 for a bad byte. REQUIRES: pos <
// size.
struct Decoded {
  char32_t cp;
  uint8_t bytes;
  bool good;
};
Decoded decode_utf8(std::string_view, size_t pos);
void append_utf8(char32_t cp, std::string& out);
size_t code_points(std::string_view utf8);

constexpr bool ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool ascii_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace tact::policy
