// SPDX-License-Identifier: Apache-2.0
// A producer that errs is told so; one that does not never notices (issue 2, bad input).
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/e2e/gateway.h"
#include "tests/e2e/producer.h"
#include "tests/e2e/raw_peer.h"

namespace tact::e2e {
namespace {

proto::ToGateway job(uint64_t sequence, int messages = 1) {
  proto::ToGateway frame;
  frame.mutable_job()->set_sequence(sequence);
  for (int i = 0; i < messages; ++i) {
    *frame.mutable_job()->add_messages() = message(proto::OTP, number(1), "raw", 1);
  }
  return frame;
}

// One gateway for all; beside it a producer that does everything right, all the time.
class UpstreamErrors : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new Folder;
    carrier_ = new Carrier(*folder_, {"--receipt-delay", "10ms"});
    gateway_ = new Gateway(*folder_, carrier_->port());
    ASSERT_TRUE(gateway_->start());
    good_ = new Producer(gateway_->address(), "good");
  }
  static void TearDownTestSuite() {
    if (good_ == nullptr) return;  // the gateway did not start, and that has been told
    EXPECT_TRUE(good_->wait_finals(sent_)) << "the well-behaved producer was harmed";
    const Ledger ledger = good_->ledger();
    EXPECT_EQ(ledger.welcomes, 1u) << "it lost its connection";
    EXPECT_TRUE(ledger.errors.empty());
    std::printf("beside all this: %lu messages acknowledged and ended on one connection\n", sent_);
    delete good_;
    EXPECT_EQ(gateway_->stop(), 0);
    delete gateway_;
    delete carrier_;
    delete folder_;
  }
  void SetUp() override { ASSERT_TRUE(gateway_->process().running()); }
  // After every mistake of another: the next message of the good one is acknowledged as ever.
  void TearDown() override {
    good_->send({message(proto::NOTIFICATION, number(500 + sent_), std::to_string(sent_), sent_)});
    ++sent_;
    EXPECT_TRUE(good_->wait_acknowledged(sent_));
    EXPECT_TRUE(gateway_->process().running());
  }

  static proto::Result only_result(const proto::Message& one) {
    RawPeer peer(gateway_->address());
    static int streams = 0;
    peer.greet("results-" + std::to_string(++streams));
    proto::ToGateway frame = job(1);
    *frame.mutable_job()->add_messages() = one;
    *frame.mutable_job()->add_messages() = message(proto::OTP, number(2), "beside", 2);
    peer.send(frame);
    const auto answer = peer.receive();
    if (!answer || answer->job_ack().results_size() != 3) {
      ADD_FAILURE() << "no results: " << (answer ? answer->ShortDebugString() : "closed");
      return {};
    }
    EXPECT_EQ(answer->job_ack().results(0).outcome(), proto::QUEUED);
    EXPECT_EQ(answer->job_ack().results(2).outcome(), proto::QUEUED);
    return answer->job_ack().results(1);
  }
  static void expect_rejected(const proto::Message& one, const std::string& rule) {
    const proto::Result result = only_result(one);
    EXPECT_EQ(result.outcome(), proto::REJECTED) << result.ShortDebugString();
    bool named = false;
    for (const auto& fired : result.fired()) named |= fired.rule() == rule;
    EXPECT_TRUE(named) << rule << " is missing in " << result.ShortDebugString();
  }

  static bool logged(const std::string& text, Millis limit = Millis(5'000)) {
    return wait_until(limit, [&] { return gateway_->log().find(text) != std::string::npos; });
  }

  static inline Folder* folder_ = nullptr;
  static inline Carrier* carrier_ = nullptr;
  static inline Gateway* gateway_ = nullptr;
  static inline Producer* good_ = nullptr;
  static inline uint64_t sent_ = 0;
};

TEST_F(UpstreamErrors, OctetsOfAnotherProtocol) {
  for (const std::string& octets :
       {"GET / HTTP/1.1\r\nHost: " + std::string(80, 'h') + "\r\n\r\n", std::string(64, '\xff'),
        std::string(64, '\0'), std::string("\x05hello", 6)}) {
    RawPeer peer(gateway_->address());
    peer.send_octets(octets);
    const auto code = peer.error();
    EXPECT_TRUE(code == proto::Error::MALFORMED || code == proto::Error::FRAME_TOO_LARGE) << code;
    EXPECT_TRUE(peer.closed());
  }
}

TEST_F(UpstreamErrors, OctetsOfAnotherProtocolAfterHello) {
  RawPeer peer(gateway_->address());
  peer.greet("garbage");
  peer.send_octets(std::string("\x06\xff\xff\xff\xff\xff\xff", 7));
  EXPECT_EQ(peer.error(), proto::Error::MALFORMED);
  EXPECT_TRUE(peer.closed());
}

TEST_F(UpstreamErrors, AFrameOverTheLimit) {
  RawPeer peer(gateway_->address());
  peer.greet("large");
  peer.send_octets("\x81\x80\x80\x02" + std::string(1 << 16, 'x'));  // 4 MiB and one
  EXPECT_EQ(peer.error(), proto::Error::FRAME_TOO_LARGE);
  EXPECT_TRUE(peer.closed());
}

TEST_F(UpstreamErrors, AJobBeforeHello) {
  RawPeer peer(gateway_->address());
  peer.send(job(1));
  EXPECT_EQ(peer.error(), proto::Error::MALFORMED);
  EXPECT_TRUE(peer.closed());
}

TEST_F(UpstreamErrors, AnUnknownUpstreamAndAWrongTokenAreToldAlike) {
  std::string words[2];
  const proto::ToGateway frames[] = {hello("nobody", Gateway::kToken, "s"),
                                     hello(Gateway::kUpstream, "0123456789abcdef0124", "s")};
  for (int i = 0; i < 2; ++i) {
    RawPeer peer(gateway_->address());
    peer.send(frames[i]);
    const auto answer = peer.receive();
    ASSERT_TRUE(answer && answer->has_error());
    EXPECT_EQ(answer->error().code(), proto::Error::UNAUTHENTICATED);
    words[i] = answer->error().message();
    EXPECT_TRUE(peer.closed());
  }
  EXPECT_EQ(words[0], words[1]);
  EXPECT_TRUE(logged("upstream: no Hello of ours"));
  EXPECT_TRUE(logged(R"("what":"upstream: refused","upstream":"core-banking","code":"UNAUTHEN)"));
  EXPECT_FALSE(logged("0123456789abcdef0124", Millis(0))) << "a token in the log";
}

TEST_F(UpstreamErrors, AGapInTheSequence) {
  RawPeer peer(gateway_->address());
  peer.greet("gap");
  peer.send(job(1));
  EXPECT_TRUE(peer.receive()->has_job_ack());
  peer.send(job(3));
  EXPECT_EQ(peer.error(), proto::Error::SEQUENCE_GAP);
  EXPECT_TRUE(logged(R"("code":"SEQUENCE_GAP","reason":"sequence 3 after 1")"));
  RawPeer again(gateway_->address());
  again.send(hello(Gateway::kUpstream, Gateway::kToken, "gap"));
  EXPECT_EQ(again.receive()->welcome().last_sequence(), 1u);
}

TEST_F(UpstreamErrors, ASequenceAlreadyAcknowledgedIsReplayedAndNotSentAgain) {
  RawPeer peer(gateway_->address());
  peer.greet("again");
  peer.send(job(1));
  EXPECT_FALSE(peer.receive()->job_ack().replayed());
  peer.send(job(1));
  const auto answer = peer.receive();
  EXPECT_TRUE(answer->job_ack().replayed());
  EXPECT_EQ(answer->job_ack().results_size(), 0);
}

TEST_F(UpstreamErrors, ASecondHelloForAStreamClosesTheOlderConnection) {
  RawPeer older(gateway_->address());
  older.greet("twin");
  older.send(job(1));
  EXPECT_TRUE(older.receive()->has_job_ack());
  RawPeer newer(gateway_->address());
  newer.greet("twin");
  EXPECT_EQ(older.error(), proto::Error::REPLACED);
  EXPECT_TRUE(older.closed());
  newer.send(job(2));
  EXPECT_EQ(newer.receive()->job_ack().sequence(), 2u);
}

TEST_F(UpstreamErrors, ASecondHelloOnOneConnection) {
  RawPeer peer(gateway_->address());
  peer.greet("twice");
  peer.send(hello(Gateway::kUpstream, Gateway::kToken, "twice"));
  EXPECT_EQ(peer.error(), proto::Error::MALFORMED);
}

TEST_F(UpstreamErrors, AJobOfTooManyMessagesOrNone) {
  for (const int messages : {1025, 0}) {
    RawPeer peer(gateway_->address());
    peer.greet("many-" + std::to_string(messages));
    peer.send(job(1, messages));
    EXPECT_EQ(peer.error(), proto::Error::LIMIT);
  }
}

TEST_F(UpstreamErrors, ANumberThatIsNone) {
  for (const char* to : {"12ab", "", "123456", "+1234567890123456", "0138001380", "+"}) {
    expect_rejected(message(proto::OTP, to, "bad", 3), "NUMBER_INVALID");
  }
}

TEST_F(UpstreamErrors, AnEmptyText) {
  auto one = message(proto::OTP, number(3), "empty", 3);
  one.clear_text();
  expect_rejected(one, "TEXT_INVALID");
}

TEST_F(UpstreamErrors, ATextThatIsNoUtf8) {
  auto one = message(proto::OTP, number(3), "utf8", 3);
  one.set_text("【XX银行】验证码\xff\xfe,请勿告知他人。");
  expect_rejected(one, "TEXT_INVALID");
}

TEST_F(UpstreamErrors, AClassThatThisGatewayDoesNotKnow) {
  auto one = message(proto::OTP, number(3), "class", 3);
  one.set_message_class(static_cast<proto::MessageClass>(77));
  expect_rejected(one, "CLASS_UNKNOWN");
  one.set_message_class(proto::CLASS_UNSPECIFIED);  // and the account has no default
  expect_rejected(one, "CLASS_UNKNOWN");
}

TEST_F(UpstreamErrors, AReferenceOverTheLimit) {
  for (const size_t size : {65u, 3u << 20}) {
    expect_rejected(message(proto::OTP, number(3), std::string(size, 'r'), 3), "FIELD_INVALID");
  }
}

}  // namespace
}  // namespace tact::e2e
