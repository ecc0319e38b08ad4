// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "gateway/engine/settings.h"
#include "tests/sim/net.h"

namespace tact::sim {

using gateway::Class;

// How a carrier spells one number in its responses and in its receipts.
enum class IdForm : uint8_t { same, padded, hex_then_decimal, decimal_then_hex };

// What one carrier does to us. Shares are per mille.
struct CarrierPlan {
  // Of submit_sm.
  uint32_t throttles = 0, queue_full = 0, temporary = 0, permanent = 0;
  uint32_t silent = 0;            // no answer ever; half of these were accepted
  uint32_t silent_refuses = 500;  // of the silent: not accepted
  Mono answer_min{}, answer_max{};
  uint32_t late = 0;  // answers after the response timer
  // Of accepted parts.
  IdForm ids = IdForm::same;
  uint64_t first_id = 0x1001;
  uint32_t receipt_never = 0, receipt_early = 0, receipt_twice = 0, receipt_undelivered = 0;
  uint32_t receipt_enroute = 0;  // an intermediate one goes first
  uint32_t receipt_cut = 0;      // the text ends behind the state
  bool receipt_tlv_only = false, receipt_tlv_too = false;
  bool receipt_reference = false;  // brings our user_message_reference back
  bool first_part_only = false;    // a long message has one receipt
  Mono receipt_min{}, receipt_max{};
  // Of sessions.
  uint32_t refuses_bind = 0;
  bool already_bound = false;                    // RALYBND while it believes in the older session
  uint32_t resets = 0, unbinds = 0, stalls = 0;  // how many in the chaos
  uint32_t outages = 0;                          // every session ends, and none begins for a while
  Mono outage_max{};
  uint32_t replies = 0;  // MO in the chaos
};

struct ProducerPlan {
  uint32_t streams = 1;
  uint32_t job_max = 4;    // messages
  uint32_t keyed = 0;      // per mille of messages with an idempotency key
  uint32_t scheduled = 0;  // with not_before
  uint32_t expiring = 0;   // with expires_at
  uint32_t long_texts = 0;
  uint32_t unsigned_texts = 0;  // the gate completes them
  uint32_t controls = 0;        // of jobs: a suppress or allow instead
  uint32_t replays = 0;         // of jobs: pushed once more though acknowledged
  uint32_t breaks = 0;          // connections broken in the chaos
  uint32_t twins = 0;           // a second connection of the same stream
  Mono ack_delay_max{};         // of events
  uint32_t slow_reads = 0;      // stalls of what it reads
};

// Everything that a seed decides before the first event.
struct Plan {
  uint64_t seed = 0;
  gateway::EngineSettings settings;
  NetPlan net;
  std::vector<CarrierPlan> carriers;    // by index of the route
  std::vector<ProducerPlan> producers;  // by index of the upstream
  std::vector<std::string> numbers;
  std::vector<Class> classes;  // that are sent; one may stand more than once
  uint32_t messages = 0;
  Civil start{};
  Mono chaos{};
  Mono calm_max{};  // then a message without an end is a lack of progress
  uint32_t crashes = 0, drains = 0, disk_stops = 0, clock_steps = 0, suspends = 0;
  Mono clock_step_max{};
  Mono drain_timeout{}, restart_max{};
  Mono disk_min{}, disk_max{}, load_max{}, hop_max{};
  uint32_t disk_hiccups = 0;  // per mille of groups: a hundred times as slow
  Mono turn_delay_max{};
};

Plan plan_of(uint64_t seed);
std::string describe(const Plan& plan);

}  // namespace tact::sim
