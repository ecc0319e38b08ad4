// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "gateway/engine/batch.h"
#include "policy/verdict.h"

namespace tact::gateway {

// One step in the life of a message or a number, for the compliance officer and for `tact trace`.
// The number's keyed hash finds it, the text is its digest; a decision holds both in clear only
// where the operator wants them kept (data.audit_texts), for the law or for `tact replay`.
//
// On disk (little endian), inside a batch of table `audit`:
//
//   bytes u16 | kind u8 | cls u8 | at_ms i64 | id u64 | number u64 | rules u64 | text u64 | tenant
//   u16 | account u16 | brand u16 | upstream u16 | route u16 | code u32 | segments u8 | action u8 |
//   fired u8 · { rule u16 | action u8 | length u8 + detail } | length u8 + note
//   of a decision: | flags u16 | until_ms i64 | expires_ms i64 | length u8 + from | length u8 +
//   campaign | length u8 + zone | length u8 + to | length u16 + body
//
// `bytes` counts everything behind itself. New kinds and new trailing fields may be added: a reader
// skips what is left of a record. Anything else needs a new kind.
struct AuditRecord {
  // DO NOT CHANGE: on disk.
  enum class Kind : uint8_t {
    admitted = 1,   // code: proto Outcome; the facts of the first look
    released = 2,   // the last look said defer or reject; pass is told by `submitted`
    submitted = 3,  // every part accepted; note: SMSC ids
    refused = 4,    // code: command_status; more attempts may follow
    failed = 5,     // code: command_status; final
    receipt = 6,    // code: message_state; note: the carrier's error code
    unknown = 7,    // no answer; settles by answer, receipt or time
    reported = 8,   // unknown was reported to the upstream; final
    expired = 9,
    receipt_missing = 10,
    reply = 11,  // code: policy::Reply::Kind, ReplyFlag; id: the reply's own; note: what matched
    suppressed = 12,  // code: class mask; text: policy::Block; note: a reference to the request
    allowed = 13,
    judged = 14,     // judged again at its due time; code: proto Outcome
    cancelled = 15,  // final; the last look, or the one at the due time, found it withdrawn
    progress = 16,   // a receipt that is not the last; code: message_state
    rerouted = 17,   // never sent, to another route; note: the name of the one that is down
  };

  enum ReplyFlag : uint32_t { kSuspect = 0x100, kWrongParty = 0x200, kDispute = 0x400 };
  static constexpr uint32_t kReplyKind = 0xff;
  static constexpr int kReplyItemShift = 16;  // above it: what was chosen of a menu

  Kind kind{};
  Class cls{};
  Civil at{};
  MessageId id{};
  NumberHash number = 0;
  uint64_t rules = 0;  // digest of the rule set that decided
  uint64_t text = 0;   // digest of the text as sent
  TenantId tenant{};
  AccountId account{};
  BrandId brand{};
  UpstreamId upstream{};
  RouteId route{};
  uint32_t code = 0;
  uint8_t segments = 0;
  policy::Action action{};
  boost::container::small_vector<policy::Fired, 2> fired;
  std::string_view note;  // at most 255 octets are kept

  // Of a decision (admitted, judged; cancelled at its due time): what the gate was told besides; of
  // a pause its end. Records of older releases do not have it.
  bool decision = false;
  uint16_t flags = 0;  // Message::Flag
  Civil until{};       // deferred, or paused, until then; the epoch: not
  Civil expires{};     // as its producer asked; the epoch: by its class
  std::string_view from, campaign, zone;
  std::string_view to, body;  // number and text as submitted, where they are kept
};
inline constexpr size_t kAuditBody = 48u << 10;  // longer ones are not kept

const char* name(AuditRecord::Kind);

void append_audit(const AuditRecord&, Bytes& out);
// Reads one record at `offset` and moves it behind. False when the bytes do not hold one.
bool read_audit(ByteView in, size_t& offset, AuditRecord& out);

// What stands in table `audit`: a batch, and behind it the SHA-256 of the record before it, key and
// value, so that none can be changed or taken out without the next one showing it. Storage writes
// it (gateway/io/audit_chain.h). Records from before there was a chain end with their batch.
inline constexpr size_t kAuditLink = 32;
struct AuditStored {
  ByteView batch;
  ByteView link;  // empty: none
};
AuditStored split_audit(std::string_view stored);

// FNV-1a 64: tells equal texts from different ones; no secret and no proof.
uint64_t text_digest(std::string_view text);

}  // namespace tact::gateway
