// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/upstream_listener.h"

#include <gtest/gtest.h>

#include "proto/delimited.h"
#include "tests/gateway/io/fake_shard.h"
#include "tests/gateway/io/peer.h"

namespace tact::gateway {
namespace {

using namespace std::chrono_literals;

// A listener on shard 0's thread; upstream "shop" lives on shard 0, "bank" on shard 1.
class ListenerTest : public testing::Test {
 protected:
  ~ListenerTest() override {
    if (listener_) listener_->stop();
    for (auto& thread : threads_) thread.stop();
  }
  void start(ListenerSettings settings = {}) {
    settings.port = 0;
    listener_ = std::make_unique<UpstreamListener>(
        threads_[0].io(), settings,
        [](std::string_view upstream) -> std::optional<ShardId> {
          if (upstream == "shop") return ShardId{0};
          if (upstream == "bank") return ShardId{1};
          return std::nullopt;
        },
        [this](ShardId shard, ShardThread::Accepted accepted) {
          threads_[raw(shard)].accept(std::move(accepted));
        });
    ASSERT_EQ(listener_->listen(), "");
    for (int i = 0; i < 2; ++i) threads_[i].start(faces_[i]);
  }
  static std::string hello(const std::string& upstream, const std::string& stream = "pod-1") {
    proto::ToGateway frame;
    frame.mutable_hello()->set_upstream(upstream);
    frame.mutable_hello()->set_stream(stream);
    return delimited(frame);
  }
  static std::string delimited(const proto::ToGateway& frame) {
    Bytes bytes;
    proto::append_delimited(frame, bytes);
    return {bytes.begin(), bytes.end()};
  }
  // The code of the Error that a peer is answered with, after which it is cut off.
  static proto::Error::Code error_of(const Peer& peer) {
    const std::string answer = peer.read_all();
    const Bytes bytes(answer.begin(), answer.end());
    const proto::FrameHead head = proto::frame_head(bytes, 4u << 20);
    proto::ToUpstream frame;
    if (head.result != proto::FrameResult::frame ||
        !frame.ParseFromArray(bytes.data() + head.prefix, static_cast<int>(head.size))) {
      return proto::Error::UNSPECIFIED;
    }
    return frame.error().code();
  }
  Peer dial() const { return Peer::dial(listener_->port()); }

  FakeShard shards_[2];
  ShardFaceOf<FakeShard> faces_[2] = {ShardFaceOf<FakeShard>(shards_[0]),
                                      ShardFaceOf<FakeShard>(shards_[1])};
  ShardThread threads_[2] = {{ConnectionSettings(), 0ms, Civil{}},
                             {ConnectionSettings(), 0ms, Civil{}}};
  std::unique_ptr<UpstreamListener> listener_;
};

TEST_F(ListenerTest, GarbageIsMalformed) {
  start();
  const Peer http = dial();
  ASSERT_TRUE(
      http.write("GET / HTTP/1.1\r\nHost: gateway.example\r\nAccept: text/html\r\n"
                 "User-Agent: a browser that came to the wrong door\r\n\r\n"));
  EXPECT_EQ(error_of(http), proto::Error::MALFORMED);
  const Peer endless = dial();
  ASSERT_TRUE(endless.write(std::string(11, '\xff')));
  EXPECT_EQ(error_of(endless), proto::Error::MALFORMED);
  const Peer empty = dial();
  ASSERT_TRUE(empty.write(std::string(1, '\0')));
  EXPECT_EQ(error_of(empty), proto::Error::MALFORMED);
  EXPECT_EQ(listener_->stats().refused_hello.get(), 3u);
}

TEST_F(ListenerTest, JobBeforeHelloIsMalformed) {
  start();
  proto::ToGateway frame;
  frame.mutable_job()->set_sequence(1);
  const Peer peer = dial();
  ASSERT_TRUE(peer.write(delimited(frame)));
  EXPECT_EQ(error_of(peer), proto::Error::MALFORMED);
}

TEST_F(ListenerTest, FrameOverTheLimitIsRefusedByItsLengthAlone) {
  start();
  const Peer peer = dial();
  ASSERT_TRUE(peer.write("\xff\xff\xff\x7f"));
  EXPECT_EQ(error_of(peer), proto::Error::FRAME_TOO_LARGE);
}

TEST_F(ListenerTest, UnknownUpstreamIsUnauthenticated) {
  start();
  const Peer peer = dial();
  ASSERT_TRUE(peer.write(hello("nobody")));
  EXPECT_EQ(error_of(peer), proto::Error::UNAUTHENTICATED);
}

TEST_F(ListenerTest, SilentAndSlowPeersAreCutOff) {
  ListenerSettings settings;
  settings.hello_timeout = 150ms;
  start(settings);
  const Peer silent = dial(), slow = dial();
  ASSERT_TRUE(slow.write(hello("shop").substr(0, 4)));
  EXPECT_EQ(error_of(silent), proto::Error::MALFORMED);
  EXPECT_EQ(error_of(slow), proto::Error::MALFORMED);
  EXPECT_EQ(listener_->stats().timeouts.get(), 2u);
}

TEST_F(ListenerTest, PeerThatLeavesInTheMiddleOfItsHelloHarmsNobody) {
  start();
  for (size_t n = 0; n < hello("shop").size(); ++n) {
    Peer peer = dial();
    if (n > 0) {
      ASSERT_TRUE(peer.write(hello("shop").substr(0, n)));
    }
    if (n % 2 == 0) {
      peer.reset();
    } else {
      peer.close();
    }
  }
  const Peer good = dial();
  ASSERT_TRUE(good.write(hello("shop")));
  EXPECT_TRUE(shards_[0].wait([&] { return shards_[0].accepted_.size() == 1; }));
}

TEST_F(ListenerTest, HelloGoesToTheShardOfItsUpstreamWithAllThatWasRead) {
  start();
  const Peer shop = dial(), bank = dial();
  ASSERT_TRUE(bank.write(hello("bank") + "and more"));
  const std::string whole = hello("shop");
  for (char c : whole) ASSERT_TRUE(shop.write(std::string(1, c)));
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(shards_[i].wait([&] { return shards_[i].accepted_.size() == 1; }));
    EXPECT_NE(raw(shards_[i].accepted_[0]) & kAcceptedConnection, 0u);
  }
  const uint64_t id = raw(shards_[1].accepted_[0]);
  EXPECT_NE(id, raw(shards_[0].accepted_[0]));
  EXPECT_TRUE(shards_[1].wait([&] { return shards_[1].bytes_[id] == hello("bank") + "and more"; }));

  // From here on the shard's own thread talks to it.
  ASSERT_TRUE(bank.write("!"));
  EXPECT_TRUE(shards_[1].wait([&] { return shards_[1].bytes_[id].back() == '!'; }));
  shards_[1].run(threads_[1], [&] {
    Bytes bytes = {'h', 'i'};
    threads_[1].send(ConnectionId{id}, bytes);
  });
  EXPECT_EQ(bank.read(2), "hi");
}

TEST_F(ListenerTest, OneConnectionTooManyIsTurnedAwayUntilOneEnds) {
  ListenerSettings settings;
  settings.connections = 2;
  start(settings);
  Peer first = dial(), second = dial();
  ASSERT_TRUE(first.write(hello("shop")));
  ASSERT_TRUE(second.write(hello("bank")));
  ASSERT_TRUE(shards_[0].wait([&] { return shards_[0].accepted_.size() == 1; }));
  ASSERT_TRUE(shards_[1].wait([&] { return shards_[1].accepted_.size() == 1; }));
  EXPECT_EQ(error_of(dial()), proto::Error::LIMIT);
  EXPECT_EQ(listener_->stats().refused_full.get(), 1u);

  first.close();
  ASSERT_TRUE(shards_[0].wait_for("closed"));
  shards_[0].run(threads_[0], [] {});  // the connection's last coroutine has ended
  Peer third;
  for (int attempt = 0; attempt < 100; ++attempt) {
    third = dial();
    ASSERT_TRUE(third.write(hello("shop")));
    if (third.silent(20)) break;
  }
  EXPECT_TRUE(shards_[0].wait([&] { return shards_[0].accepted_.size() == 2; }));
}

TEST_F(ListenerTest, PortInUseIsSaidInWords) {
  start();
  ListenerSettings settings;
  settings.port = listener_->port();
  boost::asio::io_context io;
  UpstreamListener other(io, settings, {}, {});
  EXPECT_NE(other.listen().find("port " + std::to_string(settings.port)), std::string::npos);
}

}  // namespace
}  // namespace tact::gateway
