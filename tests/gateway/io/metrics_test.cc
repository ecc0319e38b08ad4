// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

#include "gateway/io/families.h"

namespace tact::gateway {
namespace {

class MetricsTest : public testing::Test {
 protected:
  MetricsTest() {
    RouteStats& route = stats_.routes.emplace_back();
    route.name = "carrier \"a\"";
    LinkStats& link = route.links.emplace_back();
    link.name = "main-1";
    link.up.set(1);
    link.connect_failures.add(3);
    link.bind_refusals.add(2);
    link.tls_failures[static_cast<size_t>(TlsFault::expired)].add(4);
    link.window.set(10);
    link.window_used.set(3);
    link.round_trip.observe(std::chrono::milliseconds(3));
    LaneStats& lane = route.lanes[raw(Class::otp)];
    lane.queued.set(7);
    lane.oldest_accepted_ms.set(1'000);
    lane.round_trip.observe(std::chrono::milliseconds(3));
    lane.receipt.observe(std::chrono::seconds(2));
    route.receipts_by_state[2].add(5);
    stats_.upstreams.emplace_back().name = "shop";
    stats_.rules[static_cast<size_t>(policy::Rule::window)][raw(Class::marketing)].add(4);
    stats_.verdicts[raw(Class::marketing)][static_cast<size_t>(policy::Action::defer)].add(4);
    storage_.group_sizes[0].add(2);
    storage_.group_sizes[3].add(1);
    storage_.commits.add(10);
    policy::RuleSetSpec spec;
    spec.brands.push_back({.id = 1, .name = "b", .signatures = {"甲乙"}, .contacts = {"955XX"}});
    spec.accounts.push_back({.id = 1, .name = "a", .brands = {1}});
    for (const int year : {1970, 1971, 1973}) {
      const auto holiday = std::chrono::year(year) / std::chrono::May / 1;
      spec.holidays.push_back({.country = "CN", .date = holiday, .name = "labour"});
    }
    rules_ = policy::build(spec).rules;
  }
  std::string text() const {
    MetricsSources from;
    from.rules = [this] { return RulesInForce{rules_, {"CN", "HK"}, 2, 1}; };
    from.shards = {&stats_};
    from.storage = &storage_;
    from.now = [] { return from_ms(3'500); };
    from.clock_steps = [] { return uint64_t{2}; };
    return Metrics(from).text();
  }
  bool has_line(const std::string& line) const {
    return ("\n" + text()).find("\n" + line + "\n") != std::string::npos;
  }

  ShardStats stats_;
  StorageStats storage_;
  std::shared_ptr<const policy::RuleSet> rules_;
};

TEST_F(MetricsTest, EverySampleHasItsFamilyOnceWithHelp) {
  const std::string all = text();
  for (const char* family :
       {"tact_build_info", "tact_verdicts_total", "tact_rules_fired_total",
        "tact_lane_queued_messages", "tact_lane_oldest_age_seconds", "tact_link_up",
        "tact_link_window_used_requests", "tact_link_round_trip_seconds",
        "tact_lane_receipt_seconds", "tact_commit_seconds", "tact_storage_group_commits",
        "tact_throttled_total", "tact_jobs_total", "tact_uncommitted_bytes", "tact_events_unacked",
        "process_resident_memory_bytes", "process_open_fds", "process_cpu_seconds_total"}) {
    const std::string type = std::string("# TYPE ") + family + " ";
    const size_t first = all.find(type);
    EXPECT_NE(first, std::string::npos) << family;
    EXPECT_EQ(all.find(type, first + 1), std::string::npos) << family << " twice";
    EXPECT_NE(all.find(std::string("# HELP ") + family + " "), std::string::npos) << family;
  }
}

TEST_F(MetricsTest, ValuesAndLabels) {
  EXPECT_TRUE(has_line(R"(tact_link_up{route="carrier \"a\"",link="main-1"} 1)")) << text();
  EXPECT_TRUE(has_line(R"(tact_lane_queued_messages{route="carrier \"a\"",class="OTP"} 7)"));
  EXPECT_TRUE(has_line(R"(tact_lane_oldest_age_seconds{route="carrier \"a\"",class="OTP"} 2.5)"));
  EXPECT_TRUE(has_line(R"(tact_verdicts_total{shard="0",class="MARKETING",action="DEFER"} 4)"));
  EXPECT_TRUE(has_line(R"(tact_rules_fired_total{shard="0",rule="WINDOW",class="MARKETING"} 4)"));
  EXPECT_TRUE(has_line(R"(tact_receipts_by_state_total{route="carrier \"a\"",state="DELIVRD"} 5)"));
  EXPECT_TRUE(has_line("tact_clock_steps_total 2"));
  const std::string link = R"({route="carrier \"a\"",link="main-1",reason=")";
  EXPECT_TRUE(has_line("tact_link_bind_failures_total" + link + R"(connect"} 3)"));
  EXPECT_TRUE(has_line("tact_link_bind_failures_total" + link + R"(refused"} 2)"));
  EXPECT_TRUE(has_line("tact_link_bind_failures_total" + link + R"(lost"} 0)"));
  EXPECT_TRUE(has_line("tact_link_bind_failures_total" + link + R"(tls_expired"} 4)"));
  EXPECT_TRUE(has_line("tact_link_bind_failures_total" + link + R"(tls_host_name"} 0)"));
}

TEST_F(MetricsTest, TheEndOfACalendarIsSeenComing) {
  EXPECT_TRUE(has_line("tact_holidays_known_days{country=\"CN\"} 730"));
  EXPECT_TRUE(has_line("tact_holidays_known_days{country=\"HK\"} 0"));
}

TEST_F(MetricsTest, RulesThatNeverFiredAreNotShownButVerdictsAre) {
  const std::string all = text();
  size_t rules = 0, verdicts = 0;
  for (size_t at = 0; (at = all.find("\ntact_rules_fired_total{", at)) != std::string::npos; ++at) {
    ++rules;
  }
  for (size_t at = 0; (at = all.find("\ntact_verdicts_total{", at)) != std::string::npos; ++at) {
    ++verdicts;
  }
  EXPECT_EQ(rules, 1u);
  EXPECT_EQ(verdicts, 20u);
}

TEST_F(MetricsTest, HistogramsAddUp) {
  EXPECT_TRUE(has_line(R"(tact_storage_group_commits_bucket{le="1"} 2)")) << text();
  EXPECT_TRUE(has_line(R"(tact_storage_group_commits_bucket{le="8"} 3)"));
  EXPECT_TRUE(has_line(R"(tact_storage_group_commits_bucket{le="+Inf"} 3)"));
  EXPECT_TRUE(has_line("tact_storage_group_commits_sum 10"));
  const std::string link = R"(route="carrier \"a\"",link="main-1")";
  EXPECT_TRUE(has_line("tact_link_round_trip_seconds_bucket{" + link + ",le=\"0.0025\"} 0"));
  EXPECT_TRUE(has_line("tact_link_round_trip_seconds_bucket{" + link + ",le=\"0.005\"} 1"));
  EXPECT_TRUE(has_line("tact_link_round_trip_seconds_count{" + link + "} 1"));
  for (const auto& [cls, count] : {std::pair("OTP", "1"), {"MARKETING", "0"}}) {
    const std::string lane = std::string(R"(_seconds_count{route="carrier \"a\"",class=")") + cls;
    EXPECT_TRUE(has_line("tact_lane_round_trip" + lane + "\"} " + count)) << cls;
    EXPECT_TRUE(has_line("tact_lane_receipt" + lane + "\"} " + count)) << cls;
  }
}

TEST_F(MetricsTest, NothingLooksLikeAPhoneNumber) {
  const std::string all = text();
  const std::regex number("\"[^\"]*[0-9]{7,}[^\"]*\"");
  EXPECT_FALSE(std::regex_search(all, number));
}

}  // namespace
}  // namespace tact::gateway
