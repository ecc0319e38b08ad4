// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/engine/settings.h"

namespace tact::gateway {

// Counts a tenant's campaigns: how many of their last thousand messages made somebody opt out. In
// memory; a start counts anew. Campaigns go by policy::campaign_digest.
class Breaker {
 public:
  static constexpr uint32_t kWindow = 1'000;
  static constexpr size_t kCampaignsMax = 4'096;  // of more, the one that was idle longest is gone

  explicit Breaker(const BreakerSettings& settings) : settings_(settings) {}

  struct Campaign {
    std::string name;
    UpstreamId upstream{};
    // Of the present half of the window, and of the one before.
    std::array<uint32_t, 2> sent{}, opted_out{};
    uint64_t last = 0;
  };

  // A message of it was admitted.
  void met(uint32_t campaign, std::string_view name, UpstreamId upstream);
  void sent(uint32_t campaign);
  // Is its rate above the limit now? Then it is counted anew. Null: no, or nobody knows its name.
  const Campaign* opted_out(uint32_t campaign);

 private:
  const BreakerSettings& settings_;
  boost::unordered_flat_map<uint32_t, Campaign> campaigns_;
  uint64_t clock_ = 0;
  Campaign tripped_;
};

}  // namespace tact::gateway
