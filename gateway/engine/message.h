// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "gateway/engine/ids.h"
#include "gateway/engine/time.h"

namespace tact::gateway {

using Bytes = std::vector<uint8_t>;
using ByteView = std::span<const uint8_t>;

// One text to one number as it lies in a batch. The strings are views into the batch's opened bytes
// (or, before the message is stored, into the job's arena): they live as long as those.
//
// On disk (little endian), inside a batch whose header carries the class:
//
//   +-----------+--------+--------------+-------------+------------+
//   | bytes u32 | id u64 | accepted i64 | expires i64 | number u64 |
//   +-----------+--------+--+-----------+-+-----------+-+----------+---+
//   | route u16 | tenant u16 | account u16 | brand u16 | upstream u16 |
//   +-----------+-----------++-------------+------------+--------------+
//   | flags u16 | sent_parts u16 | segments u8 | attempts u8 | awaiting u64 |
//   +-----------+----------------+-------------+-------------+--------------+
//   60 octets, then seven strings, each u16 length + octets: from, to, text, reference, campaign,
//   zone, consent; then what few have, each tag u8 | u16 length | octets, in any order:
//
//     1  due: days since 1970, i32      2  special_dates: month u8, day u8, of each
//     3  stage
//
// `bytes` counts everything behind itself. Limits: text 4,096 octets, other strings 64. A reader
// passes over tags that it does not know.
//
// Change procedure: 1. raise kBatchFormat in batch.h; 2. keep a reader for the old layout until no
// store can hold it; 3. describe the change in gateway/engine/README.md; 4. add a vector of the old
// layout to the tests.
struct Message {
  MessageId id{};
  Civil accepted{};
  Civil expires{};
  NumberHash number = 0;  // keyed hash of `to`
  RouteId route{};
  TenantId tenant{};
  AccountId account{};
  BrandId brand{};
  UpstreamId upstream{};
  uint16_t flags = 0;       // Flag below
  uint16_t sent_parts = 0;  // bit k: part k+1 was accepted by the SMSC in an earlier attempt
  uint8_t segments = 1;
  uint8_t attempts = 0;       // refused attempts so far
  uint64_t awaiting = 0;      // `sent` key of the awaiting record of an earlier attempt; 0: none
  Class cls{};                // of the batch
  std::string_view from, to;  // E.164 digits without "+" (from: as configured, may be alphanumeric)
  std::string_view text;      // UTF-8, after rewriting by the gate
  std::string_view reference;  // the producer's
  std::string_view campaign;
  std::string_view zone;                     // IANA; empty: by number
  std::string_view consent;                  // proof
  std::string_view stage;                    // of the customer; empty: none
  std::string_view special_dates;            // month and day, an octet each
  std::optional<std::chrono::sys_days> due;  // of the debt

  enum Flag : uint16_t {
    kUrgent = 1,           // NOTIFICATION: not held by windows
    kConsent = 2,          // the producer attests consent
    kEmergency = 4,        // audited exception from the weekly cap
    kReserved = 8,         // holds a slot in the contact book, keyed by its id
    kSubmittedEvent = 16,  // its upstream wants Submitted events
    kWaited = 32,          // in `later`, for its destination (destinations.h)
    kConfirmation = 64,    // of an opt-out: no cap holds it
    kAnswer = 128,         // of our own: counted, and not what the next reply is about
    kRole = 0x300,         // policy::Role, two bits from kRoleShift on
  };
  static constexpr int kRoleShift = 8;
  // Four bits: policy::KeywordMask of the opt-out keywords that its text tells the reader.
  static constexpr int kAdvertisedShift = 12;
};

size_t encoded_size(const Message&);
void append_message(const Message&, Bytes& out);
// Reads one message at `offset` of `in` and moves `offset` behind it. False when the bytes do not
// hold one.
bool read_message(ByteView in, size_t& offset, Message& out);

}  // namespace tact::gateway
