// SPDX-License-Identifier: Apache-2.0
// All that the simulator counts, and its JSON.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "bench/smsc/accounts.h"
#include "smpp/status.h"
#include "smpp/types.h"

namespace tact::bench {

enum class Violation : uint8_t {
  bad_pdu,                   // a field over its limit, a length that is absurd
  unexpected_command,        // unknown, not served here, or in the wrong state
  stray_response,            // a response to nothing
  window_exceeded,           // more submit_sm unanswered than --window
  rate_exceeded,             // beyond --contract
  sequence_reuse,            // a sequence_number used before in the same session
  parts_not_in_a_row,        // something between two parts, or parts out of order
  parts_on_different_binds,  // of one message
  parts_inconsistent,        // same reference, other number of parts
};
inline constexpr std::size_t kViolations = 9;

std::string_view name(Violation violation);

struct DeliverCounts {
  uint64_t sent = 0;
  uint64_t answered = 0;
  uint64_t refused = 0;      // answered with an error
  uint64_t timed_out = 0;    // no answer in time, or the session ended before
  uint64_t redelivered = 0;  // sent again for one of these reasons
  uint64_t given_up = 0;
};

struct SecondCounts {
  int64_t second = 0;  // since the start
  uint64_t submits = 0;
  uint64_t accepted = 0;
  uint64_t throttled = 0;
  uint64_t receipts = 0;  // sent
  uint64_t replies = 0;   // sent
};

// A destination that opted out.
struct OptOut {
  smpp::Mono answered{};   // when its opt-out was answered
  smpp::Mono last_sent{};  // the last watched text after it
  uint64_t sent = 0;
};

struct Statistics {
  explicit Statistics(smpp::Mono now) : start(now) {}

  void count(Violation violation, uint64_t times = 1) {
    violations[static_cast<std::size_t>(violation)] += times;
  }
  // The entry of this second; the oldest is forgotten after an hour.
  SecondCounts& second(smpp::Mono now);
  std::string to_json(smpp::Mono now, const Accounts& accounts) const;

  // Constant after construction.
  const smpp::Mono start;

  // Owned by the thread of the server.
  uint64_t connections = 0;        // ever
  uint64_t handshakes_failed = 0;  // of TLS
  uint64_t bound = 0;              // now
  uint64_t binds_accepted = 0;
  uint64_t binds_refused = 0;
  uint64_t unbinds = 0;  // sessions that ended with one, and not with a broken connection
  uint64_t pdus_in = 0;
  uint64_t pdus_out = 0;

  uint64_t submits = 0;
  uint64_t messages = 0;  // whole ones, accepted
  uint64_t withheld = 0;
  uint64_t resets = 0;
  uint64_t half_open = 0;
  uint64_t receipts_doubled = 0;
  uint64_t receipts_truncated = 0;
  uint64_t duplicates = 0;            // submitted again after it had been accepted
  uint64_t reference_steps_back = 0;  // behind the one before on the same connection
  std::map<smpp::Status, uint64_t> submit_status;

  DeliverCounts receipts;
  DeliverCounts replies;
  uint64_t waiting = 0;  // receipts and replies for which there is no bind, or no room in it
  std::array<uint64_t, kViolations> violations{};

  uint64_t sent_after_optout = 0;
  uint64_t sent_after_optout_1s = 0;
  std::map<std::string, OptOut, std::less<>> optouts;

  std::deque<SecondCounts> seconds;
};

}  // namespace tact::bench
