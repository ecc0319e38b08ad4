// SPDX-License-Identifier: Apache-2.0
#include "bench/load/report.h"

#include <cstdio>

#include "client/table.h"

namespace tact::bench {
namespace {

using client::grouped;

std::string ms(uint64_t ns) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f ms", static_cast<double>(ns) / 1e6);
  return text;
}

}  // namespace

std::string report_table(const Load& load) {
  const Tally& tally = load.tally();
  const Histogram ack = sum(tally.ack_latencies());
  const Histogram end = sum(tally.end_latencies());
  client::Table table({"", "", ""});
  table.add({"sustained", grouped(static_cast<uint64_t>(tally.final_per_second())) + " msg/s",
             "first submission to last final event, " + std::to_string(tally.seconds()) + " s"});
  table.add({"sent", grouped(tally.sent_count()), ""});
  table.add({"acknowledged", grouped(tally.acknowledged_count()),
             grouped(tally.outcome(proto::QUEUED)) + " queued, " +
                 grouped(tally.outcome(proto::DEFERRED)) + " deferred, " +
                 grouped(tally.outcome(proto::REJECTED)) + " rejected"});
  table.add({"final", grouped(tally.final_count()), grouped(tally.delivered()) + " delivered"});
  table.add({"lost", grouped(tally.lost()), "acknowledged, and no final event"});
  table.add({"doubled", grouped(tally.doubled()), "final events beyond a message's first"});
  table.add({"still deferred", grouped(tally.deferred()), ""});
  table.add({"connections lost", grouped(load.connections_lost()), ""});
  table.add({"acknowledgement", "p50 " + ms(ack.quantile(0.5)),
             "p90 " + ms(ack.quantile(0.9)) + "  p99 " + ms(ack.quantile(0.99)) + "  max " +
                 ms(ack.max())});
  table.add({"end to end", "p50 " + ms(end.quantile(0.5)), "p99 " + ms(end.quantile(0.99))});
  return table.render();
}

}  // namespace tact::bench
