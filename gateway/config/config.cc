// SPDX-License-Identifier: Apache-2.0
#include "gateway/config/config.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <unordered_map>

#include "gateway/config/context.h"
#include "gateway/config/yaml.h"
#include "gateway/engine/check.h"

namespace tact::gateway {
namespace config {
namespace {

// 64 hex digits as 32 octets; empty, and a problem, for anything else. The text itself is never
// told.
std::string read_key(Context& context, const std::string& path, const std::string& name) {
  if (name.empty() || !context.reads_secrets()) return {};
  const std::string hex = context.read_line(path, name);
  if (hex.empty()) return {};
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  std::string key;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    const int high = digit(hex[i]), low = digit(hex[i + 1]);
    if (high < 0 || low < 0) break;
    key += static_cast<char>(high * 16 + low);
  }
  if (hex.size() == 64 && key.size() == 32) return key;
  context.problem(path, context.resolved(name) + " must hold a key as 64 hex digits");
  return {};
}

void read_keys(const proto::Keys& source, Context& context, IoSettings& out) {
  out.number_key = read_key(context, "keys.number_key_file", source.number_key_file());
  for (int i = 0; i < source.data_keys_size(); ++i) {
    const std::string path = item("keys.data_keys", i);
    const auto id = static_cast<uint16_t>(source.data_keys(i).id());
    const auto same = [&](const IoSettings::DataKey& key) { return key.id == id; };
    if (id != 0 && std::any_of(out.data_keys.begin(), out.data_keys.end(), same)) {
      context.problem(path + ".id", "duplicate data key " + std::to_string(id));
    }
    out.data_keys.push_back({id, read_key(context, path + ".file", source.data_keys(i).file())});
  }
  std::sort(out.data_keys.begin(), out.data_keys.end(),
            [](const IoSettings::DataKey& a, const IoSettings::DataKey& b) { return a.id < b.id; });
}

// The log level, format and durability have the schema's order, one below its numbers.
template <class Enum>
Enum one_below(int number) {
  return static_cast<Enum>(number - 1);
}

void read_limits(const proto::Config& source, Context& context, EngineSettings& out) {
  const proto::LimitRules& limits = source.limits();
  if (limits.batch() > limits.page()) {
    context.problem("limits.batch", "limits.batch is above limits.page");
  }
  if (limits.frame() > limits.uncommitted()) {
    context.problem("limits.frame", "limits.frame is above limits.uncommitted");
  }
  out.limits = {.frame_bytes = static_cast<uint32_t>(limits.frame()),
                .job_messages = limits.job_messages(),
                .text_bytes = static_cast<uint32_t>(limits.text()),
                .streams = limits.streams(),
                .uncommitted_bytes = limits.uncommitted(),
                .batch_messages = limits.batch_messages(),
                .batch_bytes = static_cast<uint32_t>(limits.batch()),
                .page_bytes = limits.page(),
                .open_max = limits.open(),
                .turn_admissions = limits.turn_admissions(),
                .lane_messages = limits.lane_messages(),
                .awaiting = limits.awaiting(),
                .keys = limits.idempotency_keys(),
                .remembered = limits.remembered()};
  const auto seconds = [](const google::protobuf::Duration& duration) {
    return std::chrono::duration_cast<Seconds>(milliseconds(duration));
  };
  out.idempotency_time = seconds(limits.idempotency_time());
  out.audit_time = seconds(limits.audit_time());
  out.audit_texts = source.data().audit_texts();
  out.shards = static_cast<uint16_t>(source.shards());
  const auto set = [&](Class cls, const proto::ClassRules& rules) {
    out.classes[static_cast<std::size_t>(cls)] = {rules.unknown() == proto::ClassRules::RESEND
                                                      ? UnknownPolicy::resend
                                                      : UnknownPolicy::report,
                                                  seconds(rules.validity()), rules.weight()};
  };
  set(Class::otp, source.classes().otp());
  set(Class::crisis, source.classes().crisis());
  set(Class::notification, source.classes().notification());
  set(Class::collection, source.classes().collection());
  set(Class::marketing, source.classes().marketing());
}

}  // namespace

void read_io(const proto::Config& source, Context& context, IoSettings& out) {
  out.listen_address = source.listen().address();
  out.listen_port = static_cast<uint16_t>(source.listen().port());
  out.ops_address = source.ops().address();
  out.ops_port = static_cast<uint16_t>(source.ops().port());
  if (out.listen_address == out.ops_address && out.listen_port == out.ops_port) {
    context.problem("ops.port", "ops.port is the port of listen");
  }
  out.ops_socket = context.resolved(source.ops().socket());
  if (out.ops_socket.size() > 107) {
    context.problem("ops.socket", "the path of a Unix socket has at most 107 octets");
  }
  if (context.has("ops.token_file") && context.reads_secrets()) {
    out.ops_token = context.read_line("ops.token_file", source.ops().token_file());
    if (out.ops_token.size() < 16 && !context.is_told("ops.token_file")) {
      context.problem("ops.token_file", "the token must have at least 16 characters");
    }
  }
  out.data_folder = context.resolved(source.data().folder());
  context.check_not_empty("data.folder", source.data().folder());
  out.durability = one_below<IoSettings::Durability>(source.data().durability());
  out.sync_interval = milliseconds(source.data().sync_interval());
  read_keys(source.keys(), context, out);
  out.log_level = one_below<IoSettings::LogLevel>(source.log().level());
  out.log_format = one_below<IoSettings::LogFormat>(source.log().format());
  out.drain_timeout = milliseconds(source.limits().drain_timeout());
  out.demo = source.demo();
  out.clock_offset = milliseconds(source.clock_offset());
  if (out.clock_offset.count() != 0 && !out.demo) {
    context.problem("clock_offset", "clock_offset needs demo: true");
  }
}

}  // namespace config

namespace {

// From the ids of load_config() to the registry's; 0, nothing, stays.
class Renaming {
 public:
  explicit Renaming(const IdOf& id_of) : id_of_(id_of) {}

  template <class Id>
  void take(NameKind kind, Id& id, const std::string& name) {
    const uint16_t assigned = id_of_(kind, name);
    CHECK(assigned != 0);
    ids_[key(kind, raw(id))] = assigned;
    id = Id{assigned};
  }
  uint16_t of(NameKind kind, uint16_t id) const { return id == 0 ? id : ids_.at(key(kind, id)); }
  template <class Id>
  void apply(NameKind kind, Id& id) const {
    id = Id{of(kind, raw(id))};
  }

 private:
  static uint32_t key(NameKind kind, uint16_t id) { return static_cast<uint32_t>(kind) << 16 | id; }

  const IdOf& id_of_;
  std::unordered_map<uint32_t, uint16_t> ids_;
};

void rename_tenant(TenantSettings& tenant, Renaming& names) {
  names.take(NameKind::tenant, tenant.id, tenant.name);
  for (BrandSettings& brand : tenant.brands) {
    names.take(NameKind::brand, brand.id, tenant.name + '/' + brand.name);
  }
  for (AccountSettings& account : tenant.accounts) {
    names.take(NameKind::account, account.id, tenant.name + '/' + account.name);
    account.tenant = tenant.id;
    for (BrandId& brand : account.brands) names.apply(NameKind::brand, brand);
  }
  for (UpstreamSettings& upstream : tenant.upstreams) {
    names.take(NameKind::upstream, upstream.id, upstream.name);
    names.apply(NameKind::account, upstream.default_account);
  }
  for (RoutingRule& rule : tenant.routing) {
    for (WeightedRoute& each : rule.routes) names.apply(NameKind::route, each.route);
    for (BrandId& brand : rule.brands) names.apply(NameKind::brand, brand);
  }
}

}  // namespace

FileContents read_disk(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return {false, std::strerror(errno)};
  // A folder opens like a file and fails at the first read. An empty file adds nothing, which is no
  // error.
  errno = 0;
  std::ostringstream text;
  text << stream.rdbuf();
  if (errno != 0) return {false, std::strerror(errno)};
  return {true, text.str()};
}

LoadedConfig load_config(const std::string& path, const ReadFile& read_file, Secrets secrets) {
  const FileContents contents = read_file(path);
  if (!contents.ok) return {std::nullopt, {{path, 1, 1, "cannot read: " + contents.text}}};
  config::Report report(path, contents.text);
  config::Positions positions;
  Config config;
  if (!config::read_yaml(contents.text, config.source, report, positions)) {
    return {std::nullopt, report.sorted()};
  }
  config::Context context(path, read_file, secrets, report, positions);
  config::Names routes("route");
  config::read_io(config.source, context, config.io);
  config::read_limits(config.source, context, config.engine);
  config::read_routes(config.source, context, routes, config);
  config::read_tenants(config.source, context, routes, config);
  if (config.source.has_policy()) config::read_policy(config.source, context, config);
  LoadedConfig loaded;
  loaded.problems = report.sorted();
  const auto& others = context.other_problems();
  loaded.problems.insert(loaded.problems.end(), others.begin(), others.end());
  if (loaded.problems.empty()) loaded.config = std::move(config);
  return loaded;
}

void assign_ids(Config& config, const IdOf& id_of) {
  Renaming names(id_of);
  for (RouteSettings& route : config.engine.routes) {
    names.take(NameKind::route, route.id, route.name);
  }
  for (TenantSettings& tenant : config.engine.tenants) rename_tenant(tenant, names);
  for (policy::BrandSpec& brand : config.rules.brands) {
    brand.id = names.of(NameKind::brand, brand.id);
  }
  for (policy::AccountSpec& account : config.rules.accounts) {
    account.id = names.of(NameKind::account, account.id);
    for (uint16_t& brand : account.brands) brand = names.of(NameKind::brand, brand);
  }
  config.engine.rules = policy::build(config.rules).rules;
  CHECK(config.engine.rules != nullptr);
}

std::string print_config(const Config& config) { return config::print_yaml(config.source); }

std::string example_config() {
  proto::Config config;
  config::fill_example(config);
  return "# Configuration of tactd: every key there is, with its default or an example.\n"
         "# Durations: 500ms, 30s, 10m, 24h, 3d. Sizes: 64KiB, 16MiB, 10GiB. Paths are relative "
         "to\n"
         "# this file's folder. `tactd --check` says what is wrong with a file, `tactd --print` "
         "what\n"
         "# it means with all defaults.\n" +
         config::print_yaml(config, true);
}

}  // namespace tact::gateway
