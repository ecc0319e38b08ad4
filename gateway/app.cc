// SPDX-License-Identifier: Apache-2.0
#include "gateway/app.h"

#include <algorithm>
#include <condition_variable>
#include <random>

#include "gateway/config/reload.h"
#include "gateway/data_keys.h"
#include "gateway/engine/suppressed.h"
#include "gateway/io/notice_log.h"
#include "gateway/leftovers.h"
#include "gateway/warnings.h"

namespace tact::gateway {

namespace {
using namespace std::chrono_literals;
constexpr auto kClockSlack = 5min;  // DESIGN 17.4

template <size_t N>
std::array<uint8_t, N> key_bytes(const std::string& key) {
  std::array<uint8_t, N> out{};
  std::copy_n(key.begin(), std::min(N, key.size()), out.begin());
  return out;
}

Civil wall_clock(Millis offset) {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) + offset;
}
}  // namespace

App::App(Config config, Log& log, bool accept_clock)
    : config_(std::move(config)), log_(log), accept_clock_(accept_clock) {
  fatal_ = [this](const std::string& reason) {
    log_.line(Level::error, "fatal", {{"reason", reason}});
    log_.flush();
    // The log on disk is the truth; nothing that still runs may add to it (I12).
    std::_Exit(kExitIo);
  };
}

App::~App() {
  if (http_) http_->stop();
  if (listener_) listener_->stop();
  for (auto& room : shards_) room.thread->stop();
  if (storage_) storage_->stop();
}

std::optional<StartFailure> App::start() {
  hasher_ = std::make_unique<SipHasher>(key_bytes<16>(config_.io.number_key));
  std::vector<DataKey> keys;
  for (const auto& key : config_.io.data_keys) keys.push_back({key.id, key_bytes<32>(key.key)});
  if (auto failure = open_store()) return failure;
  if (auto wrong = check_data_keys(*rocks_, keys)) return StartFailure{kExitConfig, *wrong};
  if (keys.empty()) {
    sealer_ = std::make_unique<PlainSealer>();
  } else {
    const uint16_t current = keys.back().id;
    sealer_ = std::make_unique<GcmSealer>(std::move(keys), current);
  }
  if (auto failure = name_things()) return failure;
  if (auto failure = check_clock()) return failure;
  load_suppressions();
  build_shards();
  if (auto failure = listen()) return failure;
  storage_->start();
  // Every shard sees the same; one tells it.
  shards_.front().thread->on_dispute([this](const Now& now) {
    if (now.disputed == Civil{}) return log_.line(Level::info, "the clocks agree again");
    log_.line(Level::warning, "the wall clock was set; what may wait is sent when both permit it",
              {{"ahead_ms", to_ms(now.civil) - to_ms(now.disputed)}});
  });
  for (auto& room : shards_) {
    room.thread->on_notice([this](const Notice& notice) { tell(log_, *directory_, notice); });
    room.thread->start(*room.face);
  }
  ready_ = true;
  log_.line(Level::info, "ready",
            {{"upstreams", listener_->port()},
             {"ops", http_->port()},
             {"routes", config_.engine.routes.size()},
             {"rule_set", config_.engine.rules->digest_text()}});
  warn_of(config_, wall_clock(config_.io.clock_offset), log_);
  return std::nullopt;
}

std::optional<StartFailure> App::open_store() {
  RocksSettings settings;
  settings.folder = config_.io.data_folder;
  settings.number_key_check = hasher_->check_value();
  OpenFailure failure;
  rocks_ = Rocks::open(settings, fatal_, &failure);
  if (rocks_) return std::nullopt;
  using Kind = OpenFailure::Kind;
  const bool config = failure.kind == Kind::newer_format || failure.kind == Kind::number_key;
  return StartFailure{config                         ? kExitConfig
                      : failure.kind == Kind::locked ? kExitBusy
                                                     : kExitIo,
                      failure.message};
}

std::optional<StartFailure> App::name_things() {
  bool spent = false;
  assign_ids(config_, [&](NameKind kind, const std::string& name) -> uint16_t {
    const auto id = rocks_->assign(static_cast<char>(kind), name);
    spent |= !id;
    return id.value_or(0xffff);
  });
  if (spent) return StartFailure{kExitConfig, "65,535 names of one kind are spent in this store"};
  directory_ = std::make_unique<Directory>(config_.engine);
  if (auto owed = leftovers(*rocks_, *directory_)) return StartFailure{kExitConfig, *owed};
  return std::nullopt;
}

std::optional<StartFailure> App::check_clock() {
  const Civil last = rocks_->last_civil();
  const Civil wall = wall_clock(config_.io.clock_offset);
  if (accept_clock_ || wall + kClockSlack >= last) return std::nullopt;
  const auto behind = std::chrono::duration_cast<std::chrono::seconds>(last - wall).count();
  return StartFailure{kExitConfig, "the clock is " + std::to_string(behind) +
                                       " s behind the last commit of this store; set it, or start "
                                       "with --accept-clock"};
}

void App::load_suppressions() {
  rocks_->scan(Table::suppressed, "", "", [&](std::string_view key, std::string_view value) {
    if (const auto entry = decode_suppressed(key, value)) {
      suppression_.put(*entry);
    } else {
      fatal_("a suppression record is damaged");
    }
    return true;
  });
}

void App::build_shards() {
  const auto count = config_.engine.shards;
  for (const auto& route : config_.engine.routes) backlog_.add(route.id);
  shards_.resize(count);
  for (auto& room : shards_) {
    room.thread = std::make_unique<ShardThread>(ConnectionSettings{}, config_.io.clock_offset,
                                                rocks_->last_civil());
  }
  StorageSettings settings;
  settings.durability = static_cast<Durability>(config_.io.durability);
  settings.sync_interval = config_.io.sync_interval;
  settings.shards = count;
  storage_ = std::make_unique<Storage>(
      *rocks_, suppression_, settings,
      [this](ShardId to, Delivery&& d) { shards_[raw(to)].thread->deliver(std::move(d)); },
      [this](ShardId to, Loaded&& l) { shards_[raw(to)].thread->loaded(std::move(l)); }, fatal_);
  Clock clock(config_.io.clock_offset, rocks_->last_civil());
  const Now now = clock.read();
  std::random_device entropy;
  for (uint16_t k = 0; k < count; ++k) {
    auto& room = shards_[k];
    const ShardPorts ports{config_.engine, *directory_, *storage_,    *room.thread,
                           *sealer_,       *hasher_,    suppression_, backlog_};
    room.shard = std::make_unique<Shard>(static_cast<ShardId>(k), ports,
                                         uint64_t{entropy()} << 32 | entropy());
    room.shard->start(*rocks_, rocks_->lease_block(), now);
    room.face = std::make_unique<ShardFaceOf<Shard>>(*room.shard);
  }
}

std::optional<StartFailure> App::listen() {
  auto& io = shards_.front().thread->io();
  ListenerSettings settings;
  settings.address = config_.io.listen_address;
  settings.port = config_.io.listen_port;
  listener_ = std::make_unique<UpstreamListener>(
      io, settings,
      [this](std::string_view name) -> std::optional<ShardId> {
        for (const auto& tenant : config_.engine.tenants) {
          for (const auto& upstream : tenant.upstreams) {
            if (upstream.name == name) return tenant.shard;
          }
        }
        return std::nullopt;
      },
      [this](ShardId to, ShardThread::Accepted accepted) {
        shards_[raw(to)].thread->accept(std::move(accepted));
      });
  listener_->on_refusal([this](const std::string& peer, auto code, const char* reason) {
    log_.line(Level::warning, "upstream: no Hello of ours",
              {{"peer", peer}, {"code", proto::Error::Code_Name(code)}, {"reason", reason}});
  });
  if (const auto problem = listener_->listen(); !problem.empty()) {
    return StartFailure{kExitIo, problem};
  }
  start_ops();
  if (const auto problem = http_->listen(); !problem.empty()) return StartFailure{kExitIo, problem};
  return std::nullopt;
}

void App::start_ops() {
  auto& io = shards_.front().thread->io();
  const auto now = [this] { return wall_clock(config_.io.clock_offset); };
  MetricsSources numbers;
  for (auto& room : shards_) {
    numbers.shards.push_back(&room.shard->stats());
    numbers.turns.push_back(&room.thread->turns());
  }
  numbers.storage = &storage_->stats();
  numbers.listener = &listener_->stats();
  numbers.rocks = rocks_.get();
  rules_.rules = config_.engine.rules;
  for (const auto& [country, file] : config_.source.policy().holidays()) {
    rules_.calendars.push_back(country);
  }
  numbers.rules = [this] {
    const std::lock_guard guard(rules_mutex_);
    return rules_;
  };
  numbers.now = now;
  numbers.clock_steps = [this] {
    uint64_t steps = 0;
    for (const auto& room : shards_) steps += room.thread->clock_steps();
    return steps;
  };
  metrics_ = std::make_unique<Metrics>(numbers);

  AdminSources from;
  from.metrics = [this] { return metrics_->text(); };
  from.not_ready = [this] { return not_ready(); };
  from.now = now;
  from.shards = numbers.shards;
  from.suppression = &suppression_;
  from.rocks = rocks_.get();
  from.storage = storage_.get();
  from.hasher = hasher_.get();
  from.sealer = sealer_.get();
  from.directory = directory_.get();
  for (const auto& tenant : config_.engine.tenants) from.tenants.push_back(tenant.id);
  std::sort(from.tenants.begin(), from.tenants.end());
  from.brand_name = [this](uint16_t scope) {
    return std::string(directory_->name(static_cast<BrandId>(scope)));
  };
  from.brand_scope = [this](std::string_view name) -> std::optional<uint16_t> {
    for (const auto& tenant : config_.engine.tenants) {
      for (const auto& brand : tenant.brands) {
        if (brand.name == name) return raw(brand.id);
      }
    }
    return std::nullopt;
  };
  admin_ = std::make_unique<Admin>(io, from);
  HttpSettings http;
  http.address = config_.io.ops_address;
  http.port = config_.io.ops_port;
  http.socket = config_.io.ops_socket;
  http.token = config_.io.ops_token;
  http_ = std::make_unique<HttpServer>(
      io, http, [this](HttpRequest request) { return admin_->answer(std::move(request)); });
}

std::string App::not_ready() const {
  if (draining_) return "draining";
  return ready_ ? "" : "starting";
}

// The rule set is one value: each shard changes it between two turns, so that no message is judged
// by half of it. Shards change a moment apart, as they would see any two messages.
void App::reload(const std::string& path) {
  LoadedConfig loaded = load_config(path, read_disk, Secrets::skip);
  for (const Problem& problem : loaded.problems) {
    log_.line(Level::error, "reload: problem", {{"problem", problem.text()}});
  }
  if (!loaded.config) return refuse_reload("the file has problems");
  Reload reload = reload_rules(config_, std::move(*loaded.config));
  for (const std::string& place : reload.needs_restart) {
    log_.line(Level::warning, "reload: needs a restart", {{"place", place}});
  }
  if (!reload.rules) return refuse_reload("other tenants, brands or accounts need a restart");
  for (auto& room : shards_) room.thread->use(reload.rules);
  const std::lock_guard guard(rules_mutex_);
  log_.line(Level::info, "reload: rules in force",
            {{"rule_set", reload.rules->digest_text()}, {"before", rules_.rules->digest_text()}});
  rules_.rules = std::move(reload.rules);
  rules_.calendars = std::move(reload.calendars);
  ++rules_.reloads;
  warn_of_calendars(*rules_.rules, rules_.calendars, wall_clock(config_.io.clock_offset), log_);
}

void App::refuse_reload(const std::string& why) {
  const std::lock_guard guard(rules_mutex_);
  ++rules_.reloads_refused;
  log_.line(Level::error, "reload: refused, the old rules stay in force",
            {{"reason", why}, {"rule_set", rules_.rules->digest_text()}});
}

int App::drain() {
  draining_ = true;
  log_.line(Level::info, "draining");
  listener_->stop();
  struct Done {
    std::mutex mutex;
    std::condition_variable wake;
    size_t shards = 0;
  };
  // Shared: a shard that drains after the timeout still has something to tell it to.
  const auto done = std::make_shared<Done>();
  for (auto& room : shards_) {
    room.thread->drain([done] {
      const std::lock_guard guard(done->mutex);
      ++done->shards;
      done->wake.notify_one();
    });
  }
  bool drained = false;
  {
    std::unique_lock lock(done->mutex);
    drained = done->wake.wait_for(lock, config_.io.drain_timeout,
                                  [&] { return done->shards == shards_.size(); });
  }
  http_->stop();
  for (auto& room : shards_) room.thread->stop();
  storage_->stop();
  size_t in_flight = 0;
  for (const auto& room : shards_) in_flight += room.shard->in_flight();
  log_.line(Level::info, "stopped", {{"drained", drained}, {"unknown", in_flight}});
  return drained ? 0 : kExitUnknownLeft;
}

}  // namespace tact::gateway
