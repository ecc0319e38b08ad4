// SPDX-License-Identifier: Apache-2.0
// The simulator and smpp::Session as an ESME, over loopback, both on one io_context.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/write.hpp>
#include <boost/json.hpp>
#include <memory>
#include <string>
#include <vector>

#include "bench/smsc/centre.h"
#include "smpp/receipt.h"
#include "smpp/segment.h"

namespace tact::bench {
namespace asio = boost::asio;
using boost::system::error_code;

inline constexpr auto kPatience = std::chrono::seconds(10);

// Answers each deliver_sm unless told not to, and keeps what it saw as words.
class Esme {
 public:
  Esme(asio::io_context& io, uint16_t port, const std::string& system_id)
      : socket_(io), session_(config(system_id)) {
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
  void unbind() {
    session_.unbind(Centre::now());
    flush();
  }
  void close() { socket_.close(); }

  std::string responses;           // "id " or "STATUS "
  std::string refusal;             // of the bind
  int congestion = -1;             // told last
  std::string receipts;            // "id=DELIVRD ", or "id=? " for other states
  std::string replies;             // "number:text "
  std::size_t receipt_octets = 0;  // of their short_message

 private:
  static smpp::SessionConfig config(const std::string& system_id) {
    smpp::SessionConfig config;
    config.system_id = system_id;
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
    if (const auto* failed = std::get_if<smpp::BindFailed>(&event)) {
      refusal = smpp::name(failed->status);
    }
    if (const auto* told = std::get_if<smpp::Congestion>(&event)) congestion = told->state;
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
    if (pdu.esm_class == smpp::kReceiptType) {
      smpp::parse_receipt(pdu, receipt);
      receipt_octets += pdu.short_message.size();
      const bool delivered = receipt.state == smpp::MessageState::delivered;
      receipts += std::string(receipt.id) + (delivered ? "=DELIVRD " : "=? ");
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
  void listen() {
    centre_ = std::make_unique<Centre>(io_, scenario_);
    centre_->start();
  }
  void start() { start_as("tact"); }
  void start_as(const std::string& system_id) {
    listen();
    esme_ = bind(system_id);
  }
  // Until it is bound, refused or closed.
  std::shared_ptr<Esme> try_bind(const std::string& system_id = "tact") {
    esmes_.push_back(std::make_shared<Esme>(io_, centre_->port(), system_id));
    const std::shared_ptr<Esme> esme = esmes_.back();
    run_until([&] { return esme->bound() || !esme->refusal.empty() || esme->closed(); });
    return esme;
  }
  std::shared_ptr<Esme> bind(const std::string& system_id = "tact") {
    const std::shared_ptr<Esme> esme = try_bind(system_id);
    EXPECT_TRUE(esme->bound()) << esme->refusal;
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
  std::vector<std::shared_ptr<Esme>> esmes_;  // all, because their handlers may be due
  std::shared_ptr<Esme> esme_;                // the first
};

}  // namespace tact::bench
