// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace tact::gateway {

struct HttpRequest {
  std::string path;      // up to "?"
  std::string query;     // behind it, as sent
  bool trusted = false;  // came over the Unix socket, or with the token
};
struct HttpAnswer {
  unsigned status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
};

struct HttpSettings {
  std::string address = "127.0.0.1";  // of an interface; empty: no TCP
  uint16_t port = 9464;               // 0: any, see HttpServer::port()
  std::string socket;                 // path of the Unix socket, made with mode 0600; empty: none
  std::string token;                  // makes requests over TCP trusted; empty: never
  uint32_t connections = 64;          // open at once; the next one is closed at once
  std::chrono::milliseconds timeout{10'000};  // to read a request, and to write its answer
};

// A small HTTP/1.1 server for operators over Beast: GET and HEAD, header up to 8 KiB, no body.
// Everything runs on the given io_context's thread.
class HttpServer {
 public:
  static constexpr uint32_t kHeaderBytes = 8 * 1024;
  using Handler = std::function<boost::asio::awaitable<HttpAnswer>(HttpRequest)>;

  HttpServer(boost::asio::io_context&, const HttpSettings&, Handler);
  ~HttpServer();

  // Empty when it listens, else why it cannot. Call it before the io_context runs.
  std::string listen();
  uint16_t port() const { return port_; }
  // Accepts nobody any more, and closes what is open; any thread.
  void stop();

 private:
  struct Door;  // what sessions need of the server, alive as long as they
  template <typename Protocol>
  static boost::asio::awaitable<void> run(std::shared_ptr<Door>,
                                          typename Protocol::acceptor& acceptor);
  template <typename Protocol>
  static boost::asio::awaitable<void> serve(std::shared_ptr<Door>,
                                            typename Protocol::socket socket);
  std::string listen_tcp();
  std::string listen_local();

  boost::asio::io_context& io_;
  const std::shared_ptr<Door> door_;
  uint16_t port_ = 0;
};

}  // namespace tact::gateway
