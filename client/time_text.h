// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tact::client {

// Unix milliseconds of an RFC 3339 instant ("2026-03-01T09:00:00.250+08:00", "…Z"); the offset is
// required, because a time without one means something else on each machine; the seconds may be
// left out. Digits alone are taken
// as milliseconds. Nothing when it is neither.
std::optional<int64_t> parse_time_ms(std::string_view text);

// Seconds of "90s", "15m", "36h" or "30d".
std::optional<int64_t> parse_duration_s(std::string_view text);

// "2026-03-01T01:00:00Z": the same on every machine, and parse_time_ms() reads it.
std::string format_time(int64_t time_ms);
// "01:00:00.250", also UTC.
std::string format_clock(int64_t time_ms);

}  // namespace tact::client
