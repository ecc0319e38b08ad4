// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/engine/world.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tact::gateway::test {
namespace {

constexpr uint64_t kAcceptedBit = uint64_t{1} << 63;
// So many exchanges without time passing: something wakes itself up for nothing.
constexpr int kStepsMax = 20'000;

}  // namespace

World::World(EngineSettings with)
    : settings(std::move(with)), store(settings.shards), directory_(new Directory(settings)) {
  now.mono = std::chrono::seconds(1'000);
  now.civil = shanghai(18, 10, 15);
  start();
}

World::~World() = default;

// ---- The process.

void World::start() {
  directory_ = std::make_unique<Directory>(settings);
  backlog_ = std::make_unique<Backlog>();
  for (const auto& route : settings.routes) backlog_->add(route.id);
  suppression = std::make_unique<policy::Suppression>();
  store.open(*suppression);
  const ShardPorts ports{settings, *directory_, store,        wire,
                         sealer_,  hasher,      *suppression, *backlog_};
  ++starts_;
  for (uint16_t k = 0; k < settings.shards; ++k) {
    shards_.push_back(std::make_unique<Shard>(ShardId{k}, ports, starts_ * 100 + k));
    shards_.back()->start(store, store.lease_block(), now);
    dirty_.push_back(true);
  }
  for (auto& seat : seats_) connect(*seat.producer);
}

void World::crash() {
  shards_.clear();
  dirty_.clear();
  for (auto& seat : seats_) {
    if (seat.producer->is_connected()) seat.producer->closed();
    seat.connection = {};
  }
  for (const ConnectionId link : links_) {
    centres_[parse_link_connection(link)->route].closed(link, now.mono);
  }
  links_.clear();
  wire.crash();
  store.crash();
}

void World::drain() {
  for (auto& shard : shards_) shard->drain(now);
  std::fill(dirty_.begin(), dirty_.end(), true);
  for (int i = 0; i < 60 && !drained(); ++i) run_for(std::chrono::seconds(1));
}

bool World::drained() const {
  return std::all_of(shards_.begin(), shards_.end(), [](const auto& s) { return s->drained(); });
}

size_t World::in_flight() const {
  size_t n = 0;
  for (const auto& shard : shards_) n += shard->in_flight();
  return n;
}

uint64_t World::rule_count(policy::Rule rule) const {
  uint64_t n = 0;
  for (const auto& shard : shards_) {
    for (const auto& count : shard->stats().rules[static_cast<size_t>(rule)]) n += count.get();
  }
  return n;
}

void World::audit(const std::function<void(const AuditRecord&)>& visit) {
  for (const auto& [key, value] : store.table(Table::audit)) {
    const auto batch = open_batch(split_audit(value).batch, sealer_);
    ASSERT_TRUE(batch);
    AuditRecord record;
    size_t count = 0;
    for (size_t at = 0; read_audit(batch->body, at, record); ++count) visit(record);
    ASSERT_EQ(count, batch->count);
  }
}

// ---- Its surroundings.

Producer& World::producer(std::string_view stream, std::string_view upstream, bool subscribe) {
  auto& seat = seats_.emplace_back();
  seat.producer = std::make_unique<Producer>(std::string(upstream), std::string(stream));
  seat.producer->subscribe = subscribe;
  seat.upstream = upstream;
  connect(*seat.producer);
  return *seat.producer;
}

void World::connect(Producer& producer) {
  for (auto& seat : seats_) {
    if (seat.producer.get() != &producer) continue;
    seat.connection = static_cast<ConnectionId>(kAcceptedBit | next_connection_++);
    seat.greeted = false;
    producer.connected();
  }
}

void World::disconnect(Producer& producer) {
  for (auto& seat : seats_) {
    if (seat.producer.get() != &producer) continue;
    producer.closed();
    for (size_t k = 0; k < shards_.size(); ++k) {
      if (!seat.greeted) continue;
      shards_[k]->closed(seat.connection, "by the peer");
      dirty_[k] = true;
    }
  }
}

Shard& World::home(ConnectionId link) {
  const size_t k = raw(directory_->home(parse_link_connection(link)->route));
  dirty_[k] = true;
  return *shards_[k];
}

bool World::serve_links() {
  bool moved = false;
  for (const ConnectionId connection : wire.take_connects()) {
    const auto link = *parse_link_connection(connection);
    moved = true;
    const Centre& to = centres_[link.route];
    if (!to.connects(link) || to.dead_hosts.contains(wire.host(connection))) {
      home(connection).closed(connection, "refused", to.tls);
      continue;
    }
    centres_[link.route].connected(connection, now.mono);
    links_.insert(connection);
    home(connection).connected(connection);
  }
  for (const ConnectionId connection : std::set<ConnectionId>(links_)) {
    Centre& centre = centres_[parse_link_connection(connection)->route];
    const Bytes bytes = wire.take(connection);
    if (!bytes.empty()) centre.received(connection, bytes, now.mono);
    Bytes answer;
    if (!wire.pipe(connection).paused) centre.output(connection, answer, now.mono);
    const bool by_us = wire.pipe(connection).closed;
    if (!answer.empty() && !by_us) home(connection).received(connection, answer);
    moved |= !bytes.empty() || !answer.empty();
    if (!by_us && !centre.cut(connection)) continue;
    if (!by_us) home(connection).closed(connection, "by the centre");
    centre.closed(connection, now.mono);
    links_.erase(connection);
    wire.forget(connection);
    moved = true;
  }
  return moved;
}

bool World::serve_producers() {
  bool moved = false;
  for (auto& seat : seats_) {
    Producer& producer = *seat.producer;
    if (!producer.is_connected()) continue;
    auto& pipe = wire.pipe(seat.connection);
    const Bytes answers = wire.take(seat.connection);
    if (!answers.empty()) producer.received(answers);
    moved |= !answers.empty();
    if (pipe.closed) {
      producer.closed();
      closed.insert(seat.connection);
      continue;
    }
    if (pipe.paused) continue;
    const Bytes bytes = producer.take_output();
    if (bytes.empty()) continue;
    moved = true;
    for (size_t k = 0; k < shards_.size(); ++k) {
      const bool lives_here = std::any_of(
          settings.tenants.begin(), settings.tenants.end(), [&](const TenantSettings& tenant) {
            return raw(tenant.shard) == k &&
                   std::any_of(tenant.upstreams.begin(), tenant.upstreams.end(),
                               [&](const auto& u) { return u.name == seat.upstream; });
          });
      if (!lives_here) continue;
      seat.greeted ? shards_[k]->received(seat.connection, bytes)
                   : shards_[k]->accepted(seat.connection, bytes);
      dirty_[k] = true;
    }
    seat.greeted = true;
  }
  return moved;
}

bool World::serve_store() {
  bool moved = false;
  while (commits && store.write_one()) moved = true;
  moved |= store.serve_loads();
  for (size_t k = 0; k < shards_.size(); ++k) {
    const auto id = static_cast<ShardId>(k);
    if (!store.has_news(id)) continue;
    if (auto delivery = store.take_delivery(id)) shards_[k]->deliver(std::move(*delivery));
    for (Loaded& loaded : store.take_loaded(id)) shards_[k]->loaded(std::move(loaded));
    dirty_[k] = moved = true;
  }
  return moved;
}

bool World::turn_shards() {
  bool moved = false;
  for (size_t k = 0; k < shards_.size(); ++k) {
    if (!dirty_[k] && shards_[k]->deadline() > now.mono) continue;
    dirty_[k] = false;
    shards_[k]->turn(now);
    for (const auto& notice : shards_[k]->notices()) told.push_back({now.mono, notice});
    if (shards_[k]->more()) dirty_[k] = true;
    moved = true;
  }
  return moved;
}

// ---- Time.

bool World::step() {
  bool moved = turn_shards();
  moved |= serve_links();
  moved |= serve_producers();
  moved |= serve_store();
  return moved || std::find(dirty_.begin(), dirty_.end(), true) != dirty_.end();
}

void World::run() {
  for (int i = 0; step() && !(store.blown() && commits); ++i) {
    ASSERT_LT(i, kStepsMax) << "the world spins while time stands still";
  }
}

Mono World::next_deadline() const {
  Mono at = kNever;
  for (const auto& shard : shards_) at = std::min(at, shard->deadline());
  return at;
}

void World::run_for(Mono time) {
  const Mono end = now.mono + time;
  run();
  while (now.mono < end && !(store.blown() && commits)) {
    const Mono next = std::clamp(next_deadline(), now.mono + std::chrono::milliseconds(1), end);
    // The wall clock counts whole milliseconds, so time moves in them.
    const auto passed = std::chrono::ceil<std::chrono::milliseconds>(next - now.mono);
    now.mono += passed;
    now.civil += passed;
    run();
    if (::testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace tact::gateway::test
