// SPDX-License-Identifier: Apache-2.0
// tact judge: a rule set tried on texts and replies, without a gateway.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <memory>

#include "client/commands.h"
#include "client/judge/outgoing.h"
#include "client/judge/reply.h"
#include "client/judge/report.h"
#include "client/judge/sheet.h"
#include "client/judge/trial.h"
#include "client/table.h"
#include "gateway/config/config.h"

namespace tact::client {
namespace {

struct JudgeOptions {
  std::string config, file, context;
  bool stateful = false;
  Report::Format format;
};

class Judging {
 public:
  Judging(const JudgeOptions& options, const gateway::Config& config, std::istream& input)
      : options_(options),
        config_(config),
        sheet_(input),
        trial_(config, options.stateful),
        report_(std::cout, options.format),
        outgoing_(sheet_.has_column("class")) {}

  int run() {
    if (!read_defaults() || !columns_known()) return kUsage;
    while (std::optional<SheetRow> row = sheet_.next()) {
      if (row->errors.empty()) judge(*row);
      for (const SheetError& error : row->errors) tell(error);
      bad_ += !row->errors.empty();
    }
    report_.finish();
    if (bad_ > 0)
      std::cerr << "tact: " << counted(bad_, "bad row was", "bad rows were") << " not judged\n";
    if (mismatches_ > 0) {
      std::cerr << "tact: " << counted(mismatches_, "row was", "rows were")
                << " not judged as expected\n";
    }
    return bad_ + mismatches_ > 0 ? kIncomplete : kDone;
  }

 private:
  void tell(const SheetError& error) const { std::cerr << describe(options_.file, error) << '\n'; }

  std::string wrong_column(std::string_view name) const {
    return outgoing_ ? wrong_outgoing_column(name) : wrong_reply_column(name);
  }

  bool read_defaults() {
    SheetRow row;
    read_pairs(options_.context, 1, 1, row);
    for (const SheetCell& cell : row.cells) {
      if (std::string wrong = wrong_column(cell.name); !wrong.empty()) {
        row.errors.push_back({1, cell.column, std::move(wrong)});
      }
    }
    for (const SheetError& error : row.errors) std::cerr << describe("--context", error) << '\n';
    defaults_ = std::move(row.cells);
    return row.errors.empty();
  }

  // Of a table: each row below would be wrong in the same way.
  bool columns_known() const {
    bool known = true;
    for (const SheetCell& column :
         sheet_.is_table() ? sheet_.columns() : std::vector<SheetCell>()) {
      std::string wrong = column.name == "context" ? "" : wrong_column(column.name);
      if (!wrong.empty() && !outgoing_) {
        wrong =
            "no such column of replies: " + column.name + "; outgoing texts have a column class";
      }
      if (!wrong.empty()) tell({1, column.column, wrong});
      known &= wrong.empty();
    }
    return known;
  }

  void judge(SheetRow& row) {
    if (outgoing_) {
      const Outgoing outgoing = read_outgoing(row, defaults_, config_);
      if (!row.errors.empty()) return;
      const Judged judged = trial_.judge(outgoing);
      report(outgoing, judged, mismatch(outgoing, judged.verdict));
    } else {
      const ReplyCase reply = read_reply(row, defaults_);
      if (!row.errors.empty()) return;
      const policy::Reply decided = decide(reply);
      report(reply, decided, mismatch(reply, decided));
    }
  }

  template <class Case, class Result>
  void report(const Case& row, const Result& result, const std::string& wrong) {
    report_.add(row, result, wrong);
    if (wrong.empty()) return;
    ++mismatches_;
    tell({row.line, row.expected_column, wrong});
  }

  const JudgeOptions& options_;
  const gateway::Config& config_;
  Sheet sheet_;
  Trial trial_;
  Report report_;
  const bool outgoing_;  // else replies
  std::vector<SheetCell> defaults_;
  uint64_t bad_ = 0, mismatches_ = 0;
};

int judge(const JudgeOptions& options) {
  const gateway::LoadedConfig loaded =
      gateway::load_config(options.config, gateway::read_disk, gateway::Secrets::skip);
  for (const gateway::Problem& problem : loaded.problems) std::cerr << problem.text() << '\n';
  if (!loaded.config) return kUsage;
  std::ifstream file;
  if (options.file != "-") file.open(options.file);
  if (options.file != "-" && !file) {
    throw CLI::ValidationError("FILE", "cannot open " + options.file);
  }
  return Judging(options, *loaded.config, options.file == "-" ? std::cin : file).run();
}

}  // namespace

void add_judge(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "judge", "Try a rule set on texts or replies, without sending and without a gateway");
  auto options = std::make_shared<JudgeOptions>();
  command
      ->add_option("FILE", options->file,
                   "TSV with a header line or JSON lines; - for standard input")
      ->required();
  command->add_option("--config", options->config, "the gateway's configuration")->required();
  command->add_option(
      "--context", options->context,
      "for rows that do not say so themselves: \"at=2026-10-01T10:00+08:00;urgent=0\"");
  command->add_flag("--stateful", options->stateful,
                    "each message counts for those behind it: caps, weekly limits");
  command->add_flag("--json", options->format.json, "a JSON object a line");
  command->add_flag("--summary", options->format.summary, "counts in the place of rows");
  command->callback([options, &exit_code] {
    options->format.colour = isatty(STDOUT_FILENO) == 1;
    exit_code = judge(*options);
  });
}

}  // namespace tact::client
