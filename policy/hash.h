// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tact::policy {

// Spreads any 64-bit value over all bits (the finaliser of MurmurHash3, public domain).
constexpr uint64_t mix(uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdu;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53u;
  return x ^ x >> 33;
}

// FNV-1a over values and length-prefixed strings: the digest of a rule set. Stable for ever.
class Digest {
 public:
  void add(uint64_t v) {
    for (int i = 0; i < 8; ++i) byte(static_cast<uint8_t>(v >> (8 * i)));
  }
  void add(std::string_view s) {
    add(s.size());
    for (const char c : s) byte(static_cast<uint8_t>(c));
  }
  uint64_t value() const { return state_; }

 private:
  void byte(uint8_t b) { state_ = (state_ ^ b) * 0x100000001b3u; }
  uint64_t state_ = 0xcbf29ce484222325u;
};

}  // namespace tact::policy
