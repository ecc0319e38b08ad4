// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "gateway/engine/shard.h"
#include "tests/gateway/engine/centre.h"
#include "tests/gateway/engine/fake_store.h"
#include "tests/gateway/engine/fake_wire.h"
#include "tests/gateway/engine/producer.h"
#include "tests/gateway/engine/sealers.h"

namespace tact::gateway::test {

// ---- What the tests are set in: tenant "bank" (brand "bank", account "retail", upstream "core")
// and route "carrier" with one link; 2026-03-18 is a Wednesday, and it is 10:15 in Shanghai.
inline constexpr RouteId kRoute{1};
inline constexpr TenantId kTenant{1};
inline constexpr UpstreamId kUpstream{1};
inline constexpr BrandId kBrand{1};
EngineSettings one_shard();
EngineSettings two_shards();  // the tenant on the first, the route on the second
// Their rule set, with what the account answers and its templates.
std::shared_ptr<const policy::RuleSet> rules_with(const policy::RepliesSpec& replies,
                                                  std::vector<policy::TemplateRow> templates = {});
void add_link(EngineSettings& settings, uint32_t window = 10);
Civil shanghai(int day, int hour, int minute = 0);  // of March 2026

// A message that the gate passes, of each class.
proto::Message message_of(Class cls, std::string_view to = "8613800138000");

class KeyedHasher final : public NumberHasher {
 public:
  NumberHash hash(std::string_view e164) override { return text_digest(e164) | 1; }
};

// Shards, storage, carriers and producers in one thread and in virtual time: what the daemon's main
// does, under a test's control. The same calls in the same order give the same run.
class World {
 public:
  explicit World(EngineSettings settings);
  ~World();

  // ---- The process.
  void start();
  void crash();  // what is not durable is gone; peers see their connections end
  void restart() {
    crash();
    start();
  }
  void drain();  // and lets time pass until it is done, or a minute is over
  bool running() const { return !shards_.empty(); }
  bool drained() const;
  size_t in_flight() const;
  Shard& shard(size_t k = 0) { return *shards_.at(k); }
  const RouteStats& route_stats(size_t shard = 0) {
    return this->shard(shard).stats().routes.front();
  }
  uint64_t rule_count(policy::Rule rule) const;
  // What is durable of the audit, in its order.
  void audit(const std::function<void(const AuditRecord&)>& visit);

  // ---- Its surroundings.
  Centre& centre(RouteId route = kRoute) { return centres_[route]; }
  Sealer& sealer() { return sealer_; }
  // A new producer, connected when the world runs.
  Producer& producer(std::string_view stream = "a", std::string_view upstream = "core",
                     bool subscribe = true);
  void connect(Producer&);
  void disconnect(Producer&);

  // ---- Time.
  // Until nothing moves; the clock stands still.
  void run();
  // Until nothing moves and so much time has passed, deadline by deadline.
  void run_for(Mono time);
  // One exchange of what lies in pipes and queues. False: nothing moved.
  bool step();

  Now now{};
  bool commits = true;  // storage writes what it gets; else the test calls store.write_one()
  std::set<ConnectionId> closed;
  struct Told {
    Mono at{};
    Notice notice;
  };
  std::vector<Told> told;  // to the operators
  EngineSettings settings;
  FakeStore store;
  FakeWire wire;
  std::unique_ptr<policy::Suppression> suppression;
  KeyedHasher hasher;

 private:
  Shard& home(ConnectionId link);
  bool serve_links();
  bool serve_producers();
  bool serve_store();
  bool turn_shards();
  Mono next_deadline() const;

  MaskSealer sealer_{7};
  std::unique_ptr<Directory> directory_;
  std::unique_ptr<Backlog> backlog_;
  std::deque<std::unique_ptr<Shard>> shards_;
  std::vector<bool> dirty_;
  std::map<RouteId, Centre> centres_;
  std::set<ConnectionId> links_;  // open
  struct Seat {
    std::unique_ptr<Producer> producer;
    std::string upstream;
    ConnectionId connection{};
    bool greeted = false;  // the shard has been given the connection
  };
  std::deque<Seat> seats_;
  uint64_t next_connection_ = 1;
  uint64_t starts_ = 0;
};

}  // namespace tact::gateway::test
