// SPDX-License-Identifier: Apache-2.0
// The load generator: see bench/load/README.md.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <ctime>
#include <exception>
#include <fstream>

#include "bench/load/load.h"
#include "bench/load/plan.h"
#include "bench/load/report.h"
#include "bench/load/result.h"
#include "bench/load/sampler.h"
#include "bench/settings_cli.h"
#include "client/gateway_options.h"

namespace {

using namespace tact::bench;

enum Exit : int { kClean = 0, kLostOrDoubled = 1, kUsage = 2, kFailed = 3 };

struct Arguments {
  tact::client::GatewayOptions gateway;
  Plan plan;
  std::string json;
  std::vector<std::string> labels;
  std::string metrics_url;
  int gateway_pid = 0;
  int smsc_pid = 0;
};

void add_options(CLI::App& app, Arguments& arguments) {
  arguments.gateway.stream = "bench";
  arguments.gateway.add_to(app);
  add_settings(app, plan_settings(), arguments.plan);
  app.add_flag("--fill-only", arguments.plan.load.fill_only,
               "leave when all is acknowledged: what was sent stays queued, and is not lost");
  app.add_option("--json", arguments.json, "write the result to this file");
  app.add_option("--log", arguments.plan.load.log,
                 "write a line of JSON for each message acknowledged to this file");
  app.add_option("--label", arguments.labels, "what else the result shall say, such as a commit")
      ->type_name("NAME=TEXT");
  app.add_option("--gateway-metrics", arguments.metrics_url,
                 "the gateway's metrics, looked at once a second")
      ->type_name("URL");
  app.add_option("--gateway-pid", arguments.gateway_pid, "its process: CPU, memory, what it writes")
      ->check(CLI::PositiveNumber);
  app.add_option("--smsc-pid", arguments.smsc_pid, "the simulator's process, likewise")
      ->check(CLI::PositiveNumber);
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::map<std::string, std::string> labels_of(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> labels;
  for (const std::string& text : texts) {
    const std::size_t at = text.find('=');
    if (at == 0 || at == std::string::npos) {
      throw CLI::ValidationError("--label", "expected NAME=TEXT, got \"" + text + "\"");
    }
    labels[text.substr(0, at)] = text.substr(at + 1);
  }
  return labels;
}

SamplerOptions sampler_options(const Arguments& arguments) {
  SamplerOptions options;
  options.processes.push_back({"tact-bench", static_cast<int>(getpid())});
  if (arguments.gateway_pid > 0) options.processes.push_back({"tactd", arguments.gateway_pid});
  if (arguments.smsc_pid > 0) options.processes.push_back({"tact-smsc", arguments.smsc_pid});
  if (arguments.metrics_url.empty()) return options;
  options.metrics = parse_metrics_url(arguments.metrics_url);
  if (!options.metrics) {
    throw CLI::ValidationError("--gateway-metrics", "expected http://HOST:PORT/metrics, got \"" +
                                                        arguments.metrics_url + "\"");
  }
  return options;
}

// As told, and what follows from several settings.
LoadOptions load_options(const Arguments& arguments) {
  const Plan& plan = arguments.plan;
  LoadOptions options = plan.load;
  options.upstreams.push_back(arguments.gateway.connection());
  for (const NamedToken& more : plan.more_upstreams) {
    tact::client::GatewayOptions gateway = arguments.gateway;
    gateway.upstream = more.upstream;
    gateway.token_file = more.token_file;
    options.upstreams.push_back(gateway.connection());
  }
  if (options.phases.empty()) options.phases.push_back(plan.steady);
  // With a number of messages, they end the run and not the time.
  if (options.messages > 0) options.phases.back().duration = std::chrono::hours(24 * 365);
  return options;
}

int run(Arguments& arguments, const std::string& command) {
  const LoadOptions options = load_options(arguments);
  const Workload workload(arguments.plan.workload);
  const RunFacts facts{command, arguments.plan.workload.seed, utc_now(),
                       labels_of(arguments.labels)};
  Load load(options, workload);
  Sampler sampler(sampler_options(arguments));
  const std::string error = load.run();
  const Samples samples = sampler.stop();
  if (!error.empty()) std::fprintf(stderr, "tact-bench: %s\n", error.c_str());
  std::fputs(report_table(load).c_str(), stdout);
  if (!arguments.json.empty()) {
    std::ofstream file(arguments.json);
    file << result_json(load, samples, facts) << '\n';
    if (!file) throw std::runtime_error("cannot write " + arguments.json);
  }
  const Tally& tally = load.tally();
  if (!error.empty() || tally.acknowledged_count() < tally.sent_count()) return kFailed;
  const bool complete = options.fill_only || tally.lost() == 0;
  return complete && tally.doubled() == 0 ? kClean : kLostOrDoubled;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("tact-bench: load for a gateway, and what it made of it");
  Arguments arguments;
  add_options(app, arguments);
  std::string command;
  for (int i = 0; i < argc; ++i) command += (i > 0 ? " " : "") + std::string(argv[i]);
  try {
    app.parse(argc, argv);
    return run(arguments, command);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kClean : kUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tact-bench: %s\n", error.what());
    return kFailed;
  }
}
