// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "gateway/engine/batch.h"
#include "policy/verdict.h"

namespace tact::gateway {

// One step in the life of a message or a number, for the compliance officer and for `tact trace`.
// Never holds a number or a text: the number's keyed hash finds it, the text is its digest.
//
// On disk (little endian), inside a batch of table `audit`:
//
//   bytes u16 | kind u8 | cls u8 | at_ms i64 | id u64 | number u64 | rules u64 | text u64 | tenant
//   u16 | account u16 | brand u16 | upstream u16 | route u16 | code u32 | segments u8 | action u8 |
//   fired u8 · { rule u16 | action u8 | length u8 + detail } | length u8 + note
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
    reply = 11,  // code: policy::Reply::Kind; id: the reply's own; note: the keyword that matched
    suppressed = 12,  // code: class mask; note: an upstream's reference to the request
    allowed = 13,
    judged = 14,     // judged again at its due time; code: proto Outcome
    cancelled = 15,  // final; the last look, or the one at the due time, found it withdrawn
    progress = 16,   // a receipt that is not the last; code: message_state
    rerouted = 17,   // never sent, to another route; note: the name of the one that is down
  };

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
};

const char* name(AuditRecord::Kind);

void append_audit(const AuditRecord&, Bytes& out);
// Reads one record at `offset` and moves it behind. False when the bytes do not hold one.
bool read_audit(ByteView in, size_t& offset, AuditRecord& out);

// FNV-1a 64: tells equal texts from different ones; no secret and no proof.
uint64_t text_digest(std::string_view text);

}  // namespace tact::gateway
