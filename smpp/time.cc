// SPDX-License-Identifier: Apache-2.0
#include "smpp/time.h"

#include <algorithm>

namespace tact::smpp {
namespace {

using namespace std::chrono;

constexpr minutes kQuarter{15};
constexpr days kRelativeMax{32};

struct Characters {
  std::array<char, TimeText::kSize> text{};
  std::size_t size = 0;

  void push(char c) { text.at(size++) = c; }
};

void two_digits(Characters& out, long value) {
  out.push(static_cast<char>('0' + value / 10));
  out.push(static_cast<char>('0' + value % 10));
}

void time_of_day(Characters& out, milliseconds since_midnight) {
  const hh_mm_ss time(since_midnight);
  two_digits(out, time.hours().count());
  two_digits(out, time.minutes().count());
  two_digits(out, time.seconds().count());
}

// The pairs of digits in front: YY MM DD hh mm ss, then t and nn.
struct Fields {
  int year, month, day, hour, minute, second, tenth, quarters;
};

std::optional<Fields> fields_of(std::string_view text) {
  constexpr std::size_t kDigits = TimeText::kSize - 1;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!std::all_of(text.begin(), text.begin() + kDigits, is_digit)) return std::nullopt;
  const auto digit = [text](std::size_t at) { return text[at] - '0'; };
  const auto pair = [digit](std::size_t at) { return digit(at) * 10 + digit(at + 1); };
  return Fields{pair(0), pair(2), pair(4), pair(6), pair(8), pair(10), digit(12), pair(13)};
}

milliseconds of_day(const Fields& f) {
  return hours(f.hour) + minutes(f.minute) + seconds(f.second);
}

// Of the years that end so the one that is nearest to this.
year year_near(int two, year here) {
  const int past = static_cast<int>(here) - 50;
  const int from_past = ((two - past) % 100 + 100) % 100;
  return year(past + from_past);
}

ReadTime relative(const Fields& f, Instant now) {
  const auto midnight = floor<days>(now);
  year_month_day date(midnight);
  date += years(f.year);
  date += months(f.month);
  if (!date.ok()) date = date.year() / date.month() / last;
  return {TimeError::none, sys_days(date) + days(f.day) + (now - midnight) + of_day(f), true};
}

ReadTime absolute(const Fields& f, bool ahead, Instant now) {
  const year_month_day today(floor<days>(now));
  const year_month_day date(year_near(f.year, today.year()), month(static_cast<unsigned>(f.month)),
                            day(static_cast<unsigned>(f.day)));
  if (!date.ok()) return {TimeError::date};
  if (f.hour > 23 || f.minute > 59 || f.second > 59) return {TimeError::hour};
  if (f.quarters > kQuartersMax) return {TimeError::quarter};
  const Instant local = sys_days(date) + of_day(f) + milliseconds(100 * f.tenth);
  return {TimeError::none, ahead ? local - f.quarters * kQuarter : local + f.quarters * kQuarter};
}

}  // namespace

TimeText absolute_time(Instant at, int quarters) {
  const Instant local = at + quarters * kQuarter;
  const auto midnight = floor<days>(local);
  const year_month_day date(midnight);
  const milliseconds since = local - midnight;
  Characters out;
  two_digits(out, (static_cast<int>(date.year()) % 100 + 100) % 100);
  two_digits(out, static_cast<unsigned>(date.month()));
  two_digits(out, static_cast<unsigned>(date.day()));
  time_of_day(out, since);
  out.push(static_cast<char>('0' + since % seconds(1) / milliseconds(100)));
  two_digits(out, quarters < 0 ? -quarters : quarters);
  out.push(quarters < 0 ? '-' : '+');
  return TimeText(out.text);
}

TimeText relative_time(milliseconds from_now) {
  if (from_now < milliseconds(0) || from_now >= kRelativeMax) return {};
  Characters out;
  const auto whole = floor<days>(from_now);
  two_digits(out, 0);
  two_digits(out, 0);
  two_digits(out, whole.count());
  time_of_day(out, from_now - whole);
  for (const char c : {'0', '0', '0', 'R'}) out.push(c);
  return TimeText(out.text);
}

std::string_view name(TimeError error) {
  switch (error) {
    case TimeError::none:
      return "none";
    case TimeError::length:
      return "length";
    case TimeError::digits:
      return "digits";
    case TimeError::date:
      return "date";
    case TimeError::hour:
      return "hour";
    case TimeError::quarter:
      return "quarter";
    case TimeError::sign:
      return "sign";
  }
  return "?";
}

ReadTime read_time(std::string_view text, Instant now) {
  if (text.size() != TimeText::kSize) return {TimeError::length};
  const auto fields = fields_of(text);
  if (!fields) return {TimeError::digits};
  switch (text.back()) {
    case 'R':
      return relative(*fields, now);
    case '+':
    case '-':
      return absolute(*fields, text.back() == '+', now);
    default:
      return {TimeError::sign};
  }
}

}  // namespace tact::smpp
