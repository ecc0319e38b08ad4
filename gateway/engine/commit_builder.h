// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "gateway/engine/audit.h"
#include "gateway/engine/commit.h"
#include "gateway/engine/event.h"
#include "gateway/engine/idempotency.h"
#include "gateway/engine/remembered.h"
#include "gateway/engine/settings.h"
#include "policy/contact.h"

namespace tact::gateway {

// Collects what one turn of a shard asks of storage, so that a record is written per batch and not
// per message. Everything added between two take() calls becomes durable together or not at all
// (I2).
class CommitBuilder {
 public:
  CommitBuilder(ShardId shard, const LimitSettings& limits, Sealer& sealer)
      : shard_(shard), limits_(limits), sealer_(sealer), commit_(std::make_unique<Commit>()) {}

  void append(LaneId lane, ShardId home, const Message& message);
  void defer(Owner owner, ShardId home, Civil due, const Message& message);
  // The event's sequence is storage's to give.
  void event(UpstreamId upstream, ShardId home, const proto::Event& event);
  void audit(const AuditRecord& record);
  void contact(TenantId tenant, const policy::ContactChange& change, Civil now);
  void idempotency_key(TenantId tenant, const KeyRecord& record);
  void remember(RouteId route, const RememberedRecord& record, Civil now);
  void mail(ShardId to, MailBody body) { commit_->mail.push_back({to, std::move(body)}); }
  void put(Table table, std::string key, std::string value) {
    note_urgent(table);
    commit_->bytes += key.size() + value.size();
    commit_->puts.push_back({table, std::move(key), std::move(value)});
  }
  void erase(Table table, std::string key) {
    note_urgent(table);
    commit_->deletes.push_back({table, std::move(key)});
  }
  void erase_range(Table table, std::string begin, std::string end) {
    commit_->ranges.push_back({table, std::move(begin), std::move(end)});
  }
  void promoted(const LaterKey& up_to) { commit_->promoted.push_back({up_to}); }
  void publish(const policy::SuppressionEntry& entry);
  // Puts a withdrawal in force, or (all clear) ends it and forgets it.
  void withdraw(TenantId tenant, const policy::SuppressionEntry& entry);
  void lease_block() { commit_->lease_block = true; }

  bool empty() const;
  // Seals what was collected. Null when there is nothing to do.
  std::unique_ptr<Commit> take(uint64_t turn, Civil civil);

 private:
  // What the carrier told, and what must be in force before it is answered.
  void note_urgent(Table table) {
    commit_->urgent |= table == Table::sent || table == Table::awaiting || table == Table::parked ||
                       table == Table::parts || table == Table::suppressed || table == Table::facts;
  }
  struct LaneBatch {
    LaneId lane;
    ShardId home;
    BatchBuilder batch;
  };
  struct LaterBatch {
    Owner owner;
    Class cls;
    uint64_t due_ms;
    ShardId home;
    BatchBuilder batch;
  };
  struct Events {
    UpstreamId upstream;
    ShardId home;
    EventBuilder events;
  };
  struct Plain {
    Table table;
    uint16_t owner;
    uint64_t at;  // what their keys begin with is made from these three
    uint16_t count = 0;
    Bytes body;
  };

  void flush(LaneBatch&);
  void flush(LaterBatch&);
  void flush(Events&);
  void flush(Plain&);
  Plain& plain(Table table, uint16_t owner, uint64_t at);
  bool full(const BatchBuilder& b) const {
    return b.full(limits_.batch_messages, limits_.batch_bytes);
  }

  const ShardId shard_;
  const LimitSettings& limits_;
  Sealer& sealer_;
  std::unique_ptr<Commit> commit_;
  // Builders are kept from turn to turn (their buffers are warm); few, so a search is a short walk.
  std::vector<LaneBatch> lanes_;
  std::vector<LaterBatch> later_;
  std::vector<Events> events_;
  std::vector<Plain> plain_;
};

}  // namespace tact::gateway
