// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

/// Times as schedule_delivery_time, validity_period and final_date tell them (v3.4 §7.1.1 p. 164):
///
///     YYMMDDhhmmsstnnp   absolute: t tenths of a second, nn quarter hours (00 to 48) by which the
///                        local time is ahead of UTC (p is '+') or behind it ('-')
///     YYMMDDhhmmss000R   relative: years, months, days, hours, minutes, seconds from now on
namespace tact::smpp {

using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

/// 16 characters; empty: what could not be said. A value, so that a PDU can point into it.
class TimeText {
 public:
  static constexpr std::size_t kSize = 16;

  TimeText() = default;
  explicit TimeText(const std::array<char, kSize>& text) : text_(text), size_(kSize) {}

  std::string_view view() const { return {text_.data(), size_}; }
  operator std::string_view() const { return view(); }  // NOLINT: a field of a PDU is one

 private:
  std::array<char, kSize> text_{};
  std::uint8_t size_ = 0;
};

inline constexpr int kQuartersMax = 48;

/// Absolute, in the local time that is so many quarter hours ahead of UTC; what is less than a
/// tenth of a second is cut off. REQUIRES: -kQuartersMax <= quarters <= kQuartersMax
TimeText absolute_time(Instant at, int quarters = 0);

/// Relative, in days, hours, minutes and seconds: a month is not always as long. Less than a second
/// is cut off; empty for a negative one and for 32 days and more, which the absolute form can tell.
TimeText relative_time(std::chrono::milliseconds from_now);

enum class TimeError : std::uint8_t {
  none,
  length,   ///< not 16 characters
  digits,   ///< something else where a digit belongs
  date,     ///< a month, or a day of it, that does not exist
  hour,     ///< above 23, 59 or 59
  quarter,  ///< above 48 quarter hours
  sign,     ///< neither '+', '-' nor 'R'
};
std::string_view name(TimeError error);

struct ReadTime {
  TimeError error = TimeError::none;
  Instant at{};
  bool relative = false;

  bool ok() const { return error == TimeError::none; }
};

/// What an absolute time means, and where a relative one leads from `now`. Of the hundred years
/// that YY leaves open it is the one within 50 years of now. Years and months of a relative time go
/// by the calendar in UTC: a month after 31 January ends at the last day of February. What stands
/// in t and nn of a relative time "should be" zero (p. 164), and does not count.
ReadTime read_time(std::string_view text, Instant now);

}  // namespace tact::smpp
