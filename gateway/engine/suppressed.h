// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "policy/suppression.h"

namespace tact::gateway {

// A record of table `suppressed` (its scope and number are the key), little endian:
//
//   fmt u8 = 1 | blocks[5] u8 (class 1..5) | since_ms i64 | proof u64 | pause_until_ms i64
//
// To change it: a new fmt; the reader keeps the old ones, since entries are never deleted.
std::string encode_suppressed(const policy::SuppressionEntry&);
std::optional<policy::SuppressionEntry> decode_suppressed(std::string_view key,
                                                          std::string_view value);

// A withdrawal in table `facts`, kind 'c' (its id is the key of policy::withdrawn_key):
//
//   fmt u8 = 1 | before u64 | since_ms i64 | until_ms i64
//
// To change it: a new fmt; the reader keeps the old ones for as long as a message may wait.
inline constexpr char kWithdrawalFact = 'c';
std::string encode_withdrawal(const policy::SuppressionEntry&);
std::optional<policy::SuppressionEntry> decode_withdrawal(std::string_view key,
                                                          std::string_view value);

}  // namespace tact::gateway
