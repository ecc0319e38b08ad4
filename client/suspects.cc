// SPDX-License-Identifier: Apache-2.0
// tact suspects: replies that a person has to look at, and what that person decides.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "client/commands.h"
#include "client/controls.h"
#include "client/gateway_options.h"
#include "client/message_fields.h"
#include "client/ops_client.h"
#include "client/table.h"

namespace tact::client {
namespace {

struct ListOptions {
  OpsOptions ops;
  bool json = false;
};

struct ReviewOptions {
  GatewayOptions gateway;
  std::vector<uint64_t> replies;
  std::vector<std::string> classes;
  std::string by;
};

std::string text_of(const boost::json::object& line, const char* name) {
  const auto* value = line.if_contains(name);
  if (value == nullptr || value->is_null()) return "";
  return value->is_string() ? std::string(value->get_string()) : boost::json::serialize(*value);
}

std::string reasons_of(const boost::json::object& line) {
  std::string all;
  const auto* reasons = line.if_contains("reasons");
  if (reasons == nullptr || !reasons->is_array()) return "";
  for (const auto& each : reasons->get_array()) {
    if (each.is_string()) all += (all.empty() ? "" : " ") + std::string(each.get_string());
  }
  return all;
}

int list(const ListOptions& options) {
  Table table({"REPLY", "AT", "BRAND", "NUMBER", "AFTER", "WHY", "HELD UNTIL", "TEXT"});
  ops_lines(options.ops, "/suspects?limit=1000", [&](const std::string& line) {
    if (options.json) {
      std::cout << line << '\n';
      return;
    }
    boost::json::error_code error;
    const boost::json::value parsed = boost::json::parse(line, error);
    if (error || !parsed.is_object()) throw std::runtime_error("ops endpoint: " + line);
    const auto& object = parsed.get_object();
    table.add({text_of(object, "reply_id"), text_of(object, "at"), text_of(object, "brand"),
               text_of(object, "number"), text_of(object, "after"), reasons_of(object),
               text_of(object, "held_until"), text_of(object, "text")});
  });
  if (!options.json) std::cout << table.render();
  return kDone;
}

int review(const ReviewOptions& options, proto::Decision::Action action) {
  std::vector<proto::Control> controls;
  for (std::size_t at = 0; at < options.replies.size(); at += kEntriesPerControl) {
    proto::Control& control = controls.emplace_back();
    const std::size_t end = std::min(options.replies.size(), at + kEntriesPerControl);
    for (std::size_t i = at; i < end; ++i) {
      proto::Decision& decision = *control.mutable_review()->add_decisions();
      decision.set_reply_id(options.replies[i]);
      decision.set_action(action);
      decision.set_by(options.by);
      for (const std::string& name : options.classes) {
        proto::MessageClass parsed{};
        if (!parse_class(name, parsed)) throw CLI::ValidationError("--class", "no class " + name);
        decision.add_classes(parsed);
      }
    }
  }
  const auto results =
      send_controls(options.gateway.connection(), controls, options.replies.size());
  int exit_code = results.size() < options.replies.size() ? kUnreachable : kDone;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].outcome() != proto::REJECTED) continue;
    const auto& fired = results[i].fired();
    const bool unknown = !fired.empty() && fired[0].detail() == "reply_id";
    std::cerr << "tact: " << options.replies[i] << ": "
              << (unknown ? "does not wait for a decision" : "refused") << '\n';
    if (exit_code == kDone) exit_code = kIncomplete;
  }
  return exit_code;
}

}  // namespace

void add_suspects(CLI::App& app, int& exit_code) {
  CLI::App* suspects =
      app.add_subcommand("suspects", "Replies that wait for a person: list, opt-out, release");
  suspects->require_subcommand(1);
  CLI::App* listing = suspects->add_subcommand("list", "What waits, the oldest first");
  auto list_options = std::make_shared<ListOptions>();
  list_options->ops.add_to(*listing);
  listing->add_flag("--json", list_options->json, "a JSON line for each");
  listing->callback([list_options, &exit_code] { exit_code = list(*list_options); });
  for (const auto action : {proto::Decision::OPT_OUT, proto::Decision::RELEASE}) {
    const bool opts_out = action == proto::Decision::OPT_OUT;
    CLI::App* command = suspects->add_subcommand(
        opts_out ? "opt-out" : "release",
        opts_out ? "They meant an opt-out"
                 : "They meant none: what was held because of them goes on");
    auto options = std::make_shared<ReviewOptions>();
    options->gateway.stream = "tact-suspects";
    options->gateway.add_to(*command);
    command->add_option("REPLY", options->replies, "ids of replies, as listed")->required();
    command->add_option("--by", options->by, "who decided, for the audit");
    if (opts_out) {
      command
          ->add_option("--class", options->classes,
                       "which class; may be repeated; none: as a plain opt-out would")
          ->allow_extra_args(false);
    }
    command->callback([options, action, &exit_code] { exit_code = review(*options, action); });
  }
}

}  // namespace tact::client
