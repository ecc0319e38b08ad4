// SPDX-License-Identifier: Apache-2.0
// A lane against a disk that commits late, loads late, loses sessions and crashes. The audit knows
// the truth about every message; the lane knows only what it is told.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>

#include "gateway/engine/lane.h"

namespace tact::gateway {
namespace {

constexpr LaneId kLane{RouteId{1}, Class::otp};

BatchPtr batch_of(size_t messages) {
  BatchBuilder builder;
  for (size_t i = 0; i < messages; ++i) builder.add(Message{});
  return builder.take(kLane.cls);
}

class History {
 public:
  // trusting: takes a checkpoint for durable as soon as it is handed over. The canary: with it I3
  // is broken, and the audit must notice.
  History(uint64_t seed, bool trusting) : random_(seed), trusting_(trusting) {
    page_bytes_ = pick({1, 300, 4000});
    open_max_ = static_cast<uint32_t>(pick({1, 2, 5, 16}));
    ahead_ = static_cast<uint32_t>(pick({1, 2, 7, 100}));
    batch_max_ = pick({1, 4});
    start();
  }

  // The first broken promise, or nothing.
  std::string run(int steps) {
    for (int i = 0; i < steps && broken_.empty(); ++i) step();
    for (int i = 0; i < 20'000 && broken_.empty() && done_.size() < tail_; ++i) finish();
    if (broken_.empty() && done_.size() != tail_) broken_ = "lost: never offered again";
    if (broken_.empty() && lane_->lost() != 0) broken_ = "lost: skipped";
    return broken_;
  }

 private:
  struct CommitInFlight {
    Checkpoint checkpoint;
    std::vector<uint64_t> resolved;
    std::optional<Lane::Range> reclaimed;
  };
  struct LoadUnderWay {
    Lane::Load load;
    bool read = false, more = false;
    std::vector<std::pair<uint64_t, BatchPtr>> records;
  };

  uint64_t below(uint64_t n) { return random_() % n; }
  uint64_t pick(std::initializer_list<uint64_t> of) { return *(of.begin() + below(of.size())); }
  void expect(bool kept, const char* promise) {
    if (!kept && broken_.empty()) broken_ = promise;
  }

  void step() {
    switch (below(12)) {
      case 0:
      case 1:
        append();
        break;
      case 2:
        deliver_mail();
        break;
      case 3:
      case 4:
        offer(1 + below(4));
        break;
      case 5:
      case 6:
        resolve_some();
        break;
      case 7:
        turn(below(4) == 0);
        break;
      case 8:
      case 9:
        commit_becomes_durable();
        break;
      case 10:
        load();
        break;
      case 11:
        trouble();
        break;
    }
  }

  void finish() {
    deliver_mail();
    load();
    offer(8);
    resolve_some();
    turn(false);
    commit_becomes_durable();
  }

  void append() {
    const size_t size = 1 + below(batch_max_);
    const BatchPtr batch = batch_of(size);
    disk_[tail_] = batch;
    mail_.emplace_back(tail_, batch);
    tail_ += size;
  }

  void deliver_mail() {
    if (mail_.empty()) return;
    lane_->appended(mail_.front().first, mail_.front().second);
    mail_.pop_front();
  }

  void offer(uint64_t most) {
    for (; most > 0 && lane_->front(); --most) {
      const Lane::Item item = lane_->offer();
      expect(offered_.insert(item.seq).second, "offered twice");
      expect(!done_.count(item.seq), "offered after it was done");
      expect(item.seq < durable_.fence, "I3: offered above the durable fence");
      expect(item.seq > last_offered_ || last_offered_ == UINT64_MAX, "I9: out of order");
      last_offered_ = item.seq;
      open_.push_back(item.seq);
      expect(open_.size() <= open_max_, "open list too long");
    }
  }

  void resolve(size_t i) {
    lane_->resolve(open_[i]);
    resolved_.push_back(open_[i]);
    open_.erase(open_.begin() + static_cast<ptrdiff_t>(i));
  }
  void resolve_some() {
    for (uint64_t n = below(4); n > 0 && !open_.empty(); --n) resolve(below(open_.size()));
  }

  void turn(bool anyway) {
    if (!anyway && resolved_.empty() && !lane_->needs_checkpoint()) return;
    CommitInFlight commit{lane_->take_checkpoint(), std::move(resolved_), {}};
    resolved_.clear();
    commit.reclaimed = lane_->reclaim(below(3) == 0);
    const Checkpoint& c = commit.checkpoint;
    expect(c.open.size() + (c.fence - c.next) <= open_max_, "more unknown than open_max");
    expect(c.fence >= last_fence_, "the fence went back");
    expect(std::ranges::equal(c.open, std::set(open_.begin(), open_.end())), "wrong open list");
    expect(!lane_->dirty(), "dirty after its checkpoint");
    last_fence_ = c.fence;
    in_flight_.push_back(std::move(commit));
    if (trusting_) lane_->committed();
  }

  void commit_becomes_durable() {
    if (in_flight_.empty()) return;
    write(in_flight_.front());
    in_flight_.pop_front();
    if (!trusting_) lane_->committed();
  }
  void write(const CommitInFlight& commit) {
    durable_ = commit.checkpoint;
    for (const uint64_t seq : commit.resolved) expect(done_.insert(seq).second, "done twice");
    if (!commit.reclaimed) return;
    disk_.erase(disk_.lower_bound(commit.reclaimed->begin),
                disk_.lower_bound(commit.reclaimed->end));
  }

  // Asked, read and told at different times.
  void load() {
    if (!load_) {
      if (const auto wanted = lane_->wants_load()) load_ = LoadUnderWay{*wanted, false, false, {}};
    } else if (!load_->read) {
      read();
    } else {
      for (auto& [seq, batch] : load_->records) lane_->loaded(seq, batch);
      lane_->load_done(load_->more);
      load_.reset();
    }
  }
  void read() {
    load_->read = true;
    auto at = disk_.lower_bound(load_->load.from);
    const bool before = at == disk_.end() || at->first > load_->load.from;
    if (load_->load.from_before && before && at != disk_.begin()) --at;
    uint64_t bytes = 0;
    for (; at != disk_.end() && at->first < load_->load.end; ++at) {
      if (load_->records.size() >= 2 && bytes >= load_->load.bytes) {
        load_->more = true;
        break;
      }
      load_->records.emplace_back(*at);
      bytes += at->second->bytes();
    }
  }

  void trouble() {
    switch (below(6)) {
      case 0:
        crash();
        break;
      case 1:
        stop();
        break;
      case 2:
        while (!open_.empty()) resolve(0);  // the session was lost
        break;
      default:
        break;
    }
  }

  void crash() {
    // Some of what was handed over reached the disk, though nobody was told.
    for (uint64_t n = below(in_flight_.size() + 1); n > 0; --n) {
      write(in_flight_.front());
      in_flight_.pop_front();
    }
    start();
  }

  void stop() {
    while (!open_.empty()) resolve(0);
    turn(true);
    in_flight_.push_back({lane_->drain_checkpoint(), {}, {}});
    expect(!lane_->front(), "offered while draining");
    while (!in_flight_.empty()) {
      write(in_flight_.front());
      in_flight_.pop_front();
    }
    expect(durable_.fence == durable_.next && durable_.open.empty(), "a clean stop left unknowns");
    start();
  }

  void start() {
    mail_.clear();
    in_flight_.clear();
    load_.reset();
    open_.clear();
    resolved_.clear();
    last_offered_ = UINT64_MAX;
    last_fence_ = 0;
    lane_ = std::make_unique<Lane>(kLane, page_bytes_, open_max_, ahead_);
    const Lane::Unknown unknown = lane_->restore(durable_, tail_);
    std::set<uint64_t> moved(unknown.open.begin(), unknown.open.end());
    for (uint64_t s = unknown.offered.begin; s < unknown.offered.end; ++s) moved.insert(s);
    expect(moved.size() <= open_max_, "more unknown than open_max");
    for (const uint64_t seq : offered_) {
      expect(done_.count(seq) || moved.count(seq), "I3: offered, and called unsent by the restart");
    }
    for (const uint64_t seq : moved) {
      expect(!done_.count(seq), "unknown, though it was done");
      const auto holder = disk_.upper_bound(seq);
      const bool held = holder != disk_.begin() &&
                        seq < std::prev(holder)->first + std::prev(holder)->second->size();
      expect(held, "unknown, and its batch was reclaimed");
    }
    offered_.insert(moved.begin(), moved.end());  // none of them may be offered by the lane again
    resolved_.assign(moved.begin(), moved.end());
    turn(true);
  }

  std::mt19937_64 random_;
  const bool trusting_;
  uint64_t page_bytes_, batch_max_;
  uint32_t open_max_, ahead_;
  std::string broken_;

  // The disk and what is on its way to it.
  std::map<uint64_t, BatchPtr> disk_;
  uint64_t tail_ = 0;
  Checkpoint durable_;
  std::deque<CommitInFlight> in_flight_;
  std::deque<std::pair<uint64_t, BatchPtr>> mail_;
  std::optional<LoadUnderWay> load_;

  // The truth.
  std::set<uint64_t> offered_;  // ever
  std::set<uint64_t> done_;     // durably: resolved, or moved to awaiting

  // This run.
  std::unique_ptr<Lane> lane_;
  std::vector<uint64_t> open_, resolved_;
  uint64_t last_offered_ = UINT64_MAX;
  uint64_t last_fence_ = 0;
};

TEST(Lane, KeepsItsPromisesThroughLateCommitsLossesAndCrashes) {
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    ASSERT_EQ(History(seed, false).run(400), "") << "seed " << seed;
  }
}

TEST(LaneThatTrustsAFenceNotYetDurable, IsCaught) {
  int caught = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) caught += !History(seed, true).run(3000).empty();
  EXPECT_GT(caught, 180);
}

}  // namespace
}  // namespace tact::gateway
