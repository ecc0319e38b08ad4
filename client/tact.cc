// SPDX-License-Identifier: Apache-2.0
// The command line of the gateway.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "client/commands.h"

int main(int argc, char** argv) {
  using namespace tact::client;
  CLI::App app(
      "tact: submit messages to a gateway, take them back, ask how they stand, keep its opt-outs, "
      "read SMPP");
  app.require_subcommand(1);
  app.set_version_flag("--version", TACT_VERSION);
  int exit_code = kDone;
  add_submit(app, exit_code);
  add_suppress(app, exit_code);
  add_suspects(app, exit_code);
  add_ask(app, exit_code);
  add_trace(app, exit_code);
  add_audit(app, exit_code);
  add_replay(app, exit_code);
  add_report(app, exit_code);
  add_pdu(app, exit_code);
  add_judge(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tact: %s\n", error.what());
    return kUnreachable;
  }
  return exit_code;
}
