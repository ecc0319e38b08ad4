// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "gateway/engine/batch.h"

namespace tact::gateway {

// Stores in the clear.
class PlainSealer final : public Sealer {
 public:
  uint16_t seal(std::span<uint8_t>, std::span<uint8_t, 12>, std::span<uint8_t, 16>) override {
    return 0;
  }
  bool open(uint16_t, std::span<uint8_t>, std::span<const uint8_t, 12>,
            std::span<const uint8_t, 16>) override {
    return false;
  }
};

// Stands for encryption: the body is unreadable without it, and the tag tells a wrong key.
class MaskSealer final : public Sealer {
 public:
  explicit MaskSealer(uint16_t key) : key_(key) {}

  uint16_t seal(std::span<uint8_t> body, std::span<uint8_t, 12> nonce,
                std::span<uint8_t, 16> tag) override {
    std::ranges::fill(nonce, 7);
    std::ranges::fill(tag, static_cast<uint8_t>(key_));
    mask(body);
    return key_;
  }
  bool open(uint16_t key, std::span<uint8_t> body, std::span<const uint8_t, 12> nonce,
            std::span<const uint8_t, 16> tag) override {
    if (key != key_ || nonce[0] != 7 || tag[15] != static_cast<uint8_t>(key_)) return false;
    mask(body);
    return true;
  }

 private:
  void mask(std::span<uint8_t> body) const {
    for (uint8_t& octet : body) octet ^= static_cast<uint8_t>(0xa5 + key_);
  }

  uint16_t key_;
};

}  // namespace tact::gateway
