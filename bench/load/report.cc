// SPDX-License-Identifier: Apache-2.0
#include "bench/load/report.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <boost/version.hpp>
#include <fstream>

#include "client/table.h"

namespace tact::bench {
namespace {

namespace json = boost::json;
using client::grouped;

double seconds_of(const Tally& tally) {
  return static_cast<double>(tally.last_final_ns() - tally.first_sent_ns()) / 1e9;
}

// Over the whole life: from the first submission to the last final event.
double sustained(const Tally& tally) {
  const double seconds = seconds_of(tally);
  return seconds > 0 ? static_cast<double>(tally.final_count()) / seconds : 0;
}

std::string ms(uint64_t ns) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f ms", static_cast<double>(ns) / 1e6);
  return text;
}

// What stands behind the colon of a line "key : value" of a file of /proc; empty if there is none.
std::string proc_value(const char* path, std::string_view key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t at = line.find_first_not_of(" \t", line.find(':') + 1);
    return at == std::string::npos ? std::string() : line.substr(at);
  }
  return {};
}

json::object machine() {
  utsname system{};
  uname(&system);
  return {{"cpu", proc_value("/proc/cpuinfo", "model name")},
          {"cores", sysconf(_SC_NPROCESSORS_ONLN)},
          {"memory", proc_value("/proc/meminfo", "MemTotal")},
          {"kernel", std::string(system.sysname) + " " + system.release}};
}

json::object json_of(const Histogram& histogram) {
  return {{"count", histogram.count()},           {"p50_ns", histogram.quantile(0.5)},
          {"p90_ns", histogram.quantile(0.9)},    {"p99_ns", histogram.quantile(0.99)},
          {"p999_ns", histogram.quantile(0.999)}, {"max_ns", histogram.max()}};
}

}  // namespace

uint64_t lost(const Tally& tally) { return tally.unfinished() - tally.deferred(); }

std::string report_table(const Load& load) {
  const Tally& tally = load.tally();
  const Histogram& ack = tally.ack_latency();
  const Histogram& end = tally.end_latency();
  client::Table table({"", "", ""});
  table.add({"sustained", grouped(static_cast<uint64_t>(sustained(tally))) + " msg/s",
             "first submission to last final event, " + std::to_string(seconds_of(tally)) + " s"});
  table.add({"sent", grouped(tally.sent_count()), ""});
  table.add({"acknowledged", grouped(tally.acknowledged_count()),
             grouped(tally.outcome(proto::QUEUED)) + " queued, " +
                 grouped(tally.outcome(proto::DEFERRED)) + " deferred, " +
                 grouped(tally.outcome(proto::REJECTED)) + " rejected"});
  table.add({"final", grouped(tally.final_count()), grouped(tally.delivered()) + " delivered"});
  table.add({"lost", grouped(lost(tally)), "acknowledged, and no final event"});
  table.add({"doubled", grouped(tally.doubled()), "final events beyond a message's first"});
  table.add({"still deferred", grouped(tally.deferred()), ""});
  table.add({"connections lost", grouped(load.connections_lost()), ""});
  table.add({"acknowledgement", "p50 " + ms(ack.quantile(0.5)),
             "p90 " + ms(ack.quantile(0.9)) + "  p99 " + ms(ack.quantile(0.99)) + "  max " +
                 ms(ack.max())});
  table.add({"end to end", "p50 " + ms(end.quantile(0.5)), "p99 " + ms(end.quantile(0.99))});
  return table.render();
}

std::string report_json(const Load& load, const RunFacts& facts) {
  const Tally& tally = load.tally();
  const json::object page{{"command", facts.command},
                          {"seed", facts.seed},
                          {"date", facts.date},
                          {"machine", machine()},
                          {"versions",
                           {{"gateway", load.server()},
                            {"compiler", "g++ " __VERSION__},
                            {"boost", BOOST_LIB_VERSION}}},
                          {"sustained_per_second", sustained(tally)},
                          {"seconds", seconds_of(tally)},
                          {"sent", tally.sent_count()},
                          {"acknowledged", tally.acknowledged_count()},
                          {"final", tally.final_count()},
                          {"lost", lost(tally)},
                          {"doubled", tally.doubled()},
                          {"deferred", tally.deferred()},
                          {"connections_lost", load.connections_lost()},
                          {"outcomes",
                           {{"queued", tally.outcome(proto::QUEUED)},
                            {"deferred", tally.outcome(proto::DEFERRED)},
                            {"rejected", tally.outcome(proto::REJECTED)},
                            {"duplicate", tally.outcome(proto::DUPLICATE)}}},
                          {"finals",
                           {{"delivered", tally.delivered()},
                            {"receipt", tally.finals(proto::Event::kReceipt)},
                            {"rejected", tally.finals(proto::Event::kRejected)},
                            {"failed", tally.finals(proto::Event::kFailed)},
                            {"expired", tally.finals(proto::Event::kExpired)},
                            {"unknown", tally.finals(proto::Event::kUnknown)},
                            {"receipt_missing", tally.finals(proto::Event::kReceiptMissing)}}},
                          {"acknowledgement", json_of(tally.ack_latency())},
                          {"end_to_end", json_of(tally.end_latency())}};
  return json::serialize(page);
}

}  // namespace tact::bench
