// SPDX-License-Identifier: Apache-2.0
// What the SMSC owes its ESMEs: receipts and replies, per account (system_id) in order, until each
// is answered. A session that ends gives back what it had not answered.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "bench/smsc/fate.h"
#include "bench/smsc/statistics.h"

namespace tact::bench {

struct Delivery {
  enum class Kind : uint8_t { receipt, reply };

  Kind kind = Kind::receipt;
  smpp::MessageState state{};
  smpp::DataCoding data_coding{};
  uint8_t esm_class = 0;
  uint8_t attempts = 0;
  bool optout = false;
  bool has_reference = false;
  uint16_t reference = 0;  // user_message_reference of the MT
  uint32_t account = 0;
  uint64_t message_number = 0;  // of the MT
  smpp::Mono submitted{};       // the MT
  std::string handset;          // source of the deliver_sm
  std::string service_number;   // its destination
  std::vector<uint8_t> octets;  // of a reply: UDH and text
};

// Implemented by a connection that can take deliver_sm.
class Receiver {
 public:
  // False when its window is full. On true the answer comes to Deliveries with this cookie.
  virtual bool deliver(const Delivery& delivery, uint64_t cookie) = 0;

 protected:
  ~Receiver() = default;
};

class Deliveries {
 public:
  explicit Deliveries(Statistics& statistics) : statistics_(statistics) {}
  Deliveries(const Deliveries&) = delete;
  Deliveries& operator=(const Deliveries&) = delete;

  uint32_t account(std::string_view system_id);

  void add_receiver(uint32_t account, Receiver& receiver);
  void remove_receiver(uint32_t account, Receiver& receiver);

  // Sends now, or as soon as a receiver has room.
  void add(Delivery delivery);

  // The answer to a cookie. What was refused for now is tried again by retry_refused().
  void on_answer(uint64_t cookie, smpp::Status status, smpp::Mono now);
  // No answer: `lost` with the session, which brings it back at once; else in time, and then it
  // waits for a new bind.
  void on_silence(uint64_t cookie, bool lost);

  // Call now and then: the time between two calls is what a refused one waits.
  void retry_refused();

  // Sends what waits to receivers that have room again.
  void pump(uint32_t account);

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
    return delivery.kind == Delivery::Kind::receipt ? statistics_.receipts : statistics_.replies;
  }
  bool worth_another(Delivery& delivery);

  Statistics& statistics_;
  std::deque<Account> accounts_;
  std::vector<Delivery> outstanding_;  // by cookie
  std::vector<uint64_t> free_;         // cookies
};

}  // namespace tact::bench
