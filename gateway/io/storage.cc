// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/storage.h"

#include <rocksdb/db.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <bit>

#include "gateway/engine/check.h"
#include "gateway/io/stored_number.h"

namespace tact::gateway {
namespace {

using Steady = std::chrono::steady_clock;

rocksdb::Slice slice(std::string_view s) { return {s.data(), s.size()}; }

// Moves forward each urgent commit, with those of its shard that were handed over before it: the
// commits of one shard keep their order.
void urgent_first(std::vector<std::unique_ptr<Commit>>& commits, uint16_t shards) {
  std::vector<bool> ahead(shards);  // an urgent one follows
  std::vector<bool> first(commits.size());
  for (size_t i = commits.size(); i-- > 0;) {
    const size_t from = raw(commits[i]->from);
    if (commits[i]->urgent) ahead[from] = true;
    first[i] = ahead[from];
  }
  std::vector<std::unique_ptr<Commit>> ordered;
  ordered.reserve(commits.size());
  for (const bool urgent : {true, false}) {
    for (size_t i = 0; i < commits.size(); ++i) {
      if (first[i] == urgent) ordered.push_back(std::move(commits[i]));
    }
  }
  commits = std::move(ordered);
}

template <typename T>
T meta_number(Rocks& rocks, std::string_view key, T otherwise) {
  const auto value = rocks.get(Table::meta, key);
  return value ? read_number<T>(*value).value_or(otherwise) : otherwise;
}

}  // namespace

Storage::Storage(Rocks& rocks, policy::Suppression& suppression, const StorageSettings& settings,
                 Deliver deliver, Reader::Answer answer, Fatal fatal)
    : rocks_(rocks),
      suppression_(suppression),
      settings_(settings),
      deliver_(std::move(deliver)),
      fatal_(std::move(fatal)),
      reader_(rocks, std::move(answer)),
      batch_(std::make_unique<rocksdb::WriteBatch>()),
      deliveries_(settings.shards) {}

Storage::~Storage() { stop(); }

void Storage::start() {
  sequence_ = sequence_stored_ = meta_number<uint64_t>(rocks_, kLaterSeqKey, 0);
  block_ = meta_number<uint32_t>(rocks_, kIdBlockKey, kFirstBlock);
  civil_ = rocks_.last_civil();
  if (const auto newest = rocks_.last(Table::audit)) chain_.begin(newest->first, newest->second);
  reader_.start();
  thread_ = std::thread([this] { work(); });
}

void Storage::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  reader_.stop();
}

void Storage::commit(std::unique_ptr<Commit> commit) {
  {
    std::lock_guard lock(mutex_);
    CHECK(!stopping_);
    inbox_.commits.push_back(std::move(commit));
  }
  wake_.notify_one();
}

void Storage::load(ShardId from, LoadRequest request) {
  if (request.table != Table::later) return reader_.load(from, std::move(request));
  {
    std::lock_guard lock(mutex_);
    CHECK(!stopping_);
    inbox_.loads.push_back({from, std::move(request)});
  }
  wake_.notify_one();
}

void Storage::read(std::function<void()> work) { reader_.run(std::move(work)); }

void Storage::work() {
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);  // counters that nobody reads
  Inbox taken;
  while (wait(taken)) {
    for (Load& load : taken.loads) {
      close_stretch(load.request);
      reader_.load(load.from, std::move(load.request));
    }
    taken.loads.clear();
    commit_group();
  }
  if (unsynced_) sync_log();
}

// False when everything handed over before stop() is done.
bool Storage::wait(Inbox& taken) {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return stopping_ || !inbox_.empty() || !waiting_.empty(); };
  if (unsynced_ && !wake_.wait_until(lock, synced_ + settings_.sync_interval, ready)) {
    lock.unlock();
    sync_log();
    lock.lock();
  }
  wake_.wait(lock, ready);
  if (inbox_.empty() && waiting_.empty()) return false;
  std::swap(inbox_.loads, taken.loads);
  std::move(inbox_.commits.begin(), inbox_.commits.end(), std::back_inserter(waiting_));
  inbox_.commits.clear();
  return true;
}

// One group of what waits, OTP and what carriers told first; what comes in while it is written
// competes for the next one.
void Storage::commit_group() {
  if (failed_) waiting_.clear();  // whatever came after the failure (I12)
  if (waiting_.empty()) return;
  urgent_first(waiting_, settings_.shards);
  const size_t size = group_size(waiting_);
  const Group group = Group(waiting_).first(size);
  if (write(group)) complete(group);
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(size));
}

size_t Storage::group_size(Group commits) const {
  size_t bytes = commits.front()->bytes, size = 1;
  while (size < commits.size() && bytes + commits[size]->bytes <= settings_.group_bytes) {
    bytes += commits[size++]->bytes;
  }
  return size;
}

bool Storage::write(Group group) {
  const auto began = Steady::now();
  batch_->Clear();
  for (const auto& commit : group) add(*commit);
  stats_.groups.add();
  stats_.commits.add(group.size());
  const auto slot = static_cast<size_t>(std::bit_width(group.size() - 1));
  stats_.group_sizes[std::min(slot, StorageStats::kSizes - 1)].add();
  if (batch_->Count() == 0) return true;  // mail only: nothing to make durable

  add_meta();
  rocksdb::WriteOptions options;
  options.sync = settings_.durability == Durability::always;
  const auto status = rocks_.db().Write(options, batch_.get());
  if (!status.ok()) {
    fail("cannot write to the store: " + status.ToString());
    return false;
  }
  stats_.bytes.add(batch_->GetDataSize());
  if (options.sync) stats_.syncs.add();
  if (settings_.durability == Durability::interval && !unsynced_) {
    unsynced_ = true;
    synced_ = began;
  }
  stats_.write.observe(Steady::now() - began);
  // Groups that come without a pause must not put the fsync off.
  return !unsynced_ || Steady::now() - synced_ < settings_.sync_interval || sync_log();
}

void Storage::add(Commit& commit) {
  for (const DeleteRange& range : commit.ranges) {
    batch_->DeleteRange(rocks_.table(range.table), range.begin, range.end);
  }
  for (const Put& put : commit.puts) batch_->Put(rocks_.table(put.table), put.key, put.value);
  for (const Delete& del : commit.deletes) batch_->Delete(rocks_.table(del.table), del.key);
  for (const Promoted& promoted : commit.promoted) promote(promoted);
  append_lanes(commit);
  append_later(commit);
  append_events(commit);
  append_plain(commit);
  for (Mail& mail : commit.mail) delivery(mail.to).mail.push_back(std::move(mail.body));

  Committed committed{commit.turn, std::nullopt};
  if (commit.lease_block) {
    committed.block = block_++;
    // Also when nothing else is written: the lease is what must be durable (I11).
    batch_->Put(rocks_.table(Table::meta), slice(kIdBlockKey), stored_number(block_));
  }
  delivery(commit.from).committed.push_back(committed);
  civil_ = std::max(civil_, commit.civil);
}

template <typename T>
void Storage::tell(ShardId shard, T mail) {
  delivery(shard).mail.emplace_back(std::in_place_type<T>, std::move(mail));
}

void Storage::append_lanes(Commit& commit) {
  for (LaneAppend& append : commit.lanes) {
    auto [tail, fresh] = lane_tails_.try_emplace(append.lane, 0);
    if (fresh) tail->second = rocks_.lane_tail(append.lane);
    const uint64_t seq = tail->second;
    tail->second += append.batch->size();
    batch_->Put(rocks_.table(Table::lanes), lane_key(append.lane, seq), append.stored);
    tell(append.home, Appended{append.lane, seq, std::move(append.batch)});
  }
}

void Storage::append_later(Commit& commit) {
  for (const LaterAppend& append : commit.later) {
    LaterKey key{append.owner, append.cls, append.due_ms, sequence_++};
    const auto [due_ms, seq] = floor(append.owner, append.cls);
    if (Floor{key.due_ms, key.seq} < Floor{due_ms, seq}) {
      key.due_ms = key.seq >= seq ? due_ms : due_ms + 1;
    }
    batch_->Put(rocks_.table(Table::later), later_key(key), append.stored);
    tell(append.home, Waiting{key});
  }
}

void Storage::append_events(Commit& commit) {
  for (EventAppend& append : commit.events) {
    auto [tail, fresh] = event_tails_.try_emplace(append.upstream, 0);
    if (fresh) tail->second = rocks_.event_tail(append.upstream);
    const uint64_t seq = tail->second;
    tail->second += append.count;
    batch_->Put(rocks_.table(Table::events), events_key(append.upstream, seq), append.stored);
    tell(append.home, EventsStored{append.upstream, seq, append.count, std::move(append.body)});
  }
}

void Storage::append_plain(Commit& commit) {
  for (PlainAppend& append : commit.plain) {
    if (append.table == Table::audit) chain_.keep_order(append.prefix);
    for (int shift = 56; shift >= 0; shift -= 8) {
      append.prefix.push_back(static_cast<char>(sequence_ >> shift));
    }
    ++sequence_;
    if (append.table == Table::audit) chain_.add(append.prefix, append.stored);
    batch_->Put(rocks_.table(append.table), append.prefix, append.stored);
    if (append.table == Table::audit) {
      stats_.audit_bytes.add(append.prefix.size() + append.stored.size());
    }
  }
}

void Storage::promote(const Promoted& promoted) {
  const LaterKey& key = promoted.up_to;
  Floor& least = floor(key.owner, key.cls);
  least = std::max(least, Floor{key.due_ms, key.seq + 1});
  batch_->Put(rocks_.table(Table::meta), floor_key(key.owner, key.cls),
              stored_number(key.due_ms, key.seq));
}

// What storage itself has to remember, once per group.
void Storage::add_meta() {
  auto* meta = rocks_.table(Table::meta);
  if (sequence_ != sequence_stored_)
    batch_->Put(meta, slice(kLaterSeqKey), stored_number(sequence_));
  sequence_stored_ = sequence_;
  batch_->Put(meta, slice(kLastCivilKey), stored_number(to_ms(civil_)));
}

bool Storage::sync_log() {
  unsynced_ = false;
  const auto status = rocks_.db().SyncWAL();
  if (!status.ok()) fail("cannot sync the store: " + status.ToString());
  stats_.syncs.add();
  return status.ok();
}

void Storage::complete(Group group) {
  for (const auto& commit : group) {
    for (const Publish& publish : commit->publish) suppression_.put(publish.entry);
  }
  for (size_t shard = 0; shard < deliveries_.size(); ++shard) {
    Delivery& told = deliveries_[shard];
    if (told.committed.empty() && told.mail.empty()) continue;
    deliver_(static_cast<ShardId>(shard), std::exchange(told, {}));
  }
}

void Storage::close_stretch(const LoadRequest& request) {
  const auto end = parse_later_key(request.end);
  if (!end) return;
  Floor& least = floor(end->owner, end->cls);
  least = std::max(least, Floor{end->due_ms, end->seq});
}

Storage::Floor& Storage::floor(Owner owner, Class cls) {
  auto [found, fresh] = floors_.try_emplace({owner, cls}, Floor{});
  if (fresh) {
    if (const auto value = rocks_.get(Table::meta, floor_key(owner, cls))) {
      RecordReader in({reinterpret_cast<const uint8_t*>(value->data()), value->size()});
      found->second.first = in.integer<uint64_t>();
      found->second.second = in.integer<uint64_t>() + 1;
    }
  }
  return found->second;
}

Delivery& Storage::delivery(ShardId shard) {
  CHECK(raw(shard) < deliveries_.size());
  return deliveries_[raw(shard)];
}

void Storage::fail(const std::string& reason) {
  failed_ = true;
  fatal_(reason);
}

}  // namespace tact::gateway
