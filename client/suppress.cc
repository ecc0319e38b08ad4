// SPDX-License-Identifier: Apache-2.0
// tact suppress: opt-outs are changed through the upstream protocol, durable like a job, and read
// through the ops endpoint.
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <fstream>
#include <iostream>
#include <memory>
#include <utility>

#include "client/commands.h"
#include "client/controls.h"
#include "client/gateway_options.h"
#include "client/lines.h"
#include "client/message_fields.h"
#include "client/ops_client.h"
#include "client/suppressions.h"
#include "client/table.h"
#include "client/time_text.h"

namespace tact::client {
namespace {

struct ChangeOptions {
  GatewayOptions gateway;
  std::vector<std::string> numbers;
  std::string file;
  std::string brand;
  std::vector<std::string> classes;
  std::string proof;
};

struct ListOptions {
  OpsOptions ops;
  std::string brand;
};

// Controls in the order of the changes: an opt-in behind an opt-out stays behind it.
class Changes {
 public:
  // `label` is how the user wrote the number.
  void add(const proto::Suppression& entry, bool blocked, std::string label) {
    if (controls_.empty() || controls_.back().has_suppress() != blocked ||
        entries(controls_.back()).size() >= static_cast<int>(kEntriesPerControl)) {
      proto::Control& control = controls_.emplace_back();
      if (blocked) {
        control.mutable_suppress();
      } else {
        control.mutable_allow();
      }
    }
    *entries(controls_.back()).Add() = entry;
    labels_.push_back(std::move(label));
  }

  // Sends all, waits until all are answered, and says which were refused.
  int send(const GatewayOptions& gateway) {
    if (controls_.empty()) return kDone;
    UpstreamOptions options = gateway.connection();
    options.reconnect = false;
    boost::asio::io_context io(1);
    int exit_code = kDone;
    std::size_t left = controls_.size();
    UpstreamConnection connection(io, std::move(options),
                                  {.acknowledged =
                                       [&](UpstreamConnection::Ticket, const proto::JobAck& ack) {
                                         take(ack);
                                         if (--left == 0) io.stop();
                                       },
                                   .lost =
                                       [&](proto::Error::Code, const std::string& message, bool) {
                                         std::cerr << "tact: " << message << '\n';
                                         exit_code = kUnreachable;
                                         io.stop();
                                       }});
    for (const proto::Control& control : controls_) connection.send(control);
    connection.start();
    io.run();
    if (durable_ > 0) std::cerr << counted(durable_, "entry is", "entries are") << " durable\n";
    if (exit_code == kDone && durable_ < labels_.size()) exit_code = kIncomplete;
    return exit_code;
  }

 private:
  // Acknowledgements come in the order of the controls, and so of the labels.
  void take(const proto::JobAck& ack) {
    for (const proto::Result& result : ack.results()) {
      const std::string& label = labels_.at(answered_++);
      if (result.outcome() != proto::REJECTED) {
        ++durable_;
        continue;
      }
      std::cerr << "tact: " << label << ": refused";
      for (const auto& fired : result.fired()) {
        std::cerr << ", " << fired.rule() << ' ' << fired.detail();
      }
      std::cerr << '\n';
    }
  }

  static google::protobuf::RepeatedPtrField<proto::Suppression>& entries(proto::Control& control) {
    return control.has_suppress() ? *control.mutable_suppress()->mutable_entries()
                                  : *control.mutable_allow()->mutable_entries();
  }

  std::vector<proto::Control> controls_;
  std::vector<std::string> labels_;
  size_t answered_ = 0, durable_ = 0;
};

proto::Suppression entry_template(const ChangeOptions& options) {
  proto::Suppression entry;
  entry.set_brand(options.brand);
  entry.set_proof(options.proof);
  for (const std::string& name : options.classes) {
    proto::MessageClass parsed{};
    if (!parse_class(name, parsed)) throw CLI::ValidationError("--class", "no class " + name);
    entry.add_classes(parsed);
  }
  return entry;
}

int change(const ChangeOptions& options, bool blocked) {
  Changes changes;
  for (const std::string& number : options.numbers) {
    proto::Suppression entry = entry_template(options);
    if (!set_number(entry, number)) {
      throw CLI::ValidationError("NUMBER", "\"" + number + "\" is no number in E.164");
    }
    changes.add(entry, blocked, number);
  }
  return changes.send(options.gateway);
}

// A line is a number, or an object as `export` writes it; what the object leaves out is taken from
// the options.
std::optional<ListedSuppression> parse_line(const ChangeOptions& options, const std::string& line,
                                            std::string& error) {
  const proto::Suppression defaults = entry_template(options);
  if (!line.starts_with('{')) {
    ListedSuppression listed{defaults, true};
    error = "not a number in E.164";
    return set_number(listed.entry, line) ? std::optional(std::move(listed)) : std::nullopt;
  }
  std::optional<ListedSuppression> listed = parse_listed(line, error);
  if (!listed) return listed;
  proto::Suppression& entry = listed->entry;
  if (entry.brand().empty()) entry.set_brand(defaults.brand());
  if (entry.proof().empty()) entry.set_proof(defaults.proof());
  if (entry.classes().empty()) *entry.mutable_classes() = defaults.classes();
  if (entry.brand().empty()) error = "no brand, and none given by --brand";
  return entry.brand().empty() ? std::nullopt : std::optional(std::move(listed));
}

int import_entries(const ChangeOptions& options) {
  std::ifstream file;
  if (options.file != "-") file.open(options.file);
  if (options.file != "-" && !file) {
    throw CLI::ValidationError("FILE", "cannot open " + options.file);
  }
  Lines lines(options.file == "-" ? std::cin : file);
  Changes changes;
  uint64_t bad = 0;
  while (const std::optional<std::string> line = lines.next()) {
    if (line->empty()) continue;
    std::string error;
    if (const auto listed = parse_line(options, *line, error)) {
      changes.add(listed->entry, listed->blocked,
                  options.file + ':' + std::to_string(lines.number()));
    } else {
      std::cerr << options.file << ':' << lines.number() << ": " << error << '\n';
      ++bad;
    }
  }
  if (lines.failed()) {
    std::cerr << options.file << ':' << lines.number() + 1
              << ": cannot be read, nor what follows\n";
    ++bad;
  }
  const int exit_code = changes.send(options.gateway);
  if (bad > 0)
    std::cerr << "tact: " << counted(bad, "bad line was", "bad lines were") << " not sent\n";
  return exit_code == kDone && bad > 0 ? int{kIncomplete} : exit_code;
}

// Calls `use` for each line of the gateway's list.
template <class Use>
void for_each_listed(const ListOptions& options, Use use) {
  ops_lines(options.ops, "/suppressions?brand=" + percent_encoded(options.brand),
            [&](const std::string& line) {
              std::string error;
              const auto listed = parse_listed(line, error);
              if (!listed) throw std::runtime_error("ops endpoint: " + error + ": " + line);
              use(line, *listed);
            });
}

int list(const ListOptions& options) {
  Table table({"NUMBER HASH", "BLOCKED", "CLASSES", "SINCE", "PROOF"});
  for_each_listed(options, [&](const std::string&, const ListedSuppression& listed) {
    std::string classes;
    for (const int value : listed.entry.classes()) {
      if (!classes.empty()) classes += ", ";
      classes += proto::MessageClass_Name(static_cast<proto::MessageClass>(value));
    }
    table.add({format_hash(listed.entry.number_hash()), listed.blocked ? "yes" : "no", classes,
               format_time(listed.entry.since_ms()), listed.entry.proof()});
  });
  std::cout << table.render();
  return kDone;
}

int export_entries(const ListOptions& options) {
  for_each_listed(options, [](const std::string& line, const ListedSuppression&) {
    std::cout << line << '\n';
  });
  return kDone;
}

std::shared_ptr<ChangeOptions> add_change_options(CLI::App& command) {
  auto options = std::make_shared<ChangeOptions>();
  options->gateway.stream = "tact-suppress";
  options->gateway.add_to(command);
  command
      .add_option("--class", options->classes,
                  "which class; may be repeated; none: MARKETING and COLLECTION")
      ->allow_extra_args(false);
  command.add_option("--proof", options->proof, "your reference to the request");
  return options;
}

}  // namespace

void add_suppress(CLI::App& app, int& exit_code) {
  CLI::App* suppress =
      app.add_subcommand("suppress", "Opt-outs: add, remove, import, list, export");
  suppress->require_subcommand(1);
  for (const bool blocked : {true, false}) {
    CLI::App* command =
        suppress->add_subcommand(blocked ? "add" : "remove", blocked ? "Opt numbers out of a brand"
                                                                     : "End opt-outs of numbers");
    auto options = add_change_options(*command);
    command->add_option("NUMBER", options->numbers, "E.164, or hash: and 16 hex digits")
        ->required();
    command->add_option("--brand", options->brand, "the brand")->required();
    command->callback([options, blocked, &exit_code] { exit_code = change(*options, blocked); });
  }
  CLI::App* from_file =
      suppress->add_subcommand("import", "Opt-outs from a file of numbers or of an export's lines");
  auto options = add_change_options(*from_file);
  from_file->add_option("FILE", options->file, "a file, or - for standard input")->required();
  from_file->add_option("--brand", options->brand, "for lines that name none");
  from_file->callback([options, &exit_code] { exit_code = import_entries(*options); });

  for (const bool raw : {false, true}) {
    CLI::App* command =
        suppress->add_subcommand(raw ? "export" : "list", raw ? "A brand's list as JSON lines"
                                                              : "A brand's list as a table");
    auto list_options = std::make_shared<ListOptions>();
    list_options->ops.add_to(*command);
    command->add_option("--brand", list_options->brand, "the brand")->required();
    command->callback([list_options, raw, &exit_code] {
      exit_code = raw ? export_entries(*list_options) : list(*list_options);
    });
  }
}

}  // namespace tact::client
