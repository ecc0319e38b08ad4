// SPDX-License-Identifier: Apache-2.0
#include "smpp/text.h"

#include <array>

#include "smpp/alphabet.h"
#include "smpp/gbk.h"
#include "smpp/utf8.h"

namespace tact::smpp {
namespace {

using alphabet::kEscape;

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kEuro = 0x20AC;

// What a character is in an alphabet: its septet, or the septet behind the escape with kExtended
// set.
constexpr std::uint8_t kExtended = 0x80;
constexpr std::uint8_t kNotInGsm = kExtended | kEscape;

/// Of the characters from 0x400 on only the euro sign is in it.
constexpr std::array<std::uint8_t, 0x400> kToGsm = [] {
  std::array<std::uint8_t, 0x400> table{};
  table.fill(kNotInGsm);
  for (std::size_t septet = 0; septet < alphabet::kDefault.size(); ++septet) {
    const char16_t extension = alphabet::kExtension[septet];
    if (septet != kEscape) table[alphabet::kDefault[septet]] = static_cast<std::uint8_t>(septet);
    if (extension != 0 && extension != kEuro) {
      table[extension] = static_cast<std::uint8_t>(kExtended | septet);
    }
  }
  return table;
}();

/// The default alphabet and its extension table, in which nearly every text is.
struct DefaultAlphabet {
  static std::uint8_t of(char32_t code_point) {
    if (code_point < kToGsm.size()) return kToGsm[code_point];
    return code_point == kEuro ? kExtended | 0x65 : kNotInGsm;
  }
};

/// Two tables, of which one at least is a language's.
class NationalAlphabet {
 public:
  explicit NationalAlphabet(Shift shift)
      : locking_(*alphabet::kLockingIndexes[static_cast<std::size_t>(shift.locking)]),
        single_(*alphabet::kSingleIndexes[static_cast<std::size_t>(shift.single)]) {}

  std::uint8_t of(char32_t code_point) const {
    const std::uint8_t septet = locking_.septet_of(code_point);
    if (septet != kEscape) return septet;
    return static_cast<std::uint8_t>(kExtended | single_.septet_of(code_point));
  }

 private:
  const alphabet::Index& locking_;
  const alphabet::Index& single_;
};

/// Does the work in the alphabet that a shift means.
template <class Work>
auto in_alphabet(Shift shift, Work&& work) {
  if (shift == Shift{}) return work(DefaultAlphabet{});
  return work(NationalAlphabet(shift));
}

/// 1, 2 (behind the escape) or 0 (not in the alphabet).
template <class Alphabet>
std::size_t septets_of(char32_t code_point, const Alphabet& alphabet) {
  const std::uint8_t septet = alphabet.of(code_point);
  if (septet == kNotInGsm) return 0;
  return septet & kExtended ? 2 : 1;
}

/// An octet that is a character of one septet.
template <class Alphabet>
bool is_one_septet(std::uint8_t octet, const Alphabet& alphabet) {
  return octet < 0x80 && alphabet.of(octet) < kExtended;
}

/// Where the code points end that the octets of a coding can say.
char32_t reach(Coding coding) {
  constexpr char32_t kReach[] = {0x110000, 0x80, 0x100, 0x110000, 0x10000};
  return kReach[static_cast<std::size_t>(coding)];
}

struct Count {
  std::size_t length = 0;   // septets or units
  std::size_t doubles = 0;  // characters that count two
};

std::optional<Count> count_units(std::string_view utf8) {
  Count count;
  utf8::Rest text(utf8);
  while (!text.empty()) {
    if (utf8::starts_with_two_threes(text)) {
      text.at += 6;
      count.length += 2;
      continue;
    }
    const auto next = utf8::read(text);
    if (next.size == 0) return std::nullopt;
    text.at += next.size;
    const bool pair = next.size == 4;
    count.length += pair ? 2 : 1;
    count.doubles += pair ? 1 : 0;
  }
  return count;
}

/// Of a text that is in GBK.
std::optional<Count> count_gbk(std::string_view utf8) {
  Count count;
  for (utf8::Rest text(utf8); !text.empty(); ++count.length) {
    const auto next = utf8::read(text);
    if (next.value >= 0x80 && gbk::code_of(next.value) == 0) return std::nullopt;
    text.at += next.size;
  }
  return count;
}

/// Of a text whose characters are below `end`; those that are not in the alphabet count
/// `strangers`, and if that is 0 there must be none.
template <class Alphabet>
std::optional<Count> count_septets(std::string_view utf8, char32_t end, std::size_t strangers,
                                   const Alphabet& alphabet) {
  Count count;
  utf8::Rest text(utf8);
  while (!text.empty()) {
    if (is_one_septet(*text.at, alphabet)) {
      ++text.at;
      ++count.length;
      continue;
    }
    const auto next = utf8::read(text);
    if (next.value >= end) return std::nullopt;
    std::size_t septets = septets_of(next.value, alphabet);
    if (septets == 0) septets = strangers;
    if (septets == 0) return std::nullopt;
    text.at += next.size;
    count.length += septets;
    count.doubles += septets - 1;
  }
  return count;
}

// These write the octets of a text, at most two for each that it has in UTF-8, and return their
// end. They stop at a character that they can not write; `text` then is not empty.

std::uint8_t* write_ucs2(utf8::Rest& text, std::uint8_t* out) {
  const auto unit = [&out](char32_t value) {
    out[0] = static_cast<std::uint8_t>(value >> 8);
    out[1] = static_cast<std::uint8_t>(value);
    out += 2;
  };
  while (!text.empty()) {
    if (utf8::starts_with_two_threes(text)) {
      unit(utf8::three(text.at));
      unit(utf8::three(text.at + 3));
      text.at += 6;
      continue;
    }
    const auto next = utf8::read(text);
    if (next.size == 0) break;
    text.at += next.size;
    if (next.size < 4) {
      unit(next.value);
    } else {
      unit(0xD800 + ((next.value - 0x10000) >> 10));
      unit(0xDC00 + ((next.value - 0x10000) & 0x3FF));
    }
  }
  return out;
}

template <class Alphabet>
std::uint8_t* write_gsm(utf8::Rest& text, std::uint8_t* out, const Alphabet& alphabet) {
  while (!text.empty()) {
    if (is_one_septet(*text.at, alphabet)) {
      *out++ = alphabet.of(*text.at++);
      continue;
    }
    const auto next = utf8::read(text);
    const std::uint8_t septet = alphabet.of(next.value);
    if (septet == kNotInGsm) break;
    text.at += next.size;
    if (septet & kExtended) *out++ = kEscape;
    *out++ = septet & 0x7F;
  }
  return out;
}

/// ASCII and Latin-1, whose octets are code points.
std::uint8_t* write_code_points(utf8::Rest& text, char32_t end, std::uint8_t* out) {
  while (!text.empty()) {
    const auto next = utf8::read(text);
    if (next.value >= end) break;
    text.at += next.size;
    *out++ = static_cast<std::uint8_t>(next.value);
  }
  return out;
}

std::uint8_t* write_gbk(utf8::Rest& text, std::uint8_t* out) {
  while (!text.empty()) {
    const auto next = utf8::read(text);
    const std::uint16_t code = next.value < 0x80 ? std::uint16_t{0} : gbk::code_of(next.value);
    if (next.value >= 0x80 && code == 0) break;
    text.at += next.size;
    if (code != 0) *out++ = static_cast<std::uint8_t>(code >> 8);
    *out++ = static_cast<std::uint8_t>(code != 0 ? code : next.value);
  }
  return out;
}

std::uint8_t* write_text(utf8::Rest& text, Coding coding, Shift shift, std::uint8_t* out) {
  switch (coding) {
    case Coding::gsm7:
      return in_alphabet(shift,
                         [&](const auto& alphabet) { return write_gsm(text, out, alphabet); });
    case Coding::ucs2:
      return write_ucs2(text, out);
    case Coding::gbk:
      return write_gbk(text, out);
    case Coding::ascii:
    case Coding::latin1:
      break;
  }
  return write_code_points(text, reach(coding), out);
}

char32_t character_of(const alphabet::Table& table, std::uint8_t septet) {
  return septet < table.size() && table[septet] != 0 ? char32_t{table[septet]} : kReplacement;
}

void gsm_to_utf8(Octets octets, Shift shift, std::string& out) {
  const alphabet::Table& main = alphabet::kLocking[static_cast<std::size_t>(shift.locking)];
  const alphabet::Table& extension = alphabet::kSingle[static_cast<std::size_t>(shift.single)];
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (octets[i] != kEscape) {
      utf8::append(character_of(main, octets[i]), out);
    } else if (i + 1 == octets.size()) {
      utf8::append(U' ', out);
    } else {
      const std::uint8_t septet = octets[++i];
      const char32_t character = character_of(extension, septet);
      utf8::append(character != kReplacement ? character : character_of(main, septet), out);
    }
  }
}

void utf16_to_utf8(Octets octets, Halves halves, std::string& out) {
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
      } else if (halves == Halves::replaced) {
        character = kReplacement;
      }
    }
    utf8::append(character, out);
  }
  if (i < octets.size()) utf8::append(kReplacement, out);
}

void gbk_to_utf8(Octets octets, std::string& out) {
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (octets[i] < 0x80) {
      utf8::append(octets[i], out);
      continue;
    }
    const std::uint8_t trail = i + 1 < octets.size() ? octets[i + 1] : std::uint8_t{0};
    const char32_t character = gbk::character_of(octets[i], trail);
    utf8::append(character != 0 ? character : kReplacement, out);
    // A pair that means nothing is skipped as one, or the pairs behind it would be read askew;
    // ASCII stays text.
    if (character != 0 || (gbk::is_lead(octets[i]) && gbk::is_lead(trail))) ++i;
  }
}

}  // namespace

std::string_view name(Coding coding) {
  constexpr std::string_view kNames[] = {"gsm7", "ascii", "latin1", "ucs2", "gbk"};
  return kNames[static_cast<std::size_t>(coding)];
}

std::string_view name(TextError error) {
  constexpr std::string_view kNames[] = {"none", "invalid_utf8", "not_in_coding", "too_long"};
  return kNames[static_cast<std::size_t>(error)];
}

std::optional<Coding> coding_of(DataCoding data_coding, const Dialect& dialect) {
  const auto value = static_cast<std::uint8_t>(data_coding);
  if (dialect.gbk != 0 && value == dialect.gbk) return Coding::gbk;
  switch (data_coding) {
    case DataCoding::smsc_default:
      return dialect.zero;
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
      return value & 0x04 ? std::nullopt : std::optional(dialect.zero);
    case 0xE:
      return Coding::ucs2;
    case 0xC:
    case 0xD:
      return dialect.zero;
    default:
      return std::nullopt;
  }
}

DataCoding data_coding_of(Coding coding, const Dialect& dialect) {
  if (coding == dialect.zero) return DataCoding::smsc_default;
  switch (coding) {
    case Coding::ascii:
      return DataCoding::ia5;
    case Coding::latin1:
      return DataCoding::latin1;
    case Coding::ucs2:
      return DataCoding::ucs2;
    case Coding::gbk:
      return static_cast<DataCoding>(dialect.gbk);
    case Coding::gsm7:
      break;
  }
  return DataCoding::smsc_default;
}

bool is_valid_utf8(std::string_view text) { return count_units(text).has_value(); }

std::optional<Measured> measure(std::string_view utf8, const Dialect& dialect) {
  if (dialect.zero != Coding::ucs2) {
    const auto septets = count_septets(utf8, reach(dialect.zero), 0, DefaultAlphabet{});
    if (septets) return Measured{dialect.zero, septets->length, septets->doubles};
  }
  if (dialect.gbk != 0) {
    const auto units = count_gbk(utf8);
    if (units) return Measured{Coding::gbk, units->length, 0};
  }
  const auto units = count_units(utf8);
  if (!units) return std::nullopt;
  return Measured{Coding::ucs2, units->length, units->doubles};
}

std::optional<Measured> measure(std::string_view utf8, Shift shift) {
  const auto septets = in_alphabet(shift, [utf8](const auto& alphabet) {
    return count_septets(utf8, reach(Coding::gsm7), 0, alphabet);
  });
  if (!septets) return std::nullopt;
  return Measured{Coding::gsm7, septets->length, septets->doubles};
}

std::optional<Coding> best_coding(std::string_view utf8, const Dialect& dialect) {
  const auto measured = measure(utf8, dialect);
  if (!measured) return std::nullopt;
  return measured->coding;
}

std::optional<std::size_t> length(std::string_view utf8, Coding coding, Shift shift) {
  if (coding == Coding::gsm7) {
    const auto measured = measure(utf8, shift);
    return measured ? std::optional(measured->length) : std::nullopt;
  }
  const auto count = coding == Coding::ucs2 ? count_units(utf8)
                     : coding == Coding::gbk
                         ? count_gbk(utf8)
                         : count_septets(utf8, reach(coding), 1, DefaultAlphabet{});
  if (!count) return std::nullopt;
  return count->length;
}

std::string_view take_part(std::string_view& utf8, Coding coding, std::size_t limit, Shift shift) {
  const bool units = is_in_units(coding);
  utf8::Rest text(utf8);
  in_alphabet(coding == Coding::gsm7 ? shift : Shift{}, [&](const auto& alphabet) {
    std::size_t used = 0;
    while (!text.empty()) {
      if (units && used + 2 <= limit && utf8::starts_with_two_threes(text)) {
        text.at += 6;
        used += 2;
        continue;
      }
      const auto next = utf8::read(text);
      used += (units ? next.size == 4 : septets_of(next.value, alphabet) == 2) ? 2 : 1;
      if (used > limit) break;
      text.at += next.size;
    }
  });
  const std::string_view part = utf8.substr(0, utf8.size() - text.size());
  utf8.remove_prefix(part.size());
  return part;
}

TextError to_octets(std::string_view utf8, Coding coding, std::vector<std::uint8_t>& append_to,
                    Shift shift) {
  const std::size_t start = append_to.size();
  append_to.resize(start + 2 * utf8.size());
  std::uint8_t* const begin = append_to.data() + start;
  utf8::Rest text(utf8);
  const std::uint8_t* const end = write_text(text, coding, shift, begin);
  append_to.resize(start + (text.empty() ? static_cast<std::size_t>(end - begin) : 0));
  if (text.empty()) return TextError::none;
  return utf8::read(text).size > 0 ? TextError::not_in_coding : TextError::invalid_utf8;
}

void to_utf8(Octets octets, Coding coding, std::string& append_to, Shift shift, Halves halves) {
  if (coding == Coding::gsm7) return gsm_to_utf8(octets, shift, append_to);
  if (coding == Coding::ucs2) return utf16_to_utf8(octets, halves, append_to);
  if (coding == Coding::gbk) return gbk_to_utf8(octets, append_to);
  for (const std::uint8_t octet : octets) {
    const bool known = coding == Coding::latin1 || octet < 0x80;
    utf8::append(known ? char32_t{octet} : kReplacement, append_to);
  }
}

}  // namespace tact::smpp
