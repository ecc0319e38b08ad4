// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

#include "policy/submission.h"

namespace tact::gateway {

// Small integers that name configured things on disk. The registry assigns each once and never
// again, so that reordering or renaming in the configuration cannot make one thing's data another's
// (DESIGN 17.1).
enum class RouteId : uint16_t {};
enum class TenantId : uint16_t {};
enum class AccountId : uint16_t {};
enum class BrandId : uint16_t {};
enum class UpstreamId : uint16_t {};
enum class ShardId : uint16_t {};  // not stored

// Unique for ever: block u32, leased durably before its first use, then a counter u32 (I11). 0 is
// no message.
enum class MessageId : uint64_t {};

// A connection of this process, chosen by the shard for links and by the listener for upstreams.
enum class ConnectionId : uint64_t {};

template <typename Id>
constexpr auto raw(Id id) {
  return static_cast<std::underlying_type_t<Id>>(id);
}

using policy::Class;
using policy::NumberHash;
inline constexpr int kClasses = 5;
inline constexpr Class kClassOrder[kClasses] = {Class::otp, Class::crisis, Class::notification,
                                                Class::collection, Class::marketing};

struct LaneId {
  RouteId route{};
  Class cls{};
  auto operator<=>(const LaneId&) const = default;
};

// Who promotes a `later` batch: its tenant when policy deferred it, its route when a carrier asked
// to try again.
struct Owner {
  enum class Kind : uint8_t { tenant = 't', route = 'r' };  // on disk
  Kind kind{};
  uint16_t id = 0;
  auto operator<=>(const Owner&) const = default;
};

inline Owner owner_of(TenantId t) { return {Owner::Kind::tenant, raw(t)}; }
inline Owner owner_of(RouteId r) { return {Owner::Kind::route, raw(r)}; }

}  // namespace tact::gateway
