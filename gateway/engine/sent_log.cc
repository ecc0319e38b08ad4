// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/sent_log.h"

#include <algorithm>
#include <set>
#include <utility>

#include "gateway/engine/check.h"
#include "gateway/engine/commit_builder.h"
#include "gateway/engine/keys.h"
#include "gateway/engine/packed.h"
#include "gateway/engine/record_io.h"

namespace tact::gateway {

namespace {
constexpr uint8_t kPut = 1;
constexpr uint8_t kEnd = 2;
constexpr uint8_t kPacked = 3;
constexpr size_t kHead = 4;
// A place so far behind the last one is none of ours.
constexpr uint64_t kGapMax = 1 << 20;
// Erasing a stretch is one step for the disk, whatever it holds.
constexpr std::chrono::seconds kErase{1};

ByteView view(std::string_view s) { return {reinterpret_cast<const uint8_t*>(s.data()), s.size()}; }

// Without its checksum, unpacked. Nullopt: damaged.
std::optional<Bytes> body_of(std::string_view value) {
  RecordReader r(view(value));
  const auto crc = r.integer<uint32_t>();
  if (!r.ok() || crc32c(value.substr(kHead)) != crc) return std::nullopt;
  const ByteView body = view(value).subspan(kHead);
  if (!body.empty() && body.front() == kPacked) return unpack(body.subspan(1));
  return Bytes(body.begin(), body.end());
}

// Calls put(sent, record) and end(sent), as far as it can be read. False: not to its end.
template <typename OnPut, typename OnEnd>
bool each(std::string_view value, OnPut on_put, OnEnd on_end) {
  const auto body = body_of(value);
  if (!body) return false;
  RecordReader r(*body);
  while (r.left() > 0) {
    const auto what = r.integer<uint8_t>();
    const auto sent = r.integer<uint64_t>();
    const std::string_view record = what == kPut ? r.string<uint32_t>() : std::string_view();
    if (!r.ok() || sent == 0 || (what != kPut && what != kEnd)) return false;
    what == kPut ? on_put(sent, record) : on_end(sent);
  }
  return true;
}

std::string key(RouteId route, uint64_t place) { return route_seq_key(route, place); }

uint64_t floor_of(StoreReader& reader, RouteId route) {
  const auto stored = reader.get(Table::meta, sent_floor_key(route));
  return stored ? RecordReader(view(*stored)).integer<uint64_t>() : 0;
}

// The records from the floor on.
template <typename OnRecord>
void each_record(StoreReader& reader, RouteId route, uint64_t floor, OnRecord on_record) {
  reader.scan(Table::sent, key(route, floor), prefix_end(key(route, 0).substr(0, 2)),
              [&](std::string_view at, std::string_view value) {
                on_record(key_u64(at, 2), value);
                return true;
              });
}
}  // namespace

// ---- This turn's record.

SentLog::Record& SentLog::record(Place place) {
  if (place == next_) return now_;
  CHECK(!records_.empty() && place >= records_.front().place && place < next_);
  return records_[place - records_.front().place];
}

void SentLog::leave(Place place) {
  if (place == kTable || place == kNowhere) return;
  Record& left = record(place);
  CHECK(left.live > 0);
  --left.live;
}

SentLog::Place SentLog::put(uint64_t sent, uint32_t slot, std::string_view state, Place before) {
  CHECK(before != kTable);
  leave(before);
  RecordWriter w(body_);
  w.integers(kPut, sent, static_cast<uint32_t>(state.size()));
  w.octets(state);
  ++now_.live;
  now_.slots.push_back(slot);
  return next_;
}

void SentLog::end(uint64_t sent, Place before) {
  if (before == kNowhere) return;
  leave(before);
  RecordWriter(body_).integers(kEnd, sent);
}

void SentLog::write(CommitBuilder& out, Mono now) {
  if (!body_.empty()) {
    now_.place = next_;
    now_.at = now;
    records_.push_back(std::exchange(now_, {}));
    std::string stored(kHead, '\0');
    stored += static_cast<char>(kPacked);
    if (!append_packed(view(body_), stored)) stored.replace(kHead, 1, body_);
    body_.clear();
    RecordWriter(stored).patch(0, crc32c(std::string_view(stored).substr(kHead)));
    out.put(Table::sent, key(route_, next_), std::move(stored));
    ++next_;
  }
  const Place front = records_.empty() ? next_ : records_.front().place;
  if (std::exchange(moved_, false)) {
    std::string floor;
    RecordWriter(floor).integer(front);
    out.put(Table::meta, sent_floor_key(route_), std::move(floor));
  }
  if (front <= erased_ || now - erased_at_ < kErase) return;
  out.erase_range(Table::sent, key(route_, erased_), key(route_, front));
  erased_ = front;
  erased_at_ = now;
}

// ---- The front.

const SentLog::Record* SentLog::older_than(Mono limit) {
  while (!records_.empty() && records_.front().live == 0) records_.pop_front();
  return !records_.empty() && records_.front().at < limit ? &records_.front() : nullptr;
}

void SentLog::moved() {
  records_.pop_front();
  moved_ = true;
}

// ---- At start.

uint64_t SentLog::start(StoreReader& reader, Mono now, Visitor& visitor) {
  uint64_t damaged = 0;
  const uint64_t floor = floor_of(reader, route_);
  next_ = std::max(next_, floor);  // places go on also when nothing is left
  erased_ = 0;                     // something may lie below the floor
  each_record(reader, route_, floor, [&](Place place, std::string_view value) {
    const bool ours = place != kTable && (records_.empty() || place - next_ < kGapMax);
    if (!ours || place == kNowhere) {
      ++damaged;
      return;
    }
    if (records_.empty()) next_ = place;
    for (; next_ <= place; ++next_) records_.push_back({next_, now, 0, {}});
    const bool read = each(
        value,
        [&](uint64_t sent, std::string_view state) {
          if (const auto slot = visitor.put(sent, state, place)) {
            ++records_.back().live;
            records_.back().slots.push_back(*slot);
          }
        },
        [&](uint64_t sent) { visitor.end(sent); });
    damaged += read ? 0 : 1;
  });
  return damaged;
}

uint64_t count_sent(StoreReader& reader, RouteId route) {
  std::set<uint64_t> live;
  each_record(reader, route, floor_of(reader, route), [&](uint64_t, std::string_view value) {
    each(
        value, [&](uint64_t sent, std::string_view) { live.insert(sent); },
        [&](uint64_t sent) { live.erase(sent); });
  });
  return live.size();
}

}  // namespace tact::gateway
