// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "smpp/types.h"

/// Septets as the air has them: eight in seven octets (3GPP TS 23.038 §6.1.2.1.1). SMPP carries one
/// per octet; some carriers hand over packed ones all the same.
namespace tact::smpp {

/// Bits that stay empty behind a user data header of so many octets, with the one of its length:
/// the septets begin at a multiple of seven (TS 23.040 §9.2.3.24).
constexpr unsigned fill_bits(std::size_t header_octets) {
  return static_cast<unsigned>((7 - header_octets * 8 % 7) % 7);
}

/// Appends the septets, one per octet, behind `fill` empty bits. The highest bit of each octet does
/// not count. REQUIRES: fill < 7.
void pack_septets(Octets septets, unsigned fill, std::vector<std::uint8_t>& append_to);

/// Appends the septets that are whole in the octets, at most `count`. Seven octets are eight
/// septets or seven and seven empty bits, which then read as an @: only a count of septets, as
/// TP-UDL is, tells them apart. REQUIRES: fill < 7.
void unpack_septets(Octets packed, unsigned fill, std::vector<std::uint8_t>& append_to,
                    std::size_t count = std::numeric_limits<std::size_t>::max());

}  // namespace tact::smpp
