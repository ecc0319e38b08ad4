// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>

#include "gateway/engine/number_hasher.h"

namespace tact::gateway {

// SipHash-2-4 with 64 bits of result (Aumasson, Bernstein 2012) by libsodium. Thread-safe.
//
// Its key is never rotated: opt-outs are found by these hashes, and nobody has the numbers to hash
// them anew (DESIGN 17.3). It is kept outside of the store and must outlive every disk.
class SipHasher final : public NumberHasher {
 public:
  using Key = std::array<uint8_t, 16>;

  explicit SipHasher(const Key&);
  ~SipHasher() override;

  NumberHash hash(std::string_view e164) override;
  // The hash of a fixed string: tells a store's key from another without revealing it.
  std::string check_value();

 private:
  Key key_;  // constant after construction
};

}  // namespace tact::gateway
