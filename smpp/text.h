// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smpp/language.h"
#include "smpp/types.h"

/// Text between UTF-8 and what SMPP carries. GSM 7-bit (3GPP TS 23.038 §6.2.1) is one septet per
/// octet here; packing them (septets.h) is the SMSC's work, or that of segment.h. Where a `Shift`
/// is taken, it says by which national tables gsm7 is read; the other codings do not heed it.
namespace tact::smpp {

enum class Coding : std::uint8_t { gsm7, ascii, latin1, ucs2, gbk };

/// Is its length counted in UTF-16 units? Else in septets. No phone has GBK: the carrier makes
/// UCS-2 of it.
constexpr bool is_in_units(Coding coding) {
  return coding == Coding::ucs2 || coding == Coding::gbk;
}

/// What a carrier means by a text, and what it takes.
struct Dialect {
  Coding zero = Coding::gsm7;  ///< what data_coding 0 means; not gbk
  bool packed = false;         ///< septets of gsm7 come eight in seven octets (septets.h)
  std::uint8_t gbk = 0;        ///< the data_coding of GBK, which has none of its own; 0: not taken
  Languages languages;         ///< what its phones know: for writing, all of them are read

  bool operator==(const Dialect&) const = default;
};

enum class TextError : std::uint8_t {
  none,
  invalid_utf8,   ///< overlong, surrogate, above U+10FFFF or cut short
  not_in_coding,  ///< a character that the coding can not carry
  too_long,       ///< more parts than the reference can number (255)
};

std::string_view name(Coding coding);
std::string_view name(TextError error);

/// The coding that a carrier means by data_coding; nothing for binary and for what this library
/// does not know. Message class groups (0xF0-0xFF) and message waiting (0xC0-0xEF) are understood
/// by their alphabet bits.
std::optional<Coding> coding_of(DataCoding data_coding, const Dialect& dialect = {});

/// data_coding of text in `coding` there.
DataCoding data_coding_of(Coding coding, const Dialect& dialect = {});

/// The cheapest coding that carries the text without loss: `zero` if the whole text is in it and in
/// the GSM alphabet (a carrier that takes Latin-1 or ASCII still has GSM on the air), else GBK
/// where it is taken and has the whole text, else UCS-2. Nothing for invalid UTF-8. What national
/// languages make cheaper, plan() says (segment.h).
std::optional<Coding> best_coding(std::string_view utf8, const Dialect& dialect = {});

/// best_coding() and the text's length in it. Nothing for invalid UTF-8.
struct Measured {
  Coding coding{};
  std::size_t length = 0;   ///< as length()
  std::size_t doubles = 0;  ///< characters that count two
};
std::optional<Measured> measure(std::string_view utf8, const Dialect& dialect = {});

/// Likewise of gsm7 with national tables. Nothing for a text that is not in them.
std::optional<Measured> measure(std::string_view utf8, Shift shift);

/// Length on the air, in units or septets (a character behind the escape counts two). Nothing for
/// invalid UTF-8 or a character that is not in the coding.
std::optional<std::size_t> length(std::string_view utf8, Coding coding, Shift shift = {});

/// Takes off the front of a text what has at most `limit` septets or units in a coding; a character
/// that counts two is not divided. REQUIRES: length() tells it; limit >= 2.
std::string_view take_part(std::string_view& utf8, Coding coding, std::size_t limit,
                           Shift shift = {});

/// Appends the octets of the text; on an error `append_to` is left as it was.
TextError to_octets(std::string_view utf8, Coding coding, std::vector<std::uint8_t>& append_to,
                    Shift shift = {});

/// What becomes of half a surrogate pair: a part may end in the middle of one.
enum class Halves : std::uint8_t {
  replaced,  ///< by U+FFFD
  kept,      ///< as three octets that are no UTF-8, until utf8::join_halves()
};

/// Appends the UTF-8 of the octets. Never fails: what means nothing (a lone surrogate, an odd last
/// octet, an octet above the alphabet) becomes U+FFFD, so one bad octet does not cost a text. A
/// byte order mark at the front of ucs2 is obeyed and dropped: peers send FF FE. An unknown
/// extension character is read as the character of the main table, as TS 23.038 asks.
void to_utf8(Octets octets, Coding coding, std::string& append_to, Shift shift = {},
             Halves halves = Halves::replaced);

bool is_valid_utf8(std::string_view text);

}  // namespace tact::smpp
