// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace tact::gateway {

// What a carrier means by a code of a receipt, or by the name of a status (carrier_codes.h).
enum class CarrierSays : uint8_t { nothing, dead, black, often, content, signature };
inline constexpr size_t kCarrierSays = 6;

}  // namespace tact::gateway
