// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <string>

#include "gateway/engine/carrier_says.h"
#include "gateway/engine/ids.h"
#include "gateway/engine/tls_fault.h"
#include "policy/verdict.h"

// Plain counters with one writer (the shard's thread) and any reader (the scrape). Relaxed atomics:
// a reader may see two counters a moment apart, which a scrape cannot notice. Nothing here holds
// personal data.
namespace tact::gateway {

inline constexpr size_t kRuleSlots = 100;  // above every value of policy::Rule

class Counter {
 public:
  void add(uint64_t n = 1) { value_.store(get() + n, std::memory_order_relaxed); }
  void set(uint64_t v) { value_.store(v, std::memory_order_relaxed); }
  uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// Fixed bounds in microseconds, shared by all latencies: comparable, and one scrape format.
class LatencyHistogram {
 public:
  static constexpr std::array<uint64_t, 22> kBounds = {
      50,         100,         250,           500,           1'000,      2'500,
      5'000,      10'000,      20'000,        50'000,        100'000,    250'000,
      500'000,    1'000'000,   2'500'000,     5'000'000,     10'000'000, 30'000'000,
      60'000'000, 300'000'000, 3'600'000'000, 86'400'000'000};

  void observe(std::chrono::nanoseconds latency) {
    const auto us = static_cast<uint64_t>(std::max<int64_t>(0, latency.count() / 1'000));
    const auto at = std::lower_bound(kBounds.begin(), kBounds.end(), us) - kBounds.begin();
    buckets_[static_cast<size_t>(at)].add();
    sum_us_.add(us);
  }
  // Count of values in bucket i: above bound i-1, at most bound i; the last bucket has no bound.
  uint64_t bucket(size_t i) const { return buckets_[i].get(); }
  uint64_t sum_us() const { return sum_us_.get(); }

 private:
  std::array<Counter, kBounds.size() + 1> buckets_;
  Counter sum_us_;
};

template <typename T>
using ByClass = std::array<T, kClasses + 1>;  // index: class value; 0: unknown class

struct LinkStats {
  std::string name;
  Counter up;    // 1 while bound
  Counter host;  // index of the one that is tried, or bound
  Counter binds, losses;
  // Attempts that did not end in a bind, by where they ended (notice.h).
  Counter connect_failures, bind_refusals, bind_failures;
  std::array<Counter, kTlsFaults> tls_failures;  // by TlsFault
  Counter window, window_used;
  Counter submitted, responses, late_responses, timeouts;
  LatencyHistogram round_trip;  // submit_sm -> submit_sm_resp
};

struct LaneStats {
  Counter queued;              // durable and never offered
  Counter open;                // offered, not resolved
  Counter oldest_accepted_ms;  // Unix ms of the next message; 0 when none
  LatencyHistogram accepted_to_wire;
  LatencyHistogram durable_to_wire;  // not of those that were read back from disk
  LatencyHistogram round_trip;       // submit_sm -> submit_sm_resp in time
  LatencyHistogram receipt;          // accepted by the SMSC -> final receipt
};

struct RouteStats {
  std::string name;
  ByClass<LaneStats> lanes;
  std::deque<LinkStats> links;
  Counter rate_pdus;                          // the pacer's present rate
  Counter congestion_told, congestion_state;  // responses that told it; the last one
  Counter throttled, destination_busy, retried, refused;
  Counter failovers, rerouted;  // down for too long; messages that went to other routes then
  Counter destinations_parked;  // now
  Counter destination_held, destinations_barred;  // messages that waited; destinations
  Counter destination_spreads;  // full queues of so many that the whole route slowed down
  Counter awaiting, awaiting_spilled, unknown, unknown_reported, unknown_resent;
  Counter receipts, receipts_unmatched, receipts_parked, receipts_duplicate, receipts_timed_out;
  std::array<Counter, 10> receipts_by_state;       // smpp::MessageState
  std::array<Counter, kCarrierSays> carrier_said;  // by CarrierSays: failures by their codes
  Counter replies, replies_unmatched, replies_duplicate;
};

struct UpstreamStats {
  std::string name;
  Counter connections;  // now
  Counter streams;      // known, connected or not
  Counter jobs, jobs_replayed, messages, controls, protocol_errors;
  Counter events, events_unacked;  // stored; stored and not acknowledged
  Counter events_bytes;            // of the latter, about
  Counter events_reserved;         // messages whose last event is still to come
  Counter events_missed;           // replies and opt-outs that a gap stands for
  Counter jobs_held;               // 1 while jobs are not read, for want of room for events
};

struct ShardStats {
  // [class][action of policy::Verdict]
  ByClass<std::array<Counter, 4>> verdicts;
  // [rule][class]: every rule that fired, at admission and at the last look
  std::array<ByClass<Counter>, kRuleSlots> rules;
  Counter invalid, duplicates;  // refused before the gate; known idempotency keys
  Counter unreadable;           // damaged records that were left where they are
  std::array<Counter, 8> replies_by_kind;
  Counter campaigns_halted;
  Counter replies_suspect, opt_outs, opt_ins;
  Counter suspects_waiting;              // replies that wait for a person, now
  Counter suspects_forgotten;            // too old or too many, without a decision
  std::array<Counter, 8> answers;        // given by the gateway itself, by kind of their reply
  Counter answers_withheld;              // for want of room for their events
  std::array<Counter, 10> menu_choices;  // by item
  LatencyHistogram opt_out_effect;       // reply read -> answered, the block in force
  LatencyHistogram commit;               // handed to storage -> durable
  LatencyHistogram acknowledgement;      // job read -> JobAck handed to the socket
  Counter commits, commit_bytes, uncommitted_bytes;
  Counter clock_disputed;  // 1 while the two clocks disagree (time.h)
  std::deque<RouteStats> routes;
  std::deque<UpstreamStats> upstreams;
};

}  // namespace tact::gateway
