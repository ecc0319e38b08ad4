// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "gateway/engine/batch.h"
#include "gateway/engine/keys.h"
#include "gateway/engine/time.h"
#include "policy/suppression.h"

// What a shard asks of storage in one turn, and what storage tells shards when it is durable. One
// commit is atomic: everything in it is on disk, or nothing (I2).
namespace tact::gateway {

// ---- Mail: for another shard, once durable. Itself not stored; what must survive a crash is in
// the commit.

// A batch joined a lane.
struct Appended {
  LaneId lane;
  uint64_t seq = 0;  // of its first message
  BatchPtr batch;
};
// A batch waits in `later`.
struct Waiting {
  LaterKey key;
};
// Events joined an upstream's log: `bodies` are the stored records (see event.h).
struct EventsStored {
  UpstreamId upstream{};
  uint64_t seq = 0;  // of the first
  uint16_t count = 0;
  std::shared_ptr<const Bytes> body;
};
// A reply from a handset, whole, for the tenant that owns the number it was sent to.
struct ReplyArrived {
  TenantId tenant{};
  AccountId account{};
  RouteId route{};
  uint64_t answer = 0;  // of the route: which deliver_sm to answer once this has its effect
  NumberHash number = 0;
  std::string from, to, text;  // UTF-8
  Bytes tlvs;                  // encoded, those that its route captures
  Civil at{};
  std::vector<std::string> parts;  // keys in table `parts`: they end with its effect (DESIGN 17.7)
  // Of the deliver_sm that told it, remembered with its effect (remembered.h); 0: none did.
  uint64_t digest = 0, sender = 0;
  bool again = false;  // equal octets were told before, and may have been this deliver_sm
};
// The tenant has committed what a reply means; the route may answer the carrier now (I5, I8).
struct ReplySettled {
  RouteId route{};
  uint64_t answer = 0;
};
// What became of a message, for its tenant's contact book.
struct Fate {
  TenantId tenant{};
  MessageId id{};
  NumberHash number = 0;
  BrandId brand{};
  Class cls{};
  bool sent = false;       // else the slot is freed
  uint8_t advertised = 0;  // policy::KeywordMask
  Civil at{};
};
// What a carrier has said of a number, for its tenant's list.
struct CarrierSaid {
  TenantId tenant{};
  BrandId brand{};
  NumberHash number = 0;
  MessageId id{};  // of the message that failed
  policy::Block block{};
  Civil until{};  // of a pause
};
// To every shard: which messages of these keys (policy::withdrawn_key) below `before` are with a
// link, and where do the queues begin that the tenant will read? Answered by LookedFor.
struct LookFor {
  TenantId tenant{};
  uint64_t inquiry = 0;
  MessageId before{};
  std::shared_ptr<const std::vector<uint64_t>> keys;  // ascending
};
struct LookedFor {
  struct Queue {
    LaneId lane;
    uint64_t next = 0;  // of the lane: what is below has been offered
    LaterKey floor;     // of the route's `later`: nothing waits below
  };
  struct Found {
    uint64_t key = 0;
    LaneId lane;
    bool sent = false;  // something of it has left, or is leaving
  };
  TenantId tenant{};
  uint64_t inquiry = 0;
  std::vector<Queue> queues;
  std::vector<Found> found;
};
using MailBody = std::variant<Appended, Waiting, EventsStored, ReplyArrived, ReplySettled, Fate,
                              CarrierSaid, LookFor, LookedFor>;
struct Mail {
  ShardId to{};
  MailBody body;
};

// ---- Commit

// Appends to logs whose sequence storage assigns: several shards may append to one log.
struct LaneAppend {
  LaneId lane;
  ShardId home{};  // receives Appended
  std::string stored;
  BatchPtr batch;
};
struct LaterAppend {
  Owner owner;
  Class cls{};
  uint64_t due_ms = 0;  // clamped forward to the promoted floor (DESIGN 17.4)
  ShardId home{};       // receives Waiting
  std::string stored;
};
struct EventAppend {
  UpstreamId upstream{};
  ShardId home{};  // receives EventsStored
  uint16_t count = 0;
  std::string stored;
  std::shared_ptr<const Bytes> body;
};
// contacts, audit, keys and remembered: nobody waits for their sequence. The key is `prefix`, whose
// form is the table's (see keys.h), followed by a sequence u64 that rises for ever.
struct PlainAppend {
  Table table{};
  std::string prefix;
  std::string stored;
};

struct Put {
  Table table{};
  std::string key, value;
};
struct Delete {
  Table table{};
  std::string key;
};
struct DeleteRange {
  Table table{};
  std::string begin, end;  // end exclusive
};
// Everything of one owner and class at or below this key has been promoted; written with the
// promotion itself.
struct Promoted {
  LaterKey up_to;
};

// Suppressions, and withdrawals (policy::kWithdrawnScope). Published to the shared set by the
// storage thread after the write and before any completion (I8).
struct Publish {
  policy::SuppressionEntry entry;
};

struct Commit {
  ShardId from{};
  uint64_t turn = 0;  // told back in Committed, in order
  Civil civil{};      // stored as the last committed time
  std::vector<LaneAppend> lanes;
  std::vector<LaterAppend> later;
  std::vector<EventAppend> events;
  std::vector<PlainAppend> plain;
  std::vector<Put> puts;
  std::vector<Delete> deletes;
  std::vector<DeleteRange> ranges;
  std::vector<Promoted> promoted;
  std::vector<Publish> publish;
  std::vector<Mail> mail;
  bool lease_block = false;  // answered in Committed::block
  // Holds what must not stand behind a bulk of marketing: OTP, outcomes, opt-outs (DESIGN 17.13).
  bool urgent = false;
  size_t bytes = 0;  // of all values before they were packed: counted against uncommitted_bytes

  bool empty() const {
    return lanes.empty() && later.empty() && events.empty() && plain.empty() && puts.empty() &&
           deletes.empty() && ranges.empty() && promoted.empty() && publish.empty() &&
           mail.empty() && !lease_block;
  }
};

struct Committed {
  uint64_t turn = 0;
  std::optional<uint32_t> block;
};

}  // namespace tact::gateway
