// SPDX-License-Identifier: Apache-2.0
// A simulated SMSC on loopback: see bench/smsc/README.md.
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <exception>

#include "bench/settings_cli.h"
#include "bench/smsc/centre.h"
#include "bench/smsc/scenario.h"
#include "bench/smsc/stats_page.h"

namespace {

using namespace tact::bench;

void run(const Scenario& scenario) {
  boost::asio::io_context io(1);
  Centre centre(io, scenario);
  StatsPage page(io, scenario.stats_port, [&centre] { return centre.statistics_json(); });
  std::printf("listening 127.0.0.1:%u\nstatistics http://127.0.0.1:%u/\n", centre.port(),
              page.port());
  std::fflush(stdout);
  centre.start();
  page.start();
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&io](boost::system::error_code, int) { io.stop(); });
  io.run();
  centre.flush_log();
  std::printf("%s\n", centre.statistics_json().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("tact-smsc: an SMSC on loopback that fails as told");
  Scenario scenario;
  add_settings(app, scenario_settings(), scenario);
  try {
    app.parse(argc, argv);
    run(scenario);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tact-smsc: %s\n", error.what());
    return 1;
  }
  return 0;
}
