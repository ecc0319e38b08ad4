// SPDX-License-Identifier: Apache-2.0
// tactd: reads the configuration, runs the gateway until it is told to stop.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "gateway/app.h"

namespace {

using namespace tact::gateway;

Level level_of(IoSettings::LogLevel level) {
  switch (level) {
    case IoSettings::LogLevel::debug:
      return Level::debug;
    case IoSettings::LogLevel::info:
      return Level::info;
    case IoSettings::LogLevel::warn:
      return Level::warning;
    case IoSettings::LogLevel::error:
      return Level::error;
  }
  return Level::info;
}

// Blocked in every thread from here on; main waits for them.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

int run(Config config, const std::string& path, bool accept_clock) {
  const sigset_t signals = block_signals();
  const bool text = config.io.log_format == IoSettings::LogFormat::text;
  Log log(level_of(config.io.log_level), text ? Log::Format::text : Log::Format::json);
  App app(std::move(config), log, accept_clock);
  if (const auto failure = app.start()) {
    std::fprintf(stderr, "tactd: %s\n", failure->message.c_str());
    return failure->exit_code;
  }
  for (;;) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGHUP) return app.drain();
    app.reload(path);
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli("tactd: an SMPP gateway that knows when not to send");
  std::string path;
  bool check = false, print = false, example = false, accept_clock = false;
  cli.add_option("--config", path, "configuration file (YAML)");
  cli.add_flag("--check", check, "check the configuration and exit: 0 or 78");
  cli.add_flag("--print", print, "print the effective configuration, with defaults, and exit");
  cli.add_flag("--example", example, "print an example with every key and its meaning, and exit");
  cli.add_flag("--accept-clock", accept_clock,
               "start although the clock is behind the last commit of the store");
  cli.set_version_flag("--version", "tactd " TACT_VERSION);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : kExitUsage;
  }
  if (example) {
    std::fputs(example_config().c_str(), stdout);
    return 0;
  }
  if (path.empty()) {
    std::fputs("tactd: --config is required\n", stderr);
    return kExitUsage;
  }
  auto loaded = load_config(path, read_disk);
  for (const auto& problem : loaded.problems) {
    std::fprintf(stderr, "%s\n", problem.text().c_str());
  }
  if (!loaded.config) return kExitConfig;
  if (print) {
    std::fputs(print_config(*loaded.config).c_str(), stdout);
    return 0;
  }
  if (check) {
    std::printf("%s: ok, rule set %s\n", path.c_str(),
                loaded.config->engine.rules->digest_text().c_str());
    return 0;
  }
  loaded.config->engine.server = "tactd " TACT_VERSION;
  return run(std::move(*loaded.config), path, accept_clock);
}
