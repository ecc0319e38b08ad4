// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <memory>

#include "gateway/engine/shard.h"
#include "tests/gateway/engine/fake_store.h"
#include "tests/gateway/engine/sealers.h"
#include "tests/sim/producer.h"
#include "tests/sim/smsc.h"

namespace tact::sim {

// One run: shards, disk, carriers and producers in virtual time, with the faults of the plan. First
// chaos, then calm until everything that was promised has come, then the oracle's last word.
class World final : public Host {
 public:
  World(const Plan& plan, Agenda& agenda, Audit& audit, History& history);
  ~World() override;

  enum class End : uint8_t { done, wrong, stuck };
  End run(uint64_t steps_max);
  // Of everything that left the engine: bytes, and at the end what is stored.
  uint64_t digest() const;

  void received(ConnectionId connection, ByteView bytes) override;
  void closed(ConnectionId connection) override;

 private:
  class Hasher;

  // ---- The process.
  void start();
  void stop(bool clean);
  void crash();
  void drain();
  void await_drain(Mono until, uint32_t epoch);
  bool drained() const;

  // ---- Its surroundings.
  Stamp now() const;
  void wake(size_t shard);
  void turn(size_t shard);
  void after_turn(size_t shard);
  void work_disk();
  void write_group(size_t commits);
  void tell(size_t shard);
  void answer_connects();
  void connect_link(ConnectionId connection);
  std::optional<uint64_t> connect_upstream(Peer& peer, size_t upstream);
  size_t home(ConnectionId connection);
  void absorb(ByteView bytes);
  // Runs `what` unless the engine has been stopped meanwhile; not while it is suspended.
  void later(Mono delay, std::function<void()> what);

  // ---- Faults.
  void plan_faults();
  void plan_traffic();
  void at_random(uint32_t times, std::function<void()> what);
  void step_clock();
  void suspend();
  void stop_disk();
  void calm();
  void note(const std::string& line);

  const Plan& plan_;
  Agenda& agenda_;
  Audit& audit_;
  History& history_;
  Chance chance_;
  gateway::test::FakeStore store_;
  gateway::test::FakeWire wire_;
  Net net_;
  gateway::MaskSealer sealer_{7};
  std::unique_ptr<Hasher> hasher_;
  std::deque<Smsc> carriers_;
  std::deque<EventMark> marks_;
  std::deque<Producer> producers_;
  std::vector<size_t> tenant_of_;  // by upstream

  // Of this run of the process.
  std::unique_ptr<gateway::Directory> directory_;
  std::unique_ptr<gateway::Backlog> backlog_;
  std::unique_ptr<policy::Suppression> suppression_;
  std::deque<std::unique_ptr<gateway::Shard>> shards_;
  struct Seat {
    bool woken = false;
    bool told = false;
    Mono timer = gateway::kNever;
  };
  std::vector<Seat> seats_;
  struct Guest {  // an accepted connection
    size_t shard = 0;
    bool greeted = false;
    Bytes first;  // of its Hello
  };
  std::map<ConnectionId, Guest> guests_;
  uint32_t epoch_ = 0;
  bool draining_ = false;
  bool disk_busy_ = false, disk_stopped_ = false, loading_ = false;
  bool crash_at_write_ = false;
  bool last_drain_ = false;

  Mono frozen_until_{};
  Mono calm_at_{};
  std::chrono::milliseconds clock_offset_{0};
  uint64_t next_guest_ = 1;
  uint64_t digest_ = 0xcbf29ce484222325;
  bool calm_ = false;
};

}  // namespace tact::sim
