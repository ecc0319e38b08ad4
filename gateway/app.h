// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gateway/config/config.h"
#include "gateway/engine/shard.h"
#include "gateway/io/admin.h"
#include "gateway/io/http_server.h"
#include "gateway/io/log.h"
#include "gateway/io/metrics.h"
#include "gateway/io/number_hash.h"
#include "gateway/io/sealer.h"
#include "gateway/io/shard_thread.h"
#include "gateway/io/storage.h"
#include "gateway/io/upstream_listener.h"

namespace tact::gateway {

// sysexits.h, as DESIGN uses them.
inline constexpr int kExitUnknownLeft =
    3;  // drained in time only in part: messages sent and not answered
inline constexpr int kExitUsage = 64;
inline constexpr int kExitIo = 74;
inline constexpr int kExitBusy = 75;    // another process has the store
inline constexpr int kExitConfig = 78;  // configuration or store do not allow a start

struct StartFailure {
  int exit_code = kExitConfig;
  std::string message;
};

// The composition root: builds every room in order, runs them, drains them, takes them down in
// reverse. Nothing opens before the configuration is right.
class App {
 public:
  App(Config config, Log& log, bool accept_clock);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // Opens the store, recovers, connects links, listens. Nothing: it runs.
  std::optional<StartFailure> start();
  // Takes over the rules of the file as it is now; a bad one changes nothing. Says in the log what
  // was done, and what only a restart would do. REQUIRES: it runs
  void reload(const std::string& path);
  // Takes no jobs any more, empties the windows, unbinds, closes. Returns the exit code.
  int drain();
  uint16_t ops_port() const { return http_ ? http_->port() : 0; }
  uint16_t listen_port() const { return listener_ ? listener_->port() : 0; }

 private:
  struct ShardRoom {
    std::unique_ptr<ShardThread> thread;
    std::unique_ptr<Shard> shard;
    std::unique_ptr<ShardFaceOf<Shard>> face;
  };

  std::optional<StartFailure> open_store();
  std::optional<StartFailure> name_things();
  std::optional<StartFailure> check_clock();
  void load_suppressions();
  void build_shards();
  std::optional<StartFailure> listen();
  void start_ops();
  std::string not_ready() const;
  void refuse_reload(const std::string& why);

  Config config_;  // of the start
  Log& log_;
  const bool accept_clock_;
  Fatal fatal_;

  // In the order of construction; destroyed in reverse.
  policy::Suppression suppression_;
  std::unique_ptr<SipHasher> hasher_;
  std::unique_ptr<Sealer> sealer_;
  std::unique_ptr<Rocks> rocks_;
  std::unique_ptr<Directory> directory_;
  Backlog backlog_;
  std::vector<ShardRoom> shards_;
  std::unique_ptr<Storage> storage_;
  std::unique_ptr<UpstreamListener> listener_;
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<Admin> admin_;
  std::unique_ptr<HttpServer> http_;
  std::atomic<bool> ready_{false};
  std::atomic<bool> draining_{false};

  mutable std::mutex rules_mutex_;
  RulesInForce rules_;  // guarded by rules_mutex_
};

}  // namespace tact::gateway
