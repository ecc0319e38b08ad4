// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <date/tz.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/data.h"
#include "policy/prefix.h"
#include "policy/submission.h"

namespace tact::policy {

// A zone of the system's database. Most have kept one offset for years and are to keep it for ever:
// from `settled` on the database need not be asked.
struct Zone {
  explicit Zone(const date::time_zone&);  // reads the zone's file
  const date::time_zone* operator->() const { return rules; }

  const date::time_zone* rules;
  Instant settled;
  std::chrono::milliseconds offset;
};
// The zones a recipient may live in: a time must be lawful in all of them.
using ZoneSpan = std::span<const Zone>;

// Local hours, [from, to), with a later start on Sundays. from >= to: closed all day; so are other
// days of the week than these.
struct Hours {
  std::chrono::minutes from{0};
  std::chrono::minutes to{24 * 60};
  std::chrono::minutes sunday_from{0};
  uint8_t days = 0x7f;  // of the week: bit 0 is Sunday
};

// Number prefixes and zone names, compiled; looks at no file once built.
class Zones {
 public:
  // Adds what is wrong with the rows ("zones[7]", unknown name) to `errors`.
  void build(const std::vector<ZoneRow>&, std::vector<std::pair<std::string, std::string>>& errors);

  // By longest prefix of a number; empty: unknown. REQUIRES: nothing but digits
  ZoneSpan of_number(std::string_view digits) const;
  // By IANA name; null: unknown.
  const Zone* by_name(std::string_view name) const;

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  boost::unordered_flat_map<std::string, Zone, Hash, std::equal_to<>> names_;
  PrefixMap prefixes_;  // to an index into sets_
  std::vector<std::vector<Zone>> sets_;
};

// Holidays by country. Weekends are working time for our purposes unless Hours says otherwise.
class Calendar {
 public:
  void build(const std::vector<HolidayRow>&);
  bool off(std::string_view country, date::local_days) const;
  bool covers(std::string_view country, int year) const;

 private:
  struct Days {
    std::set<date::local_days> off;
    std::set<int> years;
  };
  boost::unordered_flat_map<std::string, Days> countries_;
};

date::local_time<std::chrono::milliseconds> local(Zone, Instant);
// The first instant whose local time is not before `t`: what a gap swallows comes right behind it;
// what is there twice means the first of the two.
Instant first_instant(Zone, date::local_time<std::chrono::milliseconds> t);
// The first instant of the local day.
Instant day_begin(Zone, date::local_days);
// First instants of t's month and of the next, in that zone.
std::pair<Instant, Instant> month_of(Zone, Instant t);

// The earliest instant >= t inside the hours in all zones; `limit` if there is none before it.
Instant next_open(ZoneSpan, const Hours&, Instant t, Instant limit);
// The earliest instant >= t that is no holiday in any of the zones; `limit` as above.
Instant next_workday(ZoneSpan, const Calendar&, std::string_view country, Instant t, Instant limit);
// The earliest instant >= t on none of these days of the year in any of the zones. `dates`: month
// and day, an octet each.
Instant next_ordinary_day(ZoneSpan, std::string_view dates, Instant t, Instant limit);

}  // namespace tact::policy
