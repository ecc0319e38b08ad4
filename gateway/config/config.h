// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/problem.h"
#include "gateway/engine/settings.h"
#include "policy/rule_set.h"
#include "proto/config.pb.h"

// The configuration file as plain values. Its schema, with all names, defaults and ranges, is
// proto/config.proto; here is what no schema can say. Called before anything runs, by one thread.
namespace tact::gateway {

// How the text of a file comes here: tests need no disk. If `ok` is false, `text` says why.
struct FileContents {
  bool ok = false;
  std::string text;
};
using ReadFile = std::function<FileContents(const std::string& path)>;
FileContents read_disk(const std::string& path);

// What the rooms around the engine need. Paths are as the process can open them.
struct IoSettings {
  enum class Durability : uint8_t { always, interval, os };
  enum class LogLevel : uint8_t { debug, info, warn, error };
  enum class LogFormat : uint8_t { json, text };
  struct DataKey {
    uint16_t id = 0;
    std::string key;  // 32 octets
  };

  std::string listen_address;
  uint16_t listen_port = 0;
  std::string ops_address;
  uint16_t ops_port = 0;
  std::string ops_socket;  // empty: none
  std::string ops_token;   // empty: nothing that needs it is served over TCP
  std::string data_folder;
  Durability durability = Durability::always;
  Millis sync_interval{50};        // of Durability::interval
  std::string number_key;          // 32 octets
  std::vector<DataKey> data_keys;  // by rising id; the last one writes
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::json;
  Millis drain_timeout{30'000};
  bool demo = false;
  Millis clock_offset{0};  // added to the wall clock; 0 unless demo
};

struct Config {
  proto::Config source;  // the effective configuration: the file's values and all defaults
  EngineSettings engine;
  policy::RuleSetSpec rules;  // that engine.rules is built from
  IoSettings io;
};

struct LoadedConfig {
  std::optional<Config> config;  // nothing if there are problems
  std::vector<Problem>
      problems;  // all of them, in the order of the file; then those of other files
};

// Who only tries the rules of a file has no need of its secrets: with `skip` no file of a key, a
// certificate, a token or a password is opened, and what the gateway would do with one stays empty.
enum class Secrets : bool { skip, read };

// Reads and checks the file and all files that it names. Paths in it are relative to its folder.
// The ids of the result count from 1 in the order of the file, over all tenants: they hold together
// what refers to each other, and become the registry's by assign_ids(). `engine.server` is left to
// the caller.
LoadedConfig load_config(const std::string& path, const ReadFile& read_file,
                         Secrets secrets = Secrets::read);

// Puts the registry's ids (DESIGN 17.1) in the place of those of load_config(), in the settings and
// in the rule set, which is built anew. Names of routes, tenants and upstreams are unique; those of
// brands and accounts are told as "tenant/name". REQUIRES: ids are 1 or more, and unique within a
// kind.
enum class NameKind : char {
  route = 'r',
  tenant = 't',
  brand = 'b',
  account = 'a',
  upstream = 'u'
};
using IdOf = std::function<uint16_t(NameKind kind, const std::string& name)>;
void assign_ids(Config& config, const IdOf& id_of);

// The effective configuration as YAML, secrets as ***.
std::string print_config(const Config& config);

// Every key with its meaning, unit, range and default: deploy/gateway.example.yaml is this text.
std::string example_config();

}  // namespace tact::gateway
