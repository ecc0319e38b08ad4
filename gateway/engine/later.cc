// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/later.h"

#include <algorithm>
#include <utility>

#include "gateway/engine/check.h"
#include "gateway/engine/record_io.h"

namespace tact::gateway {
namespace {

constexpr uint64_t kBucketMs = 128;
// What one turn judges anew or queues again: a batch or two, some hundred messages. A million of
// them may be due at once, and nothing else happens on the shard meanwhile.
constexpr size_t kLoadBytes = 64 << 10;
constexpr uint64_t kReclaimMessages = 64 * 1024;
constexpr std::chrono::seconds kReclaimTime{30};

uint64_t bucket_end(uint64_t bucket) { return bucket * kBucketMs + (kBucketMs - 1); }

}  // namespace

void Later::start(StoreReader& reader) {
  for (const Class cls : kClassOrder) {
    OfClass& state = of(cls);
    state.floor = state.reclaimed = {owner_, cls, 0, 0};
    if (const auto stored = reader.get(Table::meta, floor_key(owner_, cls))) {
      RecordReader in({reinterpret_cast<const uint8_t*>(stored->data()), stored->size()});
      state.floor.due_ms = in.integer<uint64_t>();
      state.floor.seq = in.integer<uint64_t>() + 1;
      CHECK(in.ok());
    }
    LaterKey from = state.floor;
    const std::string end = prefix_end(later_key(from).substr(0, 4));
    for (bool found = true; found;) {
      found = false;
      reader.scan(Table::later, later_key(from), end, [&](std::string_view key, std::string_view) {
        const auto place = parse_later_key(key);
        CHECK(place);
        const uint64_t bucket = place->due_ms / kBucketMs;
        state.buckets[bucket] = {place->due_ms, bucket_end(bucket)};
        from = {owner_, cls, bucket_end(bucket) + 1, 0};
        found = true;
        return false;
      });
    }
  }
}

void Later::waiting(const LaterKey& key) {
  OfClass& state = of(key.cls);
  CHECK(key >= state.floor);
  const auto [at, fresh] =
      state.buckets.try_emplace(key.due_ms / kBucketMs, Bucket{key.due_ms, key.due_ms});
  at->second.first_ms = std::min(at->second.first_ms, key.due_ms);
  at->second.last_ms = std::max(at->second.last_ms, key.due_ms);
}

std::optional<LoadRequest> Later::wants_load(Class cls, Civil now) {
  OfClass& state = of(cls);
  const auto now_ms = static_cast<uint64_t>(std::max<int64_t>(0, to_ms(now)));
  if (state.loading_ms || state.buckets.empty()) return std::nullopt;
  if (state.buckets.begin()->second.first_ms > now_ms) return std::nullopt;
  state.loading_ms = now_ms;
  LoadRequest request;
  request.table = Table::later;
  request.begin = later_key(state.floor);
  request.end = later_key({owner_, cls, now_ms + 1, 0});
  request.bytes_max = kLoadBytes;
  return request;
}

void Later::take(Class cls, const Loaded& loaded, Sealer& sealer, CommitBuilder& out,
                 Counter& unreadable, const std::function<void(const Message&)>& give) {
  std::optional<LaterKey> last;
  for (const auto& [key, value] : loaded.records) {
    const auto place = parse_later_key(key);
    CHECK(place);
    auto opened =
        open_batch({reinterpret_cast<const uint8_t*>(value.data()), value.size()}, sealer);
    const auto batch = opened ? Batch::parse(cls, opened->count, std::move(opened->body)) : nullptr;
    if (batch) {
      for (size_t i = 0; i < batch->size(); ++i) give(batch->message(i));
    } else {
      unreadable.add();
      of(cls).spared.push_back(*place);
    }
    promoted(*place, batch ? batch->size() : 0);
    last = place;
  }
  if (last) out.promoted(*last);
  load_done(cls, loaded.more);
}

void Later::promoted(const LaterKey& key, size_t messages) {
  OfClass& state = of(key.cls);
  CHECK(state.loading_ms && key >= state.floor && key.due_ms <= *state.loading_ms);
  state.floor = key;
  ++state.floor.seq;
  promoted_ += messages;
}

void Later::load_done(Class cls, bool more) {
  OfClass& state = of(cls);
  CHECK(state.loading_ms);
  const uint64_t loaded_ms = *state.loading_ms;
  state.loading_ms.reset();
  if (more) return;
  state.floor = {owner_, cls, loaded_ms + 1, 0};
  auto& buckets = state.buckets;
  while (!buckets.empty() && buckets.begin()->second.last_ms <= loaded_ms) {
    buckets.erase(buckets.begin());
  }
  // Of a bucket that was loaded in part only its last time is known.
  if (!buckets.empty() && buckets.begin()->second.first_ms <= loaded_ms) {
    buckets.begin()->second.first_ms = buckets.begin()->second.last_ms;
  }
}

std::optional<Civil> Later::next_due() const {
  std::optional<Civil> first;
  for (const OfClass& state : classes_) {
    if (state.loading_ms || state.buckets.empty()) continue;
    const Civil due = from_ms(static_cast<int64_t>(state.buckets.begin()->second.first_ms));
    first = std::min(first.value_or(due), due);
  }
  return first;
}

void Later::reclaim(Mono now, CommitBuilder& out) {
  if (promoted_ == 0) {
    reclaimed_at_ = now;  // the 30 s begin with the first promoted message
    return;
  }
  if (promoted_ < kReclaimMessages && now - reclaimed_at_ < kReclaimTime) return;
  for (OfClass& state : classes_) {
    if (state.reclaimed == state.floor) continue;
    LaterKey from = state.reclaimed;
    for (const LaterKey& spared : std::exchange(state.spared, {})) {
      if (from < spared) out.erase_range(Table::later, later_key(from), later_key(spared));
      from = spared;
      ++from.seq;
    }
    out.erase_range(Table::later, later_key(from), later_key(state.floor));
    state.reclaimed = state.floor;
  }
  promoted_ = 0;
  reclaimed_at_ = now;
}

}  // namespace tact::gateway
