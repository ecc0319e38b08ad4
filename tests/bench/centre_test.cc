// SPDX-License-Identifier: Apache-2.0
// The simulator against smpp::Session as an ESME, over loopback, both on one io_context.
#include "bench/smsc/centre.h"

#include <gtest/gtest.h>

#include <boost/asio/write.hpp>
#include <boost/json.hpp>

#include "smpp/receipt.h"
#include "smpp/segment.h"

namespace tact::bench {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kPatience = std::chrono::seconds(10);

// Answers each deliver_sm unless told not to, and keeps what it saw as words.
class Esme {
 public:
  Esme(asio::io_context& io, uint16_t port) : socket_(io), session_(config()) {
    socket_.connect({asio::ip::make_address_v4("127.0.0.1"), port});
    session_.connected(Centre::now());
    session_.bind(Centre::now());
    flush();
    do_read();
  }

  bool bound() const { return session_.is_bound(); }
  bool closed() const { return closed_; }
  void set_silent() { silent_ = true; }

  void submit(const std::string& to, const std::string& text, uint16_t reference = 1) {
    smpp::Segments segments;
    EXPECT_EQ(segments.split(text, {.reference = reference}), smpp::TextError::none);
    for (int k = 0; k < segments.size(); ++k) {
      smpp::SubmitSm pdu;
      pdu.source_addr = "1069";
      pdu.destination_addr = to;
      pdu.registered_delivery = smpp::kReceiptAlways;
      segments.part(k).apply_to(pdu);
      smpp::TlvWriter tlvs;
      tlvs.u16(smpp::Tag::user_message_reference, reference);
      pdu.tlvs = tlvs.tlvs();
      EXPECT_TRUE(session_.submit(pdu, 0, Centre::now()).ok());
    }
    flush();
  }
  void write_octets(const std::string& octets) {
    error_code ignored;
    asio::write(socket_, asio::buffer(octets), ignored);
  }
  void close() { socket_.close(); }

  std::string responses;  // "id " or "STATUS "
  std::string receipts;   // "id=STATE "
  std::string replies;    // "number:text "

 private:
  static smpp::SessionConfig config() {
    smpp::SessionConfig config;
    config.system_id = "tact";
    config.password = "secret";
    config.window = 1000;
    return config;
  }
  void flush() {
    std::vector<uint8_t> output;
    session_.take_output(output);
    error_code ignored;
    if (!output.empty()) asio::write(socket_, asio::buffer(output), ignored);
  }
  void do_read() {
    socket_.async_read_some(asio::buffer(chunk_), [this](error_code error, std::size_t size) {
      if (error) {
        closed_ = true;
        return;
      }
      smpp::Events events;
      session_.receive(smpp::Octets(chunk_).first(size), Centre::now(), events);
      for (const smpp::Event& event : events) on_event(event);
      flush();
      do_read();
    });
  }
  void on_event(const smpp::Event& event) {
    if (const auto* response = std::get_if<smpp::Response>(&event)) {
      responses += response->status == smpp::Status::ESME_ROK
                       ? std::string(response->message_id)
                       : std::string(smpp::name(response->status));
      responses += ' ';
    }
    const auto* request = std::get_if<smpp::Request>(&event);
    if (request == nullptr) return;
    const auto& pdu = std::get<smpp::DeliverSm>(request->pdu.body);
    smpp::Receipt receipt;
    if (smpp::parse_receipt(pdu, receipt)) {
      receipts += std::string(receipt.id) + "=" + std::string(receipt.stat) + " ";
    } else {
      replies += std::string(pdu.source_addr) + ":";
      smpp::to_utf8(smpp::part_info(pdu).text, *smpp::coding_of(pdu.data_coding), replies);
      replies += ' ';
    }
    if (silent_) return;
    session_.answer(request->pdu.header.sequence_number, smpp::CommandId::deliver_sm,
                    smpp::Status::ESME_ROK);
  }

  asio::ip::tcp::socket socket_;
  smpp::Session session_;
  std::vector<uint8_t> chunk_ = std::vector<uint8_t>(65536);
  bool silent_ = false;
  bool closed_ = false;
};

class CentreTest : public testing::Test {
 protected:
  void SetUp() override {
    scenario_.port = 0;
    with("receipt-delay", "1ms");
    with("reply-delay", "1ms");
    with("id-start", "1");
  }
  void with(const std::string& key, const std::string& value) {
    ASSERT_EQ(set(scenario_, key, value), "");
  }
  void start() {
    centre_ = std::make_unique<Centre>(io_, scenario_);
    centre_->start();
    esme_ = bind();
  }
  std::unique_ptr<Esme> bind() {
    auto esme = std::make_unique<Esme>(io_, centre_->port());
    run_until([&] { return esme->bound(); });
    return esme;
  }
  template <class Condition>
  void run_until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), end);
      io_.run_one_for(std::chrono::milliseconds(50));
    }
  }
  // A number of the statistics, by its path: "receipts/answered".
  int64_t stat(const std::string& path) {
    const boost::json::value page = boost::json::parse(centre_->statistics_json());
    return page.at_pointer("/" + path).to_number<int64_t>();
  }

  asio::io_context io_{1};
  Scenario scenario_;
  std::unique_ptr<Centre> centre_;
  std::unique_ptr<Esme> esme_;
};

TEST_F(CentreTest, GarbageCostsItsConnectionOnly) {
  start();
  const std::unique_ptr<Esme> other = bind();
  other->write_octets("GET / HTTP/1.1\r\n\r\n");
  run_until([&] { return other->closed(); });
  EXPECT_EQ(stat("violations/bad_pdu"), 1);
  esme_->submit("8613800138000", "hello");
  run_until([&] { return !esme_->responses.empty(); });
}

TEST_F(CentreTest, WrongPasswordMayNotBind) {
  with("password", "other");
  centre_ = std::make_unique<Centre>(io_, scenario_);
  centre_->start();
  Esme esme(io_, centre_->port());
  run_until([&] { return stat("binds_refused") == 1; });
  EXPECT_FALSE(esme.bound());
  EXPECT_EQ(stat("bound"), 0);
}

TEST_F(CentreTest, SubmitIsAnsweredAndItsReceiptFollows) {
  with("id-format", "hex-receipt-dec");
  with("id-start", "171");
  start();
  esme_->submit("8613800138000", "hello");
  run_until([&] { return !esme_->receipts.empty(); });
  EXPECT_EQ(esme_->responses, "ab ");
  EXPECT_EQ(esme_->receipts, "0000000171=DELIVRD ");
  run_until([&] { return stat("receipts/answered") == 1; });
  EXPECT_EQ(stat("messages"), 1);
  EXPECT_EQ(stat("violations/total"), 0);
}

TEST_F(CentreTest, LongTextIsJoinedBeforeItIsAnsweredByAReply) {
  with("reply", "最后=>回T");
  start();
  std::string text;
  for (int i = 0; i < 80; ++i) text += "字";
  esme_->submit("8613800138000", text + "最后");
  run_until([&] { return !esme_->replies.empty(); });
  EXPECT_EQ(esme_->replies, "8613800138000:回T ");
  EXPECT_EQ(stat("messages"), 1);
  EXPECT_EQ(stat("submits"), 2);
  EXPECT_EQ(stat("violations/total"), 0);
}

TEST_F(CentreTest, MarketingAfterAnAnsweredOptOutIsCounted) {
  with("reply-number", "8613800138000=TD");
  with("optout-watch", "优惠");
  start();
  esme_->submit("8613800138000", "优惠", 1);
  run_until([&] { return stat("replies/answered") == 1; });
  EXPECT_EQ(stat("sent_after_optout/at_all"), 0) << "what came before the answer is no fault";
  esme_->submit("8613800138000", "验证码", 2);
  esme_->submit("8613800138001", "优惠", 3);
  esme_->submit("8613800138000", "优惠", 4);
  run_until([&] { return stat("submits") == 4; });
  EXPECT_EQ(stat("sent_after_optout/at_all"), 1);
  EXPECT_EQ(stat("sent_after_optout/later_than_1s"), 0);
}

TEST_F(CentreTest, UnansweredReceiptComesAgainOnANewBind) {
  start();
  esme_->set_silent();
  esme_->submit("8613800138000", "hello");
  run_until([&] { return !esme_->receipts.empty(); });
  esme_->close();
  const std::unique_ptr<Esme> again = bind();
  run_until([&] { return stat("receipts/answered") == 1; });
  EXPECT_EQ(again->receipts, esme_->receipts);
  EXPECT_EQ(stat("receipts/redelivered"), 1);
  EXPECT_EQ(stat("receipts/timed_out"), 1);
}

TEST_F(CentreTest, RateAboveTheContractIsThrottled) {
  with("throttle-above", "5");
  start();
  for (uint16_t i = 0; i < 20; ++i) esme_->submit("8613800138000", "hello", i);
  run_until([&] { return stat("submits") == 20; });
  EXPECT_GE(stat("submit_status/ESME_RTHROTTLED"), 10);
  EXPECT_GE(stat("submit_status/ESME_ROK"), 5);
}

TEST_F(CentreTest, AReferenceThatStepsBackIsCountedAndOneThatWrapsIsNot) {
  start();
  for (const uint16_t reference : {65534, 65535, 0, 2, 1, 3}) {
    esme_->submit("8613800138000", "hello", reference);
  }
  run_until([&] { return stat("submits") == 6; });
  EXPECT_EQ(stat("reference_steps_back"), 1);
}

TEST_F(CentreTest, WithheldAndResetMessagesAreTakenAndComeAgainAsDuplicates) {
  with("withhold-responses", "1");
  with("reset-after", "2");
  start();
  esme_->submit("8613800138000", "one", 1);
  esme_->submit("8613800138000", "two", 2);
  run_until([&] { return esme_->closed(); });
  EXPECT_EQ(esme_->responses, "");
  EXPECT_EQ(stat("messages"), 2);
  const std::unique_ptr<Esme> again = bind();
  again->submit("8613800138000", "one", 1);
  run_until([&] { return stat("duplicates") == 1; });
}

TEST_F(CentreTest, WindowSequenceAndUnknownCommandsAreJudged) {
  with("window", "2");
  with("response-delay", "50ms");
  start();
  for (uint16_t i = 0; i < 4; ++i) esme_->submit("8613800138000", "hello", i);
  run_until([&] { return stat("submits") == 4; });
  EXPECT_EQ(stat("violations/window_exceeded"), 2);
  // enquire_link is no offence; query_sm for nothing and an unknown command are.
  esme_->write_octets(std::string("\0\0\0\x10\0\0\x0A\x0A\0\0\0\0\0\0\0\x63", 16));
  run_until([&] { return stat("violations/unexpected_command") == 1; });
  // A submit_sm with sequence_number 2, which was the first submit's.
  std::string again("\0\0\0\x27\0\0\0\x04\0\0\0\0\0\0\0\x02", 16);
  again += std::string("\0\0\0\0", 4) + std::string("\x01\x01", 2) + std::string("86138\0", 6) +
           std::string(10, '\0');
  again[3] = static_cast<char>(again.size());
  esme_->write_octets(again);
  run_until([&] { return stat("violations/sequence_reuse") == 1; });
}

}  // namespace
}  // namespace tact::bench
