// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/sent_log.h"

#include <algorithm>
#include <set>
#include <utility>

#include "gateway/engine/check.h"
#include "gateway/engine/commit_builder.h"
#include "gateway/engine/keys.h"
#include "gateway/engine/record_io.h"

namespace tact::gateway {

namespace {
constexpr uint8_t kPut = 1;
constexpr uint8_t kEnd = 2;
constexpr size_t kHead = 12;
// Erasing a stretch is one step for the disk, whatever it holds.
constexpr std::chrono::seconds kErase{1};

ByteView view(std::string_view s) { return {reinterpret_cast<const uint8_t*>(s.data()), s.size()}; }

// Nothing: damaged.
std::optional<uint64_t> floor_of(std::string_view value) {
  RecordReader r(view(value));
  const auto crc = r.integer<uint32_t>();
  const auto floor = r.integer<uint64_t>();
  if (!r.ok() || crc32c(value.substr(4)) != crc) return std::nullopt;
  return floor;
}

// Calls put(sent, record) and end(sent). REQUIRES: floor_of(value)
template <typename OnPut, typename OnEnd>
void each(std::string_view value, OnPut on_put, OnEnd on_end) {
  RecordReader r(view(value));
  r.skip(kHead);
  while (r.left() > 0) {
    const auto what = r.integer<uint8_t>();
    const auto sent = r.integer<uint64_t>();
    if (what != kPut) {
      if (r.ok()) on_end(sent);
      continue;
    }
    const std::string_view record = r.string<uint32_t>();
    if (!r.ok()) return;
    on_put(sent, record);
  }
}

std::string key(RouteId route, uint64_t place) { return route_seq_key(route, place); }

// The records from the last floor on; the number of those that cannot be read.
template <typename OnRecord>
uint64_t each_record(StoreReader& reader, RouteId route, OnRecord on_record) {
  const std::string begin = key(route, 0);
  const std::string end = prefix_end(begin.substr(0, 2));
  uint64_t floor = 0, damaged = 0;
  reader.scan(Table::sent, begin, end, [&](std::string_view, std::string_view value) {
    floor = std::max(floor, floor_of(value).value_or(0));
    return true;
  });
  reader.scan(Table::sent, key(route, floor), end,
              [&](std::string_view at, std::string_view value) {
                const bool whole = floor_of(value).has_value();
                damaged += whole ? 0 : 1;
                on_record(key_u64(at, 2), whole ? value : std::string_view());
                return true;
              });
  return damaged;
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
  w.integer(kPut);
  w.integer(sent);
  w.string<uint32_t>(state);
  ++now_.live;
  now_.slots.push_back(slot);
  return next_;
}

void SentLog::end(uint64_t sent, Place before) {
  if (before == kNowhere) return;
  leave(before);
  RecordWriter w(body_);
  w.integer(kEnd);
  w.integer(sent);
}

void SentLog::write(CommitBuilder& out, Mono now) {
  const bool moves = std::exchange(moved_, false);
  if (moves || !body_.empty()) {
    now_.place = next_;
    now_.at = now;
    records_.push_back(std::exchange(now_, {}));
    Bytes value;
    value.reserve(kHead + body_.size());
    RecordWriter w(value);
    w.integer(uint32_t{0});
    w.integer(records_.front().place);
    value.insert(value.end(), body_.begin(), body_.end());
    body_.clear();
    std::string stored(value.begin(), value.end());
    w.patch(0, crc32c(std::string_view(stored).substr(4)));
    std::copy_n(value.begin(), 4, stored.begin());
    out.put(Table::sent, key(route_, next_), std::move(stored));
    ++next_;
  }
  const Place front = records_.empty() ? next_ : records_.front().place;
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
  return each_record(reader, route_, [&](Place place, std::string_view value) {
    if (records_.empty()) {
      erased_ = 0;  // also what lies below the floor
      next_ = place;
    }
    for (; next_ <= place; ++next_) records_.push_back({next_, now, 0, {}});
    each(
        value,
        [&](uint64_t sent, std::string_view state) {
          if (const auto slot = visitor.put(sent, state, place)) {
            ++records_.back().live;
            records_.back().slots.push_back(*slot);
          }
        },
        [&](uint64_t sent) { visitor.end(sent); });
  });
}

uint64_t count_sent(StoreReader& reader, RouteId route) {
  std::set<uint64_t> live;
  each_record(reader, route, [&](uint64_t, std::string_view value) {
    each(
        value, [&](uint64_t sent, std::string_view) { live.insert(sent); },
        [&](uint64_t sent) { live.erase(sent); });
  });
  return live.size();
}

}  // namespace tact::gateway
