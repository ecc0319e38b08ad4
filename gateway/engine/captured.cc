// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/captured.h"

namespace tact::gateway {

// The first of each tag, as everywhere: a carrier that repeats one cannot make an event grow.
Bytes capture(const std::vector<smpp::Tag>& wanted, smpp::Tlvs tlvs) {
  Bytes out;
  for (const smpp::Tag tag : wanted) {
    const auto value = tlvs.find(tag);
    if (!value || value->size() > kCapturedMax) continue;
    smpp::append_tlv(tag, *value, out);
  }
  return out;
}

void tell(ByteView captured, google::protobuf::RepeatedPtrField<proto::Tlv>& out) {
  for (const smpp::Tlv& tlv : smpp::Tlvs(captured)) {
    proto::Tlv& told = *out.Add();
    told.set_tag(static_cast<uint32_t>(tlv.tag));
    told.set_value(tlv.value.data(), tlv.value.size());
  }
}

}  // namespace tact::gateway
