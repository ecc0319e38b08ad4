// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/number_hash.h"

#include <sodium.h>

#include "gateway/engine/check.h"

namespace tact::gateway {

SipHasher::SipHasher(const Key& key) : key_(key) {
  static_assert(std::tuple_size_v<Key> == crypto_shorthash_KEYBYTES);
  CHECK(sodium_init() >= 0);
}

SipHasher::~SipHasher() { sodium_memzero(key_.data(), key_.size()); }

NumberHash SipHasher::hash(std::string_view e164) {
  std::array<uint8_t, crypto_shorthash_BYTES> out;
  const auto* in = reinterpret_cast<const uint8_t*>(e164.data());
  CHECK(crypto_shorthash(out.data(), in, e164.size(), key_.data()) == 0);
  NumberHash value = 0;
  for (size_t i = out.size(); i-- > 0;) value = value << 8 | out[i];
  return value;
}

std::string SipHasher::check_value() {
  const NumberHash value = hash("tact: check value of number_key");
  std::string octets;
  for (int shift = 0; shift < 64; shift += 8) octets += static_cast<char>(value >> shift);
  return octets;
}

}  // namespace tact::gateway
