// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/keys.h"

#include <array>

#include "gateway/engine/check.h"
#include "gateway/engine/record_io.h"

namespace tact::gateway {
namespace {

constexpr size_t kLaneKey = 2 + 1 + 8;
constexpr size_t kLaterKey = 1 + 2 + 1 + 8 + 8;

template <typename T>
void big_endian(std::string& key, T value) {
  std::array<char, sizeof(T)> octets;
  for (size_t i = 0; i < sizeof(T); ++i) {
    octets[i] = static_cast<char>(static_cast<uint64_t>(value) >> (8 * (sizeof(T) - 1 - i)));
  }
  key.append(octets.data(), octets.size());
}

template <typename T>
T read_big_endian(std::string_view key, size_t offset) {
  CHECK(offset + sizeof(T) <= key.size());
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    value = value << 8 | static_cast<uint8_t>(key[offset + i]);
  }
  return static_cast<T>(value);
}

void append_owner(std::string& key, Owner owner, Class cls) {
  big_endian(key, static_cast<uint8_t>(owner.kind));
  big_endian(key, owner.id);
  big_endian(key, raw(cls));
}

void append_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

bool read_varint(RecordReader& in, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const auto octet = in.integer<uint8_t>();
    if (shift == 63 && octet > 1) return false;
    value |= uint64_t{octet & 0x7fu} << shift;
    if (!(octet & 0x80)) return in.ok();
  }
  return false;
}

std::string prefixed(char kind, uint16_t id) {
  std::string key(1, kind);
  big_endian(key, id);
  return key;
}

}  // namespace

const char* table_name(Table table) {
  switch (table) {
    case Table::lanes:
      return "lanes";
    case Table::later:
      return "later";
    case Table::events:
      return "events";
    case Table::awaiting:
      return "awaiting";
    case Table::contacts:
      return "contacts";
    case Table::suppressed:
      return "suppressed";
    case Table::facts:
      return "facts";
    case Table::held:
      return "held";
    case Table::parts:
      return "parts";
    case Table::parked:
      return "parked";
    case Table::audit:
      return "audit";
    case Table::keys:
      return "keys";
    case Table::meta:
      return "default";
    case Table::remembered:
      return "remembered";
    case Table::sent:
      return "sent";
  }
  return "";
}

std::string fact_key(TenantId tenant, char kind, uint64_t id) {
  std::string key;
  big_endian(key, raw(tenant));
  key.push_back(kind);
  big_endian(key, id);
  return key;
}

std::string lane_key(LaneId lane, uint64_t seq) {
  std::string key = lane_prefix(lane);
  big_endian(key, seq);
  return key;
}

std::optional<std::pair<LaneId, uint64_t>> parse_lane_key(std::string_view key) {
  if (key.size() != kLaneKey) return std::nullopt;
  const LaneId lane{RouteId{key_u16(key, 0)}, static_cast<Class>(key[2])};
  if (!policy::known(lane.cls)) return std::nullopt;
  return std::pair{lane, key_u64(key, 3)};
}

std::string lane_prefix(LaneId lane) {
  std::string key;
  big_endian(key, raw(lane.route));
  big_endian(key, raw(lane.cls));
  return key;
}

std::string later_key(const LaterKey& k) {
  std::string key;
  append_owner(key, k.owner, k.cls);
  big_endian(key, k.due_ms);
  big_endian(key, k.seq);
  return key;
}

std::optional<LaterKey> parse_later_key(std::string_view key) {
  if (key.size() != kLaterKey) return std::nullopt;
  LaterKey k;
  k.owner = {static_cast<Owner::Kind>(key[0]), key_u16(key, 1)};
  k.cls = static_cast<Class>(key[3]);
  k.due_ms = key_u64(key, 4);
  k.seq = key_u64(key, 12);
  const bool owned = k.owner.kind == Owner::Kind::tenant || k.owner.kind == Owner::Kind::route;
  if (!owned || !policy::known(k.cls)) return std::nullopt;
  return k;
}

std::string events_key(UpstreamId upstream, uint64_t seq) {
  std::string key;
  big_endian(key, raw(upstream));
  big_endian(key, seq);
  return key;
}

std::string awaiting_key(RouteId route, uint64_t sent) { return route_seq_key(route, sent); }

std::string suppressed_key(uint16_t scope, NumberHash number) {
  std::string key;
  big_endian(key, scope);
  big_endian(key, number);
  return key;
}

std::string contact_part_key(TenantId tenant, uint16_t part) {
  std::string key = prefixed('P', raw(tenant));
  big_endian(key, part);
  return key;
}

std::string audit_prefix(uint32_t hour) {
  std::string key;
  big_endian(key, hour);
  return key;
}

std::string contact_log_prefix(TenantId tenant, uint64_t ms) {
  std::string key = prefixed('L', raw(tenant));
  big_endian(key, ms);
  return key;
}

std::string keys_prefix(TenantId tenant, uint64_t ms) {
  std::string key;
  big_endian(key, raw(tenant));
  big_endian(key, ms);
  return key;
}

std::string remembered_prefix(RouteId route, uint64_t ms) { return route_seq_key(route, ms); }

std::string route_seq_key(RouteId route, uint64_t seq) {
  std::string key;
  big_endian(key, raw(route));
  big_endian(key, seq);
  return key;
}

uint16_t key_u16(std::string_view key, size_t offset) {
  return read_big_endian<uint16_t>(key, offset);
}
uint32_t key_u32(std::string_view key, size_t offset) {
  return read_big_endian<uint32_t>(key, offset);
}
uint64_t key_u64(std::string_view key, size_t offset) {
  return read_big_endian<uint64_t>(key, offset);
}

std::string prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) ++end.back();
  return end;
}

std::string checkpoint_key(LaneId lane) { return "l" + lane_prefix(lane); }

std::string floor_key(Owner owner, Class cls) {
  std::string key = "p";
  append_owner(key, owner, cls);
  return key;
}

std::string sent_floor_key(RouteId route) { return prefixed('w', raw(route)); }

std::string upstream_key(UpstreamId upstream) { return prefixed('u', raw(upstream)); }

std::string stream_key(UpstreamId upstream, std::string_view name) {
  return prefixed('s', raw(upstream)).append(name);
}

std::string name_key(char kind, std::string_view name) {
  return std::string{'n', kind}.append(name);
}

std::string encode(const Checkpoint& checkpoint) {
  CHECK(checkpoint.open.size() <= UINT16_MAX);
  std::string out;
  RecordWriter writer(out);
  writer.integers(checkpoint.next, checkpoint.fence, static_cast<uint16_t>(checkpoint.open.size()));
  uint64_t previous = 0;
  for (const uint64_t seq : checkpoint.open) {
    append_varint(out, seq - previous);
    previous = seq;
  }
  writer.integer(crc32c(out));
  return out;
}

std::optional<Checkpoint> decode_checkpoint(std::string_view in) {
  RecordReader reader({reinterpret_cast<const uint8_t*>(in.data()), in.size()});
  Checkpoint checkpoint;
  checkpoint.next = reader.integer<uint64_t>();
  checkpoint.fence = reader.integer<uint64_t>();
  const auto count = reader.integer<uint16_t>();
  uint64_t previous = 0;
  for (uint16_t i = 0; i < count; ++i) {
    uint64_t delta = 0;
    if (!read_varint(reader, delta)) return std::nullopt;
    if ((i > 0 && delta == 0) || delta > UINT64_MAX - previous) return std::nullopt;
    previous += delta;
    checkpoint.open.push_back(previous);
  }
  const size_t end = reader.position();
  const auto expected = reader.integer<uint32_t>();
  if (!reader.ok() || reader.left() != 0 || crc32c(in.substr(0, end)) != expected) {
    return std::nullopt;
  }
  if (checkpoint.fence < checkpoint.next) return std::nullopt;
  if (count > 0 && checkpoint.open.back() >= checkpoint.next) return std::nullopt;
  return checkpoint;
}

}  // namespace tact::gateway
