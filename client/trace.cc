// SPDX-License-Identifier: Apache-2.0
// tact trace: what happened to a number or a message, in order.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <iterator>
#include <memory>
#include <sstream>
#include <vector>

#include "client/commands.h"
#include "client/ops_client.h"
#include "client/table.h"
#include "client/time_text.h"

namespace tact::client {
namespace {

namespace json = boost::json;

constexpr std::size_t kNumberDigitsMax = 15;

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

struct TraceOptions {
  OpsOptions ops;
  std::string subject;
  std::string since = "30d";
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
  return (id ? "/trace?id=" : "/trace?number=") + percent_encoded(subject) +
         since_parameter(options.since);
}

// What the gateway knows, oldest first. It answers page by page, backwards.
struct Story {
  std::vector<json::object> steps;
  std::string searched_from;
  std::int64_t unreadable = 0;
};

Story ask(const TraceOptions& options) {
  const std::string first = target(options);
  Story story;
  for (std::string cursor = "none"; !cursor.empty();) {
    const bool begins = story.searched_from.empty();
    std::istringstream lines(ops_get(options.ops, begins ? first : first + "&cursor=" + cursor));
    std::vector<json::object> page;
    for (std::string line; std::getline(lines, line);) {
      json::error_code error;
      json::value value = json::parse(line, error);
      if (error || !value.is_object()) throw std::runtime_error("ops endpoint: no step: " + line);
      page.push_back(std::move(value.get_object()));
    }
    if (page.empty() || !page.back().contains("searched_from")) {
      throw std::runtime_error("ops endpoint: a page without an end");
    }
    const json::object end = std::move(page.back());
    page.pop_back();
    page.insert(page.end(), std::make_move_iterator(story.steps.begin()),
                std::make_move_iterator(story.steps.end()));
    story.steps = std::move(page);
    story.searched_from = text_of(end.at("searched_from"));
    if (const auto* unreadable = end.if_contains("unreadable")) {
      story.unreadable += unreadable->to_number<std::int64_t>();
    }
    const auto* next = end.if_contains("cursor");
    cursor = next != nullptr ? text_of(*next) : "";
  }
  return story;
}

std::string time_of(const json::value& value) {
  const auto time_ms = parse_time_ms(text_of(value));
  return time_ms ? format_time(*time_ms).substr(0, 10) + " " + format_clock(*time_ms) + "Z"
                 : text_of(value);
}

int trace(const TraceOptions& options) {
  const Story story = ask(options);
  Table table({"TIME", "WHAT", ""});
  for (const json::object& step : story.steps) {
    if (options.json) {
      std::cout << json::serialize(step) << '\n';
      continue;
    }
    std::string time, what, details;
    for (const auto& [name, value] : step) {
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
  if (story.unreadable > 0) {
    std::cerr << "tact: " << story.unreadable << " damaged records of the audit were left out\n";
  }
  if (story.steps.empty()) {
    std::cerr << "tact: nothing is known of " << options.subject << " since " << story.searched_from
              << "; --since looks further back\n";
    return kIncomplete;
  }
  if (!options.json) std::cout << table.render();
  return story.unreadable > 0 ? kIncomplete : kDone;
}

}  // namespace

void add_trace(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("trace", "What happened to a number or a message, step by step");
  auto options = std::make_shared<TraceOptions>();
  options->ops.add_to(*command);
  command->add_option("NUMBER|ID", options->subject, "E.164, or a message's id")->required();
  command->add_flag("--id", options->id, "it is a message's id");
  command
      ->add_option("--since", options->since, "how far back: 36h, 30d, or a time with its offset")
      ->capture_default_str();
  command->add_flag("--json", options->json, "the steps as JSON lines");
  command->callback([options, &exit_code] { exit_code = trace(*options); });
}

}  // namespace tact::client
