// SPDX-License-Identifier: Apache-2.0
#include "client/row_feed.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <sstream>
#include <streambuf>
#include <vector>

namespace tact::client {
namespace {

constexpr auto kPatience = std::chrono::seconds(10);

// The reading end of a pipe as a stream that blocks.
class PipeBuffer : public std::streambuf {
 public:
  explicit PipeBuffer(int descriptor) : descriptor_(descriptor) {}
  ~PipeBuffer() override { ::close(descriptor_); }

 private:
  int_type underflow() override {
    if (::read(descriptor_, &octet_, 1) != 1) return traits_type::eof();
    setg(&octet_, &octet_, &octet_ + 1);
    return traits_type::to_int_type(octet_);
  }
  const int descriptor_;
  char octet_ = 0;
};
struct PipeStream : std::istream {
  explicit PipeStream(int descriptor) : std::istream(nullptr), buffer(descriptor) {
    rdbuf(&buffer);
  }
  PipeBuffer buffer;
};

class RowFeedTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::pipe(ends_), 0); }
  void TearDown() override { shut(); }
  void say(const std::string& text) {
    ASSERT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void shut() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  std::shared_ptr<std::istream> input() { return std::make_shared<PipeStream>(ends_[0]); }

  boost::asio::io_context io_{1};
  int ends_[2] = {-1, -1};
};

TEST_F(RowFeedTest, APipeThatSaysNothingStopsNothing) {
  int ready = 0;
  RowFeed feed(io_, input(), [&] { ++ready; });
  boost::asio::steady_timer timer(io_, std::chrono::milliseconds(20));
  bool rang = false;
  timer.async_wait([&](boost::system::error_code) { rang = true; });
  io_.run_for(kPatience);
  EXPECT_TRUE(rang);
  EXPECT_EQ(ready, 0);
  EXPECT_FALSE(feed.take());
  EXPECT_FALSE(feed.ended());
}

TEST_F(RowFeedTest, RowsComeAsTheyAreWrittenAndTheEndIsTold) {
  std::vector<std::string> numbers;
  bool ended = false;
  RowFeed* feed = nullptr;
  RowFeed it(io_, input(), [&] {
    while (const auto row = feed->take()) {
      numbers.push_back(row->message.to());
      if (numbers.size() == 1) say("{\"to\":\"2\",\"text\":\"b\"}\n[1]\n");
      if (numbers.size() == 3) shut();
    }
    ended = feed->ended();
    if (ended) io_.stop();
  });
  feed = &it;
  say("{\"to\":\"1\",\"text\":\"a\"}\n");
  const auto work = boost::asio::make_work_guard(io_);
  io_.run_for(kPatience);
  EXPECT_TRUE(ended);
  EXPECT_EQ(numbers, (std::vector<std::string>{"1", "2", ""}));
}

TEST_F(RowFeedTest, ALongFileIsReadNoFurtherThanItsRoom) {
  std::string rows;
  for (size_t i = 0; i < RowFeed::kRowsMax + 100; ++i) rows += "{\"to\":\"1\",\"text\":\"a\"}\n";
  RowFeed* feed = nullptr;
  size_t taken = 0;
  RowFeed it(io_, std::make_shared<std::istringstream>(rows), [&] {
    while (feed->take()) ++taken;
    if (feed->ended()) io_.stop();
  });
  feed = &it;
  const auto work = boost::asio::make_work_guard(io_);
  io_.run_for(kPatience);
  EXPECT_EQ(taken, RowFeed::kRowsMax + 100);
}

TEST_F(RowFeedTest, AFeedMayGoWhileItsPipeIsStillOpen) {
  {
    RowFeed feed(io_, input(), [] { FAIL(); });
  }
  say("{\"to\":\"1\",\"text\":\"a\"}\n");
  shut();
  io_.run_for(std::chrono::milliseconds(20));
}

}  // namespace
}  // namespace tact::client
