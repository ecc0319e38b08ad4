// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <vector>

#include "gateway/engine/batch.h"

struct evp_cipher_st;

namespace tact::gateway {

struct DataKey {
  uint16_t id = 0;  // stands in every batch sealed with it; never 0
  std::array<uint8_t, 32> secret{};
};

// AES-256-GCM (NIST SP 800-38D) over OpenSSL. Seals with one key, opens with every key it knows,
// so that keys can rotate (DESIGN 17.3). Batches stored before there was any key (id 0) open as
// they are. Thread-safe.
//
// Nonces are a counter of 96 bits that starts at a random value in each process: two processes
// would have to draw starts within a process's number of batches of each other to repeat one.
class GcmSealer final : public Sealer {
 public:
  // REQUIRES: `current` is the id of one of the keys.
  GcmSealer(std::vector<DataKey> keys, uint16_t current);
  ~GcmSealer() override;

  uint16_t seal(std::span<uint8_t> body, std::span<uint8_t, 12> nonce,
                std::span<uint8_t, 16> tag) override;
  bool open(uint16_t key_id, std::span<uint8_t> body, std::span<const uint8_t, 12> nonce,
            std::span<const uint8_t, 16> tag) override;

 private:
  // Constant after construction.
  std::map<uint16_t, std::array<uint8_t, 32>> keys_;
  const uint16_t current_;
  evp_cipher_st* const cipher_;
  std::array<uint8_t, 4> prefix_{};

  std::atomic<uint64_t> counter_;
};

// For a store without a key: writes as it is (id 0), and opens nothing that was encrypted.
class PlainSealer final : public Sealer {
 public:
  uint16_t seal(std::span<uint8_t> body, std::span<uint8_t, 12> nonce,
                std::span<uint8_t, 16> tag) override;
  bool open(uint16_t key_id, std::span<uint8_t> body, std::span<const uint8_t, 12> nonce,
            std::span<const uint8_t, 16> tag) override;
};

}  // namespace tact::gateway
