// SPDX-License-Identifier: Apache-2.0
// Opt-outs as text: what `tact suppress` reads from its arguments, from files and from the gateway.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/job.pb.h"

namespace tact::client {

// One line of the gateway's export:
//   {"brand":"b","number_hash":"00f1e2d3c4b5a697","classes":["MARKETING"],"since":1770000000000,
//    "proof":"…","blocked":true}
// `blocked` false: the opt-out was ended by an opt-in.
struct ListedSuppression {
  proto::Suppression entry;
  bool blocked = true;
};

// Nothing, and `error` says why, when the line is no such object.
std::optional<ListedSuppression> parse_listed(std::string_view line, std::string& error);

// "+8613800138000", "8613800138000" or "hash:00f1e2d3c4b5a697"; false when it is none of them.
bool set_number(proto::Suppression& entry, std::string_view text);

// 16 hex digits.
std::optional<uint64_t> parse_hash(std::string_view text);
std::string format_hash(uint64_t hash);

}  // namespace tact::client
