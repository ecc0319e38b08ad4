// SPDX-License-Identifier: Apache-2.0
// tact audit: what was decided, as a file; and whether the gateway's own record of it is whole.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>

#include "client/audit_csv.h"
#include "client/audit_feed.h"
#include "client/commands.h"
#include "client/table.h"

namespace tact::client {
namespace {

namespace json = boost::json;

struct AuditOptions {
  OpsOptions ops;
  AuditRange range;
  bool csv = false, texts = false, json = false;
  std::string against;
};

int audit_export(const AuditOptions& options) {
  if (options.csv) std::cout << audit_csv_header(options.texts) << '\n';
  const AuditEnd end =
      read_audit(options.ops, options.range, options.texts, [&](const std::string& line) {
        std::cout << (options.csv ? audit_csv(parse_object(line), options.texts) : line) << '\n';
      });
  std::cout.flush();
  if (!std::cout) throw std::runtime_error("cannot write the export");
  std::cerr << "tact: " << counted(end.records, "record", "records");
  if (!end.hash.empty()) std::cerr << "; the chain's hash behind them is " << end.hash;
  std::cerr << '\n';
  if (end.unreadable == 0) return kDone;
  std::cerr << "tact: " << counted(end.unreadable, "damaged batch was", "damaged batches were")
            << " left out; tact audit verify names them\n";
  return kIncomplete;
}

// What an earlier check said of the days that were over.
using Hashes = std::map<std::string, std::string, std::less<>>;

Hashes read_hashes(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw CLI::ValidationError("--against", "cannot open " + path);
  Hashes hashes;
  for (std::string line; std::getline(file, line);) {
    const json::object day = parse_object(line);
    const auto* complete = day.if_contains("complete");
    if (complete == nullptr || !complete->is_bool() || !complete->get_bool()) continue;
    hashes[std::string(day.at("day").as_string())] = day.at("hash").as_string();
  }
  return hashes;
}

class Verification {
 public:
  explicit Verification(const AuditOptions& options) : options_(options) {
    if (!options.against.empty()) known_ = read_hashes(options.against);
  }

  int run() {
    read_pages(
        options_.ops, "/audit/check?" + options_.range.query(),
        [this](const std::string& line) { take(parse_object(line)); }, [](const json::object&) {});
    return report();
  }

 private:
  static std::string text(const json::object& from, const char* name) {
    return std::string(from.at(name).as_string());
  }
  static std::uint64_t number(const json::object& from, const char* name) {
    return from.at(name).to_number<std::uint64_t>();
  }

  void take(const json::object& told) {
    if (told.contains("broken")) {
      broken_.push_back(told);
      return;
    }
    // A day that ends in another page comes again there.
    json::object& day = days_[text(told, "day")];
    const bool fresh = day.empty();
    json::object whole = told;
    for (const char* count : {"batches", "records", "unchained"}) {
      whole[count] = number(told, count) + (fresh ? 0 : number(day, count));
    }
    day = std::move(whole);
  }

  int report() const {
    std::uint64_t unchained = 0, differing = 0;
    Table table({"DAY", "RECORDS", "BATCHES", "HASH"});
    for (const auto& [name, day] : days_) {
      unchained += number(day, "unchained");
      const std::string hash = text(day, "hash");
      if (options_.json) std::cout << json::serialize(day) << '\n';
      table.add({name, grouped(number(day, "records")), grouped(number(day, "batches")),
                 hash + (day.at("complete").as_bool() ? "" : "  so far")});
    }
    if (!options_.json) std::cout << table.render();
    for (const json::object& broken : broken_) {
      std::cerr << "tact: broken at " << text(broken, "broken") << " (" << text(broken, "time")
                << "): " << text(broken, "reason");
      if (broken.contains("after")) std::cerr << "; the one before is " << text(broken, "after");
      std::cerr << '\n';
    }
    for (const auto& [name, hash] : known_) {
      const auto day = days_.find(name);
      if (day == days_.end()) continue;  // deleted at its time, or not asked for
      if (text(day->second, "hash") == hash) continue;
      ++differing;
      std::cerr << "tact: " << name << " ended with another hash in " << options_.against << ": "
                << hash << '\n';
    }
    if (unchained > 0) {
      std::cerr << "tact: " << counted(unchained, "batch is", "batches are")
                << " from before there was a chain\n";
    }
    if (days_.empty()) std::cerr << "tact: there are no records\n";
    return broken_.empty() && differing == 0 && !days_.empty() ? kDone : kIncomplete;
  }

  const AuditOptions& options_;
  std::map<std::string, json::object, std::less<>> days_;
  std::vector<json::object> broken_;
  Hashes known_;
};

void add_export(CLI::App& audit, int& exit_code) {
  CLI::App* command = audit.add_subcommand("export", "The records, as JSON lines or CSV");
  auto options = std::make_shared<AuditOptions>();
  options->ops.add_to(*command);
  options->range.add_to(*command);
  command->add_flag("--csv", options->csv, "CSV with a header row");
  command->add_flag("--texts", options->texts,
                    "numbers and texts in clear, where data.audit_texts keeps them");
  command->callback([options, &exit_code] { exit_code = audit_export(*options); });
}

void add_verify(CLI::App& audit, int& exit_code) {
  CLI::App* command =
      audit.add_subcommand("verify", "Whether every record follows the one before it");
  auto options = std::make_shared<AuditOptions>();
  options->ops.add_to(*command);
  options->range.add_to(*command);
  command->add_flag("--json", options->json, "the days as JSON lines, to be kept");
  command->add_option("--against", options->against,
                      "what --json said earlier: days that were over must end as they did then");
  command->callback([options, &exit_code] { exit_code = Verification(*options).run(); });
}

}  // namespace

void add_audit(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("audit", "What was decided and why, and proof that it is");
  command->require_subcommand(1);
  add_export(*command, exit_code);
  add_verify(*command, exit_code);
}

}  // namespace tact::client
