// SPDX-License-Identifier: Apache-2.0
// Controls sent over a connection of their own, and what they are answered.
#pragma once

#include <cstddef>
#include <vector>

#include "client/upstream_connection.h"

namespace tact::client {

// Their results, in order; fewer than `results` when the connection was lost, which is said on the
// standard error.
std::vector<proto::Result> send_controls(UpstreamOptions options,
                                         const std::vector<proto::Control>& controls,
                                         std::size_t results);

// As many entries as every gateway takes in one control.
inline constexpr std::size_t kEntriesPerControl = 1024;

}  // namespace tact::client
