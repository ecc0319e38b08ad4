// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/remembered.h"

#include <algorithm>

#include "gateway/engine/commit_builder.h"
#include "gateway/engine/record_io.h"

namespace tact::gateway {

namespace {
constexpr std::chrono::hours kKeep{24};
constexpr std::chrono::minutes kReclaim{10};

uint64_t ms_of(Civil t) { return static_cast<uint64_t>(std::max<int64_t>(0, to_ms(t))); }
}  // namespace

void append_remembered(const RememberedRecord& record, Bytes& out) {
  RecordWriter(out).integers(static_cast<uint8_t>(record.kind), record.digest, record.sender);
}

bool read_remembered(ByteView in, size_t& offset, RememberedRecord& out) {
  if (offset > in.size()) return false;
  RecordReader r(in.subspan(offset));
  const auto kind = r.integer<uint8_t>();
  out.digest = r.integer<uint64_t>();
  out.sender = r.integer<uint64_t>();
  if (!r.ok() || kind < static_cast<uint8_t>(RememberedRecord::Kind::closed) ||
      kind > static_cast<uint8_t>(RememberedRecord::Kind::forgotten)) {
    return false;
  }
  out.kind = static_cast<RememberedRecord::Kind>(kind);
  offset += kRememberedBytes;
  return true;
}

bool Remembered::Closed::add(uint64_t digest, Civil at) {
  if (!held.insert(digest)) return false;
  order.emplace_back(at, digest);
  return true;
}

void Remembered::Closed::expire(Civil until, size_t limit) {
  while (!order.empty() && (order.front().first <= until || held.size() > limit)) {
    held.erase(order.front().second);
    order.pop_front();
  }
}

void Remembered::Replies::add(uint64_t digest, const Reply& reply) {
  order.emplace_back(reply.at, digest);
  held.insert_or_assign(digest, reply);
}

void Remembered::Replies::expire(Civil until, size_t limit) {
  while (!order.empty()) {
    const auto [at, digest] = order.front();
    const Reply* reply = held.find(digest);
    // Forgotten, or told again later: then a younger place stands for it.
    const bool stale = reply == nullptr || reply->at != at;
    if (!stale && at > until && held.size() <= limit) return;
    if (!stale) held.erase(digest);
    order.pop_front();
  }
}

void Remembered::start(StoreReader& reader, Sealer& sealer, Counter& unreadable, Civil now) {
  const uint64_t from = ms_of(now - kKeep);
  const std::string begin = remembered_prefix(route_, from);
  reader.scan(Table::remembered, begin, prefix_end(begin.substr(0, 2)),
              [&](std::string_view key, std::string_view value) {
                const auto batch = open_batch(
                    {reinterpret_cast<const uint8_t*>(value.data()), value.size()}, sealer);
                // What cannot be read is told once more at worst.
                if (!batch) {
                  unreadable.add();
                  return true;
                }
                stored_ = true;
                const Civil at = from_ms(static_cast<int64_t>(key_u64(key, 2)));
                size_t offset = 0;
                RememberedRecord record;
                while (read_remembered(batch->body, offset, record)) {
                  if (record.kind == RememberedRecord::Kind::closed) {
                    closed_.add(record.digest, at);
                  } else if (record.kind == RememberedRecord::Kind::told) {
                    // Answered or not: who can say? An opt-out sent once more must count.
                    remember(record.digest, {at, record.sender, 0, true});
                  } else {
                    replies_.held.erase(record.digest);
                  }
                }
                if (offset != batch->body.size()) unreadable.add();
                closed_.expire(Civil::min(), limit_);
                replies_.expire(Civil::min(), limit_);
                return true;
              });
}

void Remembered::close(uint64_t digest, CommitBuilder& out, Civil now) {
  if (!closed_.add(digest, now)) return;
  stored_ = true;
  out.remember(route_, {RememberedRecord::Kind::closed, digest, 0}, now);
}

Remembered::Reply* Remembered::reply(uint64_t digest) { return replies_.held.find(digest); }

void Remembered::remember(uint64_t digest, const Reply& entry) {
  replies_.add(digest, entry);
  if (entry.sender != 0) last_[entry.sender] = digest;
}

void Remembered::tell(uint64_t digest, uint64_t sender, uint64_t pending, CommitBuilder& out,
                      Civil now) {
  if (const auto last = last_.find(sender); sender != 0 && last != last_.end()) {
    const Reply* before = reply(last->second);
    if (before && before->answered) forget(last->second, out, now);
  }
  remember(digest, {now, sender, pending, false});
  stored_ = true;
}

void Remembered::forget(uint64_t digest, CommitBuilder& out, Civil now) {
  const Reply* entry = replies_.held.find(digest);
  if (!entry) return;
  const auto last = last_.find(entry->sender);
  if (last != last_.end() && last->second == digest) last_.erase(last);
  replies_.held.erase(digest);
  out.remember(route_, {RememberedRecord::Kind::forgotten, digest, 0}, now);
}

void Remembered::expire(CommitBuilder& out, Civil now) {
  closed_.expire(now - kKeep, limit_);
  replies_.expire(now - kKeep, limit_);
  if (last_.size() > 2 * replies_.held.size() + 64) {
    boost::unordered::erase_if(last_, [&](const auto& l) { return !reply(l.second); });
  }
  if (!stored_) return;
  Civil oldest = now;
  if (!closed_.order.empty()) oldest = std::min(oldest, closed_.order.front().first);
  if (!replies_.order.empty()) oldest = std::min(oldest, replies_.order.front().first);
  if (oldest < reclaimed_ + kReclaim) return;
  reclaimed_ = oldest;
  stored_ = oldest != now;
  out.erase_range(Table::remembered, remembered_prefix(route_, 0),
                  remembered_prefix(route_, ms_of(oldest)));
}

}  // namespace tact::gateway
