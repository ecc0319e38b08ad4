// SPDX-License-Identifier: Apache-2.0
// How the simulated SMSC behaves. Every setting is a key and a value in text: `--key value` on the
// command line and `key value` in a scenario file are the same.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "smpp/status.h"
#include "smpp/types.h"

namespace tact::bench {

struct DelayRange {
  std::chrono::microseconds min{0};
  std::chrono::microseconds max{0};

  bool operator==(const DelayRange&) const = default;
};

// In the response, and in the receipt if that is another form.
enum class IdFormat : uint8_t { dec, hex, hex_receipt_dec, alnum };

// How often a choice is taken, 0..1; what the shares of a list leave over takes the default.
template <class Choice>
struct Share {
  double share = 0;
  Choice choice{};
};

struct Reply {
  std::string pattern;  // in the text of an MT; or the whole number, for reply-number
  std::string text;
};

struct Scenario {
  uint16_t port = 2775;     // 0: any free one
  uint16_t stats_port = 0;  // 0: any free one
  std::string system_id;    // empty: any may bind
  std::string password;     // empty: any password
  uint64_t seed = 1;

  DelayRange response_delay;
  DelayRange receipt_delay{std::chrono::milliseconds(500), std::chrono::milliseconds(2000)};
  std::vector<Share<smpp::MessageState>> receipt_states;  // the rest: delivered
  bool receipt_tlvs = false;
  IdFormat id_format = IdFormat::dec;
  uint64_t id_start = 1'000'000'000;

  uint32_t throttle_above = 0;  // submit_sm a second; 0: never
  uint32_t window = 0;          // unanswered submit_sm a session may have; 0: not checked
  double withhold_responses = 0;
  uint64_t reset_after = 0;                   // submit_sm of one connection; 0: never
  std::vector<Share<smpp::Status>> statuses;  // the rest: ESME_ROK

  std::vector<Reply> replies;
  std::vector<Reply> number_replies;
  DelayRange reply_delay{std::chrono::milliseconds(200), std::chrono::milliseconds(200)};
  uint32_t deliver_window = 200;  // deliver_sm outstanding on one session
  std::chrono::microseconds deliver_timeout{std::chrono::seconds(10)};
  std::string optout_text;                // which replies are opt-outs: those that contain it
  std::vector<std::string> optout_watch;  // texts that must not come after one

  std::string log;
  uint32_t log_every = 1;
};

struct Setting {
  std::string_view key;
  std::string_view value;  // its form
  std::string_view help;
  // Empty, or what is wrong with the value.
  std::string (*set)(Scenario&, std::string_view);
};

// In the order in which help shows them.
std::span<const Setting> settings();

// Empty, or what is wrong. A key that is a list takes one more value each time.
std::string set(Scenario& scenario, std::string_view key, std::string_view value);

// A scenario file: `key value` a line; empty lines and lines that begin with # are skipped. Empty,
// or "line 3: ...".
std::string read_scenario(Scenario& scenario, std::string_view text);

}  // namespace tact::bench
