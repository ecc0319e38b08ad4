// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iterator>
#include <string>
#include <vector>

#include "gateway/engine/awaiting.h"
#include "gateway/engine/backlog.h"
#include "gateway/engine/commit_builder.h"
#include "gateway/engine/directory.h"
#include "gateway/engine/notice.h"
#include "gateway/engine/number_hasher.h"
#include "gateway/engine/rng.h"
#include "gateway/engine/stats.h"
#include "gateway/engine/store.h"
#include "gateway/engine/wire.h"
#include "policy/gate.h"

namespace tact::gateway {

// What must not happen before this turn's commit is durable (I5), and then happens at once.
struct Effects {
  struct Frame {
    ConnectionId connection;
    Bytes bytes;      // an encoded answer to an upstream
    Mono received{};  // when the frame that it answers was read
  };
  struct Answer {
    RouteId route;
    uint64_t answer;  // of the route: which deliver_sm
  };

  std::vector<Frame> frames;
  std::vector<Answer> answers;
  std::vector<LaneId> checkpoints;  // lanes whose fence moves with this commit

  bool empty() const { return frames.empty() && answers.empty() && checkpoints.empty(); }
  void append(Effects&& later) {
    const auto move = [](auto& to, auto& from) {
      to.insert(to.end(), std::make_move_iterator(from.begin()),
                std::make_move_iterator(from.end()));
    };
    move(frames, later.frames);
    move(answers, later.answers);
    move(checkpoints, later.checkpoints);
  }
};

class Tenant;

// What the rooms of one shard share. Owned by the shard; used on its thread only.
struct ShardContext {
  // Constant after construction.
  const ShardId id;
  const EngineSettings& settings;
  const Directory& directory;
  Store& store;
  Wire& wire;
  Sealer& sealer;
  NumberHasher& hasher;
  policy::Suppression& suppression;
  Backlog& backlog;

  policy::Gate gate;
  ShardStats stats;
  CommitBuilder out;
  Effects effects;
  Rng rng;
  Now now;
  std::vector<Notice> notices;  // of this turn
  proto::Event event;           // scratch, to spare an allocation per event

  // Tenants of this shard by id, null elsewhere: what a route owes a tenant is a call here and mail
  // there.
  std::vector<Tenant*> tenants;
  Tenant* tenant(TenantId t) const { return raw(t) < tenants.size() ? tenants[raw(t)] : nullptr; }

  uint64_t turn = 1;            // of the commit being collected
  uint64_t committed_turn = 0;  // everything up to here is durable
  uint64_t uncommitted = 0;     // octets handed to storage and not yet durable

  // Unique ids of loads, so that an answer finds its asker.
  uint64_t next_load = 1;

  // The steady clock's reading when the wall clock will say `t`.
  Mono mono_at(Civil t) const {
    return t <= now.civil ? now.mono : now.mono + std::chrono::nanoseconds(t - now.civil);
  }
  // The gate's two looks. While the clocks disagree, what may wait has to be permitted at both
  // times (DESIGN 17.4), and is looked at again within ten minutes.
  policy::Verdict admit(const policy::Submission& submission, const policy::Contact& contact);
  policy::Verdict last_look(const Message& message);
  // Tells a tenant what became of its message: in this commit when it lives on this shard, else by
  // mail.
  void tell(const Fate& fate);
  const ClassSettings& of(Class cls) const { return settings.classes[static_cast<size_t>(cls)]; }
  MessageId take_id();
  // Clears the scratch event and fills what every event has.
  proto::Event& begin_event(MessageId message, std::string_view reference, bool final);
  // Adds the scratch event to its upstream's log.
  void end_event(UpstreamId upstream);

  void second_opinion(policy::Verdict& verdict, const policy::Verdict& other) const;

  // Leased block of message ids: counter in the lower half (I11).
  uint64_t next_id = 0;
  std::vector<uint32_t> spare_blocks;
};

// The facts that every audit record of a message shares.
AuditRecord audit_of(const Message& message, AuditRecord::Kind kind, Civil at);
AuditRecord audit_of(const Sent& sent, RouteId route, AuditRecord::Kind kind, Civil at);

// Fires as the protocol tells them.
void tell_fired(const policy::Verdict& verdict,
                google::protobuf::RepeatedPtrField<proto::Fired>& out);

// A stored message as the gate sees it again, at its last look or when its time has come.
policy::Submission submission_of(const Message& message, Civil now);

}  // namespace tact::gateway
