// SPDX-License-Identifier: Apache-2.0
#include "bench/load/result.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <boost/version.hpp>
#include <cmath>
#include <fstream>

namespace tact::bench {
namespace {

namespace json = boost::json;

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

json::value rate_of(const Phase& phase) {
  if (phase.unlimited) return "max";
  if (phase.rate_begin == phase.rate_end) return phase.rate_begin;
  return json::array{phase.rate_begin, phase.rate_end};
}

json::array phases_of(const LoadOptions& options) {
  json::array phases;
  for (const Phase& phase : options.phases) {
    json::object page{{"rate", rate_of(phase)}};
    if (options.messages == 0) {
      page["seconds"] = std::chrono::duration<double>(phase.duration).count();
    }
    phases.push_back(std::move(page));
  }
  return phases;
}

json::object scenario(const LoadOptions& options, const WorkloadOptions& workload) {
  json::object classes;
  for (const ClassShare& share : workload.classes) {
    classes[proto::MessageClass_Name(share.message_class)] = share.share;
  }
  json::object page{{"classes", std::move(classes)},
                    {"signature", workload.signature},
                    {"phases", phases_of(options)},
                    {"batch", options.batch},
                    {"upstreams", options.upstreams.size()},
                    {"streams", options.streams},
                    {"outstanding_max", options.outstanding_max},
                    {"fill_only", options.fill_only}};
  if (options.in_flight_max != kNoBound) page["in_flight_max"] = options.in_flight_max;
  if (options.queued_max != kNoBound) page["queued_max"] = options.queued_max;
  if (options.messages > 0) page["messages"] = options.messages;
  return page;
}

// Ten points for each tenth of what is left, up to the greatest value.
json::object distribution(const Histogram& histogram) {
  json::array shares, latencies;
  for (int i = 0;; ++i) {
    const double above = std::pow(10, -i / 10.0);
    if (above * static_cast<double>(histogram.count()) <= 1) break;
    shares.push_back(1 - above);
    latencies.push_back(histogram.quantile(1 - above));
  }
  if (histogram.count() > 0) {
    shares.push_back(1);
    latencies.push_back(histogram.max());
  }
  return {{"share", std::move(shares)}, {"ns", std::move(latencies)}};
}

json::object json_of(const Histogram& histogram) {
  return {{"count", histogram.count()},
          {"p50_ns", histogram.quantile(0.5)},
          {"p90_ns", histogram.quantile(0.9)},
          {"p99_ns", histogram.quantile(0.99)},
          {"p999_ns", histogram.quantile(0.999)},
          {"max_ns", histogram.max()},
          {"distribution", distribution(histogram)}};
}

json::object latencies_by_class(const Tally& tally) {
  json::object classes;
  for (std::size_t i = 0; i < kClasses; ++i) {
    const Histogram& ack = tally.ack_latencies()[i];
    if (ack.count() == 0) continue;
    classes[proto::MessageClass_Name(static_cast<proto::MessageClass>(i))] = {
        {"acknowledgement", json_of(ack)}, {"end_to_end", json_of(tally.end_latencies()[i])}};
  }
  return classes;
}

json::object per_second(const Timeline& timeline, const Workload& workload) {
  json::object page;
  for (const auto& [name, kind] :
       {std::pair("submitted", Timeline::kSubmitted),
        std::pair("acknowledged", Timeline::kAcknowledged), std::pair("final", Timeline::kFinal)}) {
    json::object classes;
    for (const ClassShare& share : workload.options().classes) {
      classes[proto::MessageClass_Name(share.message_class)] =
          json::value_from(timeline.series(kind, share.message_class));
    }
    page[name] = std::move(classes);
  }
  json::array p50, p99, max;
  for (const Timeline::Latency& second : timeline.acknowledgement()) {
    p50.push_back(second.p50_ns);
    p99.push_back(second.p99_ns);
    max.push_back(second.max_ns);
  }
  page["acknowledgement"] = {
      {"p50_ns", std::move(p50)}, {"p99_ns", std::move(p99)}, {"max_ns", std::move(max)}};
  return page;
}

json::object outcomes(const Tally& tally) {
  return {{"queued", tally.outcome(proto::QUEUED)},
          {"deferred", tally.outcome(proto::DEFERRED)},
          {"rejected", tally.outcome(proto::REJECTED)},
          {"duplicate", tally.outcome(proto::DUPLICATE)}};
}

json::object finals(const Tally& tally) {
  return {{"delivered", tally.delivered()},
          {"receipt", tally.finals(proto::Event::kReceipt)},
          {"rejected", tally.finals(proto::Event::kRejected)},
          {"failed", tally.finals(proto::Event::kFailed)},
          {"expired", tally.finals(proto::Event::kExpired)},
          {"unknown", tally.finals(proto::Event::kUnknown)},
          {"receipt_missing", tally.finals(proto::Event::kReceiptMissing)}};
}

json::array seconds_of(const std::vector<int64_t>& times_ns, int64_t zero_ns) {
  json::array seconds;
  for (const int64_t time_ns : times_ns) {
    seconds.push_back(static_cast<double>(time_ns - zero_ns) / 1e9);
  }
  return seconds;
}

json::object processes(const Samples& samples, int64_t zero_ns) {
  json::object by_name;
  for (const Samples::Process& process : samples.processes) {
    json::array cpu, resident, written;
    for (const auto& sample : process.samples) {
      cpu.push_back(sample ? json::value(sample->cpu_seconds) : nullptr);
      resident.push_back(sample ? json::value(sample->resident_bytes) : nullptr);
      const bool known = sample && sample->written_bytes;
      written.push_back(known ? json::value(*sample->written_bytes) : nullptr);
    }
    by_name[process.name] = {{"cpu_seconds", std::move(cpu)},
                             {"resident_bytes", std::move(resident)},
                             {"written_bytes", std::move(written)}};
  }
  return {{"at_seconds", seconds_of(samples.process_times_ns, zero_ns)},
          {"by_name", std::move(by_name)}};
}

// JSON has neither an infinity nor a NaN.
json::value json_of(const std::optional<double>& value) {
  constexpr double kExact = 1LL << 53;
  if (!value || !std::isfinite(*value)) return nullptr;
  if (std::abs(*value) < kExact && *value == std::trunc(*value)) return int64_t(*value);
  return *value;
}

json::value metrics(const Samples& samples, int64_t zero_ns) {
  if (samples.metrics_times_ns.empty()) return nullptr;
  json::object series;
  for (const auto& [name, values] : samples.metrics) {
    json::array list;
    for (const auto& value : values) list.push_back(json_of(value));
    series[name] = std::move(list);
  }
  return json::object{{"at_seconds", seconds_of(samples.metrics_times_ns, zero_ns)},
                      {"scrapes_failed", samples.scrapes_failed},
                      {"failure", samples.failure},
                      {"series", std::move(series)}};
}

}  // namespace

std::string result_json(const Load& load, const Samples& samples, const RunFacts& facts) {
  const Tally& tally = load.tally();
  // A run that could not begin has no first submission.
  const int64_t zero_ns =
      tally.sent_count() > 0 ? tally.first_sent_ns() : samples.process_times_ns.at(0);
  json::object labels;
  for (const auto& [name, value] : facts.labels) labels[name] = value;
  const json::object page{{"command", facts.command},
                          {"seed", facts.seed},
                          {"date", facts.date},
                          {"labels", std::move(labels)},
                          {"machine", machine()},
                          {"versions",
                           {{"gateway", load.server()},
                            {"compiler", "g++ " __VERSION__},
                            {"boost", BOOST_LIB_VERSION}}},
                          {"scenario", scenario(load.options(), load.workload().options())},
                          {"sustained_per_second", tally.final_per_second()},
                          {"seconds", tally.seconds()},
                          {"sent", tally.sent_count()},
                          {"job_octets", load.job_octets()},
                          {"acknowledged", tally.acknowledged_count()},
                          {"final", tally.final_count()},
                          {"lost", tally.lost()},
                          {"doubled", tally.doubled()},
                          {"deferred", tally.deferred()},
                          {"connections_lost", load.connections_lost()},
                          {"outcomes", outcomes(tally)},
                          {"finals", finals(tally)},
                          {"acknowledgement", json_of(sum(tally.ack_latencies()))},
                          {"end_to_end", json_of(sum(tally.end_latencies()))},
                          {"by_class", latencies_by_class(tally)},
                          {"per_second", per_second(tally.timeline(), load.workload())},
                          {"processes", processes(samples, zero_ns)},
                          {"metrics", metrics(samples, zero_ns)}};
  return json::serialize(page);
}

}  // namespace tact::bench
