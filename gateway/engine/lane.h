// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "gateway/engine/batch.h"
#include "gateway/engine/keys.h"

namespace tact::gateway {

// One class of one route: an ordered log of messages, of which the first page lies in memory. Knows
// which message may be offered next, which are open, and how far all this is durable. Does no I/O:
// it says what it wants to read and what belongs into the next commit.
//
//     resolved, but for `open` | next ... durable fence | ... loaded | on disk only ... | tail
//
// Invariants (numbers of the engine's README):
//  I3  Only messages below the durable fence are offered. So a crash leaves unknown what the last
//      durable checkpoint has in `open` and in [next, fence), at most open_max messages; from the
//      fence on everything has certainly never been offered.
//  By counting, within one run: |open| + (fence - next) <= open_max. The fence goes back to next
//  where nothing can be sent: in drain_checkpoint(), after which nothing is offered, and while the
//  lane is held. From the turn on that takes such a checkpoint the lower fence counts.
//
// Sequences begin at 0. A batch that cannot be read (nullptr) or is missing is skipped and counted
// in lost(): a damaged record must not stop those behind it.
class Lane {
 public:
  // A message of the page. Keeps its batch alive.
  struct Item {
    uint64_t seq = 0;
    uint64_t batch_seq = 0;  // of the batch's first message
    BatchPtr batch;
    uint32_t index = 0;
    Mono durable{};  // since when; 0: read back from disk
    Message message() const { return batch->message(index); }
  };

  // Records of table `lanes` with from <= seq < end, about `bytes` of them, at least one.
  // from_before: begin with the record that holds `from` (the last key at or below it).
  struct Load {
    uint64_t from = 0;
    uint64_t end = 0;
    bool from_before = false;
    uint64_t bytes = 0;
  };

  struct Range {
    uint64_t begin = 0, end = 0;  // end exclusive
    bool operator==(const Range&) const = default;
  };

  // What a crash left unknown: sequences the caller loads and moves to `awaiting`.
  struct Unknown {
    std::vector<uint64_t> open;  // ascending
    Range offered;               // [next, fence), as far as it exists
  };

  // page_bytes: bodies of batches held here; one batch always has room. ahead: how many messages
  // may be offered before the next checkpoint is durable. REQUIRES: open_max > 0, ahead > 0.
  Lane(LaneId id, uint64_t page_bytes, uint32_t open_max, uint32_t ahead);

  // Start of a run, before anything else: goes on behind what is unknown. `tail` is the sequence
  // that storage will assign next. The commit that moves the unknown ones away carries the first
  // checkpoint of this run; nothing is offered before it is durable.
  Unknown restore(const Checkpoint& last, uint64_t tail);

  LaneId id() const { return id_; }

  // ---- What storage tells.

  // A batch joined the log, it is durable now: taken into the page when it fits, else only noted.
  void appended(uint64_t seq, BatchPtr batch, Mono now = {});

  // What should be read now; nothing while a read is under way or the page is half full. The answer
  // is given by loaded() for each record in order, then load_done().
  std::optional<Load> wants_load();
  void loaded(uint64_t seq, BatchPtr batch);
  // more: a limit ended the load, not the range.
  void load_done(bool more);

  // ---- Offering.

  // The next message, if it may be offered now; valid until the next call that is not const.
  const Item* front() const;
  // Takes the front: it is open now. REQUIRES: front()
  Item offer();
  // The same without regard to the fence, for a message that is not sent and is resolved in this
  // very turn: the commit that says so moves next beyond it.
  const Item* head() const;
  Item take();  // REQUIRES: head()
  // The message is done here: its outcome is in this turn's commit. REQUIRES: it is open.
  void resolve(uint64_t seq);

  // ---- Progress.

  // Something changed since the last checkpoint that was taken.
  bool dirty() const { return dirty_; }
  // No link is bound: the fence stays at next, so that a crash leaves nothing unknown that was
  // never sent. Once it ends, nothing is offered before a checkpoint is durable.
  void hold(bool on) { held_ = on; }
  // Less than half of `ahead` is left below the fence, and a checkpoint would move it; or it is
  // held and the fence is still ahead.
  bool needs_checkpoint() const;
  // The checkpoint for this turn's commit; several may be in flight.
  Checkpoint take_checkpoint();
  // Clean stop: the fence falls to next, so that a restart finds only `open` unknown. Nothing is
  // offered any more.
  Checkpoint drain_checkpoint();
  // The oldest checkpoint in flight became durable.
  void committed();

  // Sequences whose batches are wholly resolved by the last checkpoint taken: one DeleteRange, in
  // the same commit as that checkpoint or a later one. Due after 64k resolved messages, or when
  // `now` says so. The batch that holds the floor stays, and the last one always: the log's tail
  // can be told from it.
  std::optional<Range> reclaim(bool now);

  // ---- Gauges.

  uint64_t queued() const { return tail_ - next_; }  // stored and never offered
  size_t open() const { return open_.size(); }
  uint64_t next() const { return next_; }
  uint64_t tail() const { return tail_; }
  uint64_t lost() const { return lost_; }  // messages skipped because their batch is unreadable
  uint64_t page_bytes() const { return used_; }
  // When the next message was accepted; nothing while it is not in memory.
  std::optional<Civil> oldest_accepted() const;

 private:
  struct Open {
    uint64_t seq;
    uint64_t batch_seq;  // where its batch begins: what reclaim must leave
  };
  struct Stored {
    uint64_t seq;
    BatchPtr batch;
    Mono durable{};
    uint64_t end() const { return seq + batch->size(); }
  };

  uint64_t fence() const;
  uint64_t last_fence() const { return in_flight_.empty() ? durable_fence_ : in_flight_.back(); }
  void limit_offers();
  bool room_for(const Batch& batch) const;
  void take(Stored stored);
  void skip_to(uint64_t seq);
  void refresh_front();
  uint64_t floor_batch() const;

  // constant after construction
  LaneId id_;
  uint64_t page_max_;
  uint32_t open_max_;
  uint32_t ahead_;

  // the log
  uint64_t next_ = 0;
  uint64_t tail_ = 0;        // behind the last message known to be stored
  uint64_t loaded_end_ = 0;  // the page holds [next_, loaded_end_)
  bool mid_batch_ = false;   // loaded_end_ may lie within a batch: the next load looks before it
  std::deque<Stored> page_;
  Item front_;  // of the page's first batch, when there is one
  uint64_t used_ = 0;
  uint64_t lost_ = 0;

  // a load under way
  std::optional<Load> load_;
  bool load_full_ = false;     // the page is: what follows of this load will be read again
  std::deque<Stored> behind_;  // joined the log since the load began, contiguous from its end
  uint64_t behind_end_ = 0;

  // progress
  std::deque<Open> open_;  // ascending
  uint64_t durable_fence_ = 0;
  std::deque<uint64_t> in_flight_;  // fences of checkpoints not yet durable
  uint64_t limit_ = 0;              // the lowest of all these: only below it may be offered
  bool dirty_ = false;
  bool draining_ = false;
  bool held_ = false;
  uint64_t resolved_ = 0;  // since the last reclaim
  uint64_t reclaimed_ = 0;
  uint64_t reclaimable_ = 0;  // by the last checkpoint taken
  uint64_t last_batch_ = 0;   // the last one that left the page
};

}  // namespace tact::gateway
