// SPDX-License-Identifier: Apache-2.0
#include "client/gateway_options.h"

#include <CLI/Error.hpp>
#include <fstream>

namespace tact::client {

void GatewayOptions::add_to(CLI::App& app) {
  app.add_option("--to", to, "the gateway")->required()->type_name("HOST:PORT")->envname("TACT_TO");
  app.add_option("--upstream", upstream, "name of the upstream")
      ->required()
      ->envname("TACT_UPSTREAM");
  app.add_option("--stream", stream,
                 "name of this producer; of two with one name the newer replaces the older")
      ->capture_default_str();
  app.add_option("--token-file", token_file, "file with the upstream's token")
      ->required()
      ->envname("TACT_TOKEN_FILE");
}

UpstreamOptions GatewayOptions::connection() const {
  const auto address = parse_address(to);
  if (!address) throw CLI::ValidationError("--to", "expected HOST:PORT, got \"" + to + "\"");
  UpstreamOptions options;
  options.address = *address;
  options.upstream = upstream;
  options.stream = stream;
  options.token = read_token(token_file);
  return options;
}

std::string read_token(const std::string& path) {
  std::ifstream file(path);
  std::string token;
  if (!file || !std::getline(file, token)) {
    throw CLI::ValidationError("--token-file", "cannot read a token from " + path);
  }
  if (token.ends_with('\r')) token.pop_back();
  return token;
}

}  // namespace tact::client
