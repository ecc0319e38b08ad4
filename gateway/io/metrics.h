// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <prometheus/collectable.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/engine/stats.h"
#include "gateway/engine/time.h"
#include "gateway/io/rocks.h"
#include "gateway/io/storage.h"
#include "gateway/io/upstream_listener.h"
#include "policy/rule_set.h"

namespace tact::gateway {

// The rule set that messages are judged by, and what became of the files that were to change it.
struct RulesInForce {
  std::shared_ptr<const policy::RuleSet> rules;
  std::vector<std::string> calendars;  // countries whose holidays it knows
  uint64_t reloads = 0, reloads_refused = 0;
};

// Where the numbers come from. Everything outlives the Metrics; null: not there.
struct MetricsSources {
  std::vector<const ShardStats*> shards;       // by ShardId
  std::vector<const LatencyHistogram*> turns;  // likewise; may be empty
  const StorageStats* storage = nullptr;
  const ListenerStats* listener = nullptr;
  const Rocks* rocks = nullptr;
  std::function<RulesInForce()> rules;    // may be empty
  std::function<Civil()> now;             // for ages
  std::function<uint64_t()> clock_steps;  // may be empty
};

// Days until the first year of which no holiday of this country (ISO code) is known. From that year
// on HOLIDAY does not fire.
int64_t holidays_known_days(const policy::RuleSet&, const std::string& country, Civil now);

// Every counter of the gateway as Prometheus families, gathered when somebody asks (DESIGN 15:
// nothing of Prometheus is on a message's way). Names begin with tact_ and end with their unit;
// labels: shard, route, link, class, rule, action, upstream, state, kind, country. Nothing here
// holds a phone number. Any thread.
//
// A rule is shown for a class once it has fired there; verdicts are shown for every class and
// action from the start, so that a rate over them exists before the first message.
class Metrics final : public prometheus::Collectable {
 public:
  explicit Metrics(MetricsSources);

  std::vector<prometheus::MetricFamily> Collect() const override;
  // In the text format, version 0.0.4.
  std::string text() const;
  static constexpr const char* kType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  const MetricsSources from_;
};

}  // namespace tact::gateway
