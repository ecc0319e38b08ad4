// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/engine/ids.h"

// Every key of the store, encoded and decoded here and nowhere else. Integers are big endian, so
// that the order of keys is the order of numbers.
//
// DO NOT CHANGE an encoding or the order of `Table`: they are on disk. A new layout raises
// kStoreFormat and brings its migration.
namespace tact::gateway {

inline constexpr uint32_t kStoreFormat = 1;

// One RocksDB column family each (named by table_name).
enum class Table : uint8_t {
  lanes,       // route u16 · class u8 · seq u64 (of the first message) -> Batch of messages
  later,       // kind u8 · id u16 · class u8 · due_ms u64 · seq u64    -> Batch of messages
  events,      // upstream u16 · seq u64 (of the first event)           -> Batch of events
  awaiting,    // route u16 · sent u64                                  -> awaiting record
  contacts,    // 'L' tenant u16 · ms u64 · seq u64                     -> Batch of changes
               // 'P' tenant u16 · part u16                             -> snapshot of the part
  suppressed,  // scope u16 · number_hash u64                           -> suppression record
  facts,   // tenant u16 · kind u8 · id u64             -> fact ('c': withdrawal, 's': suspect;
           //                                              'f', of a route: failures in a row)
  held,    // tenant u16 · name u64 · seq u64                       -> Batch of messages
  parts,   // route u16 · seq u64                                   -> part of a long MO
  parked,  // route u16 · seq u64                                   -> receipt without partner
  audit,   // hour u32 · seq u64                                    -> Batch of audit records
  keys,    // tenant u16 · ms u64 · seq u64                         -> Batch of idempotency keys
  meta,    // see meta keys below (RocksDB's `default`)
  remembered,  // route u16 · ms u64 · seq u64                          -> Batch of digests
  sent,        // route u16 · seq u64                                   -> see sent_log.h
};
inline constexpr int kTables = 15;
const char* table_name(Table);

std::string lane_key(LaneId, uint64_t seq);
std::optional<std::pair<LaneId, uint64_t>> parse_lane_key(std::string_view);
std::string lane_prefix(LaneId);

struct LaterKey {
  Owner owner;
  Class cls{};
  uint64_t due_ms = 0;
  uint64_t seq = 0;
  auto operator<=>(const LaterKey&) const = default;
};
std::string later_key(const LaterKey&);
std::optional<LaterKey> parse_later_key(std::string_view);

std::string events_key(UpstreamId, uint64_t seq);
std::string awaiting_key(RouteId, uint64_t sent);
std::string suppressed_key(uint16_t scope, NumberHash);
std::string fact_key(TenantId, char kind, uint64_t id);
std::string contact_part_key(TenantId, uint16_t part);
// Prefixes of plain logs (PlainAppend): storage adds the sequence.
std::string audit_prefix(uint32_t hour);
std::string contact_log_prefix(TenantId, uint64_t ms);
std::string keys_prefix(TenantId, uint64_t ms);
std::string remembered_prefix(RouteId, uint64_t ms);
std::string route_seq_key(RouteId, uint64_t seq);  // parts, parked, sent

// Reads big-endian u16/u64 at an offset: for tables whose keys are fixed-width numbers.
uint16_t key_u16(std::string_view key, size_t offset);
uint32_t key_u32(std::string_view key, size_t offset);
uint64_t key_u64(std::string_view key, size_t offset);

// The first key behind every key with this prefix; empty when there is none (all 0xFF).
std::string prefix_end(std::string_view prefix);

// Meta keys.
std::string checkpoint_key(LaneId);    // 'l' route class   -> Checkpoint
std::string floor_key(Owner, Class);   // 'p' owner class   -> promoted floor: due_ms u64 · seq u64
std::string sent_floor_key(RouteId);   // 'w' route         -> floor of its log `sent`, u64
std::string upstream_key(UpstreamId);  // 'u' upstream      -> events_acked u64
std::string stream_key(UpstreamId, std::string_view name);  // 's' upstream name -> see streams.h
std::string name_key(char kind,
                     std::string_view name);  // 'n' kind name -> u16 (scope is part of name)
inline constexpr std::string_view kFormatKey = "mformat";       // u32
inline constexpr std::string_view kIdBlockKey = "mblock";       // next block, u32
inline constexpr std::string_view kNumberKeyCheck = "mnumber";  // check value of number_key
inline constexpr std::string_view kLastCivilKey = "mcivil";     // last committed time, i64 ms
inline constexpr std::string_view kLaterSeqKey = "mlater";      // next seq of `later`, u64

// Progress of one lane (DESIGN 7.1): below min(open, next) everything is resolved; open and [next,
// fence) were or may have been offered; from fence on nothing has ever been offered (I3).
//
//   next u64 | fence u64 | count u16 | open[count]: varint deltas, ascending | crc32c u32
struct Checkpoint {
  uint64_t next = 0;
  uint64_t fence = 0;
  std::vector<uint64_t> open;  // ascending, all below next
  bool operator==(const Checkpoint&) const = default;
};
std::string encode(const Checkpoint&);
std::optional<Checkpoint> decode_checkpoint(std::string_view);

// crc32c (Castagnoli), as used by every stored record. `before`: the checksum of the octets in
// front of these. Uses the processor's instruction where there is one; by_table never does.
uint32_t crc32c(std::string_view bytes, uint32_t before = 0);
uint32_t crc32c_by_table(std::string_view bytes, uint32_t before = 0);

}  // namespace tact::gateway
