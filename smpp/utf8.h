// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

/// UTF-8, read and written a character at a time; inline is what every text passes.
namespace tact::smpp::utf8 {

inline constexpr char32_t kInvalid = 0xFFFFFFFF;

/// A code point and its octets; kInvalid and none where no valid character stands.
struct Character {
  char32_t value = kInvalid;
  std::uint32_t size = 0;
};

/// What is left of a text.
struct Rest {
  const std::uint8_t* at;
  const std::uint8_t* end;

  explicit Rest(std::string_view text)
      : at(reinterpret_cast<const std::uint8_t*>(text.data())), end(at + text.size()) {}

  bool empty() const { return at == end; }
  std::size_t size() const { return static_cast<std::size_t>(end - at); }
};

/// Any character in front. REQUIRES: not empty.
Character read_any(Rest text);

/// Does an octet begin a character of three whose others may be any tail? Nearly all that is
/// written in Chinese does. Behind E0 are longer forms of shorter characters, behind ED surrogates.
inline constexpr std::array<bool, 256> kLeadsThree = [] {
  std::array<bool, 256> table{};
  for (std::size_t first = 0xE1; first < 0xF0; ++first) table[first] = first != 0xED;
  return table;
}();

/// The code point of three octets.
constexpr char32_t three(const std::uint8_t* at) {
  return (at[0] & 0x0Fu) << 12 | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu);
}

constexpr bool is_tail(std::uint8_t octet) { return (octet & 0xC0) == 0x80; }

/// The character in front. REQUIRES: not empty.
inline Character read(Rest text) {
  const std::uint8_t* const at = text.at;
  if (at[0] < 0x80) return {at[0], 1};
  if (kLeadsThree[at[0]] && text.size() >= 3 && is_tail(at[1]) && is_tail(at[2])) {
    return {three(at), 3};
  }
  return read_any(text);
}

/// Do two such characters stand in front? A word tells, so the last octets of a text are left to
/// read().
inline bool starts_with_two_threes(Rest text) {
  using Word = std::array<std::uint8_t, 8>;
  constexpr auto kMask = std::bit_cast<std::uint64_t>(Word{0, 0xC0, 0xC0, 0, 0xC0, 0xC0});
  constexpr auto kTails = std::bit_cast<std::uint64_t>(Word{0, 0x80, 0x80, 0, 0x80, 0x80});
  if (text.size() < sizeof(Word)) return false;
  std::uint64_t word;
  std::memcpy(&word, text.at, sizeof word);
  return (word & kMask) == kTails && kLeadsThree[text.at[0]] && kLeadsThree[text.at[3]];
}

void append(char32_t code_point, std::string& out);

/// Halves of surrogate pairs that append() wrote as if they were characters: two that belong
/// together become the character that they mean, and every other becomes U+FFFD.
void join_halves(std::string& text);

}  // namespace tact::smpp::utf8
