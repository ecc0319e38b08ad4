// SPDX-License-Identifier: Apache-2.0
#include "client/ops_client.h"

#include <CLI/Error.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "client/address.h"
#include "client/gateway_options.h"
#include "client/time_text.h"

namespace tact::client {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::size_t kBodyBytesMax = 64u << 20;

// One request on one connection; the deadline of the stream bounds every step.
template <class Protocol>
class Exchange {
 public:
  Exchange(asio::io_context& io, http::request<http::empty_body> request,
           std::chrono::seconds timeout)
      : stream_(io), request_(std::move(request)) {
    parser_.body_limit(kBodyBytesMax);
    stream_.expires_after(timeout);
  }

  template <class Endpoints>
  void start(const Endpoints& endpoints) {
    stream_.async_connect(endpoints, [this](error_code error, const auto&...) {
      if (error) return fail(error);
      do_write();
    });
  }

  const error_code& error() const { return error_; }
  http::response<http::string_body> take_response() { return parser_.release(); }

 private:
  void do_write() {
    http::async_write(stream_, request_, [this](error_code error, std::size_t) {
      if (error) return fail(error);
      do_read();
    });
  }
  void do_read() {
    http::async_read(stream_, buffer_, parser_, [this](error_code error, std::size_t) {
      if (error) fail(error);
    });
  }
  void fail(error_code error) { error_ = error; }

  beast::basic_stream<Protocol> stream_;
  http::request<http::empty_body> request_;
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
  error_code error_;
};

template <class Protocol, class Endpoints>
std::string ask(http::request<http::empty_body> request, const Endpoints& endpoints,
                std::chrono::seconds timeout, asio::io_context& io) {
  const std::string target(request.target());
  Exchange<Protocol> exchange(io, std::move(request), timeout);
  exchange.start(endpoints);
  io.run();
  if (exchange.error()) throw std::runtime_error("ops endpoint: " + exchange.error().message());
  http::response<http::string_body> response = exchange.take_response();
  if (response.result() != http::status::ok) {
    std::string reason = response.body().substr(0, response.body().find('\n'));
    throw std::runtime_error("ops endpoint: " + std::to_string(response.result_int()) + " " +
                             (reason.empty() ? std::string(response.reason()) : reason));
  }
  return std::move(response.body());
}

// The last line of a page that is not the last tells where the next one begins.
std::string cursor_of(const std::string& line) {
  boost::json::error_code error;
  const boost::json::value parsed = boost::json::parse(line, error);
  const boost::json::object* members = error ? nullptr : parsed.if_object();
  const boost::json::value* cursor = members == nullptr ? nullptr : members->if_contains("cursor");
  return cursor != nullptr && cursor->is_string() ? std::string(cursor->get_string()) : "";
}

}  // namespace

void OpsOptions::add_to(CLI::App& app) {
  app.add_option("--ops", endpoint, "the ops endpoint: unix:/path or http://host:port")
      ->required()
      ->envname("TACT_OPS");
  app.add_option("--ops-token-file", token_file, "file with the ops token, for http://")
      ->envname("TACT_OPS_TOKEN_FILE");
}

std::string ops_get(const OpsOptions& options, const std::string& target) {
  http::request<http::empty_body> request(http::verb::get, target, 11);
  request.set(http::field::connection, "close");
  if (!options.token_file.empty()) {
    request.set(http::field::authorization, "Bearer " + read_token(options.token_file));
  }
  asio::io_context io(1);
  const std::string& endpoint = options.endpoint;
  if (endpoint.starts_with("unix:")) {
    using asio::local::stream_protocol;
    request.set(http::field::host, "localhost");
    return ask<stream_protocol>(std::move(request), stream_protocol::endpoint(endpoint.substr(5)),
                                options.timeout, io);
  }
  std::optional<Address> address;
  if (endpoint.starts_with("http://")) address = parse_address(endpoint.substr(7));
  if (!address) {
    throw CLI::ValidationError("--ops",
                               "expected unix:/path or http://host:port, got \"" + endpoint + "\"");
  }
  request.set(http::field::host, endpoint.substr(7));
  error_code error;
  asio::ip::tcp::resolver resolver(io);
  const auto found = resolver.resolve(address->host, std::to_string(address->port), error);
  if (error) throw std::runtime_error("ops endpoint: " + error.message());
  return ask<asio::ip::tcp>(std::move(request), found, options.timeout, io);
}

void ops_lines(const OpsOptions& options, const std::string& target,
               const std::function<void(const std::string&)>& use) {
  std::string cursor;
  do {
    const std::string more = cursor.empty() ? "" : "&cursor=" + percent_encoded(cursor);
    std::istringstream page(ops_get(options, target + more));
    std::string next;
    for (std::string line; std::getline(page, line);) {
      next = cursor_of(line);
      if (!next.empty()) break;
      use(line);
    }
    if (next == cursor) return;
    cursor = next;
  } while (!cursor.empty());
}

std::string since_parameter(const std::string& since) {
  if (const auto seconds = parse_duration_s(since)) return "&last=" + std::to_string(*seconds);
  if (const auto time_ms = parse_time_ms(since)) return "&since=" + std::to_string(*time_ms);
  throw CLI::ValidationError("--since",
                             "expected 36h, 30d or 2026-03-01T00:00:00Z, got \"" + since + "\"");
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      result += c;
    } else {
      const auto octet = static_cast<unsigned char>(c);
      result += '%';
      result += kHex[octet >> 4];
      result += kHex[octet & 15];
    }
  }
  return result;
}

}  // namespace tact::client
