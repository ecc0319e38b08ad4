// SPDX-License-Identifier: Apache-2.0
// Questions to the gateway's ops endpoint: HTTP over its Unix socket or over TCP with a token.
#pragma once

#include <CLI/App.hpp>
#include <chrono>
#include <functional>
#include <string>

namespace tact::client {

struct OpsOptions {
  std::string endpoint;              // unix:/path or http://host:port
  std::string token_file;            // sent as a bearer token; not needed over the socket
  std::chrono::seconds timeout{30};  // for the whole answer

  // --ops, --ops-token-file; also TACT_OPS, TACT_OPS_TOKEN_FILE.
  void add_to(CLI::App& app);
};

// The body of GET `target`, at most 64 MiB. Throws CLI::ValidationError for options
// that make no sense, std::runtime_error when there is no answer or its status is not 200.
std::string ops_get(const OpsOptions& options, const std::string& target);

// Calls `use` for each line that GET `target` (with a query) lists, page by page.
void ops_lines(const OpsOptions& options, const std::string& target,
               const std::function<void(const std::string&)>& use);

// The parameter for --since: "36h" and "30d" by the gateway's clock, a time by itself. Throws
// CLI::ValidationError.
std::string since_parameter(const std::string& since);

// For the value of a query parameter.
std::string percent_encoded(std::string_view text);

}  // namespace tact::client
