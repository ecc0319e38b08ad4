// SPDX-License-Identifier: Apache-2.0
// tact cancel, query and resume: messages by id or key, campaigns by name.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>

#include "client/commands.h"
#include "client/controls.h"
#include "client/gateway_options.h"
#include "client/standings.h"

namespace tact::client {
namespace {

enum class Ask { cancel, query, resume };

struct AskOptions {
  GatewayOptions gateway;
  std::vector<uint64_t> ids;
  std::vector<std::string> keys;
  std::vector<std::string> campaigns;
  bool json = false;
};

std::vector<proto::Subject> subjects_of(const AskOptions& options) {
  std::vector<proto::Subject> subjects;
  for (const uint64_t id : options.ids) subjects.emplace_back().set_message_id(id);
  for (const auto& key : options.keys) subjects.emplace_back().set_idempotency_key(key);
  for (const auto& name : options.campaigns) subjects.emplace_back().set_campaign(name);
  if (subjects.empty()) throw CLI::ValidationError("nothing to ask for: give an ID or a --key");
  return subjects;
}

// Results in the order of the subjects; fewer when the connection was lost.
std::vector<proto::Result> ask(const AskOptions& options,
                               const std::vector<proto::Subject>& subjects, Ask what) {
  std::vector<proto::Control> controls;
  for (std::size_t at = 0; at < subjects.size(); at += kEntriesPerControl) {
    proto::Control& control = controls.emplace_back();
    auto& asked = what == Ask::cancel  ? *control.mutable_cancel()->mutable_subjects()
                  : what == Ask::query ? *control.mutable_query()->mutable_subjects()
                                       : *control.mutable_resume()->mutable_subjects();
    const std::size_t end = std::min(subjects.size(), at + kEntriesPerControl);
    for (std::size_t i = at; i < end; ++i) *asked.Add() = subjects[i];
  }
  return send_controls(options.gateway.connection(), controls, subjects.size());
}

int run(const AskOptions& options, Ask what) {
  const auto subjects = subjects_of(options);
  const auto results = ask(options, subjects, what);
  if (results.size() < subjects.size()) return kUnreachable;
  for (std::size_t i = 0; options.json && i < subjects.size(); ++i) {
    std::cout << to_json(subjects[i], results[i]) << '\n';
  }
  if (!options.json) std::cout << render(subjects, results);
  const auto wanted = what == Ask::cancel  ? proto::CANCELLED
                      : what == Ask::query ? proto::FOUND
                                           : proto::RESUMED;
  const bool all = std::all_of(results.begin(), results.end(), [&](const proto::Result& result) {
    return result.outcome() == wanted;
  });
  return all ? kDone : kIncomplete;
}

std::shared_ptr<AskOptions> add_options(CLI::App& command) {
  auto options = std::make_shared<AskOptions>();
  options->gateway.stream = "tact-ask";  // so that a `tact submit` beside it is not replaced
  options->gateway.add_to(command);
  command.add_option("ID", options->ids, "ids of messages, as their results told them");
  command.add_option("--key", options->keys, "a message by its idempotency key; may be repeated")
      ->allow_extra_args(false);
  command.add_flag("--json", options->json, "a JSON line for each");
  return options;
}

}  // namespace

void add_ask(CLI::App& app, int& exit_code) {
  CLI::App* cancel = app.add_subcommand(
      "cancel", "Take back messages that have not been sent; exit 0 if all of it was in time");
  auto cancelled = add_options(*cancel);
  cancel
      ->add_option("--campaign", cancelled->campaigns,
                   "all of a campaign that was pushed so far; may be repeated")
      ->allow_extra_args(false);
  cancel->callback([cancelled, &exit_code] { exit_code = run(*cancelled, Ask::cancel); });

  CLI::App* query =
      app.add_subcommand("query", "How messages stand; exit 0 if all of them were found");
  auto asked = add_options(*query);
  query->callback([asked, &exit_code] { exit_code = run(*asked, Ask::query); });

  CLI::App* resume = app.add_subcommand(
      "resume", "Let campaigns go on that opt-outs have halted; exit 0 if all of them were");
  auto resumed = std::make_shared<AskOptions>();
  resumed->gateway.stream = "tact-ask";
  resumed->gateway.add_to(*resume);
  resume->add_option("CAMPAIGN", resumed->campaigns, "as their messages name them")->required();
  resume->add_flag("--json", resumed->json, "a JSON line for each");
  resume->callback([resumed, &exit_code] { exit_code = run(*resumed, Ask::resume); });
}

}  // namespace tact::client
