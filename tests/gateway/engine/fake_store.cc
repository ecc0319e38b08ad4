// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/engine/fake_store.h"

#include <algorithm>
#include <set>

#include "gateway/engine/record_io.h"
#include "gateway/engine/sent_log.h"
#include "gateway/engine/suppressed.h"

namespace tact::gateway::test {
namespace {

ByteView view(std::string_view s) { return {reinterpret_cast<const uint8_t*>(s.data()), s.size()}; }

std::string numbers(std::initializer_list<uint64_t> values) {
  Bytes bytes;
  RecordWriter out(bytes);
  for (const uint64_t value : values) out.integer(value);
  return {bytes.begin(), bytes.end()};
}

// The count of a stored batch (batch.h).
uint64_t records_of(std::string_view stored) {
  return stored.size() < kBatchHeader
             ? 0
             : static_cast<uint8_t>(stored[2]) | static_cast<uint8_t>(stored[3]) << 8;
}

}  // namespace

// ---- What a running shard asks for.

void FakeStore::load(ShardId from, LoadRequest request) {
  if (request.table == Table::later) {
    if (const auto end = parse_later_key(request.end)) {
      Place& least = floor(end->owner, end->cls);
      least = std::max(least, Place{end->due_ms, end->seq});
    }
  }
  loads_.push_back({from, std::move(request)});
}

bool FakeStore::serve_loads() {
  if (loads_.empty()) return false;
  for (const Load& load : std::exchange(loads_, {})) {
    loaded_.at(raw(load.from)).push_back(serve(load.request));
  }
  return true;
}

Loaded FakeStore::serve(const LoadRequest& request) {
  Loaded loaded;
  loaded.id = request.id;
  const auto& records = table(request.table);
  auto at = records.lower_bound(request.begin);
  if (request.from_before && (at == records.end() || at->first != request.begin)) {
    const std::string log = request.begin.substr(0, request.begin.size() - 8);
    const std::string& floor = request.floor.empty() ? log : request.floor;
    if (at != records.begin() && std::prev(at)->first >= floor) --at;
  }
  size_t bytes = 0;
  for (; at != records.end() && (request.end.empty() || at->first < request.end); ++at) {
    const bool full = bytes >= request.bytes_max || loaded.records.size() >= request.records_max;
    if (!loaded.records.empty() && full) {
      loaded.more = true;
      break;
    }
    bytes += at->first.size() + at->second.size();
    loaded.records.push_back(*at);
  }
  return loaded;
}

// ---- What a starting shard reads.

void FakeStore::scan(Table which, std::string_view begin, std::string_view end,
                     const std::function<bool(std::string_view, std::string_view)>& visit) {
  const auto& records = table(which);
  for (auto at = records.lower_bound(std::string(begin)); at != records.end(); ++at) {
    if (!end.empty() && at->first >= end) return;
    if (!visit(at->first, at->second)) return;
  }
}

std::optional<std::string> FakeStore::get(Table which, std::string_view key) {
  const auto at = table(which).find(std::string(key));
  if (at == table(which).end()) return std::nullopt;
  return at->second;
}

uint64_t FakeStore::end_of_log(Table which, std::string_view prefix) {
  const auto& records = table(which);
  const std::string end = prefix_end(prefix);
  auto at = end.empty() ? records.end() : records.lower_bound(end);
  if (at == records.begin() || !(--at)->first.starts_with(prefix)) return 0;
  return key_u64(at->first, prefix.size()) + records_of(at->second);
}

uint64_t FakeStore::lane_tail(LaneId lane) {
  const uint64_t tail = end_of_log(Table::lanes, lane_prefix(lane));
  const auto stored = get(Table::meta, checkpoint_key(lane));
  const auto checkpoint = stored ? decode_checkpoint(*stored) : std::nullopt;
  return checkpoint ? std::max(tail, checkpoint->next) : tail;
}

uint64_t FakeStore::event_tail(UpstreamId upstream) {
  const uint64_t tail = end_of_log(Table::events, events_key(upstream, 0).substr(0, 2));
  uint64_t acked = 0;
  if (const auto stored = get(Table::meta, upstream_key(upstream))) {
    acked = RecordReader(view(*stored)).integer<uint64_t>();
  }
  return std::max(tail, acked + 1);
}

// ---- Steps.

void FakeStore::open(policy::Suppression& set) {
  set_ = &set;
  for (const auto& [key, value] : table(Table::suppressed)) {
    if (const auto entry = decode_suppressed(key, value)) set.put(*entry);
  }
}

uint32_t FakeStore::lease_block() { return block_++; }

bool FakeStore::write_one() {
  if (waiting_.empty() || blown()) return false;
  const auto commit = std::move(waiting_.front());
  waiting_.pop_front();
  write(*commit);
  ++written_;
  if (fuse_) --*fuse_;
  return true;
}

bool FakeStore::has_news(ShardId shard) const {
  const Delivery& told = told_.at(raw(shard));
  return !told.committed.empty() || !told.mail.empty() || !loaded_.at(raw(shard)).empty();
}

std::optional<Delivery> FakeStore::take_delivery(ShardId shard) {
  Delivery& news = told(shard);
  if (news.committed.empty() && news.mail.empty()) return std::nullopt;
  return std::exchange(news, {});
}

std::vector<Loaded> FakeStore::take_loaded(ShardId shard) {
  return std::exchange(loaded_.at(raw(shard)), {});
}

void FakeStore::crash() {
  waiting_.clear();
  loads_.clear();
  for (auto& news : told_) news = {};
  for (auto& news : loaded_) news.clear();
  floors_.clear();
  fuse_.reset();
  set_ = nullptr;
}

// ---- One commit. The order of its effects is io/storage.h's.

void FakeStore::write(Commit& commit) {
  for (const auto& range : commit.ranges) {
    auto& records = table(range.table);
    records.erase(records.lower_bound(range.begin), records.lower_bound(range.end));
  }
  for (const auto& put : commit.puts) table(put.table)[put.key] = put.value;
  for (const auto& erased : commit.deletes) table(erased.table).erase(erased.key);
  for (const auto& promoted : commit.promoted) promote(promoted.up_to);
  append_lanes(commit);
  append_later(commit);
  append_events(commit);
  append_plain(commit);
  for (const auto& publish : commit.publish) set_->put(publish.entry);
  Committed done{commit.turn, std::nullopt};
  if (commit.lease_block) done.block = block_++;
  told(commit.from).committed.push_back(done);
  for (Mail& mail : commit.mail) told(mail.to).mail.push_back(std::move(mail.body));
}

void FakeStore::append_lanes(Commit& commit) {
  for (LaneAppend& append : commit.lanes) {
    const uint64_t seq = lane_tail(append.lane);
    table(Table::lanes)[lane_key(append.lane, seq)] = append.stored;
    told(append.home)
        .mail.emplace_back(std::in_place_type<Appended>, append.lane, seq, std::move(append.batch));
  }
}

void FakeStore::append_later(Commit& commit) {
  for (const LaterAppend& append : commit.later) {
    LaterKey key{append.owner, append.cls, append.due_ms, sequence_++};
    const auto [due_ms, seq] = floor(append.owner, append.cls);
    if (Place{key.due_ms, key.seq} < Place{due_ms, seq}) {
      key.due_ms = key.seq >= seq ? due_ms : due_ms + 1;
    }
    table(Table::later)[later_key(key)] = append.stored;
    told(append.home).mail.emplace_back(std::in_place_type<Waiting>, key);
  }
}

void FakeStore::append_events(Commit& commit) {
  for (EventAppend& append : commit.events) {
    const uint64_t seq = event_tail(append.upstream);
    table(Table::events)[events_key(append.upstream, seq)] = append.stored;
    told(append.home)
        .mail.emplace_back(std::in_place_type<EventsStored>, append.upstream, seq, append.count,
                           std::move(append.body));
  }
}

void FakeStore::append_plain(Commit& commit) {
  for (const PlainAppend& append : commit.plain) {
    std::string key = append.prefix;
    for (int shift = 56; shift >= 0; shift -= 8)
      key.push_back(static_cast<char>(sequence_ >> shift));
    ++sequence_;
    table(append.table)[key] = append.stored;
  }
}

void FakeStore::promote(const LaterKey& key) {
  Place& least = floor(key.owner, key.cls);
  least = std::max(least, Place{key.due_ms, key.seq + 1});
  table(Table::meta)[floor_key(key.owner, key.cls)] = numbers({key.due_ms, key.seq});
}

FakeStore::Place& FakeStore::floor(Owner owner, Class cls) {
  const auto [at, fresh] = floors_.try_emplace({owner, cls}, Place{});
  if (fresh) {
    if (const auto stored = get(Table::meta, floor_key(owner, cls))) {
      RecordReader in(view(*stored));
      at->second.first = in.integer<uint64_t>();
      at->second.second = in.integer<uint64_t>() + 1;
    }
  }
  return at->second;
}

uint64_t FakeStore::awaiting() {
  uint64_t messages = table(Table::awaiting).size();
  std::set<uint16_t> routes;
  for (const auto& [key, value] : table(Table::sent)) routes.insert(key_u16(key, 0));
  for (const uint16_t route : routes) messages += count_sent(*this, RouteId{route});
  return messages;
}

}  // namespace tact::gateway::test
