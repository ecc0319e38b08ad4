// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/world.h"

#include <algorithm>

#include "proto/delimited.h"

namespace tact::sim {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kAcceptedBit = uint64_t{1} << 63;
}  // namespace

class World::Hasher final : public gateway::NumberHasher {
 public:
  gateway::NumberHash hash(std::string_view e164) override {
    return gateway::text_digest(e164) | 1;
  }
};

World::World(const Plan& plan, Agenda& agenda, Audit& audit, History& history)
    : plan_(plan),
      agenda_(agenda),
      audit_(audit),
      history_(history),
      chance_(plan.seed ^ 0x5eed),
      store_(plan.settings.shards),
      net_(agenda, chance_.fork(), plan.net, wire_, *this),
      hasher_(new Hasher) {
  for (size_t k = 0; k < plan.settings.routes.size(); ++k) {
    carriers_.emplace_back(k, plan, agenda, net_, audit, chance_.fork());
  }
  for (size_t t = 0; t < plan.settings.tenants.size(); ++t) {
    for (size_t k = 0; k < plan.settings.tenants[t].upstreams.size(); ++k) tenant_of_.push_back(t);
  }
  for (size_t u = 0; u < tenant_of_.size(); ++u) {
    marks_.emplace_back();
    for (uint32_t k = 0; k < plan.producers[u].streams; ++k) {
      const Producer::Identity who{producers_.size(), u, tenant_of_[u], "s" + std::to_string(k),
                                   k == 0};
      producers_.emplace_back(
          who, plan, agenda, net_, audit, marks_[u],
          [this](Peer& peer, size_t upstream) { return connect_upstream(peer, upstream); },
          chance_.fork());
    }
  }
}

World::~World() = default;

uint64_t World::digest() const { return digest_ ^ net_.digest(); }

Stamp World::now() const {
  const auto passed = std::chrono::floor<std::chrono::milliseconds>(agenda_.now() - 1'000s);
  return {agenda_.now(), plan_.start + passed + clock_offset_};
}

void World::note(const std::string& line) {
  history_.note(agenda_.now(), std::nullopt, [&] { return "== " + line; });
}

void World::absorb(ByteView bytes) {
  for (const uint8_t octet : bytes) digest_ = (digest_ ^ octet) * 0x100000001b3;
}

void World::later(Mono delay, std::function<void()> what) {
  agenda_.in(delay, [this, epoch = epoch_, what = std::move(what)] {
    if (epoch != epoch_ || shards_.empty()) return;
    if (agenda_.now() < frozen_until_) return later(frozen_until_ - agenda_.now(), what);
    what();
  });
}

// ---- The process.

void World::start() {
  if (!shards_.empty()) return;
  note("start");
  directory_ = std::make_unique<gateway::Directory>(plan_.settings);
  backlog_ = std::make_unique<gateway::Backlog>();
  for (const auto& route : plan_.settings.routes) backlog_->add(route.id);
  suppression_ = std::make_unique<policy::Suppression>();
  store_.open(*suppression_);
  const gateway::ShardPorts ports{plan_.settings, *directory_, store_,        wire_,
                                  sealer_,        *hasher_,    *suppression_, *backlog_};
  const Stamp at = now();
  seats_.assign(plan_.settings.shards, {});
  for (uint16_t k = 0; k < plan_.settings.shards; ++k) {
    shards_.push_back(std::make_unique<gateway::Shard>(gateway::ShardId{k}, ports, chance_.next()));
    shards_.back()->start(store_, store_.lease_block(), {at.mono, at.civil});
  }
  uint64_t unknown = 0;
  for (const auto& shard : shards_) {
    for (const auto& route : shard->stats().routes) unknown += route.unknown.get();
  }
  audit_.started(unknown);
  for (size_t k = 0; k < shards_.size(); ++k) wake(k);
}

// What a process leaves behind. Crash: any prefix of what waits became durable, and nobody was
// told.
void World::stop(bool clean) {
  if (shards_.empty()) return;
  note(clean ? "stopped, drained" : "crash");
  if (!clean && !disk_stopped_) {
    for (uint64_t k = chance_.below(store_.waiting() + 1); k > 0; --k) store_.write_one();
  }
  audit_.stopped(clean);
  ++epoch_;
  shards_.clear();
  guests_.clear();
  net_.abandon(clean);
  wire_.crash();
  store_.crash();
  draining_ = disk_busy_ = disk_stopped_ = loading_ = crash_at_write_ = false;
  const Mono pause = calm_ ? Mono(100ms) : chance_.between(Mono(1ms), plan_.restart_max);
  agenda_.in(pause, [this] { start(); });
}

void World::crash() {
  // Now, or at the next write: most of what can go wrong is on its way to the disk.
  if (chance_.coin()) {
    stop(false);
  } else {
    crash_at_write_ = true;
  }
}

void World::drain() {
  if (shards_.empty() || draining_) return;
  note("drain");
  draining_ = true;
  for (size_t k = 0; k < shards_.size(); ++k) {
    const Stamp at = now();
    shards_[k]->drain({at.mono, at.civil});
    wake(k);
  }
  await_drain(agenda_.now() + plan_.drain_timeout, epoch_);
}

bool World::drained() const {
  return std::all_of(shards_.begin(), shards_.end(), [](const auto& s) { return s->drained(); });
}

void World::await_drain(Mono until, uint32_t epoch) {
  if (epoch != epoch_) return;
  if (drained()) return stop(true);
  if (agenda_.now() >= until) {
    if (last_drain_) audit_.wrong("drain", std::nullopt, "does not end though nothing is wrong");
    return stop(false);
  }
  agenda_.in(50ms, [this, until, epoch] { await_drain(until, epoch); });
}

// ---- Turns.

void World::wake(size_t shard) {
  if (shards_.empty() || std::exchange(seats_[shard].woken, true)) return;
  later(chance_.between(Mono(1us), plan_.turn_delay_max), [this, shard] { turn(shard); });
}

void World::turn(size_t shard) {
  seats_[shard].woken = false;
  const Stamp at = now();
  shards_[shard]->turn({at.mono, at.civil});
  net_.collect(at);
  after_turn(shard);
}

void World::after_turn(size_t shard) {
  answer_connects();
  work_disk();
  if (store_.loads_wanted() && !std::exchange(loading_, true)) {
    later(chance_.between(Mono(1us), plan_.load_max), [this] {
      loading_ = false;
      store_.serve_loads();
      for (size_t k = 0; k < shards_.size(); ++k) tell(k);
    });
  }
  if (shards_[shard]->more()) wake(shard);
  const Mono deadline = shards_[shard]->deadline();
  Seat& seat = seats_[shard];
  if (deadline == gateway::kNever || deadline == seat.timer) return;
  seat.timer = deadline;
  later(std::max(Mono(0), deadline - agenda_.now()), [this, shard, deadline] {
    if (seats_[shard].timer == deadline) seats_[shard].timer = gateway::kNever;
    if (shards_[shard]->deadline() <= agenda_.now()) wake(shard);
  });
}

// ---- The disk: whatever waits when it is free is one group.

void World::work_disk() {
  if (disk_busy_ || disk_stopped_ || store_.waiting() == 0) return;
  disk_busy_ = true;
  Mono time = chance_.between(plan_.disk_min, plan_.disk_max);
  if (!calm_ && chance_.permille(plan_.disk_hiccups)) time *= 100;
  later(time, [this, commits = store_.waiting()] { write_group(commits); });
}

void World::write_group(size_t commits) {
  disk_busy_ = false;
  if (disk_stopped_) return;
  if (crash_at_write_) return stop(false);
  for (; commits > 0; --commits) store_.write_one();
  for (size_t k = 0; k < shards_.size(); ++k) tell(k);
  work_disk();
}

void World::tell(size_t shard) {
  if (!store_.has_news(static_cast<gateway::ShardId>(shard))) return;
  if (std::exchange(seats_[shard].told, true)) return;
  later(chance_.between(Mono(1us), plan_.hop_max), [this, shard] {
    seats_[shard].told = false;
    const auto id = static_cast<gateway::ShardId>(shard);
    if (auto delivery = store_.take_delivery(id)) shards_[shard]->deliver(std::move(*delivery));
    for (auto& loaded : store_.take_loaded(id)) shards_[shard]->loaded(std::move(loaded));
    wake(shard);
  });
}

// ---- Connections.

size_t World::home(ConnectionId connection) {
  if (const auto link = gateway::parse_link_connection(connection)) {
    return raw(directory_->home(link->route));
  }
  return guests_.at(connection).shard;
}

void World::answer_connects() {
  for (const ConnectionId connection : wire_.take_connects()) {
    later(net_.delay(), [this, connection] { connect_link(connection); });
  }
}

void World::connect_link(ConnectionId connection) {
  if (wire_.pipe(connection).closed) return wire_.forget(connection);
  const auto link = *gateway::parse_link_connection(connection);
  Smsc& carrier = carriers_[raw(link.route) - 1u];
  const size_t shard = home(connection);
  if (carrier.takes_connection()) {
    const uint64_t serial = net_.open(connection, carrier);
    carrier.opened(serial, link.index);
    shards_[shard]->connected(connection);
  } else {
    shards_[shard]->closed(connection, "refused");
  }
  wake(shard);
}

std::optional<uint64_t> World::connect_upstream(Peer& peer, size_t upstream) {
  if (shards_.empty() || agenda_.now() < frozen_until_) return std::nullopt;
  const auto id = static_cast<ConnectionId>(kAcceptedBit | next_guest_++);
  guests_[id].shard = raw(plan_.settings.tenants[tenant_of_[upstream]].shard);
  return net_.open(id, peer);
}

void World::received(ConnectionId connection, ByteView bytes) {
  const size_t shard = home(connection);
  const auto guest = guests_.find(connection);
  if (guest == guests_.end() || guest->second.greeted) {
    shards_[shard]->received(connection, bytes);
    return wake(shard);
  }
  // The listener reads a Hello before it knows whose connection it is.
  Bytes& first = guest->second.first;
  first.insert(first.end(), bytes.begin(), bytes.end());
  if (proto::frame_head(first, 1 << 20).result == proto::FrameResult::more) return;
  guest->second.greeted = true;
  shards_[shard]->accepted(connection, first);
  wake(shard);
}

void World::closed(ConnectionId connection) {
  const auto guest = guests_.find(connection);
  if (guest != guests_.end() && !guest->second.greeted) {
    guests_.erase(guest);
    return;
  }
  const size_t shard = home(connection);
  shards_[shard]->closed(connection, "by the peer");
  if (guest != guests_.end()) guests_.erase(guest);
  wake(shard);
}

}  // namespace tact::sim
