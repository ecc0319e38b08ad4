// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/submit_tlvs.h"

#include "gateway/engine/check.h"

namespace tact::gateway {

namespace {
using Attributes = std::map<std::string, std::string>;

std::vector<uint8_t> encoded(const std::vector<SubmitTlv>& wanted, const Attributes& attributes) {
  smpp::TlvWriter out;
  for (const SubmitTlv& tlv : wanted) {
    std::string value = tlv.value;
    if (!tlv.attribute.empty()) {
      const auto known = attributes.find(tlv.attribute);
      if (known == attributes.end()) continue;
      value = known->second;
    }
    if (tlv.terminated) value.push_back('\0');
    out.octets(tlv.tag, {reinterpret_cast<const uint8_t*>(value.data()), value.size()});
  }
  CHECK(out.ok());  // gateway/config keeps them short and few
  const smpp::Octets octets = out.tlvs().encoded();
  return {octets.begin(), octets.end()};
}
}  // namespace

SubmitTlvs::SubmitTlvs(const RouteSettings& route, const EngineSettings& settings)
    : common_(encoded(route.submit_tlvs, {})) {
  for (const TenantSettings& tenant : settings.tenants) {
    for (const AccountSettings& account : tenant.accounts) {
      auto own = encoded(route.submit_tlvs, account.attributes);
      if (own != common_) accounts_.emplace(account.id, std::move(own));
    }
  }
}

smpp::Tlvs SubmitTlvs::of(AccountId account) const {
  const auto own = accounts_.find(account);
  return smpp::Tlvs(own == accounts_.end() ? common_ : own->second);
}

}  // namespace tact::gateway
