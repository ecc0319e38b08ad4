// SPDX-License-Identifier: Apache-2.0
#include "smpp/utf8.h"

namespace tact::smpp::utf8 {
namespace {

/// What a first octet says of its character (Unicode, table 3-7): how many octets it has, and the
/// bounds of the second. No second octet is good behind one that begins no character.
struct Lead {
  std::uint8_t size, low, high;
};

constexpr std::array<Lead, 256> kLeads = [] {
  std::array<Lead, 256> table{};
  table.fill({2, 0xFF, 0});
  for (std::size_t first = 0xC2; first < 0xF5; ++first) {
    const int size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    table[first] = {static_cast<std::uint8_t>(size), 0x80, 0xBF};
  }
  table[0xE0].low = 0xA0;   // below are longer forms of what two octets can say
  table[0xED].high = 0x9F;  // above are surrogates
  table[0xF0].low = 0x90;
  table[0xF4].high = 0x8F;  // above is U+110000
  return table;
}();

}  // namespace

Character read_any(Rest text) {
  const std::uint8_t* const at = text.at;
  const Lead& lead = kLeads[at[0]];
  if (text.end - at < lead.size || at[1] < lead.low || at[1] > lead.high) return {};
  char32_t value = (at[0] & (0x7Fu >> lead.size)) << 6 | (at[1] & 0x3Fu);
  for (std::size_t i = 2; i < lead.size; ++i) {
    if (!is_tail(at[i])) return {};
    value = value << 6 | (at[i] & 0x3Fu);
  }
  return {value, lead.size};
}

void append(char32_t code_point, std::string& out) {
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

void join_halves(std::string& text) {
  // Three octets with ED in front: A0 to AF are high halves, B0 to BF low ones.
  const auto half_at = [&text](std::size_t at) -> char32_t {
    if (text.size() - at < 3 || text[at] != '\xED') return 0;
    const char32_t half = three(reinterpret_cast<const std::uint8_t*>(text.data()) + at);
    return half >= 0xD800 && half < 0xE000 ? half : 0;
  };
  for (std::size_t at = 0; (at = text.find('\xED', at)) != text.npos; at += 3) {
    const char32_t high = half_at(at);
    if (high == 0) continue;
    const char32_t low = half_at(at + 3 <= text.size() ? at + 3 : text.size());
    const bool pair = high < 0xDC00 && low >= 0xDC00;
    std::string character;
    append(pair ? 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD, character);
    text.replace(at, pair ? 6 : 3, character);
    at += character.size() - 3;
  }
}

}  // namespace tact::smpp::utf8
