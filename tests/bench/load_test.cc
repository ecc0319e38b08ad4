// SPDX-License-Identifier: Apache-2.0
#include "bench/load/load.h"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>
#include <fstream>
#include <regex>
#include <thread>

namespace tact::bench {
namespace {

using boost::asio::ip::tcp;

constexpr uint32_t kBatch = 5;
constexpr uint32_t kBound = 10;
constexpr uint64_t kMessages = 30;

// Acknowledges jobs at once. When kBound messages are open it waits whether more come, and then
// lets them go: by their last event, or by the carrier's acceptance, and their last event at the
// end.
class Gateway {
 public:
  enum class Release { final, submitted };

  explicit Gateway(Release release)
      : release_(release),
        acceptor_(io_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
        thread_([this] { run(); }) {}
  ~Gateway() { thread_.join(); }

  client::Address address() const { return {"127.0.0.1", acceptor_.local_endpoint().port()}; }
  // Of any moment; after the run.
  std::size_t open_max() const { return open_max_; }

 private:
  struct Peer {
    tcp::socket socket;
    client::FrameReader reader;
    proto::ToGateway frame;  // the last one read
  };

  void run() {
    Peer first{acceptor_.accept(), {}, {}};
    ASSERT_TRUE(welcome(first));
    Peer second{acceptor_.accept(), {}, {}};
    ASSERT_TRUE(welcome(second));
    subscriber_ = first.frame.hello().subscribe() ? &first : &second;
    Peer& stream = subscriber_ == &first ? second : first;
    while (read(stream)) take(stream);
  }

  static bool read(Peer& peer) {
    for (;;) {
      const auto result = peer.reader.next();
      if (result.state == proto::FrameResult::frame) {
        return peer.frame.ParseFromArray(result.bytes.data(),
                                         static_cast<int>(result.bytes.size()));
      }
      const auto room = peer.reader.prepare(65536);
      boost::system::error_code error;
      const auto size = peer.socket.read_some(boost::asio::buffer(room.data(), room.size()), error);
      if (error) return false;
      peer.reader.commit(size);
    }
  }
  static void say(Peer& peer, const proto::ToUpstream& frame) {
    std::string octets;
    client::append_frame(frame, octets);
    boost::system::error_code ignored;
    boost::asio::write(peer.socket, boost::asio::buffer(octets), ignored);
  }
  static bool welcome(Peer& peer) {
    if (!read(peer) || !peer.frame.has_hello()) return false;
    proto::ToUpstream frame;
    frame.mutable_welcome()->set_next_event(1);
    say(peer, frame);
    return true;
  }

  void take(Peer& stream) {
    proto::ToUpstream frame;
    frame.mutable_job_ack()->set_sequence(stream.frame.job().sequence());
    for (const proto::Message& message : stream.frame.job().messages()) {
      frame.mutable_job_ack()->add_results()->set_outcome(proto::QUEUED);
      open_.push_back(message.reference());
      all_.push_back(message.reference());
    }
    say(stream, frame);
    open_max_ = std::max(open_max_, open_.size());
    if (open_.size() < kBound) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(stream.socket.available(), 0u) << "it went on although its bound was reached";
    tell(std::exchange(open_, {}), release_ == Release::final);
    if (release_ == Release::submitted && all_.size() == kMessages) tell(all_, true);
  }
  void tell(const std::vector<std::string>& references, bool final) {
    proto::ToUpstream frame;
    for (const std::string& reference : references) {
      proto::Event& event = *frame.mutable_events()->add_events();
      event.set_sequence(++event_);
      event.set_reference(reference);
      event.set_final(final);
      if (final) {
        event.mutable_receipt()->set_state(proto::DELIVERED);
      } else {
        event.mutable_submitted();
      }
    }
    say(*subscriber_, frame);
  }

  const Release release_;
  boost::asio::io_context io_;
  tcp::acceptor acceptor_;
  Peer* subscriber_ = nullptr;
  std::vector<std::string> open_, all_;
  std::size_t open_max_ = 0;
  uint64_t event_ = 0;
  std::thread thread_;
};

LoadOptions options_for(const Gateway& gateway) {
  LoadOptions options;
  client::UpstreamOptions upstream;
  upstream.address = gateway.address();
  upstream.upstream = "u";
  upstream.stream = "s";
  upstream.token = "t";
  options.upstreams.push_back(upstream);
  options.phases.push_back({.duration = std::chrono::hours(1), .unlimited = true});
  options.messages = kMessages;
  options.batch = kBatch;
  options.streams = 1;
  options.settle = std::chrono::seconds(10);
  return options;
}

std::size_t run(Gateway::Release release, uint32_t LoadOptions::*bound, std::string log = "") {
  const Workload workload((WorkloadOptions()));
  Gateway gateway(release);
  LoadOptions options = options_for(gateway);
  options.*bound = kBound;
  options.log = std::move(log);
  {
    Load load(options, workload);
    EXPECT_EQ(load.run(), "");
    EXPECT_EQ(load.tally().final_count(), kMessages);
    EXPECT_EQ(load.tally().lost(), 0u);
    EXPECT_GT(load.job_octets(), kMessages * 180) << "a text of 60 Chinese characters each";
  }
  return gateway.open_max();
}

TEST(Load, WaitsForLastEventsWhenSoManyAreInFlight) {
  EXPECT_EQ(run(Gateway::Release::final, &LoadOptions::in_flight_max), kBound);
}

TEST(Load, WaitsForTheCarrierWhenSoManyAreQueued) {
  EXPECT_EQ(run(Gateway::Release::submitted, &LoadOptions::queued_max), kBound);
}

TEST(Load, LogsEachMessageThatWasAcknowledged) {
  const std::string path = testing::TempDir() + "load_test.jsonl";
  run(Gateway::Release::final, &LoadOptions::in_flight_max, path);
  std::ifstream file(path);
  const std::regex form(R"(\{"to":"\+86\d{11}","sent_ns":(\d+),"acknowledged_ns":(\d+)\})");
  uint64_t lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    std::smatch match;
    ASSERT_TRUE(std::regex_match(line, match, form)) << line;
    EXPECT_LE(std::stoll(match[1]), std::stoll(match[2]));
  }
  EXPECT_EQ(lines, kMessages);
  std::remove(path.c_str());
}

TEST(Load, RefusesALogThatCannotBeWritten) {
  LoadOptions options;
  options.log = "/no/such/folder/log.jsonl";
  const Workload workload((WorkloadOptions()));
  EXPECT_THROW(Load(options, workload), std::runtime_error);
}

}  // namespace
}  // namespace tact::bench
