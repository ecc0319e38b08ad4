// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/engine/carrier_says.h"
#include "gateway/engine/ids.h"
#include "gateway/engine/time.h"
#include "policy/rule_set.h"
#include "smpp/receipt.h"
#include "smpp/segment.h"
#include "smpp/session.h"
#include "smpp/text.h"

// The configuration as the engine sees it: plain values, checked by gateway/config, constant after
// construction. Names and units are those of proto/config.proto. All ids are the registry's
// (DESIGN 17.1); the rule set uses the same ids for accounts and brands.
namespace tact::gateway {

using Seconds = std::chrono::seconds;
using Millis = std::chrono::milliseconds;

// Parts of one message: Message::sent_parts has a bit for each. The configuration allows no more
// in segments_hard.
inline constexpr int kSegmentsMax = 16;

// A link over TLS. That the peer is whom it should be is always verified: there is no way to say
// otherwise. PEM texts, already checked.
struct TlsSettings {
  enum class Version : uint8_t { tls12, tls13 };

  std::string ca;               // who may vouch for the SMSC; empty: whom the system trusts
  std::string server_name;      // asked for and verified; empty: the host
  std::string certificate;      // ours, with those between it and its CA; empty: none
  std::string key;              // of our certificate
  Civil certificate_expires{};  // of ours
  Version version_min = Version::tls12;
};

struct Endpoint {
  std::string host;
  uint16_t port = 2775;

  bool operator==(const Endpoint&) const = default;
};

struct LinkSettings {
  std::string name;                // unique within its route
  std::vector<Endpoint> hosts;     // of one SMSC, at least one; tried in this order
  bool sticky_host = false;        // after a loss: begins with the host it had, not with the first
  std::optional<TlsSettings> tls;  // nothing: plain TCP
  smpp::SessionConfig session;     // bind type, credentials, window, timers
  uint32_t weight = 1;             // its share of the route's messages
  Millis reconnect_min{500};       // doubled after each failure, with jitter
  Millis reconnect_max{30'000};
  Millis already_bound_wait{
      10'000};  // after ESME_RALYBND: the carrier has not noticed our loss yet
};

// A TLV that every submit_sm of a route bears, the same one for all messages of an account.
struct SubmitTlv {
  smpp::Tag tag{};
  std::string value;        // octets
  std::string attribute;    // in its place: the account's of this name; without one, no TLV
  bool terminated = false;  // a NUL follows
};

// What a carrier sends of a long message: a receipt for each part, or one for all of them.
enum class ReceiptsPer : uint8_t { part, message };

// What follows from a refusal with a command_status of [from, to].
struct RetryRule {
  enum class Action : uint8_t {
    retry,             // the message is tried again
    throttle,          // and the whole route slows down
    park_destination,  // and whatever else is for its destination waits as long
    fail,              // the refusal is final
    fail_destination,  // and for `wait` nothing is tried again to its destination
  };
  uint32_t from = 0, to = 0;
  Action action = Action::fail;
  std::optional<Millis> wait;   // before the next attempt, then doubled; else the route's
  std::optional<uint32_t> max;  // refused attempts, then it is final; else the route's
};

struct CarrierCode {
  std::string pattern;  // with "*" at its end: whatever begins so
  CarrierSays says = CarrierSays::nothing;
};

struct RouteSettings {
  RouteId id{};
  std::string name;
  ShardId shard{};
  std::vector<LinkSettings> links;
  uint32_t rate_pdus = 100;      // PDUs per second over all links, the carrier's contract
  uint32_t burst_pdus = 0;       // 0: a tenth of a second of the rate, at least one
  Millis throttle_wait{1'000};   // a throttled message is tried again after this, then doubled
  Millis retry_wait{5'000};      // other temporary refusals
  uint32_t retries_max = 10;     // then the refusal is final; at most 255 (Message::attempts)
  Millis park_wait{30'000};      // of a destination without room, then doubled
  Millis bar_time{3'600'000};    // how long nothing is tried again where the carrier says so
  std::vector<RetryRule> retry;  // they do not overlap; else the status's class decides (retry.h)
  Seconds settle_time{30};       // how long an unanswered message may still be settled by an answer
  Seconds receipt_timeout{3 * 24 * 3600};
  Millis failover_after{30'000};  // without a link that takes anything: then by another route
  smpp::Dialect dialect;          // what this carrier means by a text, and takes
  smpp::Concat concat = smpp::Concat::udh16;  // how parts of a long message are told apart
  smpp::IdBase response_id_base = smpp::IdBase::opaque;  // how submit_sm_resp writes ids
  smpp::IdBase receipt_id_base = smpp::IdBase::opaque;   // how receipts write them
  ReceiptsPer receipts = ReceiptsPer::part;
  smpp::ReceiptForm receipt_form;
  bool user_message_reference =
      true;                     // send the TLV; without it unknown outcomes settle by deadline only
  bool validity_period = true;  // send expires_at as validity_period
  uint8_t source_addr_ton = 0, source_addr_npi = 0, dest_addr_ton = 1, dest_addr_npi = 1;
  std::string service_type;
  std::vector<SubmitTlv> submit_tlvs;
  std::vector<smpp::Tag> capture_tlvs;     // of receipts and replies: told in their events
  std::vector<CarrierCode> carrier_codes;  // before those that are common
  uint16_t country_code = 86;  // of numbers that the carrier writes in their national form
};

struct AccountSettings {
  AccountId id{};
  std::string name;
  TenantId tenant{};
  std::vector<BrandId> brands;
  std::vector<std::string> sources;  // our numbers; replies to one of them belong to this account
  std::map<std::string, std::string> attributes;  // for SubmitTlv
};

// One of a rule's routes.
struct WeightedRoute {
  RouteId route{};
  uint32_t weight = 1;  // its share of the numbers; 0: only while all that have a share are down
};

// First match wins. Empty lists match everything.
struct RoutingRule {
  std::vector<Class> classes;
  std::vector<std::string> prefixes;  // of the recipient, E.164 without "+"
  std::vector<BrandId> brands;
  std::vector<WeightedRoute> routes;  // at least one with a weight, each once
};

struct UpstreamSettings {
  UpstreamId id{};
  std::string name;
  std::string token;
  AccountId default_account{};
  bool submitted_events = true;
  uint64_t event_quota_bytes =
      10ull << 30;  // unacknowledged; when full its jobs are not read (DESIGN 17.6)
};

struct BrandSettings {
  BrandId id{};
  std::string name;
};

struct TenantSettings {
  TenantId id{};
  std::string name;
  ShardId shard{};
  std::vector<BrandSettings> brands;
  std::vector<AccountSettings> accounts;
  std::vector<UpstreamSettings> upstreams;
  std::vector<RoutingRule> routing;
  uint16_t own_country_code = 86;  // its national forms are refused at admission, never guessed
};

enum class UnknownPolicy : uint8_t { resend, report };

struct ClassSettings {
  UnknownPolicy unknown = UnknownPolicy::report;
  Seconds validity{24 * 3600};  // when the producer gave no expires_at
  uint32_t weight = 1;          // share of a route among the classes below OTP, which is strict
};

// When a campaign is halted (breaker.h).
struct BreakerSettings {
  uint32_t opt_outs_permille = 10;  // of its last thousand messages; 0: never
  uint32_t sample = 200;            // fewer messages tell nothing
};

struct LimitSettings {
  uint32_t frame_bytes = 4u << 20;
  uint32_t job_messages = 1024;
  uint32_t text_bytes = 4096;
  uint32_t streams = 256;                    // connected, per upstream
  uint64_t uncommitted_bytes = 16ull << 20;  // per shard
  uint32_t batch_messages = 1024;
  uint32_t batch_bytes = 256u << 10;
  uint64_t page_bytes = 8ull << 20;  // per lane
  uint32_t open_max = 8192;          // per lane
  uint32_t turn_admissions = 256;
  uint64_t lane_messages = 50'000'000;  // a full lane refuses in JobAck
  uint64_t awaiting = 4'000'000;        // per route
  uint32_t keys = 50'000'000;           // idempotency keys kept
  uint32_t remembered = 1'000'000;      // per route: closed receipts, and as many replies
};

struct EngineSettings {
  std::vector<RouteSettings> routes;
  std::vector<TenantSettings> tenants;
  std::array<ClassSettings, kClasses + 1> classes{};  // by class value; [0] unused
  LimitSettings limits;
  Seconds idempotency_time{24 * 3600};
  Seconds audit_time{400 * 24 * 3600};
  BreakerSettings breaker;
  uint32_t dead_after = 3;   // hard failures in a row that make a number dead; at most 255
  bool audit_texts = false;  // the audit keeps number and text of each decision, too
  uint16_t shards = 1;
  std::string server;  // name and version told in Welcome
  std::shared_ptr<const policy::RuleSet> rules;
};

}  // namespace tact::gateway
