// SPDX-License-Identifier: Apache-2.0
// How the simulated SMSC behaves. Every setting is a key and a value in text: `--key value` on the
// command line and `key value` in a scenario file are the same.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/settings.h"
#include "smpp/status.h"
#include "smpp/text.h"
#include "smpp/tlv.h"
#include "smpp/types.h"

namespace tact::bench {

struct DelayRange {
  std::chrono::microseconds min{0};
  std::chrono::microseconds max{0};

  bool operator==(const DelayRange&) const = default;
};

// A number that changes: each holds from its time on, counted from the first submit_sm.
class Schedule {
 public:
  struct Step {
    std::chrono::microseconds from{0};
    uint32_t value = 0;
  };

  Schedule() = default;
  // REQUIRES: in the order of time.
  explicit Schedule(std::vector<Step> steps) : steps_(std::move(steps)) {}

  uint32_t at(smpp::Mono time) const;  // 0 before the first step

 private:
  std::vector<Step> steps_;
};

enum class ReceiptPlace : uint8_t { short_message, message_payload, none };

// In the response, and in the receipt if that is another form.
enum class IdFormat : uint8_t { dec, hex, hex_receipt_dec, alnum };

// How often a choice is taken, 0..1; what the shares of a list leave over takes the default.
template <class Choice>
struct Share {
  double share = 0;
  Choice choice{};

  bool operator==(const Share&) const = default;
};

// A share takes another range than most: a slow tail.
struct Delay {
  DelayRange usual;
  std::vector<Share<DelayRange>> tail;

  bool operator==(const Delay&) const = default;
};

// What one system_id is allowed; 0: everything.
struct AccountLimits {
  std::string system_id;    // empty: any
  std::string password;     // empty: any
  uint32_t binds = 0;       // sessions at a time
  uint32_t window = 0;      // unanswered submit_sm a session may have; not enforced but counted
  Schedule throttle_above;  // submit_sm a second
};

// What the ESMEs have agreed to; not enforced but counted.
struct Contract {
  uint32_t rate = 0;   // submit_sm a second, of all together; 0: any
  uint32_t burst = 0;  // so many at once beside

  bool operator==(const Contract&) const = default;
};

// A parameter of the carrier's own.
struct OwnTlv {
  smpp::Tag tag{};
  std::vector<uint8_t> value;
};

struct Reply {
  std::string pattern;  // in the text of an MT; or the whole number, for reply-number
  std::string text;
};

struct Scenario {
  uint16_t port = 2775;     // 0: any free one
  uint16_t stats_port = 0;  // 0: any free one
  std::string tls_cert;     // PEM files; empty: plain TCP
  std::string tls_key;
  std::string tls_ca;    // whose certificate an ESME must show; empty: none is asked for
  AccountLimits anyone;  // of every system_id, where none is listed
  std::vector<AccountLimits> accounts;
  uint64_t seed = 1;

  Delay response_delay;
  Delay receipt_delay{{std::chrono::milliseconds(500), std::chrono::milliseconds(2000)}, {}};
  std::vector<Share<smpp::MessageState>> receipt_states;  // the rest: delivered
  bool receipt_tlvs = false;
  uint8_t interface_version = 0x34;   // of SMPP
  smpp::Dialect dialect;              // of texts in both directions
  std::vector<OwnTlv> delivery_tlvs;  // on each deliver_sm
  ReceiptPlace receipt_text = ReceiptPlace::short_message;
  double double_receipts = 0;
  double truncate_receipts = 0;
  IdFormat id_format = IdFormat::dec;
  uint64_t id_start = 1'000'000'000;

  Schedule throttle_above;  // submit_sm a second, of all together; 0: never
  Contract contract;
  bool congestion_state = false;
  double withhold_responses = 0;
  uint64_t reset_after = 0;      // submit_sm of one connection; 0: never
  uint64_t half_open_after = 0;  // likewise
  std::vector<DelayRange> outages;
  std::chrono::microseconds already_bound_for{0};
  std::vector<Share<smpp::Status>> statuses;  // the rest: ESME_ROK

  std::vector<Reply> replies;
  std::vector<Reply> number_replies;
  std::vector<Share<std::string>> unasked_replies;
  Delay reply_delay{{std::chrono::milliseconds(200), std::chrono::milliseconds(200)}, {}};
  uint32_t deliver_window = 200;  // deliver_sm outstanding on one session
  std::chrono::microseconds deliver_timeout{std::chrono::seconds(10)};
  std::string optout_text;                // which replies are opt-outs: those that contain it
  std::vector<std::string> optout_watch;  // texts that must not come after one

  std::string log;
  uint32_t log_every = 1;
  std::string log_text;  // empty: all
};

// In the order in which help shows them.
std::span<const SettingOf<Scenario>> scenario_settings();

// Empty, or what is wrong. A key that is a list takes one more value each time.
std::string set(Scenario& scenario, std::string_view key, std::string_view value);

// A scenario file: `key value` a line; empty lines and lines that begin with # are skipped. Empty,
// or "line 3: ...".
std::string read_scenario(Scenario& scenario, std::string_view text);

}  // namespace tact::bench
