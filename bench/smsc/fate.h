// SPDX-License-Identifier: Apache-2.0
// What happens to one submit_sm, by the scenario and the seed alone: the same message meets the
// same fate in every run, whatever the order or the bind it comes on. A second attempt is another
// draw.
#pragma once

#include <cstdint>
#include <string_view>

#include "bench/smsc/scenario.h"
#include "smpp/pdu.h"

namespace tact::bench {

// 64 bits that tell messages apart: destination, octets of the text with their UDH, and
// user_message_reference. The same on every machine.
uint64_t fingerprint(const smpp::SubmitSm& pdu);

inline constexpr uint8_t kWholeReceipt = 255;

struct Fate {
  smpp::Status status = smpp::Status::ESME_ROK;
  bool withhold = false;  // taken, and never answered
  smpp::Mono response_delay{};
  smpp::Mono receipt_delay{};
  smpp::MessageState state = smpp::MessageState::delivered;
  smpp::Mono reply_delay{};
  bool receipt_doubled = false;
  smpp::Mono second_receipt_delay{};
  uint8_t receipt_kept = kWholeReceipt;  // how much of its text, in 255ths
  int unasked_reply = -1;                // which one of the scenario's

  bool operator==(const Fate&) const = default;
};

// `attempt` counts from 0.
Fate decide(const Scenario& scenario, uint64_t fingerprint, uint32_t attempt);

// The n-th message id as it stands in the response and in the receipt; at most 20 characters.
struct MessageIdText {
  char text[24];
  uint8_t size = 0;

  std::string_view view() const { return {text, size}; }
};
MessageIdText response_id(const Scenario& scenario, uint64_t n);
MessageIdText receipt_id(const Scenario& scenario, uint64_t n);

}  // namespace tact::bench
