// SPDX-License-Identifier: Apache-2.0
// The subcommands of `tact`, each in a file of its own.
#pragma once

#include <CLI/App.hpp>

namespace tact::client {

// Exit codes of all commands.
enum Exit : int {
  kDone = 0,
  kIncomplete = 1,   // some of the input was bad, or not every message had its last event in time
  kUsage = 2,        // arguments
  kUnreachable = 3,  // the gateway could not be reached, refused us, or went away
};

// Each adds its subcommand and its options to `app`; when the user chose it, `exit_code` is what
// its run answered.
void add_submit(CLI::App& app, int& exit_code);
void add_suppress(CLI::App& app, int& exit_code);
void add_suspects(CLI::App& app, int& exit_code);
void add_ask(CLI::App& app, int& exit_code);  // cancel, query and resume
void add_trace(CLI::App& app, int& exit_code);
void add_audit(CLI::App& app, int& exit_code);   // export and verify
void add_replay(CLI::App& app, int& exit_code);  // in replay/
void add_report(CLI::App& app, int& exit_code);  // in report/
void add_pdu(CLI::App& app, int& exit_code);     // asks no gateway
void add_judge(CLI::App& app, int& exit_code);   // in judge/

}  // namespace tact::client
