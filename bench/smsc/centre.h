// SPDX-License-Identifier: Apache-2.0
// The simulated message centre: what it does with each submit_sm, and what it does later.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "bench/smsc/agenda.h"
#include "bench/smsc/deliveries.h"
#include "bench/smsc/link.h"
#include "bench/smsc/long_messages.h"
#include "bench/smsc/message_log.h"
#include "bench/smsc/scenario.h"
#include "bench/smsc/statistics.h"
#include "bench/smsc/submit_history.h"

namespace tact::bench {

class Centre {
 public:
  // Listens at once. Throws boost::system::system_error or std::runtime_error when it cannot.
  Centre(boost::asio::io_context& io, const Scenario& scenario);
  Centre(const Centre&) = delete;
  Centre& operator=(const Centre&) = delete;

  void start();
  uint16_t port() const { return acceptor_.local_endpoint().port(); }
  void flush_log() { log_.flush(); }
  std::string statistics_json();

  // ---- for Link
  static smpp::Mono now() { return std::chrono::steady_clock::now().time_since_epoch(); }
  const Scenario& scenario() const { return scenario_; }
  boost::asio::ssl::context* tls() { return tls_ ? &*tls_ : nullptr; }  // null: plain TCP
  Statistics& statistics() { return statistics_; }
  Deliveries& deliveries() { return deliveries_; }
  Accounts& accounts() { return accounts_; }
  void on_submit(Link& link, uint32_t sequence_number, const smpp::SubmitSm& pdu, smpp::Mono now);
  void count_delivery(const Delivery& delivery, smpp::Mono now);
  void on_end(Link& link) { links_.erase(link.id()); }
  // YYMMDDhhmm, local time; valid until the call after next.
  std::string_view date(smpp::Mono time);

 private:
  struct Response {
    uint64_t link = 0;
    uint32_t sequence_number = 0;
    smpp::Status status{};
    uint64_t message_number = 0;
    uint8_t congestion = 0;
  };
  struct Submit {  // one that was accepted
    const smpp::SubmitSm& pdu;
    const Fate& fate;
    Link& link;
    uint64_t number = 0;
    smpp::Mono now{};
  };
  struct Date {
    int64_t minute = -1;
    char text[10];
  };

  void do_accept();
  void do_tick();
  void arm();
  void on_due();

  bool is_throttled(Account& account, smpp::Mono now);
  bool is_out(smpp::Mono now) const;
  uint8_t congestion(Account& account) const;
  void answer(const Response& response, smpp::Mono now, smpp::Mono delay);
  void schedule_receipts(const Submit& submit);
  void schedule_receipt(const Submit& submit, smpp::Mono delay);
  void read_text(const smpp::SubmitSm& pdu, const Fate& fate, Link& link, uint64_t number,
                 smpp::Mono now, bool accepted);
  void on_message(const Submit& submit, const std::string& text, int parts);
  void watch(std::string_view destination, const std::string& text, smpp::Mono now);
  void schedule_reply(const Submit& submit, const std::string& text);

  // Constant after construction.
  const Scenario scenario_;
  const bool reads_texts_;
  const int64_t wall_offset_ns_;  // Unix time of the steady clock's zero

  // Owned by the thread of the io_context.
  std::optional<boost::asio::ssl::context> tls_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer due_timer_;
  boost::asio::steady_timer tick_timer_;
  smpp::Mono armed_ = smpp::kNever;
  Statistics statistics_;
  Deliveries deliveries_;
  LongMessages long_messages_;
  MessageLog log_;
  SubmitHistory history_;
  std::unordered_map<uint64_t, std::shared_ptr<Link>> links_;
  uint64_t link_ids_ = 0;
  Agenda<Response> responses_;
  Agenda<Delivery> due_deliveries_;
  uint64_t message_numbers_ = 0;
  uint16_t reply_references_ = 0;
  Accounts accounts_;
  Capacity capacity_;
  ContractRate contract_;
  smpp::Mono first_submit_ = smpp::kNever;
  std::string text_;  // of the part in hand; reused
  Date dates_[2];
  int last_date_ = 0;
};

}  // namespace tact::bench
