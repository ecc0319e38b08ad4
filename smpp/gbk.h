// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// GBK, the Chinese coding of one octet (ASCII) or two: GB 2312 and every ideograph of Unicode 1.1.
namespace tact::smpp::gbk {

/// Lead octet and trail octet of a character that has two; 0 for ASCII and for what GBK lacks.
std::uint16_t code_of(char32_t character);

/// The first of two octets.
constexpr bool is_lead(std::uint8_t octet) { return octet >= 0x81 && octet <= 0xFE; }

/// The character of two octets; 0 where there is none.
char16_t character_of(std::uint8_t lead, std::uint8_t trail);

}  // namespace tact::smpp::gbk
