// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/breaker.h"

#include <algorithm>

namespace tact::gateway {

void Breaker::met(uint32_t campaign, std::string_view name, UpstreamId upstream) {
  if (settings_.opt_outs_permille == 0) return;
  const auto [it, fresh] = campaigns_.try_emplace(campaign);
  it->second.last = ++clock_;
  if (!fresh) return;
  it->second.name = name;
  it->second.upstream = upstream;
  if (campaigns_.size() <= kCampaignsMax) return;
  campaigns_.erase(std::ranges::min_element(campaigns_, {},
                                            [](const auto& entry) { return entry.second.last; }));
}

void Breaker::sent(uint32_t campaign) {
  const auto it = campaigns_.find(campaign);
  if (it == campaigns_.end()) return;
  Campaign& c = it->second;
  if (++c.sent[0] < kWindow / 2) return;
  c.sent = {0, c.sent[0]};
  c.opted_out = {0, c.opted_out[0]};
}

const Breaker::Campaign* Breaker::opted_out(uint32_t campaign) {
  const auto it = campaigns_.find(campaign);
  if (it == campaigns_.end()) return nullptr;
  Campaign& c = it->second;
  ++c.opted_out[0];
  const uint64_t sent = uint64_t{c.sent[0]} + c.sent[1];
  const uint64_t opted_out = uint64_t{c.opted_out[0]} + c.opted_out[1];
  if (sent < settings_.sample) return nullptr;
  if (opted_out * 1'000 <= sent * settings_.opt_outs_permille) return nullptr;
  tripped_ = c;
  c.sent = c.opted_out = {};
  return &tripped_;
}

}  // namespace tact::gateway
