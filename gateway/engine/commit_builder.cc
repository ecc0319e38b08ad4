// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/commit_builder.h"

#include <algorithm>

#include "gateway/engine/suppressed.h"

namespace tact::gateway {

namespace {
// Audit, contacts, keys and remembered: a record of at most this size, so that a reader's step
// stays short.
constexpr size_t kPlainBytes = 256u << 10;

template <typename Items, typename Match>
auto* find(Items& items, Match match) {
  const auto it = std::find_if(items.begin(), items.end(), match);
  return it == items.end() ? nullptr : &*it;
}

std::string plain_prefix(Table table, uint16_t owner, uint64_t at) {
  switch (table) {
    case Table::audit:
      return audit_prefix(static_cast<uint32_t>(at));
    case Table::contacts:
      return contact_log_prefix(TenantId{owner}, at);
    case Table::keys:
      return keys_prefix(TenantId{owner}, at);
    default:
      return remembered_prefix(RouteId{owner}, at);
  }
}
}  // namespace

void CommitBuilder::append(LaneId lane, ShardId home, const Message& message) {
  auto* entry = find(lanes_, [&](const LaneBatch& l) { return l.lane == lane; });
  if (!entry) entry = &lanes_.emplace_back(LaneBatch{lane, home, {}});
  entry->batch.add(message);
  commit_->urgent |= lane.cls == Class::otp;
  if (full(entry->batch)) flush(*entry);
}

void CommitBuilder::defer(Owner owner, ShardId home, Civil due, const Message& message) {
  const auto due_ms = static_cast<uint64_t>(to_ms(due));
  auto* entry = find(later_, [&](const LaterBatch& l) {
    return l.owner == owner && l.cls == message.cls && l.due_ms == due_ms;
  });
  if (!entry) {
    entry = &later_.emplace_back(LaterBatch{owner, message.cls, due_ms, home, {}});
  }
  entry->batch.add(message);
  if (full(entry->batch)) flush(*entry);
}

void CommitBuilder::event(UpstreamId upstream, ShardId home, const proto::Event& event) {
  auto* entry = find(events_, [&](const Events& e) { return e.upstream == upstream; });
  if (!entry) entry = &events_.emplace_back(Events{upstream, home, {}});
  entry->events.add(event);
  if (entry->events.bytes() >= limits_.batch_bytes || entry->events.count() >= kBatchMessagesMax) {
    flush(*entry);
  }
}

CommitBuilder::Plain& CommitBuilder::plain(Table table, uint16_t owner, uint64_t at) {
  auto* entry = find(
      plain_, [&](const Plain& p) { return p.table == table && p.owner == owner && p.at == at; });
  if (!entry) entry = &plain_.emplace_back(Plain{table, owner, at, 0, {}});
  if (entry->body.size() >= kPlainBytes || entry->count == 0xffff) flush(*entry);
  ++entry->count;
  return *entry;
}

void CommitBuilder::audit(const AuditRecord& record) {
  const auto hour = static_cast<uint64_t>(to_ms(record.at) / 3'600'000);
  append_audit(record, plain(Table::audit, 0, hour).body);
}

void CommitBuilder::contact(TenantId tenant, const policy::ContactChange& change, Civil now) {
  const auto octets = change.encode();
  Bytes& body = plain(Table::contacts, raw(tenant), static_cast<uint64_t>(to_ms(now))).body;
  body.insert(body.end(), octets.begin(), octets.end());
}

void CommitBuilder::idempotency_key(TenantId tenant, const KeyRecord& record) {
  const auto ms = static_cast<uint64_t>(to_ms(record.at));
  append_key_record(record, plain(Table::keys, raw(tenant), ms).body);
}

void CommitBuilder::remember(RouteId route, const RememberedRecord& record, Civil now) {
  const auto ms = static_cast<uint64_t>(to_ms(now));
  append_remembered(record, plain(Table::remembered, raw(route), ms).body);
}

void CommitBuilder::publish(const policy::SuppressionEntry& entry) {
  put(Table::suppressed, suppressed_key(entry.scope, entry.number), encode_suppressed(entry));
  commit_->publish.push_back({entry});
}

void CommitBuilder::withdraw(TenantId tenant, const policy::SuppressionEntry& entry) {
  std::string key = fact_key(tenant, kWithdrawalFact, entry.number);
  if (entry.blocks == decltype(entry.blocks){}) {
    erase(Table::facts, std::move(key));
  } else {
    put(Table::facts, std::move(key), encode_withdrawal(entry));
  }
  commit_->publish.push_back({entry});
}

void CommitBuilder::flush(LaneBatch& entry) {
  if (entry.batch.empty()) return;
  const uint16_t count = entry.batch.count();
  BatchPtr batch = entry.batch.take(entry.lane.cls);
  std::string stored =
      seal_batch(static_cast<uint8_t>(entry.lane.cls), count, batch->body(), sealer_);
  commit_->bytes += batch->bytes();
  commit_->lanes.push_back({entry.lane, entry.home, std::move(stored), std::move(batch)});
}

void CommitBuilder::flush(LaterBatch& entry) {
  if (entry.batch.empty()) return;
  const uint16_t count = entry.batch.count();
  const BatchPtr batch = entry.batch.take(entry.cls);
  std::string stored = seal_batch(static_cast<uint8_t>(entry.cls), count, batch->body(), sealer_);
  commit_->bytes += batch->bytes();
  commit_->later.push_back({entry.owner, entry.cls, entry.due_ms, entry.home, std::move(stored)});
}

void CommitBuilder::flush(Events& entry) {
  if (entry.events.count() == 0) return;
  const uint16_t count = entry.events.count();
  auto body = std::make_shared<const Bytes>(entry.events.take());
  std::string stored = seal_batch(0, count, *body, sealer_);
  commit_->bytes += body->size();
  commit_->events.push_back(
      {entry.upstream, entry.home, count, std::move(stored), std::move(body)});
}

void CommitBuilder::flush(Plain& entry) {
  if (entry.count == 0) return;
  std::string stored = seal_batch(0, entry.count, entry.body, sealer_);
  commit_->bytes += entry.body.size();
  commit_->plain.push_back(
      {entry.table, plain_prefix(entry.table, entry.owner, entry.at), std::move(stored)});
  entry.body.clear();
  entry.count = 0;
}

bool CommitBuilder::empty() const {
  const auto none = [](const auto& items) {
    return std::all_of(items.begin(), items.end(), [](const auto& i) { return i.batch.empty(); });
  };
  return commit_->empty() && none(lanes_) && none(later_) &&
         std::all_of(events_.begin(), events_.end(),
                     [](const Events& e) { return e.events.count() == 0; }) &&
         std::all_of(plain_.begin(), plain_.end(), [](const Plain& p) { return p.count == 0; });
}

std::unique_ptr<Commit> CommitBuilder::take(uint64_t turn, Civil civil) {
  for (auto& entry : lanes_) flush(entry);
  for (auto& entry : later_) flush(entry);
  for (auto& entry : events_) flush(entry);
  for (auto& entry : plain_) flush(entry);
  // Due times and hours change; lanes and upstreams are as many as configured.
  plain_.clear();
  if (later_.size() > 64) later_.clear();
  if (commit_->empty()) return nullptr;
  commit_->from = shard_;
  commit_->turn = turn;
  commit_->civil = civil;
  return std::exchange(commit_, std::make_unique<Commit>());
}

}  // namespace tact::gateway
