// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "gateway/engine/settings.h"

namespace tact::gateway {

// The TLVs that a route puts on each submit_sm (RouteSettings::submit_tlvs), encoded once for each
// account.
class SubmitTlvs {
 public:
  SubmitTlvs(const RouteSettings& route, const EngineSettings& settings);

  bool empty() const { return common_.empty() && accounts_.empty(); }
  // Valid as long as this object.
  smpp::Tlvs of(AccountId account) const;

 private:
  std::map<AccountId, std::vector<uint8_t>> accounts_;  // of those that have something to add
  std::vector<uint8_t> common_;                         // of all others
};

}  // namespace tact::gateway
