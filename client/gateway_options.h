// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "client/upstream_connection.h"

namespace tact::client {

// Where the gateway is and who we are: the options of every command that speaks the protocol.
struct GatewayOptions {
  std::string to;
  std::string upstream;
  std::string stream = "tact";
  std::string token_file;

  // --to, --upstream, --stream, --token-file; also TACT_TO, TACT_UPSTREAM, TACT_TOKEN_FILE.
  void add_to(CLI::App& app);

  // Reads the token. Throws CLI::ValidationError with a message for the user.
  UpstreamOptions connection() const;
};

// The first line of a file that holds a secret. Throws CLI::ValidationError.
std::string read_token(const std::string& path);

}  // namespace tact::client
