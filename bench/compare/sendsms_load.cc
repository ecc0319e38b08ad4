// SPDX-License-Identifier: Apache-2.0
#include "bench/compare/sendsms_load.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <exception>

#include "bench/compare/http_text.h"

namespace tact::bench {
namespace {

namespace asio = boost::asio;
using asio::use_awaitable;
using asio::ip::tcp;

// Delivered, failed, refused by the SMSC: what ends a message.
constexpr std::string_view kFinalMask = "19";
constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
constexpr std::size_t kChunk = 16 * 1024;

int64_t steady_ns() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Reads more behind what is in `input`; false at the end of the connection.
asio::awaitable<bool> read_more(tcp::socket& socket, std::string& input) {
  const std::size_t size = input.size();
  input.resize(size + kChunk);
  boost::system::error_code error;
  const std::size_t octets = co_await socket.async_read_some(
      asio::buffer(input.data() + size, kChunk), asio::redirect_error(use_awaitable, error));
  input.resize(size + octets);
  co_return !error;
}

}  // namespace

SendsmsLoad::SendsmsLoad(SendsmsOptions options, const Workload& workload)
    : options_(std::move(options)),
      workload_(workload),
      acceptor_(io_, {asio::ip::address_v4::loopback(), 0}),
      tally_(workload) {
  request_begin_ = "GET /cgi-bin/sendsms?username=" + options_.user +
                   "&password=" + options_.password + "&from=" + options_.sender +
                   "&coding=2&charset=UTF-8&dlr-mask=" + std::string(kFinalMask) + "&dlr-url=";
  append_escaped(request_begin_,
                 "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/");
  request_end_ = " HTTP/1.1\r\nHost: " + options_.host + "\r\n\r\n";
}

std::string SendsmsLoad::run() {
  const auto spawn = [this](Task<void> task) {
    asio::co_spawn(io_, std::move(task), [this](const std::exception_ptr& thrown) {
      try {
        if (thrown) std::rethrow_exception(thrown);
      } catch (const std::exception& error) {
        fail(error.what());
      }
    });
  };
  began_ns_ = steady_ns();
  spawn(accept());
  spawn(watch());
  for (uint32_t i = 0; i < options_.connections; ++i) spawn(produce());
  io_.run();
  return error_;
}

bool SendsmsLoad::sends(int64_t now_ns) const {
  return now_ns - began_ns_ < std::chrono::nanoseconds(options_.duration).count();
}

// "/REFERENCE/TYPE" is where Kannel calls, TYPE being what it makes of %d.
void SendsmsLoad::write_request(uint64_t index, std::string& request) {
  workload_.fill(index, message_);
  request = request_begin_;
  request += message_.reference();
  request += "%2F%25d&to=";
  append_escaped(request, message_.to());
  request += "&text=";
  append_escaped(request, message_.text());
  request += request_end_;
}

SendsmsLoad::Task<void> SendsmsLoad::produce() {
  Socket socket(io_);
  const tcp::endpoint smsbox(asio::ip::make_address(options_.host), options_.port);
  co_await socket.async_connect(smsbox, use_awaitable);
  socket.set_option(tcp::no_delay(true));
  asio::steady_timer room(io_);
  std::string request, input;
  proto::JobAck queued;
  queued.add_results()->set_outcome(proto::QUEUED);
  for (int64_t now_ns = steady_ns(); sends(now_ns); now_ns = steady_ns()) {
    const uint64_t index = tally_.sent_count();
    if (options_.in_flight_max > 0 && index - tally_.final_count() >= options_.in_flight_max) {
      room.expires_after(std::chrono::milliseconds(1));
      co_await room.async_wait(use_awaitable);
      continue;
    }
    write_request(index, request);
    tally_.sent(index, 1, now_ns, now_ns);
    co_await asio::async_write(socket, asio::buffer(request), use_awaitable);
    std::optional<HttpMessage> response;
    while (!(response = parse_http(input))) {
      if (!co_await read_more(socket, input)) throw std::runtime_error("smsbox hung up");
    }
    if (status_of(response->start_line) == 202) {
      tally_.acknowledged(index, 1, queued, steady_ns());
    } else {
      ++refused_;
    }
    input.erase(0, response->octets);
  }
}

SendsmsLoad::Task<void> SendsmsLoad::accept() {
  for (;;) {
    Socket socket = co_await acceptor_.async_accept(use_awaitable);
    socket.set_option(tcp::no_delay(true));
    asio::co_spawn(io_, serve(std::move(socket)), asio::detached);
  }
}

SendsmsLoad::Task<void> SendsmsLoad::serve(Socket socket) {
  std::string input, output;
  while (co_await read_more(socket, input)) {
    output.clear();
    while (const auto request = parse_http(input)) {
      called(request->start_line);
      output += kAnswer;
      input.erase(0, request->octets);
    }
    if (!output.empty()) co_await asio::async_write(socket, asio::buffer(output), use_awaitable);
  }
}

void SendsmsLoad::called(std::string_view request_line) {
  const std::size_t begin = request_line.find('/') + 1;
  const std::size_t slash = request_line.find('/', begin);
  const std::size_t end = request_line.find(' ', begin);
  const bool shaped = begin > 0 && slash < end && end < request_line.size();
  const std::string_view reference = shaped ? request_line.substr(begin, slash - begin) : "";
  if (!workload_.index_of(reference)) {
    ++stray_calls_;
    return;
  }
  const bool delivered = request_line.substr(slash + 1, end - slash - 1) == "1";
  proto::Event event;
  event.set_final(true);
  event.set_reference(std::string(reference));
  event.mutable_receipt()->set_state(delivered ? proto::DELIVERED : proto::UNDELIVERABLE);
  tally_.event(event, steady_ns());
}

SendsmsLoad::Task<void> SendsmsLoad::watch() {
  asio::steady_timer timer(io_);
  const int64_t settle_ns = std::chrono::nanoseconds(options_.settle).count();
  for (;;) {
    timer.expires_after(std::chrono::milliseconds(20));
    co_await timer.async_wait(use_awaitable);
    const int64_t now_ns = steady_ns();
    const bool done = !sends(now_ns) && tally_.final_count() + refused_ >= tally_.sent_count();
    const bool stuck = now_ns - std::max(tally_.last_progress_ns(), began_ns_) > settle_ns;
    if (done || stuck) io_.stop();
  }
}

void SendsmsLoad::fail(const std::string& error) {
  if (error_.empty()) error_ = error;
  io_.stop();
}

}  // namespace tact::bench
