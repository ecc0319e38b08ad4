// SPDX-License-Identifier: Apache-2.0
// UpstreamConnection against a scripted gateway on loopback, both on one io_context.
#include "client/upstream_connection.h"

#include <gtest/gtest.h>

#include <boost/asio/write.hpp>
#include <memory>
#include <vector>

namespace tact::client {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kPatience = std::chrono::seconds(10);

// Keeps the frames it received; says only what the test tells it to.
class FakeGateway {
 public:
  explicit FakeGateway(asio::io_context& io)
      : acceptor_(io, {asio::ip::make_address_v4("127.0.0.1"), 0}), socket_(io) {
    do_accept();
  }

  Address address() const { return {"127.0.0.1", acceptor_.local_endpoint().port()}; }
  std::vector<proto::ToGateway>& received() { return received_; }
  int connections() const { return connections_; }

  void say(const proto::ToUpstream& frame) {
    std::string octets;
    append_frame(frame, octets);
    say_octets(octets);
  }
  void say_octets(const std::string& octets) {
    error_code ignored;
    asio::write(socket_, asio::buffer(octets), ignored);
  }
  void welcome(uint64_t last_sequence) {
    proto::ToUpstream frame;
    frame.mutable_welcome()->set_last_sequence(last_sequence);
    say(frame);
  }
  void acknowledge(uint64_t sequence) {
    proto::ToUpstream frame;
    frame.mutable_job_ack()->set_sequence(sequence);
    frame.mutable_job_ack()->add_results()->set_outcome(proto::QUEUED);
    say(frame);
  }
  void refuse(proto::Error::Code code) {
    proto::ToUpstream frame;
    frame.mutable_error()->set_code(code);
    frame.mutable_error()->set_message("because");
    say(frame);
  }
  void hang_up() { socket_.close(); }

 private:
  void do_accept() {
    acceptor_.async_accept([this](error_code error, asio::ip::tcp::socket socket) {
      if (error) return;
      socket_ = std::move(socket);
      reader_.clear();
      ++connections_;
      do_read(connections_);
      do_accept();
    });
  }
  void do_read(int connection) {
    const auto room = reader_.prepare(4096);
    socket_.async_read_some(asio::buffer(room.data(), room.size()),
                            [this, connection](error_code error, std::size_t size) {
                              if (error || connection != connections_) return;
                              reader_.commit(size);
                              take_frames();
                              do_read(connection);
                            });
  }
  void take_frames() {
    for (;;) {
      const FrameReader::Result result = reader_.next();
      if (result.state != FrameReader::State::frame) return;
      proto::ToGateway frame;
      ASSERT_TRUE(frame.ParseFromArray(result.bytes.data(), static_cast<int>(result.bytes.size())));
      received_.push_back(std::move(frame));
    }
  }

  asio::ip::tcp::acceptor acceptor_;
  asio::ip::tcp::socket socket_;
  FrameReader reader_;
  std::vector<proto::ToGateway> received_;
  int connections_ = 0;
};

class UpstreamConnectionTest : public testing::Test {
 protected:
  void make(bool reconnect = true) {
    UpstreamOptions options;
    options.address = gateway_.address();
    options.upstream = "u";
    options.stream = "s";
    options.token = "t";
    options.subscribe = true;
    options.reconnect = reconnect;
    options.retry_first = std::chrono::milliseconds(1);
    // Older ones stay: they may only go when the io_context has come to rest.
    made_.push_back(std::make_unique<UpstreamConnection>(
        io_, options,
        UpstreamConnection::Callbacks{
            .acknowledged =
                [this](UpstreamConnection::Ticket ticket, const proto::JobAck& ack) {
                  acks_ += std::to_string(ticket) + (ack.replayed() ? "r " : " ");
                },
            .events =
                [this](const proto::Events& events) {
                  for (const auto& event : events.events()) {
                    events_ += std::to_string(event.sequence()) + " ";
                  }
                },
            .lost =
                [this](proto::Error::Code code, const std::string&, bool again) {
                  lost_ += proto::Error::Code_Name(code) + (again ? "+ " : " ");
                }}));
    connection_ = made_.back().get();
    connection_->start();
  }

  template <class Condition>
  void run_until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), end);
      io_.run_one_for(std::chrono::milliseconds(50));
    }
  }
  void run_until_received(std::size_t frames) {
    run_until([&] { return gateway_.received().size() >= frames; });
  }
  uint64_t job_sequence(std::size_t frame) { return gateway_.received()[frame].job().sequence(); }
  static proto::Job job() {
    proto::Job job;
    job.add_messages()->set_to("1");
    return job;
  }

  asio::io_context io_{1};
  FakeGateway gateway_{io_};
  std::vector<std::unique_ptr<UpstreamConnection>> made_;
  UpstreamConnection* connection_ = nullptr;
  std::string acks_, events_, lost_;
};

TEST_F(UpstreamConnectionTest, JobsSentBeforeTheWelcomeFollowItsSequence) {
  make();
  EXPECT_EQ(connection_->send(job()), 1u);
  EXPECT_EQ(connection_->send(job()), 2u);
  run_until_received(1);
  EXPECT_EQ(gateway_.received()[0].hello().upstream(), "u");
  EXPECT_EQ(gateway_.received()[0].hello().token(), "t");
  gateway_.welcome(41);
  run_until_received(3);
  EXPECT_EQ(job_sequence(1), 42u);
  EXPECT_EQ(job_sequence(2), 43u);
  gateway_.acknowledge(42);
  gateway_.acknowledge(43);
  run_until([&] { return acks_ == "1 2 "; });
  EXPECT_EQ(connection_->unacknowledged(), 0u);
}

TEST_F(UpstreamConnectionTest, LossBetweenCommitAndAckReplaysOnlyTheRest) {
  make();
  for (int i = 0; i < 3; ++i) connection_->send(job());
  run_until_received(1);
  gateway_.welcome(0);
  run_until_received(4);
  gateway_.acknowledge(1);
  run_until([&] { return acks_ == "1 "; });
  gateway_.hang_up();
  run_until_received(5);  // the second hello
  gateway_.welcome(2);    // job 2 was committed, its ack was lost
  run_until_received(6);
  EXPECT_EQ(acks_, "1 2r ");
  EXPECT_EQ(job_sequence(5), 3u);
  EXPECT_EQ(lost_, "UNSPECIFIED+ ");
}

TEST_F(UpstreamConnectionTest, CumulativeAckAnswersEachTicket) {
  make();
  for (int i = 0; i < 3; ++i) connection_->send(job());
  run_until_received(1);
  gateway_.welcome(0);
  run_until_received(4);
  gateway_.acknowledge(3);
  run_until([&] { return acks_ == "1r 2r 3 "; });
}

TEST_F(UpstreamConnectionTest, EventsAreAcknowledgedAfterTheHandlerAndToldOnce) {
  make();
  run_until_received(1);
  gateway_.welcome(0);
  proto::ToUpstream frame;
  for (uint64_t sequence : {5, 6, 7}) {
    frame.mutable_events()->add_events()->set_sequence(sequence);
  }
  gateway_.say(frame);
  run_until_received(2);
  EXPECT_EQ(gateway_.received()[1].event_ack().sequence(), 7u);
  gateway_.hang_up();
  run_until_received(3);
  EXPECT_EQ(gateway_.received()[2].hello().events_acked(), 7u);
  gateway_.welcome(0);
  frame.mutable_events()->add_events()->set_sequence(8);
  gateway_.say(frame);
  run_until([&] { return events_ == "5 6 7 8 "; });
}

TEST_F(UpstreamConnectionTest, WrongTokenIsNotTriedAgain) {
  make();
  run_until_received(1);
  gateway_.refuse(proto::Error::UNAUTHENTICATED);
  run_until([&] { return !lost_.empty(); });
  EXPECT_EQ(lost_, "UNAUTHENTICATED ");
  io_.run_for(std::chrono::milliseconds(50));
  EXPECT_EQ(gateway_.connections(), 1);
}

TEST_F(UpstreamConnectionTest, GatewayThatDrainsIsTriedAgain) {
  make();
  run_until_received(1);
  gateway_.refuse(proto::Error::DRAINING);
  run_until_received(2);
  EXPECT_EQ(lost_, "DRAINING+ ");
}

TEST_F(UpstreamConnectionTest, GarbageAndAcksOfNothingEndTheConnection) {
  for (const std::string& octets : {std::string(8, '\xFF'), std::string("\x02\x0A\x05", 3),
                                    std::string("\x04\x12\x02\x08\x09", 5)}) {
    lost_.clear();
    gateway_.received().clear();
    make(false);
    run_until_received(1);
    gateway_.welcome(0);
    gateway_.say_octets(octets);
    run_until([&] { return !lost_.empty(); });
    EXPECT_EQ(lost_, "UNSPECIFIED ");
  }
}

TEST_F(UpstreamConnectionTest, JobOverTheFrameLimitIsNotTaken) {
  make();
  proto::Job big;
  big.add_messages()->set_text(std::string(kFrameBytesMax, 'x'));
  EXPECT_EQ(connection_->send(big), 0u);
  EXPECT_EQ(connection_->unacknowledged(), 0u);
}

}  // namespace
}  // namespace tact::client
