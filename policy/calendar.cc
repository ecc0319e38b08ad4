// SPDX-License-Identifier: Apache-2.0
#include "policy/calendar.h"

#include <algorithm>

namespace tact::policy {
namespace {

using date::days;
using date::local_days;
using Millis = std::chrono::milliseconds;
using LocalTime = date::local_time<Millis>;

// When the hours begin on that local day; nullopt: closed all day.
std::optional<LocalTime> opens(const Hours& hours, local_days day) {
  const unsigned weekday = date::weekday(day).c_encoding();
  const auto from = weekday == 0 ? std::max(hours.from, hours.sunday_from) : hours.from;
  if ((hours.days >> weekday & 1) == 0 || from >= hours.to) return std::nullopt;
  return LocalTime(day) + from;
}

Instant next_open(Zone zone, const Hours& hours, Instant t, Instant limit) {
  const LocalTime now = local(zone, t);
  local_days day = date::floor<days>(now);
  if (const auto from = opens(hours, day); from && now < LocalTime(day) + hours.to) {
    return now >= *from ? t : std::max(t, first_instant(zone, *from));
  }
  while (t < limit) {
    day += days(1);
    if (const auto from = opens(hours, day)) return std::max(t, first_instant(zone, *from));
    t = std::max(t, day_begin(zone, day));
  }
  return limit;
}

Instant next_workday(Zone zone, const Calendar& calendar, std::string_view country, Instant t,
                     Instant limit) {
  local_days day = date::floor<days>(local(zone, t));
  while (t < limit && calendar.off(country, day)) {
    day += days(1);
    t = std::max(t, day_begin(zone, day));
  }
  return std::min(t, limit);
}

bool is_one_of(std::string_view dates, local_days day) {
  const date::year_month_day when(day);
  for (; dates.size() >= 2; dates.remove_prefix(2)) {
    if (date::month(static_cast<uint8_t>(dates[0])) == when.month() &&
        date::day(static_cast<uint8_t>(dates[1])) == when.day()) {
      return true;
    }
  }
  return false;
}

Instant next_ordinary_day(Zone zone, std::string_view dates, Instant t, Instant limit) {
  local_days day = date::floor<days>(local(zone, t));
  while (t < limit && is_one_of(dates, day)) {
    day += days(1);
    t = std::max(t, day_begin(zone, day));
  }
  return std::min(t, limit);
}

// Asks zone after zone until none of them moves the instant any more.
template <typename Next>
Instant in_all(ZoneSpan zones, Instant t, Instant limit, Next next) {
  for (bool moved = true; moved && t < limit;) {
    moved = false;
    for (const Zone zone : zones) {
      const Instant later = next(zone, t);
      moved |= later != t;
      t = later;
    }
  }
  return std::min(t, limit);
}

}  // namespace

void Zones::build(const std::vector<ZoneRow>& rows,
                  std::vector<std::pair<std::string, std::string>>& errors) {
  const date::tzdb& database = date::get_tzdb();
  for (const date::time_zone& zone : database.zones) names_.emplace(zone.name(), zone);
  for (size_t i = 0; i < rows.size(); ++i) {
    std::vector<Zone> set;
    for (const std::string& name : rows[i].zones) {
      if (const Zone* zone = by_name(name)) {
        set.push_back(*zone);
      } else {
        errors.emplace_back("zones[" + std::to_string(i) + "]", "unknown zone \"" + name + "\"");
      }
    }
    prefixes_.put(rows[i].prefix, static_cast<uint32_t>(sets_.size()));
    sets_.push_back(std::move(set));
  }
}

ZoneSpan Zones::of_number(std::string_view digits) const {
  const auto set = prefixes_.find(digits);
  return set ? ZoneSpan(sets_[*set]) : ZoneSpan();
}

const Zone* Zones::by_name(std::string_view name) const {
  const auto it = names_.find(name);
  return it == names_.end() ? nullptr : &it->second;
}

void Calendar::build(const std::vector<HolidayRow>& rows) {
  for (const HolidayRow& row : rows) {
    Days& country = countries_[row.country];
    country.years.insert(static_cast<int>(row.date.year()));
    if (row.off) {
      country.off.insert(
          local_days(days(std::chrono::sys_days(row.date).time_since_epoch().count())));
    }
  }
}

bool Calendar::off(std::string_view country, local_days day) const {
  const auto it = countries_.find(std::string(country));
  return it != countries_.end() && it->second.off.contains(day);
}

bool Calendar::covers(std::string_view country, int year) const {
  const auto it = countries_.find(std::string(country));
  return it != countries_.end() && it->second.years.contains(year);
}

Zone::Zone(const date::time_zone& zone) : rules(&zone) {
  const auto info = zone.get_info(date::sys_days(date::year(9999) / 1 / 1));
  settled = info.begin;
  offset = info.offset;
}

LocalTime local(Zone zone, Instant t) {
  if (t >= zone.settled) return LocalTime(t.time_since_epoch() + zone.offset);
  const auto info = zone->get_info(date::floor<std::chrono::seconds>(t));
  return LocalTime(t.time_since_epoch() + info.offset);
}

Instant first_instant(Zone zone, LocalTime t) {
  // Two days: no change of offset is greater, so that this instant is the only one.
  const Instant instant(t.time_since_epoch() - zone.offset);
  if (instant >= zone.settled + days(2)) return instant;
  const auto info = zone->get_info(date::floor<std::chrono::seconds>(t));
  if (info.result == date::local_info::nonexistent) return Instant(info.second.begin);
  return Instant(t.time_since_epoch() - info.first.offset);
}

Instant day_begin(Zone zone, local_days day) { return first_instant(zone, LocalTime(day)); }

std::pair<Instant, Instant> month_of(Zone zone, Instant t) {
  const date::year_month_day day(date::floor<days>(local(zone, t)));
  const auto month = day.year() / day.month();
  return {day_begin(zone, local_days(month / 1)),
          day_begin(zone, local_days((month + date::months(1)) / 1))};
}

Instant next_open(ZoneSpan zones, const Hours& hours, Instant t, Instant limit) {
  return in_all(zones, t, limit,
                [&](Zone zone, Instant at) { return next_open(zone, hours, at, limit); });
}

Instant next_workday(ZoneSpan zones, const Calendar& calendar, std::string_view country, Instant t,
                     Instant limit) {
  return in_all(zones, t, limit, [&](Zone zone, Instant at) {
    return next_workday(zone, calendar, country, at, limit);
  });
}

Instant next_ordinary_day(ZoneSpan zones, std::string_view dates, Instant t, Instant limit) {
  return in_all(zones, t, limit,
                [&](Zone zone, Instant at) { return next_ordinary_day(zone, dates, at, limit); });
}

}  // namespace tact::policy
