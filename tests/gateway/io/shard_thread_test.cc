// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/shard_thread.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>

#include "tests/gateway/io/fake_shard.h"
#include "tests/gateway/io/peer.h"

namespace tact::gateway {
namespace {

using namespace std::chrono_literals;

class ShardThreadTest : public testing::Test {
 protected:
  ShardThreadTest() : thread_(settings(), 0ms, Civil{}) {}
  ~ShardThreadTest() override { thread_.stop(); }

  static ConnectionSettings settings() {
    ConnectionSettings short_waits;
    short_waits.connect_timeout = 400ms;
    short_waits.write_timeout = 400ms;
    short_waits.close_timeout = 400ms;
    return short_waits;
  }
  void start() { thread_.start(face_); }

  // A connection that the shard asked for, and its other side.
  Peer link(uint64_t id, int receive_buffer = 0) {
    uint16_t port = 0;
    const Peer acceptor = Peer::listen(port, receive_buffer);
    connect(id, "127.0.0.1", port);
    EXPECT_TRUE(shard_.wait_for("connected " + std::to_string(id)));
    return acceptor.accept();
  }
  void connect(uint64_t id, const std::string& host, uint16_t port) {
    const LinkSettings plain;
    shard_.run(thread_, [&] { thread_.connect(ConnectionId{id}, plain, {host, port}); });
  }
  void send(uint64_t id, const std::string& text) {
    shard_.run(thread_, [&] {
      Bytes bytes(text.begin(), text.end());
      thread_.send(ConnectionId{id}, bytes);
      EXPECT_TRUE(bytes.empty());
    });
  }
  void close(uint64_t id) {
    shard_.run(thread_, [&] { thread_.close(ConnectionId{id}); });
  }

  FakeShard shard_;
  ShardFaceOf<FakeShard> face_{shard_};
  ShardThread thread_;
};

TEST_F(ShardThreadTest, RefusedConnectionIsToldOnce) {
  start();
  uint16_t port = 0;
  Peer::listen(port).close();
  connect(1, "127.0.0.1", port);
  EXPECT_TRUE(shard_.wait_for("closed 1: cannot connect: "));
  EXPECT_FALSE(shard_.noted("connected 1"));
}

TEST_F(ShardThreadTest, UnknownHostIsTold) {
  start();
  connect(1, "no such host", 1);
  EXPECT_TRUE(shard_.wait_for("closed 1: cannot resolve no such host: "));
}

TEST_F(ShardThreadTest, NameIsResolved) {
  start();
  uint16_t port = 0;
  const Peer acceptor = Peer::listen(port);
  connect(1, "localhost", port);
  EXPECT_TRUE(shard_.wait_for("connected 1"));
}

TEST_F(ShardThreadTest, SilentHostIsAConnectTimeout) {
  start();
  // A backlog of one that is full: the kernel leaves further attempts unanswered.
  const int full = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(full, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(::listen(full, 0), 0);
  socklen_t size = sizeof(address);
  ASSERT_EQ(::getsockname(full, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const uint16_t port = ntohs(address.sin_port);
  const Peer first = Peer::dial(port);
  connect(1, "127.0.0.1", port);
  connect(2, "127.0.0.1", port);
  EXPECT_TRUE(shard_.wait_for("closed 2: connect timeout"));
  ::close(full);
}

TEST_F(ShardThreadTest, PeerThatResetsAtAnyChunkIsALossToldOnce) {
  start();
  constexpr uint64_t kChunks = 5;
  for (uint64_t n = 0; n <= kChunks; ++n) {
    Peer peer = link(n + 1);
    for (uint64_t chunk = 0; chunk < n; ++chunk) {
      ASSERT_TRUE(peer.write("chunk"));
      send(n + 1, "answer");
      ASSERT_EQ(peer.read(6), "answer");
    }
    ASSERT_TRUE(shard_.wait([&] { return shard_.bytes_[n + 1].size() == 5 * n; }));
    peer.reset();
    EXPECT_TRUE(shard_.wait_for("closed " + std::to_string(n + 1) + ": Connection reset"));
    send(n + 1, "too late");
  }
  std::lock_guard lock(shard_.mutex_);
  int closed = 0;
  for (const std::string& note : shard_.notes_) closed += note.rfind("closed", 0) == 0;
  EXPECT_EQ(closed, static_cast<int>(kChunks) + 1);
}

TEST_F(ShardThreadTest, EndOfStreamIsALoss) {
  start();
  Peer peer = link(1);
  peer.close();
  EXPECT_TRUE(shard_.wait_for("closed 1: end of stream"));
}

TEST_F(ShardThreadTest, PeerThatStopsReadingIsAWriteTimeout) {
  start();
  const Peer peer = link(1, 4096);
  send(1, std::string(32u << 20, 'x'));
  size_t unsent = 0;
  shard_.run(thread_, [&] { unsent = thread_.unsent(ConnectionId{1}); });
  EXPECT_GT(unsent, 0u);
  EXPECT_TRUE(shard_.wait_for("closed 1: "));
  EXPECT_TRUE(shard_.noted("closed 1: write timeout") ||
              shard_.noted("closed 1: Connection timed out"));
}

TEST_F(ShardThreadTest, SlowReaderIsNoWriteTimeout) {
  start();
  const Peer peer = link(1, 4096);
  const std::string text(2u << 20, 'x');
  send(1, text);
  EXPECT_EQ(peer.read(text.size() / 2).size(), text.size() / 2);
  EXPECT_EQ(peer.read(text.size() / 2).size(), text.size() / 2);
  EXPECT_FALSE(shard_.noted("closed 1"));
  shard_.run(thread_, [&] { EXPECT_EQ(thread_.unsent(ConnectionId{1}), 0u); });
}

TEST_F(ShardThreadTest, BytesArriveInOrderWhateverTheSizes) {
  start();
  const Peer peer = link(1);
  std::string sent;
  for (int i = 0; i < 300; ++i) {
    const std::string text(static_cast<size_t>(1 + i * 7 % 999), static_cast<char>('a' + i % 26));
    sent += text;
    send(1, text);
  }
  EXPECT_EQ(peer.read(sent.size()), sent);
  ASSERT_TRUE(peer.write(sent));
  ASSERT_TRUE(shard_.wait([&] { return shard_.bytes_[1].size() == sent.size(); }));
  EXPECT_EQ(shard_.bytes(1), sent);
}

TEST_F(ShardThreadTest, PausedConnectionReceivesNothingUntilResumed) {
  start();
  const Peer peer = link(1);
  shard_.run(thread_, [&] { thread_.pause(ConnectionId{1}, true); });
  ASSERT_TRUE(peer.write("hello"));
  for (int i = 0; i < 20; ++i) shard_.run(thread_, [] {});
  EXPECT_EQ(shard_.bytes(1), "");
  shard_.run(thread_, [&] { thread_.pause(ConnectionId{1}, false); });
  EXPECT_TRUE(shard_.wait([&] { return shard_.bytes_[1] == "hello"; }));
}

TEST_F(ShardThreadTest, CloseWritesWhatIsUnsentAndTellsNobody) {
  start();
  const Peer peer = link(1);
  const std::string text(300'000, 'x');
  shard_.run(thread_, [&] {
    Bytes bytes(text.begin(), text.end());
    thread_.send(ConnectionId{1}, bytes);
    thread_.close(ConnectionId{1});
  });
  EXPECT_EQ(peer.read_all(), text);
  EXPECT_FALSE(shard_.noted("closed 1"));
}

TEST_F(ShardThreadTest, CloseGivesUpOnAPeerThatNeverReads) {
  start();
  const Peer peer = link(1, 4096);
  send(1, std::string(32u << 20, 'x'));
  close(1);
  const auto began = std::chrono::steady_clock::now();
  thread_.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

TEST_F(ShardThreadTest, DeadlineCallsATurn) {
  start();
  ASSERT_TRUE(shard_.wait([&] { return !shard_.turns_.empty(); }));
  Mono deadline{};
  shard_.run(thread_, [&] {
    std::lock_guard lock(shard_.mutex_);
    shard_.deadline_ = deadline = shard_.turns_.back().mono + 30ms;
  });
  EXPECT_TRUE(shard_.wait([&] { return shard_.turns_.back().mono >= deadline; }));
  std::lock_guard lock(shard_.mutex_);
  shard_.deadline_ = kNever;
}

TEST_F(ShardThreadTest, InputThatIsReadyIsConsumedInOneTurn) {
  bool entered = false, go = false;
  start();
  ASSERT_TRUE(shard_.wait([&] { return !shard_.turns_.empty(); }));
  // Holds the thread while a hundred deliveries pile up behind it.
  boost::asio::post(thread_.io(), [&] {
    std::unique_lock lock(shard_.mutex_);
    entered = true;
    shard_.told_.notify_all();
    shard_.told_.wait_for(lock, 10s, [&] { return go; });
  });
  ASSERT_TRUE(shard_.wait([&] { return entered; }));
  const size_t before = shard_.turns();
  for (uint64_t turn = 1; turn <= 100; ++turn) {
    Delivery delivery;
    delivery.committed.push_back({turn, std::nullopt});
    thread_.deliver(std::move(delivery));
  }
  {
    std::lock_guard lock(shard_.mutex_);
    go = true;
  }
  shard_.told_.notify_all();
  ASSERT_TRUE(shard_.wait_for("committed 100"));
  ASSERT_TRUE(shard_.wait([&] { return shard_.turns_.size() > before; }));
  std::lock_guard lock(shard_.mutex_);
  EXPECT_EQ(shard_.turns_.size(), before + 1);
}

TEST_F(ShardThreadTest, WorkLeftOverGetsFurtherTurns) {
  start();
  ASSERT_TRUE(shard_.wait([&] { return !shard_.turns_.empty(); }));
  size_t before = 0;
  shard_.run(thread_, [&] {
    std::lock_guard lock(shard_.mutex_);
    before = shard_.turns_.size();
    shard_.more_left_ = 5;
  });
  EXPECT_TRUE(shard_.wait([&] { return shard_.turns_.size() >= before + 5; }));
}

TEST_F(ShardThreadTest, LoadedIsHandedOn) {
  start();
  Loaded loaded;
  loaded.id = 9;
  thread_.loaded(std::move(loaded));
  EXPECT_TRUE(shard_.wait_for("loaded 9"));
}

TEST_F(ShardThreadTest, DrainIsDoneWhenTheShardSaysSo) {
  start();
  std::atomic<int> done{0};
  thread_.drain([&done] { ++done; });
  ASSERT_TRUE(shard_.wait_for("drain"));
  shard_.run(thread_, [] {});
  EXPECT_EQ(done, 0);
  shard_.run(thread_, [&] {
    std::lock_guard lock(shard_.mutex_);
    shard_.drained_ = true;
  });
  shard_.run(thread_, [] {});
  EXPECT_EQ(done, 1);
}

TEST_F(ShardThreadTest, StopDoesNotWaitForOthersOnItsContext) {
  boost::asio::steady_timer other(thread_.io(), std::chrono::hours(1));
  other.async_wait([](const boost::system::error_code&) {});
  start();
  const auto began = std::chrono::steady_clock::now();
  thread_.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

TEST_F(ShardThreadTest, StopBeforeStartAndTwiceIsHarmless) {
  thread_.stop();
  start();
  thread_.stop();
  thread_.stop();
}

}  // namespace
}  // namespace tact::gateway
