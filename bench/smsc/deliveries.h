// SPDX-License-Identifier: Apache-2.0
// What the SMSC owes its ESMEs: receipts and replies, per account (system_id) in order, until each
// is answered. A session that ends gives back what it had not answered.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "bench/smsc/fate.h"
#include "bench/smsc/statistics.h"

namespace tact::bench {

// An address as SMPP allows it, at most 20 octets, in its place: a million receipts may be due.
class Address {
 public:
  Address() = default;
  explicit Address(std::string_view text)
      : size_(static_cast<uint8_t>(std::min(text.size(), sizeof text_))) {
    std::copy_n(text.data(), size_, text_);
  }

  std::string_view view() const { return {text_, size_}; }

 private:
  uint8_t size_ = 0;
  char text_[20] = {};
};

// One part of the text a handset sends.
struct ReplyPart {
  uint8_t esm_class = 0;
  smpp::DataCoding data_coding{};
  bool optout = false;
  std::vector<uint8_t> octets;  // UDH and text
};

struct Delivery {
  Address handset;         // source of the deliver_sm
  Address service_number;  // its destination
  smpp::MessageState state{};
  uint8_t attempts = 0;
  bool has_reference = false;
  uint8_t kept = kWholeReceipt;  // of its text
  uint16_t reference = 0;        // user_message_reference of the MT
  uint32_t account = 0;
  uint64_t message_number = 0;             // of the MT
  smpp::Mono submitted{};                  // the MT
  std::unique_ptr<const ReplyPart> reply;  // null: a receipt
};

// Implemented by a connection that can take deliver_sm.
class Receiver {
 public:
  // False when its window is full. On true the answer comes to Deliveries with this cookie.
  virtual bool deliver(const Delivery& delivery, uint64_t cookie, smpp::Mono now) = 0;

 protected:
  ~Receiver() = default;
};

class Deliveries {
 public:
  explicit Deliveries(Statistics& statistics) : statistics_(statistics) {}
  Deliveries(const Deliveries&) = delete;
  Deliveries& operator=(const Deliveries&) = delete;

  uint32_t account(std::string_view system_id);

  void add_receiver(uint32_t account, Receiver& receiver, smpp::Mono now);
  void remove_receiver(uint32_t account, Receiver& receiver);

  // Sends now, or as soon as a receiver has room.
  void add(Delivery delivery, smpp::Mono now);

  // The answer to a cookie. What was refused for now is tried again by retry_refused().
  void on_answer(uint64_t cookie, smpp::Status status, smpp::Mono now);
  // No answer: `lost` with the session, which brings it back at once; else in time, and then it
  // waits for a new bind.
  void on_silence(uint64_t cookie, bool lost);

  // Call now and then: the time between two calls is what a refused one waits.
  void retry_refused(smpp::Mono now);

  // Sends what waits to receivers that have room again.
  void pump(uint32_t account, smpp::Mono now);

 private:
  struct Account {
    std::string system_id;
    std::vector<Receiver*> receivers;
    std::size_t turn = 0;
    std::deque<Delivery> waiting;
    std::vector<Delivery> refused;  // until retry_refused()
    std::vector<Delivery> parked;   // until the next bind
  };

  Delivery take_outstanding(uint64_t cookie);
  DeliverCounts& counts(const Delivery& delivery) {
    return delivery.reply ? statistics_.replies : statistics_.receipts;
  }
  bool worth_another(Delivery& delivery);

  Statistics& statistics_;
  std::deque<Account> accounts_;
  std::vector<Delivery> outstanding_;  // by cookie
  std::vector<uint64_t> free_;         // cookies
};

}  // namespace tact::bench
