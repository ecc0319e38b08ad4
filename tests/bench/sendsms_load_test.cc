// SPDX-License-Identifier: Apache-2.0
// Against an smsbox that answers as told and calls back as often as told.
#include "bench/compare/sendsms_load.h"

#include <gtest/gtest.h>

#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <string>
#include <thread>

namespace tact::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// What comes of the n-th request: its status, and what is called for it.
struct Answer {
  int status = 202;
  std::vector<std::string> types{"1"};
};

// One connection, one request after the other.
class Smsbox {
 public:
  explicit Smsbox(std::function<Answer(int)> answer)
      : answer_(std::move(answer)),
        acceptor_(io_, {asio::ip::address_v4::loopback(), 0}),
        thread_([this] { run(); }) {}
  ~Smsbox() { thread_.join(); }

  uint16_t port() const { return acceptor_.local_endpoint().port(); }
  const std::string& first_request() const { return first_request_; }

 private:
  void run() {
    tcp::socket socket = acceptor_.accept();
    std::string input;
    boost::system::error_code error;
    for (int n = 0;; ++n) {
      const std::size_t octets =
          asio::read_until(socket, asio::dynamic_buffer(input), "\r\n\r\n", error);
      if (error) return;
      const std::string request = input.substr(0, octets);
      input.erase(0, octets);
      if (n == 0) first_request_ = request;
      const Answer answer = answer_(n);
      if (answer.status == 0) return;
      asio::write(socket,
                  asio::buffer("HTTP/1.1 " + std::to_string(answer.status) +
                               " X\r\nContent-Length: 2\r\n\r\nok"),
                  error);
      for (const std::string& type : answer.types) call(request, type);
    }
  }

  void call(const std::string& request, const std::string& type) {
    const std::string begin = "dlr-url=http%3A%2F%2F127.0.0.1%3A";
    const std::string url = request.substr(request.find(begin) + begin.size());
    const auto port = static_cast<uint16_t>(std::stoi(url));
    const std::size_t path = url.find("%2F") + 3;
    const std::string reference = url.substr(path, url.find("%2F", path) - path);
    boost::system::error_code error;
    tcp::socket socket(io_);
    socket.connect({asio::ip::address_v4::loopback(), port}, error);
    asio::write(socket,
                asio::buffer("GET /" + reference + "/" + type + " HTTP/1.1\r\nHost: x\r\n\r\n"),
                error);
    std::string response;
    asio::read_until(socket, asio::dynamic_buffer(response), "\r\n\r\n", error);
  }

  const std::function<Answer(int)> answer_;
  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::string first_request_;
  std::thread thread_;
};

struct SendsmsLoadTest : testing::Test {
  SendsmsOptions options(const Smsbox& smsbox) {
    SendsmsOptions options;
    options.port = smsbox.port();
    options.connections = 1;
    options.duration = std::chrono::milliseconds(100);
    options.settle = std::chrono::milliseconds(300);
    return options;
  }
  const Workload workload{WorkloadOptions()};
};

TEST_F(SendsmsLoadTest, WhatHangsUpIsToldAndEndsTheRun) {
  Smsbox smsbox([](int n) { return Answer{n < 3 ? 202 : 0}; });
  SendsmsLoad load(options(smsbox), workload);
  EXPECT_EQ(load.run(), "smsbox hung up");
  EXPECT_EQ(load.tally().acknowledged_count(), 3u);
}

TEST_F(SendsmsLoadTest, WhatIsNeverCalledIsLostAndWhatIsCalledAgainIsDoubled) {
  Smsbox smsbox([](int n) {
    if (n == 0) return Answer{202, {}};
    if (n == 1) return Answer{202, {"1", "1"}};
    if (n == 2) return Answer{202, {"2"}};
    return Answer{};
  });
  SendsmsLoad load(options(smsbox), workload);
  EXPECT_EQ(load.run(), "");
  const Tally& tally = load.tally();
  ASSERT_GT(tally.sent_count(), 3u);
  EXPECT_EQ(tally.acknowledged_count(), tally.sent_count());
  EXPECT_EQ(tally.lost(), 1u);
  EXPECT_EQ(tally.doubled(), 1u);
  EXPECT_EQ(tally.delivered(), tally.sent_count() - 2);
  EXPECT_EQ(load.stray_calls(), 0u);
}

TEST_F(SendsmsLoadTest, ARefusedMessageIsNotWaitedFor) {
  Smsbox smsbox([](int n) { return n == 1 ? Answer{503, {}} : Answer{}; });
  SendsmsLoad load(options(smsbox), workload);
  EXPECT_EQ(load.run(), "");
  EXPECT_EQ(load.refused(), 1u);
  EXPECT_EQ(load.tally().acknowledged_count(), load.tally().sent_count() - 1);
  EXPECT_EQ(load.tally().lost(), 0u);
}

TEST_F(SendsmsLoadTest, TheMessageIsTheWorkloads) {
  Smsbox smsbox([](int) { return Answer{}; });
  SendsmsLoad load(options(smsbox), workload);
  EXPECT_EQ(load.run(), "");
  proto::Message message;
  workload.fill(0, message);
  const std::string& request = smsbox.first_request();
  EXPECT_TRUE(request.starts_with("GET /cgi-bin/sendsms?username=bench&password=bench&"))
      << request;
  EXPECT_NE(request.find("&to=%2B" + message.to().substr(1) + "&"), std::string::npos) << request;
  EXPECT_NE(request.find("&text=%E3%80%90%E6%B5%8B"), std::string::npos) << request;
  EXPECT_NE(request.find("&coding=2&charset=UTF-8&"), std::string::npos) << request;
}

}  // namespace
}  // namespace tact::bench
