// SPDX-License-Identifier: Apache-2.0
#include "policy/calendar.h"

#include "tests/policy/fixture.h"

namespace tact::policy {
namespace {

using test::at;
using test::iso;

class CalendarTest : public testing::Test {
 protected:
  CalendarTest() {
    std::vector<std::pair<std::string, std::string>> errors;
    zones_.build({{1212, {"America/New_York"}},
                  {1, {"America/New_York", "America/Los_Angeles"}},
                  {86, {"Asia/Shanghai"}},
                  {999, {"Nowhere/Land"}}},
                 errors);
    EXPECT_EQ(errors.size(), 1u);
  }
  Zone zone(std::string_view name) const { return *zones_.by_name(name); }
  Instant open(std::string_view name, std::string_view t, Hours h) const {
    const Zone z = zone(name);
    return next_open(ZoneSpan(&z, 1), h, at(t), at("2027-01-01T00:00+00:00"));
  }
  Zones zones_;
};

constexpr Hours kDay{std::chrono::hours(9), std::chrono::hours(20), std::chrono::minutes(0)};

TEST_F(CalendarTest, unknown_numbers_and_names_have_no_zone) {
  EXPECT_TRUE(zones_.of_number("").empty());
  EXPECT_TRUE(zones_.of_number("4930123456").empty());
  EXPECT_EQ(zones_.by_name("Mars/Olympus"), nullptr);
}

TEST_F(CalendarTest, the_longest_prefix_wins) {
  EXPECT_EQ(zones_.of_number("12125550123").size(), 1u);
  EXPECT_EQ(zones_.of_number("13105550123").size(), 2u);
  EXPECT_EQ(zones_.of_number("8613800138000")[0]->name(), "Asia/Shanghai");
}

TEST_F(CalendarTest, window_is_closed_at_its_end_and_open_at_its_beginning) {
  EXPECT_EQ(iso(open("Asia/Shanghai", "2026-03-18T09:00+08:00", kDay)),
            "2026-03-18T09:00:00+08:00");
  EXPECT_EQ(iso(open("Asia/Shanghai", "2026-03-18T19:59:59+08:00", kDay)),
            "2026-03-18T19:59:59+08:00");
  EXPECT_EQ(iso(open("Asia/Shanghai", "2026-03-18T20:00+08:00", kDay)),
            "2026-03-19T09:00:00+08:00");
}

TEST_F(CalendarTest, an_opening_that_the_clock_jumps_over_comes_right_after_the_gap) {
  const Hours early{std::chrono::minutes(150), std::chrono::hours(20), std::chrono::minutes(0)};
  EXPECT_EQ(open("America/New_York", "2026-03-08T00:00-05:00", early),
            at("2026-03-08T03:00-04:00"));
}

TEST_F(CalendarTest, an_opening_that_comes_twice_means_the_first) {
  const Hours early{std::chrono::minutes(90), std::chrono::hours(20), std::chrono::minutes(0)};
  EXPECT_EQ(open("America/New_York", "2026-11-01T00:00-04:00", early),
            at("2026-11-01T01:30-04:00"));
}

TEST_F(CalendarTest, a_skipped_midnight_begins_the_day_late) {
  // In Beirut the clock went from 00:00 to 01:00 on 2024-03-31.
  EXPECT_EQ(day_begin(zone("Asia/Beirut"), date::local_days(date::year(2024) / 3 / 31)),
            at("2024-03-31T01:00+03:00"));
}

TEST_F(CalendarTest, several_zones_leave_their_common_hours) {
  const ZoneSpan both = zones_.of_number("13105550123");
  const Instant limit = at("2027-01-01T00:00+00:00");
  EXPECT_EQ(next_open(both, kDay, at("2026-03-18T09:00-04:00"), limit),
            at("2026-03-18T09:00-07:00"));
  EXPECT_EQ(next_open(both, kDay, at("2026-03-18T20:00-04:00"), limit),
            at("2026-03-19T09:00-07:00"));
}

TEST_F(CalendarTest, hours_that_never_meet_end_at_the_limit) {
  const std::vector<Zone> far = {zone("Asia/Shanghai"), zone("America/New_York")};
  const Instant limit = at("2026-04-01T00:00+00:00");
  const Hours noon{std::chrono::hours(12), std::chrono::hours(14), std::chrono::minutes(0)};
  EXPECT_EQ(next_open(far, noon, at("2026-03-18T09:00+00:00"), limit), limit);
  const Hours never{std::chrono::hours(12), std::chrono::hours(12), std::chrono::minutes(0)};
  EXPECT_EQ(next_open(far, never, at("2026-03-18T09:00+00:00"), limit), limit);
}

TEST_F(CalendarTest, every_instant_found_is_open_and_none_before_it) {
  const ZoneSpan both = zones_.of_number("13105550123");
  const Instant limit = at("2028-01-01T00:00+00:00");
  const auto open_at = [&](Instant t) {
    for (const Zone z : both) {
      const auto l = local(z, t);
      const auto time = l - date::floor<date::days>(l);
      if (time < kDay.from || time >= kDay.to) return false;
    }
    return true;
  };
  for (Instant t = at("2026-02-25T00:07+00:00"); t < at("2026-11-20T00:00+00:00");
       t += std::chrono::minutes(97)) {
    const Instant next = next_open(both, kDay, t, limit);
    ASSERT_TRUE(open_at(next)) << iso(t);
    for (Instant u = t; u < next; u += std::chrono::minutes(10)) ASSERT_FALSE(open_at(u)) << iso(u);
  }
}

TEST_F(CalendarTest, a_settled_zone_says_what_the_database_says) {
  using std::chrono::milliseconds;
  for (const char* name : {"Asia/Shanghai", "Asia/Kolkata", "America/Sao_Paulo", "Pacific/Apia",
                           "Europe/Moscow", "Asia/Tehran", "America/New_York"}) {
    const Zone z = zone(name);
    const Instant around = std::chrono::floor<std::chrono::minutes>(z.settled);
    for (Instant t = around - date::days(3); t < around + date::days(5);
         t += std::chrono::minutes(17)) {
      const auto offset = z->get_info(date::floor<std::chrono::seconds>(t)).offset;
      const date::local_time<milliseconds> wall(t.time_since_epoch() + offset);
      ASSERT_EQ(local(z, t), wall) << name << iso(t);
      const auto info = z->get_info(date::floor<std::chrono::seconds>(wall));
      ASSERT_EQ(first_instant(z, wall), Instant(wall.time_since_epoch() - info.first.offset))
          << name << iso(t);
    }
  }
  EXPECT_LT(zone("Asia/Shanghai").settled, at("1992-01-01T00:00+08:00"));
  EXPECT_GT(zone("America/New_York").settled, at("2030-01-01T00:00+00:00"));
}

TEST_F(CalendarTest, months_are_those_of_the_zone) {
  const auto [begin, end] = month_of(zone("Asia/Shanghai"), at("2026-03-31T20:00+00:00"));
  EXPECT_EQ(iso(begin), "2026-04-01T00:00:00+08:00");
  EXPECT_EQ(iso(end), "2026-05-01T00:00:00+08:00");
}

}  // namespace
}  // namespace tact::policy
