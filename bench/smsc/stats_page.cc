// SPDX-License-Identifier: Apache-2.0
#include "bench/smsc/stats_page.h"

#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <memory>

namespace tact::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr auto kTimeout = std::chrono::seconds(10);

class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(asio::ip::tcp::socket socket, const std::function<std::string()>& make)
      : stream_(std::move(socket)), make_(make) {}

  void do_read() {
    stream_.expires_after(kTimeout);
    http::async_read(stream_, buffer_, request_,
                     [self = shared_from_this()](error_code error, std::size_t) {
                       if (!error) self->do_write();
                     });
  }

 private:
  void do_write() {
    const bool get = request_.method() == http::verb::get;
    response_.result(get ? http::status::ok : http::status::method_not_allowed);
    response_.set(http::field::content_type, "application/json");
    if (get) response_.body() = make_();
    response_.keep_alive(false);
    response_.prepare_payload();
    http::async_write(stream_, response_, [self = shared_from_this()](error_code, std::size_t) {
      error_code ignored;
      self->stream_.socket().shutdown(asio::socket_base::shutdown_send, ignored);
    });
  }

  beast::tcp_stream stream_;
  const std::function<std::string()>& make_;
  beast::flat_buffer buffer_{8192};
  http::request<http::empty_body> request_;
  http::response<http::string_body> response_;
};

}  // namespace

StatsPage::StatsPage(asio::io_context& io, uint16_t port, std::function<std::string()> make)
    : acceptor_(io, {asio::ip::make_address_v4("127.0.0.1"), port}), make_(std::move(make)) {}

void StatsPage::do_accept() {
  acceptor_.async_accept([this](error_code error, asio::ip::tcp::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (!error) std::make_shared<Exchange>(std::move(socket), make_)->do_read();
    do_accept();
  });
}

}  // namespace tact::bench
