// SPDX-License-Identifier: Apache-2.0
#include "smpp/text.h"

#include <array>

namespace tact::smpp {
namespace {

constexpr std::uint8_t kEscape = 0x1B;
constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kInvalid = 0xFFFFFFFF;
constexpr std::uint8_t kNotInGsm = 0xFF;

// 3GPP TS 23.038 §6.2.1: the default alphabet. 0x1B stands for the escape and decodes to a space
// when nothing follows it.
constexpr std::array<char16_t, 128> kGsm = {
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

struct Extension {
  std::uint8_t septet;
  char16_t character;
};
// §6.2.1.1: the extension table.
constexpr Extension kExtensions[] = {{0x0A, u'\f'}, {0x14, u'^'},     {0x28, u'{'}, {0x29, u'}'},
                                     {0x2F, u'\\'}, {0x3C, u'['},     {0x3D, u'~'}, {0x3E, u']'},
                                     {0x40, u'|'},  {0x65, u'\x20AC'}};

/// Characters below 0x100 to septets; the Greek ones above are few and are searched.
constexpr std::array<std::uint8_t, 256> kToGsm = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNotInGsm);
  for (std::size_t septet = 0; septet < kGsm.size(); ++septet) {
    if (septet != kEscape && kGsm[septet] < 256) {
      table[kGsm[septet]] = static_cast<std::uint8_t>(septet);
    }
  }
  return table;
}();

std::uint8_t to_gsm(char32_t code_point) {
  if (code_point < kToGsm.size()) return kToGsm[code_point];
  if (code_point < 0x393 || code_point > 0x3A9) return kNotInGsm;
  for (std::uint8_t septet = 0x10; septet <= 0x1A; ++septet) {
    if (kGsm[septet] == code_point) return septet;
  }
  return kNotInGsm;
}

std::uint8_t to_extension(char32_t code_point) {
  if (code_point > 0x7F && code_point != 0x20AC) return kNotInGsm;
  for (const Extension& extension : kExtensions) {
    if (extension.character == code_point) return extension.septet;
  }
  return kNotInGsm;
}

/// The first code point, taken off; kInvalid, and no change, where it is not valid UTF-8. Inline:
/// every text passes here a character at a time. REQUIRES: not empty.
inline char32_t take(std::string_view& utf8) {
  const auto octet = [&utf8](std::size_t i) { return static_cast<std::uint8_t>(utf8[i]); };
  const char32_t first = octet(0);
  if (first < 0x80) {
    utf8.remove_prefix(1);
    return first;
  }
  if ((first & 0xF0) == 0xE0 && utf8.size() >= 3) {  // most of what is written in Chinese
    const char32_t second = octet(1) ^ 0x80u;
    const char32_t third = octet(2) ^ 0x80u;
    const char32_t value = (first & 0x0F) << 12 | second << 6 | third;
    if ((second | third) < 0x40 && value >= 0x800 && (value < 0xD800 || value >= 0xE000)) {
      utf8.remove_prefix(3);
      return value;
    }
  }
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || utf8.size() < size) return kInvalid;
  char32_t value = first & (0x7F >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((octet(i) & 0xC0) != 0x80) return kInvalid;
    value = value << 6 | (octet(i) & 0x3F);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[size] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) {
    return kInvalid;
  }
  utf8.remove_prefix(size);
  return value;
}

bool is_in(char32_t code_point, Coding coding) {
  switch (coding) {
    case Coding::gsm7:
      return gsm_septets(code_point) > 0;
    case Coding::ascii:
      return code_point < 0x80;
    case Coding::latin1:
      return code_point < 0x100;
    case Coding::ucs2:
      return true;
  }
  return false;
}

/// Writes one character, at most two octets for each of its octets in UTF-8; returns the end.
/// REQUIRES: is_in(code_point, coding).
std::uint8_t* put(char32_t code_point, Coding coding, std::uint8_t* at) {
  const auto unit = [&at](char32_t value) {
    *at++ = static_cast<std::uint8_t>(value >> 8);
    *at++ = static_cast<std::uint8_t>(value);
  };
  if (coding == Coding::ucs2) {
    if (code_point < 0x10000) {
      unit(code_point);
    } else {
      unit(0xD800 + ((code_point - 0x10000) >> 10));
      unit(0xDC00 + ((code_point - 0x10000) & 0x3FF));
    }
  } else if (coding == Coding::gsm7) {
    std::uint8_t septet = to_gsm(code_point);
    if (septet == kNotInGsm) {
      *at++ = kEscape;
      septet = to_extension(code_point);
    }
    *at++ = septet;
  } else {
    *at++ = static_cast<std::uint8_t>(code_point);
  }
  return at;
}

void put_utf8(char32_t code_point, std::string& out) {
  const auto octet = [&out](char32_t value) { out += static_cast<char>(value); };
  if (code_point < 0x80) {
    octet(code_point);
  } else if (code_point < 0x800) {
    octet(0xC0 | code_point >> 6);
    octet(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    octet(0xE0 | code_point >> 12);
    octet(0x80 | (code_point >> 6 & 0x3F));
    octet(0x80 | (code_point & 0x3F));
  } else {
    octet(0xF0 | code_point >> 18);
    octet(0x80 | (code_point >> 12 & 0x3F));
    octet(0x80 | (code_point >> 6 & 0x3F));
    octet(0x80 | (code_point & 0x3F));
  }
}

void gsm_to_utf8(Octets octets, std::string& out) {
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (octets[i] > 0x7F) {
      put_utf8(kReplacement, out);
    } else if (octets[i] == kEscape && i + 1 < octets.size()) {
      const std::uint8_t septet = octets[++i];
      char32_t character = septet > 0x7F ? kReplacement : kGsm[septet];
      for (const Extension& extension : kExtensions) {
        if (extension.septet == septet) character = extension.character;
      }
      put_utf8(character, out);
    } else {
      put_utf8(octets[i] == kEscape ? U' ' : char32_t{kGsm[octets[i]]}, out);
    }
  }
}

void utf16_to_utf8(Octets octets, std::string& out) {
  bool little = false;
  std::size_t i = 0;
  if (octets.size() >= 2) {
    little = octets[0] == 0xFF && octets[1] == 0xFE;
    if (little || (octets[0] == 0xFE && octets[1] == 0xFF)) i = 2;
  }
  const auto unit = [&](std::size_t at) {
    return static_cast<char32_t>(octets[at + (little ? 1 : 0)] << 8 |
                                 octets[at + (little ? 0 : 1)]);
  };
  for (; i + 1 < octets.size(); i += 2) {
    char32_t character = unit(i);
    if (character >= 0xD800 && character < 0xE000) {
      const char32_t low = i + 3 < octets.size() ? unit(i + 2) : 0;
      if (character < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
        character = 0x10000 + ((character - 0xD800) << 10) + (low - 0xDC00);
        i += 2;
      } else {
        character = kReplacement;
      }
    }
    put_utf8(character, out);
  }
  if (i < octets.size()) put_utf8(kReplacement, out);
}

}  // namespace

std::string_view name(Coding coding) {
  constexpr std::string_view kNames[] = {"gsm7", "ascii", "latin1", "ucs2"};
  return kNames[static_cast<std::size_t>(coding)];
}

std::string_view name(TextError error) {
  constexpr std::string_view kNames[] = {"none", "invalid_utf8", "not_in_coding", "too_long"};
  return kNames[static_cast<std::size_t>(error)];
}

std::optional<Coding> coding_of(DataCoding data_coding, Coding zero) {
  const auto value = static_cast<std::uint8_t>(data_coding);
  switch (data_coding) {
    case DataCoding::smsc_default:
      return zero;
    case DataCoding::ia5:
      return Coding::ascii;
    case DataCoding::latin1:
      return Coding::latin1;
    case DataCoding::ucs2:
      return Coding::ucs2;
    default:
      break;
  }
  // TS 23.038 §4: 1111 message class (bit 2 says 8-bit data), 1100 and 1101 message waiting in the
  // default alphabet, 1110 message waiting in UCS-2.
  switch (value >> 4) {
    case 0xF:
      return value & 0x04 ? std::nullopt : std::optional(zero);
    case 0xE:
      return Coding::ucs2;
    case 0xC:
    case 0xD:
      return zero;
    default:
      return std::nullopt;
  }
}

DataCoding data_coding_of(Coding coding, Coding zero) {
  if (coding == zero) return DataCoding::smsc_default;
  switch (coding) {
    case Coding::ascii:
      return DataCoding::ia5;
    case Coding::latin1:
      return DataCoding::latin1;
    case Coding::ucs2:
      return DataCoding::ucs2;
    case Coding::gsm7:
      break;
  }
  return DataCoding::smsc_default;
}

std::optional<char32_t> next_code_point(std::string_view& utf8) {
  const char32_t code_point = take(utf8);
  if (code_point == kInvalid) return std::nullopt;
  return code_point;
}

int gsm_septets(char32_t code_point) {
  if (to_gsm(code_point) != kNotInGsm) return 1;
  return to_extension(code_point) != kNotInGsm ? 2 : 0;
}

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    if (take(text) == kInvalid) return false;
  }
  return true;
}

std::optional<Measured> measure(std::string_view utf8, Coding zero) {
  Measured result{zero, 0};
  std::size_t units = 0;
  std::size_t septets = 0;
  while (!utf8.empty()) {
    const char32_t code_point = take(utf8);
    if (code_point == kInvalid) return std::nullopt;
    units += code_point < 0x10000 ? 1 : 2;
    if (result.coding != zero) continue;  // it needs UCS-2, whatever follows
    const int here = gsm_septets(code_point);
    septets += static_cast<std::size_t>(here);
    if (here == 0 || !is_in(code_point, zero)) result.coding = Coding::ucs2;
  }
  result.length = result.coding == Coding::ucs2 ? units : septets;
  return result;
}

std::optional<Coding> best_coding(std::string_view utf8, Coding zero) {
  const auto measured = measure(utf8, zero);
  if (!measured) return std::nullopt;
  return measured->coding;
}

std::optional<std::size_t> length(std::string_view utf8, Coding coding) {
  std::size_t total = 0;
  while (!utf8.empty()) {
    const char32_t code_point = take(utf8);
    if (code_point == kInvalid || !is_in(code_point, coding)) return std::nullopt;
    if (coding == Coding::ucs2) {
      total += code_point < 0x10000 ? 1 : 2;
    } else {
      total += gsm_septets(code_point) == 2 ? 2 : 1;
    }
  }
  return total;
}

TextError to_octets(std::string_view utf8, Coding coding, std::vector<std::uint8_t>& append_to) {
  const std::size_t start = append_to.size();
  append_to.resize(start + 2 * utf8.size());
  std::uint8_t* at = append_to.data() + start;
  while (!utf8.empty()) {
    const char32_t code_point = take(utf8);
    if (code_point == kInvalid || !is_in(code_point, coding)) {
      append_to.resize(start);
      return code_point != kInvalid ? TextError::not_in_coding : TextError::invalid_utf8;
    }
    at = put(code_point, coding, at);
  }
  append_to.resize(static_cast<std::size_t>(at - append_to.data()));
  return TextError::none;
}

void to_utf8(Octets octets, Coding coding, std::string& append_to) {
  if (coding == Coding::gsm7) return gsm_to_utf8(octets, append_to);
  if (coding == Coding::ucs2) return utf16_to_utf8(octets, append_to);
  for (const std::uint8_t octet : octets) {
    const bool known = coding == Coding::latin1 || octet < 0x80;
    put_utf8(known ? char32_t{octet} : kReplacement, append_to);
  }
}

}  // namespace tact::smpp
