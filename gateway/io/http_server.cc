// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/http_server.h"

#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <map>

namespace tact::gateway {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Local = asio::local::stream_protocol;

struct HttpServer::Door {
  Door(asio::io_context& context, const HttpSettings& with, Handler handler)
      : io(context), settings(with), handle(std::move(handler)), public_door(io), local_door(io) {}

  asio::io_context& io;
  const HttpSettings settings;
  const Handler handle;
  tcp::acceptor public_door;
  Local::acceptor local_door;
  bool bound = false;  // the Unix socket is ours
  bool stopped = false;
  std::map<uint64_t, std::function<void()>> sessions;  // how to cancel each
  uint64_t next_session = 0;
};

namespace {

using Request = http::request<http::empty_body>;
using Response = http::response<http::string_body>;

// In constant time: the token is a secret.
bool has_token(const Request& request, const std::string& token) {
  const std::string expected = "Bearer " + token;
  const auto given = request[http::field::authorization];
  return !token.empty() && given.size() == expected.size() &&
         CRYPTO_memcmp(given.data(), expected.data(), expected.size()) == 0;
}

HttpRequest simplify(const Request& request, bool trusted) {
  const std::string target(request.target());
  const size_t question = target.find('?');
  if (question == std::string::npos) return {target, "", trusted};
  return {target.substr(0, question), target.substr(question + 1), trusted};
}

bool is_read(const Request& request) {
  return request.method() == http::verb::get || request.method() == http::verb::head;
}

// What to say to a request that could not be read; 200 when there is nobody to say it to.
HttpAnswer unreadable(const error_code& error) {
  HttpAnswer answer;
  if (error == http::error::header_limit) {
    answer.status = 431;
    answer.body = "the header is too large\n";
  } else if (error == http::error::body_limit || error == http::error::unexpected_body) {
    answer.status = 413;
    answer.body = "a request has no body here\n";
  } else if (error.category() == http::make_error_code(http::error::bad_method).category() &&
             error != http::error::end_of_stream && error != http::error::partial_message) {
    answer.status = 400;
    answer.body = "not an HTTP request\n";
  }
  return answer;
}

Response respond(const Request& request, HttpAnswer answer, bool keep_alive) {
  Response response(static_cast<http::status>(answer.status), request.version());
  response.set(http::field::content_type, answer.type);
  response.set(http::field::cache_control, "no-store");
  response.keep_alive(keep_alive);
  const size_t size = answer.body.size();
  if (request.method() != http::verb::head) response.body() = std::move(answer.body);
  response.content_length(size);
  return response;
}

}  // namespace

HttpServer::HttpServer(asio::io_context& io, const HttpSettings& settings, Handler handler)
    : io_(io), door_(std::make_shared<Door>(io, settings, std::move(handler))) {}

HttpServer::~HttpServer() {
  if (door_->bound) ::unlink(door_->settings.socket.c_str());
}

std::string HttpServer::listen() {
  if (!door_->settings.address.empty()) {
    if (std::string error = listen_tcp(); !error.empty()) return error;
  }
  return door_->settings.socket.empty() ? "" : listen_local();
}

std::string HttpServer::listen_tcp() {
  error_code error;
  tcp::acceptor& acceptor = door_->public_door;
  const HttpSettings& with = door_->settings;
  const tcp::endpoint endpoint(asio::ip::make_address(with.address, error), with.port);
  if (!error) acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return "cannot serve operators on " + with.address + " port " + std::to_string(with.port) +
           ": " + error.message();
  }
  port_ = acceptor.local_endpoint().port();
  asio::co_spawn(io_, run<tcp>(door_, acceptor), asio::detached);
  return "";
}

std::string HttpServer::listen_local() {
  error_code error;
  Local::acceptor& acceptor = door_->local_door;
  const std::string& path = door_->settings.socket;
  struct stat present;
  // Left by a process that was killed; the store's lock says that it runs no more.
  if (::lstat(path.c_str(), &present) == 0 && S_ISSOCK(present.st_mode)) ::unlink(path.c_str());
  if (path.size() > 100) error = asio::error::name_too_long;
  if (!error) acceptor.open(Local(), error);
  // Before bind, so that there is no moment in which others may connect (Linux: unix(7)).
  if (!error && ::fchmod(acceptor.native_handle(), 0600) != 0)
    error.assign(errno, error.category());
  if (!error) acceptor.bind(Local::endpoint(path), error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return "cannot serve operators on " + path + ": " + error.message();
  door_->bound = true;
  asio::co_spawn(io_, run<Local>(door_, acceptor), asio::detached);
  return "";
}

void HttpServer::stop() {
  asio::post(io_, [door = door_] {
    error_code ignored;
    door->stopped = true;
    door->public_door.close(ignored);
    door->local_door.close(ignored);
    for (const auto& [id, cancel] : door->sessions) cancel();
  });
}

template <typename Protocol>
asio::awaitable<void> HttpServer::run(std::shared_ptr<Door> door,
                                      typename Protocol::acceptor& acceptor) {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  asio::steady_timer pause(door->io);
  while (acceptor.is_open()) {
    typename Protocol::socket socket(door->io);
    co_await acceptor.async_accept(socket, token);
    if (!error && door->sessions.size() < door->settings.connections) {
      asio::co_spawn(door->io, serve<Protocol>(door, std::move(socket)), asio::detached);
    } else if (error && acceptor.is_open()) {
      pause.expires_after(std::chrono::milliseconds(100));
      co_await pause.async_wait(token);
    }
  }
}

template <typename Protocol>
asio::awaitable<void> HttpServer::serve(std::shared_ptr<Door> door,
                                        typename Protocol::socket socket) {
  constexpr bool kLocal = std::is_same_v<Protocol, Local>;
  beast::basic_stream<Protocol> stream(std::move(socket));
  beast::flat_buffer buffer(kHeaderBytes + 1024);
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  const uint64_t session = door->next_session++;
  door->sessions[session] = [&stream] { stream.cancel(); };
  while (!door->stopped) {
    http::request_parser<http::empty_body> parser;
    parser.header_limit(kHeaderBytes);
    parser.body_limit(0);
    stream.expires_after(door->settings.timeout);
    co_await http::async_read(stream, buffer, parser, token);
    HttpAnswer answer = unreadable(error);
    if (error && answer.status == 200) break;  // gone, or too slow: nobody to answer
    const bool keep = !error && parser.keep_alive();
    const Request request = parser.release();
    if (!error && is_read(request)) {
      HttpRequest simple = simplify(request, kLocal || has_token(request, door->settings.token));
      stream.expires_never();
      answer = co_await door->handle(std::move(simple));
    } else if (!error) {
      answer = HttpAnswer(405, HttpAnswer().type, "only GET and HEAD\n");
    }
    Response response = respond(request, std::move(answer), keep);
    stream.expires_after(door->settings.timeout);
    co_await http::async_write(stream, response, token);
    if (error || !keep) break;
  }
  door->sessions.erase(session);
  error_code ignored;
  stream.socket().shutdown(Protocol::socket::shutdown_both, ignored);
}

}  // namespace tact::gateway
