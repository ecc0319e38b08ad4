// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "smpp/language.h"

/// The tables of 3GPP TS 23.038 (§6.2.1 and Annex A) and the way back from a character to its
/// septet.
namespace tact::smpp::alphabet {

/// Says that the next septet is one of the single shift table; no septet of a character.
inline constexpr std::uint8_t kEscape = 0x1B;

/// The character of each septet, 0 where there is none.
using Table = std::array<char16_t, 128>;

struct Cell {
  std::uint8_t septet;
  char16_t character;
};

constexpr Table with(Table table, std::initializer_list<Cell> cells) {
  for (const Cell& cell : cells) table[cell.septet] = cell.character;
  return table;
}

/// Puts characters one behind the other.
constexpr Table written(Table table, std::size_t septet, std::u16string_view characters) {
  for (const char16_t character : characters) table[septet++] = character;
  return table;
}

/// Puts them where no others are.
constexpr Table filled(Table table, std::size_t septet, std::u16string_view characters) {
  for (const char16_t character : characters) {
    while (septet == kEscape || table[septet] != 0) ++septet;
    table[septet] = character;
  }
  return table;
}

// ---- §6.2.1: the default alphabet and its extension table.

// Two escapes stand for a further table that nobody has: a space, by the specification.
inline constexpr Table kDefault = {
    u'@',     u'\xA3',  u'$',     u'\xA5',  u'\xE8',  u'\xE9',  u'\xF9',  u'\xEC',  u'\xF2',
    u'\xC7',  u'\n',    u'\xD8',  u'\xF8',  u'\r',    u'\xC5',  u'\xE5',  u'\x394', u'_',
    u'\x3A6', u'\x393', u'\x39B', u'\x3A9', u'\x3A0', u'\x3A8', u'\x3A3', u'\x398', u'\x39E',
    u'\xA0',  u'\xC6',  u'\xE6',  u'\xDF',  u'\xC9',  u' ',     u'!',     u'"',     u'#',
    u'\xA4',  u'%',     u'&',     u'\'',    u'(',     u')',     u'*',     u'+',     u',',
    u'-',     u'.',     u'/',     u'0',     u'1',     u'2',     u'3',     u'4',     u'5',
    u'6',     u'7',     u'8',     u'9',     u':',     u';',     u'<',     u'=',     u'>',
    u'?',     u'\xA1',  u'A',     u'B',     u'C',     u'D',     u'E',     u'F',     u'G',
    u'H',     u'I',     u'J',     u'K',     u'L',     u'M',     u'N',     u'O',     u'P',
    u'Q',     u'R',     u'S',     u'T',     u'U',     u'V',     u'W',     u'X',     u'Y',
    u'Z',     u'\xC4',  u'\xD6',  u'\xD1',  u'\xDC',  u'\xA7',  u'\xBF',  u'a',     u'b',
    u'c',     u'd',     u'e',     u'f',     u'g',     u'h',     u'i',     u'j',     u'k',
    u'l',     u'm',     u'n',     u'o',     u'p',     u'q',     u'r',     u's',     u't',
    u'u',     u'v',     u'w',     u'x',     u'y',     u'z',     u'\xE4',  u'\xF6',  u'\xF1',
    u'\xFC',  u'\xE0'};

inline constexpr Table kExtension = with(Table{}, {{0x0A, u'\f'},
                                                   {0x14, u'^'},
                                                   {0x28, u'{'},
                                                   {0x29, u'}'},
                                                   {0x2F, u'\\'},
                                                   {0x3C, u'['},
                                                   {0x3D, u'~'},
                                                   {0x3E, u']'},
                                                   {0x40, u'|'},
                                                   {0x65, u'\u20AC'}});

// ---- Annex A.3: locking shift tables.

inline constexpr Table kTurkish = with(kDefault, {{0x04, u'\u20AC'},
                                                  {0x07, u'\u0131'},
                                                  {0x0B, u'\u011E'},
                                                  {0x0C, u'\u011F'},
                                                  {0x1C, u'\u015E'},
                                                  {0x1D, u'\u015F'},
                                                  {0x40, u'\u0130'},
                                                  {0x60, u'\u00E7'}});

inline constexpr Table kPortuguese =
    with(written(written(kDefault, 0x04,
                         u"\u00EA\u00E9\u00FA\u00ED\u00F3\u00E7\n\u00D4\u00F4\r\u00C1\u00E1"),
                 0x12, u"\u00AA\u00C7\u00C0\u221E^\\\u20AC\u00D3|"),
         {{0x1C, u'\u00C2'},
          {0x1D, u'\u00E2'},
          {0x1E, u'\u00CA'},
          {0x24, u'\u00BA'},
          {0x40, u'\u00CD'},
          {0x5B, u'\u00C3'},
          {0x5C, u'\u00D5'},
          {0x5D, u'\u00DA'},
          {0x60, u'~'},
          {0x7B, u'\u00E3'},
          {0x7C, u'\u00F5'},
          {0x7D, u'`'}});

/// What all the tables of India have. The brackets stand as in the specification: the right one
/// first.
inline constexpr Table kIndianLatin =
    with(written(written(written(Table{}, 0x20, u" !"), 0x30, u"0123456789:;"), 0x61,
                 u"abcdefghijklmnopqrstuvwxyz"),
         {{0x0A, u'\n'},
          {0x0D, u'\r'},
          {kEscape, u'\u00A0'},
          {0x28, u')'},
          {0x29, u'('},
          {0x2C, u','},
          {0x2E, u'.'},
          {0x3F, u'?'}});

/// The tables of the scripts that descend from Brahmi are one: the letters in the order of the
/// script's block in Unicode, from candrabindu to virama, where Latin leaves a septet. That of a
/// letter which the script lacks stays empty. What remains is at 0x60 and from 0x7B on.
constexpr Table script(char16_t block, std::initializer_list<int> absent,
                       std::u16string_view remains) {
  Table table = kIndianLatin;
  std::size_t septet = 0;
  for (int letter = 0x01; letter <= 0x4D; ++letter) {
    if (letter == 0x04 || letter == 0x3A || letter == 0x3B) continue;
    while (table[septet] != 0) ++septet;
    const bool has = std::find(absent.begin(), absent.end(), letter) == absent.end();
    if (has) table[septet] = static_cast<char16_t>(block + letter);
    ++septet;
  }
  return filled(table, 0x60, remains);
}

/// By language; one without a table has the default alphabet. Some copies of the specification
/// print PA (U+0CAA) for DDA at 0x24 of Kannada, twice then in the table; phones have DDA.
inline constexpr std::array<Table, kLanguageCount> kLocking = {{
    kDefault,
    kTurkish,
    kDefault,
    kPortuguese,
    script(0x0980, {0x0D, 0x0E, 0x11, 0x12, 0x29, 0x31, 0x33, 0x34, 0x35, 0x45, 0x46, 0x49, 0x4A},
           u"\u09CE\u09D7\u09DC\u09DD\u09F0\u09F1"),
    script(0x0A80, {0x0E, 0x12, 0x29, 0x31, 0x34, 0x46, 0x4A},
           u"\u0AD0\u0AE0\u0AE1\u0AE2\u0AE3\u0AF1"),
    script(0x0900, {}, u"\u0950\u0972\u097B\u097C\u097E\u097F"),
    script(0x0C80, {0x01, 0x0D, 0x11, 0x29, 0x34, 0x45, 0x49},
           u"\u0CD5\u0CD6\u0CE0\u0CE1\u0CE2\u0CE3"),
    script(0x0D00, {0x01, 0x0D, 0x11, 0x29, 0x3C, 0x45, 0x49},
           u"\u0D57\u0D60\u0D61\u0D62\u0D63\u0D79"),
    script(0x0B00, {0x0D, 0x0E, 0x11, 0x12, 0x29, 0x31, 0x34, 0x45, 0x46, 0x49, 0x4A},
           u"\u0B56\u0B57\u0B60\u0B61\u0B62\u0B63"),
    script(0x0A00,
           {0x0B, 0x0C, 0x0D, 0x0E, 0x11, 0x12, 0x29, 0x31, 0x34, 0x37, 0x3D, 0x43, 0x44, 0x45,
            0x46, 0x49, 0x4A},
           u"\u0A51\u0A70\u0A71\u0A72\u0A73\u0A74"),
    script(0x0B80, {0x01, 0x0B, 0x0C, 0x0D, 0x11, 0x16, 0x17, 0x18, 0x1B, 0x1D, 0x20, 0x21, 0x22,
                    0x25, 0x26, 0x27, 0x2B, 0x2C, 0x2D, 0x3C, 0x3D, 0x43, 0x44, 0x45, 0x49},
           u"\u0BD0\u0BD7\u0BF0\u0BF1\u0BF2\u0BF9"),
    script(0x0C00, {0x0D, 0x11, 0x29, 0x34, 0x3C, 0x45, 0x49},
           u"\u0C55\u0C56\u0C60\u0C61\u0C62\u0C63"),
    filled(kIndianLatin, 0x00,
           u"\u0627\u0622\u0628\u067B\u0680\u067E\u06A6\u062A\u06C2\u067F\u0679\u067D\u067A\u067C"
           u"\u062B\u062C\u0681\u0684\u0683\u0685\u0686\u0687\u062D\u062E\u062F"
           u"\u068C\u0688\u0689\u068A\u068F\u068D\u0630\u0631\u0691\u0693\u0699\u0632\u0696\u0698"
           u"\u069A\u0633\u0634\u0635\u0636\u0637\u0638\u0639\u0641\u0642\u06A9\u06AA\u06AB\u06AF"
           u"\u06B3\u06B1\u0644\u0645\u0646\u06BA\u06BB\u06BC\u0648\u06C4\u06D5\u06C1\u06BE\u0621"
           u"\u06CC\u06D0\u06D2\u064D\u0650\u064F\u0657\u0654\u0655\u0651\u0653\u0656\u0670"),
}};

// ---- Annex A.2: single shift tables.

inline constexpr Table kIndianExtension = written(
    written(written(written(kExtension, 0x00, u"@\u00A3$\u00A5\u00BF\"\u00A4%&'"), 0x0B, u"*+"),
            0x0E, u"-/<=>\u00A1^\u00A1_#*"),
    0x41, u"ABCDEFGHIJKLMNOPQRSTUVWXYZ");

/// By language: for most of India two marks, the digits of the script, further letters.
inline constexpr std::array<Table, kLanguageCount> kSingle = {{
    kExtension,
    with(kExtension, {{0x47, u'\u011E'},
                      {0x49, u'\u0130'},
                      {0x53, u'\u015E'},
                      {0x63, u'\u00E7'},
                      {0x67, u'\u011F'},
                      {0x69, u'\u0131'},
                      {0x73, u'\u015F'}}),
    with(kExtension, {{0x09, u'\u00E7'},
                      {0x41, u'\u00C1'},
                      {0x49, u'\u00CD'},
                      {0x4F, u'\u00D3'},
                      {0x55, u'\u00DA'},
                      {0x61, u'\u00E1'},
                      {0x69, u'\u00ED'},
                      {0x6F, u'\u00F3'},
                      {0x75, u'\u00FA'}}),
    with(kExtension, {{0x05, u'\u00EA'}, {0x09, u'\u00E7'}, {0x0B, u'\u00D4'}, {0x0C, u'\u00F4'},
                      {0x0E, u'\u00C1'}, {0x0F, u'\u00E1'}, {0x12, u'\u03A6'}, {0x13, u'\u0393'},
                      {0x15, u'\u03A9'}, {0x16, u'\u03A0'}, {0x17, u'\u03A8'}, {0x18, u'\u03A3'},
                      {0x19, u'\u0398'}, {0x1F, u'\u00CA'}, {0x41, u'\u00C0'}, {0x49, u'\u00CD'},
                      {0x4F, u'\u00D3'}, {0x55, u'\u00DA'}, {0x5B, u'\u00C3'}, {0x5C, u'\u00D5'},
                      {0x61, u'\u00C2'}, {0x69, u'\u00ED'}, {0x6F, u'\u00F3'}, {0x75, u'\u00FA'},
                      {0x7B, u'\u00E3'}, {0x7C, u'\u00F5'}, {0x7F, u'\u00E2'}}),
    filled(kIndianExtension, 0x19,
           u"\u09E6\u09E7\u09E8\u09E9\u09EA\u09EB\u09EC\u09ED\u09EE\u09EF\u09DF\u09E0\u09E1"
           u"\u09E2\u09E3\u09F2\u09F3\u09F4\u09F5\u09F6\u09F7\u09F8\u09F9\u09FA"),
    filled(kIndianExtension, 0x19,
           u"\u0964\u0965\u0AE6\u0AE7\u0AE8\u0AE9\u0AEA\u0AEB\u0AEC\u0AED\u0AEE\u0AEF"),
    filled(kIndianExtension, 0x19,
           u"\u0964\u0965\u0966\u0967\u0968\u0969\u096A\u096B\u096C\u096D\u096E\u096F\u0951"
           u"\u0952\u0953\u0954\u0958\u0959\u095A\u095B\u095C\u095D\u095E\u095F\u0960\u0961"
           u"\u0962\u0963\u0970\u0971"),
    filled(kIndianExtension, 0x19,
           u"\u0964\u0965\u0CE6\u0CE7\u0CE8\u0CE9\u0CEA\u0CEB\u0CEC\u0CED\u0CEE\u0CEF\u0CDE"
           u"\u0CF1\u0CF2"),
    filled(kIndianExtension, 0x19,
           u"\u0964\u0965\u0D66\u0D67\u0D68\u0D69\u0D6A\u0D6B\u0D6C\u0D6D\u0D6E\u0D6F\u0D70"
           u"\u0D71\u0D72\u0D73\u0D74\u0D75\u0D7A\u0D7B\u0D7C\u0D7D\u0D7E\u0D7F"),
    filled(kIndianExtension, 0x19,
           u"\u0964\u0965\u0B66\u0B67\u0B68\u0B69\u0B6A\u0B6B\u0B6C\u0B6D\u0B6E\u0B6F\u0B5C"
           u"\u0B5D\u0B5F\u0B70\u0B71"),
    filled(kIndianExtension, 0x19,
           u"\u0964\u0965\u0A66\u0A67\u0A68\u0A69\u0A6A\u0A6B\u0A6C\u0A6D\u0A6E\u0A6F\u0A59"
           u"\u0A5A\u0A5B\u0A5C\u0A5E\u0A75"),
    filled(kIndianExtension, 0x19,
           u"\u0964\u0965\u0BE6\u0BE7\u0BE8\u0BE9\u0BEA\u0BEB\u0BEC\u0BED\u0BEE\u0BEF\u0BF3"
           u"\u0BF4\u0BF5\u0BF6\u0BF7\u0BF8\u0BFA"),
    filled(kIndianExtension, 0x1C,
           u"\u0C66\u0C67\u0C68\u0C69\u0C6A\u0C6B\u0C6C\u0C6D\u0C6E\u0C6F\u0C58\u0C59\u0C78"
           u"\u0C79\u0C7A\u0C7B\u0C7C\u0C7D\u0C7E\u0C7F"),
    filled(kIndianExtension, 0x19,
           u"\u0600\u0601\u06F0\u06F1\u06F2\u06F3\u06F4\u06F5\u06F6\u06F7\u06F8\u06F9\u060C"
           u"\u060D\u060E\u060F\u0610\u0611\u0612\u0613\u0614\u061B\u061F\u0640\u0652\u0658"
           u"\u066B\u066C\u0672\u0673\u06CD\u06D4"),
}};

// ---- The way back.

/// The septets of a table's characters.
class Index {
 public:
  constexpr explicit Index(const Table& table) {
    for (std::size_t septet = 0; septet < table.size(); ++septet) {
      const bool is_character = septet != kEscape && table[septet] != 0;
      if (is_character) cells_[septet] = {static_cast<std::uint8_t>(septet), table[septet]};
    }
    std::sort(cells_.begin(), cells_.end(), [](const Cell& a, const Cell& b) {
      return a.character != b.character ? a.character < b.character : a.septet < b.septet;
    });
  }

  /// kEscape for what is not in the table; the lowest for what is there twice.
  constexpr std::uint8_t septet_of(char32_t character) const {
    const auto cell =
        std::lower_bound(cells_.begin(), cells_.end(), character,
                         [](const Cell& one, char32_t sought) { return one.character < sought; });
    return cell != cells_.end() && cell->character == character ? cell->septet : kEscape;
  }

 private:
  std::array<Cell, 128> cells_ = unused();  // by character

  static constexpr std::array<Cell, 128> unused() {
    std::array<Cell, 128> cells{};
    cells.fill({kEscape, 0});
    return cells;
  }
};

// One constant each: what a compiler may evaluate for a constant is limited.
template <std::size_t language>
inline constexpr Index kLockingIndex{kLocking[language]};
template <std::size_t language>
inline constexpr Index kSingleIndex{kSingle[language]};

using Indexes = std::array<const Index*, kLanguageCount>;

template <std::size_t... language>
constexpr Indexes locking_indexes(std::index_sequence<language...>) {
  return {&kLockingIndex<language>...};
}
template <std::size_t... language>
constexpr Indexes single_indexes(std::index_sequence<language...>) {
  return {&kSingleIndex<language>...};
}

inline constexpr Indexes kLockingIndexes =
    locking_indexes(std::make_index_sequence<kLanguageCount>());
inline constexpr Indexes kSingleIndexes =
    single_indexes(std::make_index_sequence<kLanguageCount>());

}  // namespace tact::smpp::alphabet
