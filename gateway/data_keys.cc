// SPDX-License-Identifier: Apache-2.0
#include "gateway/data_keys.h"

#include <array>
#include <cstring>

namespace tact::gateway {
namespace {

// Zeros, sealed.
struct Check {
  std::array<uint8_t, 16> body{};
  std::array<uint8_t, 12> nonce{};
  std::array<uint8_t, 16> tag{};
};
static_assert(sizeof(Check) == 44);

}  // namespace

std::optional<std::string> check_data_keys(Rocks& rocks, const std::vector<DataKey>& keys) {
  for (const DataKey& key : keys) {
    GcmSealer sealer({key}, key.id);
    Check check;
    if (const auto stored = rocks.key_check(key.id)) {
      const bool whole = stored->size() == sizeof(check);
      if (whole) std::memcpy(&check, stored->data(), sizeof(check));
      if (whole && sealer.open(key.id, check.body, check.nonce, check.tag)) continue;
      return "data key " + std::to_string(key.id) +
             " is not the one that the store was written with; without the right one nothing in it "
             "can be read";
    }
    sealer.seal(check.body, check.nonce, check.tag);
    rocks.put_key_check(key.id, std::string(reinterpret_cast<const char*>(&check), sizeof(check)));
  }
  return std::nullopt;
}

}  // namespace tact::gateway
