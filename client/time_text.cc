// SPDX-License-Identifier: Apache-2.0
#include "client/time_text.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ctime>

namespace tact::client {
namespace {

constexpr int64_t kMsPerSecond = 1000;

// Takes exactly `digits` digits and then `follows` (none when 0) from the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits, char follows) {
  const std::size_t size = digits + (follows != 0 ? 1 : 0);
  if (text.size() < size) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc() || end != text.data() + digits || text[0] == '-') return std::nullopt;
  if (follows != 0 && text[digits] != follows) return std::nullopt;
  text.remove_prefix(size);
  return value;
}

// ".250", at any precision; what is finer than a millisecond is cut off.
std::optional<int> take_fraction_ms(std::string_view& text) {
  if (!text.starts_with('.')) return 0;
  text.remove_prefix(1);
  int value = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    if (digits < 3) value = 10 * value + (text[digits] - '0');
  }
  if (digits == 0) return std::nullopt;
  for (std::size_t i = digits; i < 3; ++i) value *= 10;
  text.remove_prefix(digits);
  return value;
}

// "Z", "+08:00", "-0330" to the end of the text; in minutes.
std::optional<int> offset_minutes(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (!text.starts_with('+') && !text.starts_with('-')) return std::nullopt;
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = take_number(text, 2, text.size() == 5 ? ':' : '\0');
  const auto minutes = take_number(text, 2, '\0');
  if (!hours || !minutes || !text.empty() || *hours > 23 || *minutes > 59) return std::nullopt;
  return sign * (60 * *hours + *minutes);
}

std::string format_utc(int64_t time_ms, const char* pattern) {
  const auto seconds = static_cast<std::time_t>(time_ms / kMsPerSecond);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  return {text, std::strftime(text, sizeof text, pattern, &parts)};
}

}  // namespace

std::optional<int64_t> parse_time_ms(std::string_view text) {
  if (!text.empty() &&
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
    return error == std::errc() ? std::optional(value) : std::nullopt;
  }
  const auto year = take_number(text, 4, '-');
  const auto month = take_number(text, 2, '-');
  if (!year || !month || text.size() < 3) return std::nullopt;
  const char separator = text[2];
  if (separator != 'T' && separator != 't' && separator != ' ') return std::nullopt;
  const auto day = take_number(text, 2, separator);
  const auto hour = take_number(text, 2, ':');
  const auto minute = take_number(text, 2, '\0');
  std::optional<int> second = 0;
  if (text.starts_with(':')) {
    text.remove_prefix(1);
    second = take_number(text, 2, '\0');
  }
  if (!day || !hour || !minute || !second) return std::nullopt;
  const auto fraction = take_fraction_ms(text);
  const auto offset = offset_minutes(text);
  if (!fraction || !offset) return std::nullopt;

  using std::chrono::sys_days;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const int64_t days = sys_days(date).time_since_epoch().count();
  const int64_t minutes = (days * 24 + *hour) * 60 + *minute - *offset;
  return (minutes * 60 + *second) * kMsPerSecond + *fraction;
}

std::optional<int64_t> parse_duration_s(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const auto unit = std::string_view("smhd").find(text.back());
  if (unit == std::string_view::npos) return std::nullopt;
  text.remove_suffix(1);
  constexpr int64_t kSeconds[] = {1, 60, 3'600, 86'400};
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return int64_t{value} * kSeconds[unit];
}

std::string format_time(int64_t time_ms) { return format_utc(time_ms, "%Y-%m-%dT%H:%M:%SZ"); }

std::string format_clock(int64_t time_ms) {
  const std::string ms = std::to_string(time_ms % kMsPerSecond);
  return format_utc(time_ms, "%H:%M:%S") + "." + std::string(3 - ms.size(), '0') + ms;
}

}  // namespace tact::client
