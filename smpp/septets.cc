// SPDX-License-Identifier: Apache-2.0
#include "smpp/septets.h"

namespace tact::smpp {

void pack_septets(Octets septets, unsigned fill, std::vector<std::uint8_t>& append_to) {
  if (septets.empty()) return;
  unsigned held = 0;  // the bits of the octet under way, the first ones lowest
  unsigned bits = fill;
  for (const std::uint8_t septet : septets) {
    held |= (septet & 0x7Fu) << bits;
    bits += 7;
    if (bits < 8) continue;
    append_to.push_back(static_cast<std::uint8_t>(held));
    held >>= 8;
    bits -= 8;
  }
  if (bits > 0) append_to.push_back(static_cast<std::uint8_t>(held));
}

void unpack_septets(Octets packed, unsigned fill, std::vector<std::uint8_t>& append_to,
                    std::size_t count) {
  unsigned held = 0;  // bits read and not yet given, the first ones lowest
  unsigned bits = 0;
  unsigned skip = fill;
  for (const std::uint8_t octet : packed) {
    held |= static_cast<unsigned>(octet) << bits;
    bits += 8;
    held >>= skip;
    bits -= skip;
    skip = 0;
    for (; bits >= 7; bits -= 7, held >>= 7) {
      if (count == 0) return;
      append_to.push_back(static_cast<std::uint8_t>(held & 0x7F));
      --count;
    }
  }
}

}  // namespace tact::smpp
