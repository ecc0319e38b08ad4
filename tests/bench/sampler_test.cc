// SPDX-License-Identifier: Apache-2.0
#include "bench/load/sampler.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>

namespace tact::bench {
namespace {

using boost::asio::ip::tcp;
using namespace std::chrono_literals;

// Answers the n-th request with the n-th page, and with the last one from then on.
class Pages {
 public:
  explicit Pages(std::vector<std::string> pages)
      : pages_(std::move(pages)),
        acceptor_(io_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
        thread_([this] { run(); }) {}
  ~Pages() {
    stopping_ = true;
    boost::system::error_code ignored;
    tcp::socket waker(io_);
    waker.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }

  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/metrics";
  }
  void wait_for(std::size_t requests) const {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (served_ < requests && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(1ms);
    }
    ASSERT_GE(served_, requests);
  }

 private:
  void run() {
    while (true) {
      tcp::socket socket = acceptor_.accept();
      if (stopping_) return;
      boost::system::error_code ignored;
      std::string request;
      boost::asio::read_until(socket, boost::asio::dynamic_buffer(request), "\r\n\r\n", ignored);
      const std::string& page = pages_[std::min<std::size_t>(served_, pages_.size() - 1)];
      const std::string answer =
          "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(page.size()) +
          "\r\n\r\n" + page;
      boost::asio::write(socket, boost::asio::buffer(answer), ignored);
      ++served_;
    }
  }

  const std::vector<std::string> pages_;
  boost::asio::io_context io_;
  tcp::acceptor acceptor_;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::size_t> served_ = 0;
  std::thread thread_;
};

std::string page(int commits, const std::string& more = "") {
  return "tact_lane_queued_messages{class=\"OTP\"} 0\ntact_storage_syncs_total 2\n"
         "tact_commits_total{shard=\"0\"} " +
         std::to_string(commits) + "\n" + more;
}

SamplerOptions options(const std::string& url) {
  return {parse_metrics_url(url), {{"this", static_cast<int>(getpid())}}, 5ms};
}

std::string refusal(const SamplerOptions& options) {
  try {
    Sampler sampler(options);
    return "none";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

TEST(Sampler, UrlsThatAreNoneAreRefused) {
  for (const char* url :
       {"", "127.0.0.1:9464", "https://127.0.0.1:9464/metrics", "http://", "http://127.0.0.1",
        "http://127.0.0.1:9464/other", "http://127.0.0.1:0/metrics", "unix:"}) {
    EXPECT_FALSE(parse_metrics_url(url)) << url;
  }
  EXPECT_EQ(parse_metrics_url("http://127.0.0.1:9464/metrics")->endpoint, "http://127.0.0.1:9464");
  EXPECT_EQ(parse_metrics_url("http://[::1]:9464")->endpoint, "http://[::1]:9464");
  EXPECT_EQ(parse_metrics_url("unix:/run/ops")->endpoint, "unix:/run/ops");
}

TEST(Sampler, WhatCannotBeReadAtTheStartIsSaid) {
  const std::string nobody = Pages({page(1)}).url();  // has ended
  EXPECT_NE(refusal(options(nobody)).find("ops endpoint"), std::string::npos);
  Pages damaged({page(1) + "tact_commits_total{shard=\n"});
  EXPECT_NE(refusal(options(damaged.url())).find("line 4 of the metrics"), std::string::npos);
  Pages other({"node_load1 0.5\n"});
  EXPECT_NE(refusal(options(other.url())).find("is it a gateway?"), std::string::npos);
  SamplerOptions gone;
  gone.processes.push_back({"gone", 0x7FFFFFFF});
  EXPECT_NE(refusal(gone).find("(gone)"), std::string::npos);
}

TEST(Sampler, FailuresOfARunAreCountedAndWhatWasSeenIsKept) {
  Pages pages({page(1), page(5, "tact_throttled_total{route=\"a\"} 3\nnode_load1 1\n"), "<html>\n",
               page(9, "tact_throttled_total{route=\"a\"} 3\n")});
  Sampler sampler(options(pages.url()));
  pages.wait_for(4);
  const Samples samples = sampler.stop();
  EXPECT_EQ(samples.scrapes_failed, 1u);
  EXPECT_NE(samples.failure.find("line 1"), std::string::npos);
  ASSERT_GE(samples.metrics_times_ns.size(), 3u);
  EXPECT_TRUE(std::is_sorted(samples.metrics_times_ns.begin(), samples.metrics_times_ns.end()));
  ASSERT_EQ(samples.metrics.size(), 3u) << "neither zeros nor other families";
  for (const auto& [name, series] : samples.metrics) {
    EXPECT_EQ(series.size(), samples.metrics_times_ns.size()) << name;
  }
  const auto& commits = samples.metrics.at("tact_commits_total{shard=\"0\"}");
  EXPECT_EQ(commits[0], 1);
  EXPECT_EQ(commits[1], 5);
  EXPECT_EQ(commits[2], 9);
  const auto& throttled = samples.metrics.at("tact_throttled_total{route=\"a\"}");
  EXPECT_EQ(throttled[0], std::nullopt) << "it was not there yet";
  EXPECT_EQ(throttled[1], 3);
}

TEST(Sampler, ProcessesAreSeenAtTheBeginningAndAtTheEnd) {
  SamplerOptions only_this;
  only_this.processes.push_back({"this", static_cast<int>(getpid())});
  only_this.period = 1h;
  const Samples samples = Sampler(only_this).stop();
  ASSERT_EQ(samples.processes.size(), 1u);
  ASSERT_EQ(samples.process_times_ns.size(), 2u);
  ASSERT_EQ(samples.processes[0].samples.size(), 2u);
  for (const auto& sample : samples.processes[0].samples) {
    ASSERT_TRUE(sample);
    EXPECT_GT(sample->resident_bytes, 1u << 20);
    EXPECT_LT(sample->cpu_seconds, 3600);
  }
}

}  // namespace
}  // namespace tact::bench
