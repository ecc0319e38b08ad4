// SPDX-License-Identifier: Apache-2.0
// A seed becomes a plan: sizes, rates, and which faults are on (Groce et al., "Swarm Testing": a
// run that leaves most faults out finds what a run with all of them hides).
#include <cstdio>

#include "tests/sim/plan.h"
#include "tests/sim/rules.h"

namespace tact::sim {
namespace {

using namespace std::chrono_literals;
using gateway::EngineSettings;
using gateway::Millis;
using gateway::RouteId;
using gateway::Seconds;
using gateway::ShardId;
using gateway::UnknownPolicy;

// Makes a chance of its own for crawl(), so that other plans are what they were before it; likewise
// for dialects().
constexpr uint64_t kCrawl = 0x637261776c;
constexpr uint64_t kDialects = 0x6469616c656374;

class Swarm {
 public:
  explicit Swarm(uint64_t seed) : chance_(seed) { plan_.seed = seed; }

  Plan draw() {
    slow_ = chance_.permille(250);
    tame_ = chance_.permille(150);
    engine();
    limits();
    const size_t routes = chance_.between(1, 3);
    for (size_t k = 0; k < routes; ++k) route(k);
    tenants();
    population();
    world();
    if (Chance(plan_.seed ^ kCrawl).permille(60)) crawl();
    dialects(Chance(plan_.seed ^ kDialects));
    return std::move(plan_);
  }

 private:
  // A fault is off in most plans; where it is on, it is on by a drawn strength.
  uint32_t fault(uint32_t on_permille, uint32_t most) {
    if (tame_ || !chance_.permille(on_permille)) return 0;
    return static_cast<uint32_t>(chance_.between(1, most));
  }
  ShardId shard() { return static_cast<ShardId>(chance_.below(plan_.settings.shards)); }

  void engine();
  void limits();
  void route(size_t k);
  void link(gateway::RouteSettings& route);
  void carrier(const gateway::RouteSettings& route);
  std::vector<gateway::WeightedRoute> some_routes();
  void tenants();
  void producer();
  void population();
  void world();
  void crawl();
  void dialects(Chance chance);

  Chance chance_;
  Plan plan_;
  bool slow_ = false;  // days with hours and caps, else minutes without
  bool tame_ = false;  // nothing goes wrong
};

void Swarm::engine() {
  EngineSettings& s = plan_.settings;
  s.server = "tact sim";
  s.shards = static_cast<uint16_t>(chance_.between(1, 3));
  s.rules = slow_ ? strict_rules() : loose_rules();
  auto& c = s.classes;
  const Seconds brief(chance_.between(20, 600));
  const auto validity = [&](Seconds usual) { return slow_ ? usual : brief; };
  c[static_cast<size_t>(Class::otp)] = {UnknownPolicy::resend, 300s, 64};
  c[static_cast<size_t>(Class::crisis)] = {UnknownPolicy::resend, validity(24h), 16};
  c[static_cast<size_t>(Class::notification)] = {UnknownPolicy::resend, validity(24h), 8};
  c[static_cast<size_t>(Class::collection)] = {UnknownPolicy::report, validity(240h), 2};
  c[static_cast<size_t>(Class::marketing)] = {UnknownPolicy::report, validity(240h), 1};
  if (chance_.permille(200)) s.idempotency_time = Seconds(chance_.between(60, 600));
}

void Swarm::limits() {
  auto& l = plan_.settings.limits;
  const auto rarely = [&](auto& limit, auto small) {
    if (chance_.permille(300)) limit = small;
  };
  rarely(l.page_bytes, uint64_t{1});  // a page of one batch
  rarely(l.page_bytes, chance_.between(200, 5'000));
  rarely(l.open_max, static_cast<uint32_t>(chance_.between(2, 20)));
  rarely(l.batch_messages, 1u);
  rarely(l.batch_bytes, static_cast<uint32_t>(chance_.between(300, 4'000)));
  rarely(l.turn_admissions, static_cast<uint32_t>(chance_.between(1, 5)));
  rarely(l.uncommitted_bytes, chance_.between(1, 4'000));
  if (chance_.permille(50)) l.lane_messages = chance_.between(1, 20);
  if (chance_.permille(50)) l.keys = static_cast<uint32_t>(chance_.between(1, 10));
}

void Swarm::link(gateway::RouteSettings& route) {
  gateway::LinkSettings link;
  link.name = "link-" + std::to_string(route.links.size());
  link.hosts = {{"carrier", 2775}};
  auto& session = link.session;
  session.system_id = "tact";
  session.window = chance_.permille(300) ? 1 : static_cast<uint32_t>(chance_.between(1, 20));
  session.timers.response = Seconds(chance_.between(1, 20));
  session.timers.session_init = Seconds(chance_.between(2, 10));
  session.timers.enquire_link = slow_ ? Mono(1h) : Mono(Seconds(chance_.between(5, 60)));
  link.weight = static_cast<uint32_t>(chance_.between(1, 4));
  link.reconnect_max = Millis(chance_.between(600, 10'000));
  link.already_bound_wait = Millis(chance_.between(500, 5'000));
  // A transmitter needs a receiver beside it, or its receipts have no way back.
  if (!route.links.empty() && chance_.permille(200)) {
    session.mode = chance_.coin() ? smpp::BindMode::transmitter : smpp::BindMode::receiver;
  }
  route.links.push_back(link);
}

void Swarm::route(size_t k) {
  gateway::RouteSettings r;
  r.id = static_cast<RouteId>(k + 1);
  r.name = "route-" + std::to_string(k + 1);
  r.shard = shard();
  for (size_t links = chance_.between(1, 3); links > 0; --links) link(r);
  r.rate_pdus =
      static_cast<uint32_t>(chance_.coin() ? chance_.between(100, 2'000) : chance_.between(5, 60));
  if (chance_.permille(300)) r.burst_pdus = static_cast<uint32_t>(chance_.between(1, 30));
  r.throttle_wait = Millis(chance_.between(50, 2'000));
  r.retry_wait = Millis(chance_.between(50, 5'000));
  r.retries_max = static_cast<uint32_t>(chance_.between(0, 10));
  r.settle_time = Seconds(chance_.between(1, 40));
  r.failover_after = Millis(chance_.between(1'000, slow_ ? 60'000 : 8'000));
  r.receipt_timeout =
      slow_ ? Seconds(chance_.between(3'600, 3 * 86'400)) : Seconds(chance_.between(60, 1'800));
  constexpr smpp::Concat kConcats[] = {smpp::Concat::udh16, smpp::Concat::udh8, smpp::Concat::sar,
                                       smpp::Concat::payload};
  r.concat = chance_.one_of(kConcats);
  r.user_message_reference = chance_.permille(700);
  r.validity_period = chance_.coin();
  carrier(r);
  switch (plan_.carriers.back().ids) {
    case IdForm::hex_then_decimal:
      r.response_id_base = smpp::IdBase::hex;
      r.receipt_id_base = smpp::IdBase::decimal;
      break;
    case IdForm::decimal_then_hex:
      r.response_id_base = smpp::IdBase::decimal;
      r.receipt_id_base = smpp::IdBase::hex;
      break;
    default:
      break;
  }
  plan_.settings.routes.push_back(r);
}

void Swarm::carrier(const gateway::RouteSettings& route) {
  CarrierPlan c;
  c.throttles = fault(300, 300);
  c.queue_full = fault(300, 200);
  c.temporary = fault(300, 200);
  c.permanent = fault(300, 100);
  c.silent = fault(300, 100);
  c.silent_refuses = static_cast<uint32_t>(chance_.between(0, 1'000));
  c.late = fault(300, 150);
  c.answer_min = chance_.between(100us, 5ms);
  c.answer_max = c.answer_min + chance_.between(0ms, chance_.coin() ? 20ms : 800ms);
  constexpr IdForm kForms[] = {IdForm::same, IdForm::padded, IdForm::hex_then_decimal,
                               IdForm::decimal_then_hex};
  c.ids = chance_.one_of(kForms);
  if (chance_.permille(250)) c.first_id = (uint64_t{1} << 63) + chance_.below(1'000);
  if (chance_.permille(250)) c.first_id = 8;
  // Small numbers read the same in both bases, and the carrier's receipts cannot be told apart.
  const bool two_bases = c.ids == IdForm::hex_then_decimal || c.ids == IdForm::decimal_then_hex;
  if (two_bases) c.first_id |= 1 << 24;
  c.receipt_never = fault(250, 150);
  c.receipt_early = fault(300, 500);
  c.receipt_twice = fault(300, 300);
  c.receipt_undelivered = static_cast<uint32_t>(chance_.between(0, 400));
  c.receipt_enroute = fault(300, 300);
  c.receipt_cut = fault(300, 500);
  c.receipt_tlv_only = chance_.permille(100);
  c.receipt_tlv_too = chance_.permille(300);
  c.receipt_reference = route.user_message_reference && chance_.coin();
  c.first_part_only = chance_.permille(100) && !tame_;
  c.receipt_min = chance_.between(1ms, 200ms);
  c.receipt_max = c.receipt_min + chance_.between(1ms, 20s);
  c.refuses_bind = fault(200, 300);
  c.already_bound = chance_.permille(300);
  c.resets = fault(400, 8);
  c.unbinds = fault(250, 3);
  c.stalls = fault(300, 4);
  c.outages = fault(400, 6);
  c.outage_max = chance_.between(1, slow_ ? 20 : 8) * route.failover_after;
  c.replies = fault(500, 15);
  plan_.carriers.push_back(c);
}

// One, or several by weight, of which some may be there for the others only.
std::vector<gateway::WeightedRoute> Swarm::some_routes() {
  const auto& routes = plan_.settings.routes;
  const size_t first = chance_.below(routes.size());
  std::vector<gateway::WeightedRoute> chosen{{routes[first].id}};
  if (chance_.permille(300)) return chosen;
  for (size_t k = 0; k < routes.size(); ++k) {
    if (k == first || chance_.permille(300)) continue;
    chosen.push_back({routes[k].id, static_cast<uint32_t>(chance_.between(0, 3))});
  }
  return chosen;
}

void Swarm::tenants() {
  EngineSettings& s = plan_.settings;
  const size_t tenants = chance_.between(1, std::size(kSenders));
  uint16_t upstream = 0;
  for (size_t k = 0; k < tenants; ++k) {
    const Sender& sender = kSenders[k];
    gateway::TenantSettings t;
    const auto id = static_cast<uint16_t>(k + 1);
    t.id = gateway::TenantId{id};
    t.name = sender.tenant;
    t.shard = shard();
    t.brands.push_back({gateway::BrandId{id}, sender.brand});
    t.accounts.push_back(
        {gateway::AccountId{id}, sender.tenant, t.id, {gateway::BrandId{id}}, {sender.source}});
    for (size_t n = chance_.between(1, 2); n > 0; --n) {
      ++upstream;
      gateway::UpstreamSettings u;
      u.id = gateway::UpstreamId{upstream};
      u.name = "up-" + std::to_string(upstream);
      u.token = "token";
      u.default_account = gateway::AccountId{id};
      u.submitted_events = chance_.permille(700);
      if (chance_.permille(200)) u.event_quota_bytes = chance_.between(2'000, 60'000);
      t.upstreams.push_back(u);
      producer();
    }
    if (chance_.coin())
      t.routing.push_back({{Class::otp, Class::marketing}, {}, {}, some_routes()});
    if (chance_.coin()) t.routing.push_back({{}, {"49"}, {}, some_routes()});
    t.routing.push_back({{}, {}, {}, some_routes()});
    s.tenants.push_back(t);
  }
}

void Swarm::producer() {
  ProducerPlan p;
  p.streams = static_cast<uint32_t>(chance_.between(1, 3));
  p.job_max = chance_.coin() ? 3 : static_cast<uint32_t>(chance_.between(1, 60));
  p.keyed = fault(400, 600);
  p.scheduled = fault(400, 400);
  p.expiring = fault(400, 400);
  p.long_texts = chance_.coin() ? 0 : static_cast<uint32_t>(chance_.between(50, 700));
  p.unsigned_texts = fault(300, 300);
  p.controls = fault(300, 100);
  p.replays = fault(300, 200);
  p.breaks = fault(400, 6);
  p.twins = fault(200, 3);
  p.ack_delay_max = chance_.coin() ? Mono(1ms) : chance_.between(1ms, 5s);
  p.slow_reads = fault(250, 4);
  plan_.producers.push_back(p);
}

void Swarm::population() {
  const size_t numbers = chance_.coin() ? chance_.between(1, 6) : chance_.between(20, 200);
  for (size_t k = 0; k < numbers; ++k) {
    char number[16];
    const bool german = chance_.permille(250);
    std::snprintf(number, sizeof number, german ? "4915112345%03d" : "8613800138%03d",
                  static_cast<int>(k));
    plan_.numbers.emplace_back(number);
  }
  for (const Class cls : gateway::kClassOrder) {
    if (chance_.permille(600))
      plan_.classes.insert(plan_.classes.end(), chance_.between(1, 4), cls);
  }
  if (plan_.classes.empty()) plan_.classes.push_back(Class::notification);
  plan_.messages =
      static_cast<uint32_t>(chance_.coin() ? chance_.between(20, 120) : chance_.between(100, 500));
}

void Swarm::world() {
  using namespace std::chrono;
  // Around the days on which summer time begins and ends in Berlin, and in the middle of the week.
  constexpr sys_days kDays[] = {sys_days(year(2026) / March / 28),
                                sys_days(year(2026) / October / 24),
                                sys_days(year(2026) / June / 17)};
  // A short run begins at an hour that is lawful in both zones.
  plan_.start = Civil(chance_.one_of(kDays)) + (slow_ ? minutes(chance_.below(24 * 60))
                                                      : minutes(chance_.between(8 * 60, 13 * 60)));
  plan_.chaos = slow_ ? chance_.between(10min, 30h) : chance_.between(5s, 180s);
  plan_.calm_max = hours(24 * 40);
  plan_.crashes = fault(600, 8);
  plan_.drains = fault(250, 2);
  plan_.disk_stops = fault(300, 2);
  plan_.clock_steps = fault(250, 4);
  plan_.clock_step_max = chance_.coin() ? Mono(10s) : Mono(3h);
  plan_.suspends = fault(150, 2);
  plan_.drain_timeout = chance_.between(1s, 30s);
  plan_.restart_max = chance_.between(10ms, 10s);
  plan_.disk_min = chance_.between(50us, 1ms);
  plan_.disk_max = plan_.disk_min + chance_.between(0ms, chance_.coin() ? 3ms : 50ms);
  plan_.disk_hiccups = fault(300, 50);
  plan_.load_max = chance_.between(100us, 20ms);
  plan_.hop_max = chance_.between(1us, 2ms);
  plan_.turn_delay_max = chance_.coin() ? Mono(20us) : chance_.between(20us, 20ms);
  plan_.net.delay_min = chance_.between(10us, 1ms);
  plan_.net.delay_max = plan_.net.delay_min + chance_.between(0ms, chance_.coin() ? 1ms : 100ms);
  plan_.net.chunk_permille = chance_.coin() ? 0 : static_cast<uint32_t>(chance_.between(10, 1'000));
  plan_.net.chunk_max = static_cast<uint32_t>(chance_.between(20, 300));
  plan_.net.lose_permille = static_cast<uint32_t>(chance_.between(0, 1'000));
  plan_.net.half_open_permille =
      chance_.coin() ? 0 : static_cast<uint32_t>(chance_.between(0, 600));
}

// Long messages through windows of one, a slow carrier and short lives: what happens to a message
// of which some parts have left and others have not?
void Swarm::crawl() {
  for (auto& route : plan_.settings.routes) {
    if (route.concat == smpp::Concat::payload) route.concat = smpp::Concat::udh16;
    for (auto& link : route.links) link.session.window = 1;
  }
  for (auto& carrier : plan_.carriers) carrier.answer_max = carrier.answer_min + 3s;
  for (auto& producer : plan_.producers) {
    producer.long_texts = 700;
    producer.expiring = std::max(producer.expiring, 300u);
  }
}

// Carriers that take Chinese as GBK, or want septets packed.
void Swarm::dialects(Chance chance) {
  for (auto& route : plan_.settings.routes) {
    if (chance.permille(200)) route.dialect.gbk = 15;
    route.dialect.packed = chance.permille(200);
  }
}

}  // namespace

Plan plan_of(uint64_t seed) { return Swarm(seed).draw(); }

std::string describe(const Plan& plan) {
  const auto& s = plan.settings;
  std::string out;
  const auto add = [&](const char* name, uint64_t value) {
    if (value) out += std::string(out.empty() ? "" : " ") + name + "=" + std::to_string(value);
  };
  add("shards", s.shards);
  add("routes", s.routes.size());
  add("tenants", s.tenants.size());
  add("messages", plan.messages);
  add("numbers", plan.numbers.size());
  add("chaos_s", static_cast<uint64_t>(std::chrono::duration_cast<Seconds>(plan.chaos).count()));
  add("crashes", plan.crashes);
  add("drains", plan.drains);
  add("disk_stops", plan.disk_stops);
  add("clock_steps", plan.clock_steps);
  add("suspends", plan.suspends);
  add("open_max", s.limits.open_max);
  add("page", s.limits.page_bytes);
  add("batch", s.limits.batch_messages);
  return out;
}

}  // namespace tact::sim
