// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/gateway.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <sstream>
#include <stdexcept>

#include "client/ops_client.h"

namespace tact::e2e {

namespace {
namespace json = boost::json;

constexpr Millis kStartLimit(30'000);

// 2026-03-18 10:15 in Shanghai: a Wednesday on which everything may be sent.
constexpr int64_t kWednesday = 1'773'800'100;

const char* const kConfig = R"(demo: true
clock_offset: @OFFSET@s
listen: {port: @LISTEN@}
ops: {port: @OPS@, socket: @NAME@.sock}
data:
  folder: @DATA@
@STORE@keys:
  number_key_file: @NAME@.number.key
  data_keys: [{id: 1, file: data.key}]
log: {level: info}
limits:
  open: @OPEN@
@LIMITS@routes:
  - name: carrier
    rate_pdus: @RATE@
    throttle_wait: 200ms
    retry_wait: 200ms
@ROUTE@    links:
      - name: carrier-1
        @HOST@
        port: @CARRIER@
        system_id: tact
        password: secret08
        window: @WINDOW@
        response_timeout: 1s
        reconnect_min: 50ms
        reconnect_max: 500ms
@LINK@tenants:
  - name: xx-bank
    brands:
      - {name: xx-bank, signatures: [XX银行], contacts: [955XX]}
    accounts:
      - {name: retail, brands: [xx-bank], sources: ["1069000055"],
         attributes: {@ATTRIBUTES@}@ACCOUNT@}
    upstreams:
      - {name: @UPSTREAM@, token_file: upstream.token, default_account: retail}
policy:
  classes:
    otp: {cap_day: 0, cap_minute: 0, cap_hour: 0}
    notification: {cap_minute: 0}
    crisis: {cooldown: 0s}
    collection: {cap_day: 0, cooldown: 0s}
    marketing: {cap_day: 0, cooldown: 0s}
  cap_month: 12
  freq_week: 7
  retouch: false
  escalate_after: 0
  lexicon_file: @POLICY@/lexicon_zh.tsv
  zones_file: @POLICY@/zones.tsv
  countries_file: @POLICY@/countries.tsv
)";

void fill(std::string& text, const std::string& name, const std::string& value) {
  const std::string mark = "@" + name + "@";
  for (size_t at; (at = text.find(mark)) != std::string::npos;) {
    text.replace(at, mark.size(), value);
  }
}

std::string indented(const std::string& lines, int columns) {
  std::istringstream in(lines);
  std::string out;
  for (std::string line; std::getline(in, line);) {
    out += std::string(static_cast<size_t>(columns), ' ') + line + "\n";
  }
  return out;
}

// The clock of a folder stays the same over restarts.
std::string clock_offset(const Folder& folder) {
  const std::string path = folder.path("clock.offset");
  if (read_file(path).empty()) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    write_file(path, std::to_string(kWednesday - seconds));
  }
  return read_file(path);
}
}  // namespace

Folder::Folder() {
  std::string name = std::filesystem::temp_directory_path() / "tact-e2e.XXXXXX";
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  root_ = name;
}

Folder::~Folder() {
  if (::testing::Test::HasFailure()) {
    std::printf("logs and store are in %s\n", root_.c_str());
    return;
  }
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

uint16_t free_port() {
  static std::mt19937 random{std::random_device{}()};
  for (;;) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto port = static_cast<uint16_t>(20'000 + random() % 12'000);
    address.sin_port = htons(port);
    const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int bound = bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address);
    close(probe);
    if (bound == 0) return port;
  }
}

Carrier::Carrier(Folder& folder, std::vector<std::string> options, const std::string& name)
    : out_(folder.path(name + ".out")),
      log_(folder.path(name + ".log")),
      process_(
          "tact-smsc",
          [&] {
            options.insert(options.begin(), {"--port", "0", "--stats-port", "0", "--log", log_});
            return options;
          }(),
          out_, folder.path(name + ".err")) {
  const bool listens = wait_until(kStartLimit, [&] {
    return read_file(out_).find("statistics http") != std::string::npos || !process_.running();
  });
  const std::string out = read_file(out_);
  const size_t port = out.find("listening 127.0.0.1:"), url = out.find("http://");
  if (!listens || url == std::string::npos) {
    throw std::runtime_error("tact-smsc does not start: " + read_file(folder.path(name + ".err")));
  }
  port_ = static_cast<uint16_t>(std::stoi(out.substr(port + 20)));
  statistics_url_ = out.substr(url, out.find_first_of("/\n", url + 7) - url);
}

json::object Carrier::statistics() const {
  return json::parse(client::ops_get({.endpoint = statistics_url_, .token_file = {}}, "/"))
      .as_object();
}

int64_t Carrier::count(const std::string& path) const {
  json::value value = statistics();
  std::istringstream names(path);
  for (std::string name; std::getline(names, name, '.');) {
    const auto* found = value.as_object().if_contains(name);
    if (found == nullptr) return 0;
    value = json::value(*found);
  }
  return value.to_number<int64_t>();
}

std::vector<Delivered> Carrier::log() const {
  // The simulator writes it out every 100 ms.
  size_t size = 0;
  wait_until(Millis(5'000), [&] {
    const size_t before = std::exchange(size, read_file(log_).size());
    usleep(250'000);
    return before == size && before == read_file(log_).size();
  });
  std::vector<Delivered> out;
  std::istringstream lines(read_file(log_));
  for (std::string line; std::getline(lines, line);) {
    const auto entry = json::parse(line).as_object();
    out.push_back({std::string(entry.at("to").as_string()),
                   std::string(entry.at("text").as_string()),
                   std::string(entry.at("message_id").as_string()),
                   entry.contains("tlvs") ? std::string(entry.at("tlvs").as_string()) : "",
                   entry.at("time_ns").to_number<int64_t>(), entry.at("parts").to_number<int>()});
  }
  return out;
}

Gateway::Gateway(Folder& folder, uint16_t carrier_port, const GatewaySettings& settings,
                 const std::string& name)
    : folder_(folder),
      name_(name),
      config_(folder.path(name + ".yaml")),
      err_(folder.path(name + ".log")),
      listen_port_(free_port()),
      ops_port_(free_port()) {
  const std::string number_key(64, '5'), data_key(64, '7');
  write_file(folder.path(name + ".number.key"),
             settings.number_key.empty() ? number_key : settings.number_key, true);
  write_file(folder.path("data.key"), data_key, true);
  write_file(folder.path("upstream.token"), kToken, true);
  std::string config = kConfig;
  fill(config, "ATTRIBUTES", settings.attributes);
  fill(config, "UPSTREAM", settings.upstream);
  fill(config, "OFFSET", clock_offset(folder));
  fill(config, "LISTEN", std::to_string(listen_port_));
  fill(config, "OPS", std::to_string(ops_port_));
  fill(config, "NAME", name);
  fill(config, "DATA", settings.data_folder);
  fill(config, "STORE", indented(settings.data, 2));
  fill(config, "OPEN", std::to_string(settings.open));
  fill(config, "LIMITS", indented(settings.limits, 2));
  fill(config, "RATE", std::to_string(settings.rate_pdus));
  fill(config, "ROUTE", indented(settings.route, 4));
  fill(config, "HOST", settings.hosts.empty() ? "host: 127.0.0.1" : "hosts: " + settings.hosts);
  fill(config, "LINK", indented(settings.link, 8));
  fill(config, "CARRIER", std::to_string(carrier_port));
  fill(config, "WINDOW", std::to_string(settings.window));
  fill(config, "ACCOUNT", settings.account);
  fill(config, "POLICY", TACT_SOURCE_DIR "/policy/data");
  write_file(config_, config);
}

Process& Gateway::spawn() {
  process_ = std::make_unique<Process>("tactd", std::vector<std::string>{"--config", config_},
                                       folder_.path(name_ + ".out"), err_);
  return *process_;
}

bool Gateway::start() {
  spawn();
  const bool ready =
      wait_until(kStartLimit, [&] { return !process_->running() || !ops("/readyz").empty(); });
  if (ready && process_->running()) return true;
  const std::string text = log();
  ADD_FAILURE() << "tactd does not start, "
                << (process_->running() ? "not ready in time"
                                        : "exit " + std::to_string(*process_->wait(Millis(0))))
                << "; its last words:\n"
                << text.substr(text.size() > 2000 ? text.size() - 2000 : 0);
  return false;
}

int Gateway::stop(Millis limit) {
  process_->signal(SIGTERM);
  return process_->wait(limit).value_or(-1);
}

void Gateway::kill() {
  process_->signal(SIGKILL);
  process_->wait(Millis(10'000));
}

std::string Gateway::ops(const std::string& target) const {
  try {
    return client::ops_get(
        {.endpoint = "http://127.0.0.1:" + std::to_string(ops_port_), .token_file = {}}, target);
  } catch (const std::exception&) {
    return "";
  }
}

double Gateway::metric(const std::string& name, const std::vector<std::string>& labels) const {
  std::istringstream lines(metrics());
  double sum = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(name) || line.find_first_of("{ ") != name.size()) continue;
    bool all = true;
    for (const auto& label : labels) all = all && line.find(label) != std::string::npos;
    if (all) sum += std::stod(line.substr(line.rfind(' ')));
  }
  return sum;
}

Finished Gateway::tact(const std::vector<std::string>& arguments) const {
  return run(folder_.root(), "tact", arguments, Millis(60'000),
             {"TACT_TO=127.0.0.1:" + std::to_string(listen_port_),
              std::string("TACT_UPSTREAM=") + kUpstream,
              "TACT_TOKEN_FILE=" + folder_.path("upstream.token"),
              "TACT_OPS=unix:" + folder_.path(name_ + ".sock")});
}

}  // namespace tact::e2e
