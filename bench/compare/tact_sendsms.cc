// SPDX-License-Identifier: Apache-2.0
// The load generator for Kannel: see bench/compare/README.md.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <exception>

#include "bench/compare/sendsms_load.h"

namespace {

using namespace tact::bench;

enum Exit : int { kClean = 0, kLostOrDoubled = 1, kUsage = 2, kFailed = 3 };

struct Arguments {
  SendsmsOptions load;
  int64_t duration_ms = 10'000;
  int64_t settle_ms = 30'000;
  uint64_t seed = 1;
};

void add_options(CLI::App& app, Arguments& arguments) {
  SendsmsOptions& load = arguments.load;
  const CLI::AsNumberWithUnit duration(
      std::map<std::string, int64_t>{{"ms", 1}, {"s", 1000}, {"m", 60'000}},
      CLI::AsNumberWithUnit::UNIT_REQUIRED);
  app.add_option("--port", load.port, "of smsbox's sendsms, on 127.0.0.1")->required();
  app.add_option("--user", load.user, "of sendsms")->capture_default_str();
  app.add_option("--password", load.password, "of the user")->capture_default_str();
  app.add_option("--sender", load.sender, "from whom")->capture_default_str();
  app.add_option("--duration", arguments.duration_ms, "how long to send")
      ->default_str("10s")
      ->transform(duration);
  app.add_option("--connections", load.connections, "with a request each")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  app.add_option("--in-flight", load.in_flight_max, "messages sent and not ended; 0: any number")
      ->capture_default_str();
  app.add_option("--settle", arguments.settle_ms, "give up after so long without any progress")
      ->default_str("30s")
      ->transform(duration);
  app.add_option("--seed", arguments.seed, "of recipients and texts")->capture_default_str();
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int run(Arguments& arguments) {
  arguments.load.duration = std::chrono::milliseconds(arguments.duration_ms);
  arguments.load.settle = std::chrono::milliseconds(arguments.settle_ms);
  WorkloadOptions messages;
  messages.seed = arguments.seed;
  const Workload workload(messages);
  SendsmsLoad load(arguments.load, workload);
  const std::string error = load.run();
  if (!error.empty()) std::fprintf(stderr, "tact-sendsms: %s\n", error.c_str());
  const Tally& tally = load.tally();
  const Histogram ack = sum(tally.ack_latencies());
  const boost::json::object result{
      {"sustained_per_second", tally.final_per_second()},
      {"seconds", tally.seconds()},
      {"sent", tally.sent_count()},
      {"acknowledged", tally.acknowledged_count()},
      {"refused", load.refused()},
      {"final", tally.final_count()},
      {"delivered", tally.delivered()},
      {"lost", tally.lost()},
      {"doubled", tally.doubled()},
      {"stray_calls", load.stray_calls()},
      {"acknowledgement", {{"p50_ns", ack.quantile(0.5)}, {"p99_ns", ack.quantile(0.99)}}},
      {"cpu_seconds", cpu_seconds()}};
  std::puts(boost::json::serialize(result).c_str());
  if (!error.empty() || tally.acknowledged_count() < tally.sent_count()) return kFailed;
  return tally.lost() == 0 && tally.doubled() == 0 ? kClean : kLostOrDoubled;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("tact-sendsms: load for Kannel's sendsms, and what it made of it");
  Arguments arguments;
  add_options(app, arguments);
  try {
    app.parse(argc, argv);
    return run(arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kClean : kUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tact-sendsms: %s\n", error.what());
    return kFailed;
  }
}
