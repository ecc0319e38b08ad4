// SPDX-License-Identifier: Apache-2.0
// tact trace: what happened to a number or a message, in order.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>
#include <sstream>

#include "client/commands.h"
#include "client/ops_client.h"
#include "client/table.h"
#include "client/time_text.h"

namespace tact::client {
namespace {

namespace json = boost::json;

constexpr std::size_t kNumberDigitsMax = 15;

struct TraceOptions {
  OpsOptions ops;
  std::string subject;
  bool id = false;
  bool json = false;
};

// A message's id has 10 to 20 digits, a number 7 to 15: digits that could be both are a number
// unless --id says otherwise.
std::string target(const TraceOptions& options) {
  std::string_view subject = options.subject;
  const bool plus = subject.starts_with('+');
  if (plus) subject.remove_prefix(1);
  const bool id = options.id || (!plus && subject.size() > kNumberDigitsMax);
  return (id ? "/trace?id=" : "/trace?number=") + percent_encoded(subject);
}

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

std::string time_of(const json::value& value) {
  const auto time_ms = parse_time_ms(text_of(value));
  return time_ms ? format_time(*time_ms).substr(0, 10) + " " + format_clock(*time_ms) + "Z"
                 : text_of(value);
}

int trace(const TraceOptions& options) {
  const std::string body = ops_get(options.ops, target(options));
  if (options.json) {
    std::cout << body;
    return kDone;
  }
  Table table({"TIME", "WHAT", ""});
  std::size_t steps = 0;
  std::istringstream lines(body);
  for (std::string line; std::getline(lines, line); ++steps) {
    json::error_code error;
    const json::value step = json::parse(line, error);
    if (error || !step.is_object()) throw std::runtime_error("ops endpoint: not a step: " + line);
    std::string time, what, details;
    for (const auto& [name, value] : step.get_object()) {
      if (name == "time") {
        time = time_of(value);
      } else if (name == "what") {
        what = text_of(value);
      } else {
        if (!details.empty()) details += "  ";
        details += std::string(name) + "=" + text_of(value);
      }
    }
    table.add({time, what, details});
  }
  if (steps == 0) {
    std::cerr << "tact: nothing is known of " << options.subject << '\n';
    return kIncomplete;
  }
  std::cout << table.render();
  return kDone;
}

}  // namespace

void add_trace(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("trace", "What happened to a number or a message, step by step");
  auto options = std::make_shared<TraceOptions>();
  options->ops.add_to(*command);
  command->add_option("NUMBER|ID", options->subject, "E.164, or a message's id")->required();
  command->add_flag("--id", options->id, "it is a message's id");
  command->add_flag("--json", options->json, "the steps as JSON lines");
  command->callback([options, &exit_code] { exit_code = trace(*options); });
}

}  // namespace tact::client
