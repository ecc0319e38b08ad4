// SPDX-License-Identifier: Apache-2.0
// What happens to a world, and when: traffic and faults in the chaos, nothing in the calm.
#include <algorithm>

#include "tests/sim/world.h"

namespace tact::sim {
namespace {

using namespace std::chrono_literals;

// Once everything is told, the process is drained and started again; nothing may come of that.
constexpr Mono kEpilogue = 5min;

}  // namespace

void World::at_random(uint32_t times, std::function<void()> what) {
  for (; times > 0; --times) {
    agenda_.in(chance_.between(Mono(0), plan_.chaos), [this, what] {
      if (!calm_) what();
    });
  }
}

void World::plan_traffic() {
  for (auto& producer : producers_) producer.start();
  uint32_t left = plan_.messages;
  // In bursts, as campaigns and alarms come, or spread out.
  const Mono burst = chance_.coin() ? plan_.chaos : plan_.chaos / 50;
  const Mono begin = chance_.between(Mono(0), plan_.chaos - burst);
  while (left > 0) {
    Producer& producer = producers_[chance_.below(producers_.size())];
    const uint32_t job = std::min(left, producer.draw_job());
    left -= job;
    agenda_.in(chance_.between(begin, begin + burst), [&producer, job] { producer.push_job(job); });
  }
}

void World::plan_faults() {
  at_random(plan_.crashes, [this] { crash(); });
  at_random(plan_.drains, [this] { drain(); });
  at_random(plan_.disk_stops, [this] { stop_disk(); });
  at_random(plan_.clock_steps, [this] { step_clock(); });
  at_random(plan_.suspends, [this] { suspend(); });
  for (size_t k = 0; k < carriers_.size(); ++k) {
    Smsc& carrier = carriers_[k];
    const CarrierPlan& plan = plan_.carriers[k];
    const auto some_session = [this, &carrier](auto what) {
      const auto serials = carrier.sessions();
      if (!serials.empty()) what(serials[chance_.below(serials.size())]);
    };
    at_random(plan.resets, [this, some_session] {
      some_session([this](uint64_t serial) {
        note("reset of connection " + std::to_string(serial));
        audit_.session_ended(serial);
        net_.reset(serial);
      });
    });
    at_random(plan.outages, [this, k, &carrier] {
      note("carrier " + std::to_string(k + 1) + " is out");
      carrier.go_out();
      for (const uint64_t serial : carrier.sessions()) {
        audit_.session_ended(serial);
        net_.reset(serial);
      }
    });
    at_random(plan.stalls, [this, some_session] {
      some_session([this](uint64_t serial) {
        net_.stall(serial, chance_.coin(), chance_.between(10ms, 30s));
      });
    });
    at_random(plan.unbinds, [&carrier] { carrier.unbind_one(); });
    at_random(plan.replies, [&carrier] { carrier.reply(); });
  }
  for (size_t u = 0; u < tenant_of_.size(); ++u) {
    const ProducerPlan& plan = plan_.producers[u];
    const auto some = [this, u, &plan]() -> Producer& {
      size_t first = 0;
      for (size_t k = 0; k < u; ++k) first += plan_.producers[k].streams;
      return producers_[first + chance_.below(plan.streams)];
    };
    at_random(plan.breaks, [some] { some().break_off(); });
    at_random(plan.twins, [some] { some().open_twin(); });
    at_random(plan.slow_reads, [some] { some().read_slowly(); });
    at_random(plan_.messages * plan.replays / 5'000, [some] { some().push_again(); });
    at_random(plan_.messages * plan.controls / 1'000, [some] { some().push_control(); });
  }
}

void World::step_clock() {
  const auto most = std::chrono::floor<std::chrono::milliseconds>(plan_.clock_step_max).count();
  clock_offset_ = std::chrono::milliseconds(
      static_cast<int64_t>(chance_.below(2 * static_cast<uint64_t>(most))) - most);
  note("the wall clock is off by " + std::to_string(clock_offset_.count()) + " ms");
}

void World::suspend() {
  const Mono time = chance_.between(100ms, std::max(Mono(1s), plan_.chaos / 4));
  frozen_until_ = std::min(agenda_.now() + time, calm_at_);
  note("suspended");
}

// Nothing becomes durable any more, nobody is told why; then the process ends (I12).
void World::stop_disk() {
  if (shards_.empty() || draining_) return;
  note("the disk stops");
  disk_stopped_ = true;
  later(chance_.between(1ms, 2s), [this] { stop(false); });
}

void World::calm() {
  note("calm");
  calm_ = true;
  clock_offset_ = {};
  frozen_until_ = {};
  net_.heal();
  if (disk_stopped_) stop(false);
  for (auto& carrier : carriers_) carrier.calm();
  for (auto& producer : producers_) producer.calm();
}

World::End World::run(uint64_t steps_max) {
  start();
  calm_at_ = agenda_.now() + plan_.chaos;
  plan_traffic();
  plan_faults();
  agenda_.in(plan_.chaos, [this] { calm(); });
  const Mono begin = agenda_.now();
  const Mono limit = begin + plan_.chaos + plan_.calm_max;
  std::optional<Mono> until;
  while (!audit_.violation() && agenda_.steps() < steps_max) {
    if (!agenda_.step(until.value_or(limit))) break;
    const bool kept = calm_ && audit_.settled() &&
                      std::all_of(producers_.begin(), producers_.end(),
                                  [](const Producer& p) { return p.done(); });
    if (!kept || until) continue;
    until = agenda_.now() + kEpilogue;
    last_drain_ = true;
    drain();
  }
  if (audit_.violation()) return End::wrong;
  if (!until) return End::stuck;
  audit_.finish();
  for (size_t t = 0; t < gateway::kTables; ++t) {
    for (const auto& [key, value] : store_.table(static_cast<gateway::Table>(t))) {
      absorb({reinterpret_cast<const uint8_t*>(key.data()), key.size()});
      absorb({reinterpret_cast<const uint8_t*>(value.data()), value.size()});
    }
  }
  return audit_.violation() ? End::wrong : End::done;
}

}  // namespace tact::sim
