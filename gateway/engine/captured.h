// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "gateway/engine/message.h"
#include "proto/event.pb.h"
#include "smpp/tlv.h"

namespace tact::gateway {

// TLVs of receipts and replies that a route wants told in their events (RouteSettings::
// capture_tlvs). On their way they are octets as they came, tag u16 | length u16 | value; of a
// value that is longer than kCapturedMax nothing is kept.
inline constexpr size_t kCapturedMax = 255;
inline constexpr size_t kCapturedTags = 16;

Bytes capture(const std::vector<smpp::Tag>& wanted, smpp::Tlvs tlvs);
void tell(ByteView captured, google::protobuf::RepeatedPtrField<proto::Tlv>& out);

}  // namespace tact::gateway
