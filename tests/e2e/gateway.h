// SPDX-License-Identifier: Apache-2.0
// The two programs under test as a test sees them: a folder, a simulated carrier, a gateway
// between.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "client/address.h"
#include "tests/e2e/process.h"

namespace tact::e2e {

// A temporary folder; stays, and is told, when the running test has failed.
class Folder {
 public:
  Folder();
  ~Folder();
  std::string path(const std::string& name) const { return root_ + "/" + name; }
  const std::string& root() const { return root_; }

 private:
  std::string root_;
};

// Free on 127.0.0.1 just now, and below the range that outgoing connections take their ports from.
uint16_t free_port();

// What the simulator received whole, in its order.
struct Delivered {
  std::string to, text, message_id, tlvs;
  int64_t time_ns = 0;
  int parts = 0;
};

// tact-smsc, with its statistics and its message log.
class Carrier {
 public:
  Carrier(Folder& folder, std::vector<std::string> options, const std::string& name = "smsc");

  uint16_t port() const { return port_; }
  // A number of the statistics by its path, such as "receipts.answered".
  int64_t count(const std::string& path) const;
  boost::json::object statistics() const;
  std::vector<Delivered> log() const;

 private:
  const std::string out_, log_;
  Process process_;
  uint16_t port_ = 0;
  std::string statistics_url_;
};

// What tests change of the gateway's configuration. Times are a Wednesday morning in Shanghai.
struct GatewaySettings {
  int rate_pdus = 5000;
  int window = 50;
  int open = 64;           // limits.open
  std::string route;       // more lines of the route, without indent
  std::string hosts;       // of its link, as a list; empty: the carrier's port
  std::string link;        // more lines of its link, likewise
  std::string limits;      // more lines of limits
  std::string attributes;  // of the account, such as "dlt_entity: '1101'"
  std::string account;     // more keys of the account: ", key: value"
  std::string number_key;  // 64 hex digits; empty: the folder's
  std::string data_folder = "data";
  std::string data;  // more lines of data
  std::string upstream = "core-banking";
};

class Gateway {
 public:
  static constexpr const char* kUpstream = "core-banking";  // unless the settings say other
  static constexpr const char* kToken = "0123456789abcdef0123";
  static constexpr const char* kBrand = "xx-bank";

  // Writes keys and configuration; `name` tells several of one folder apart.
  Gateway(Folder& folder, uint16_t carrier_port, const GatewaySettings& settings = {},
          const std::string& name = "tactd");

  // Until /readyz says so; a start that fails is a failed test, with the log's end.
  bool start();
  // Only starts: for those that are to end by themselves.
  Process& spawn();
  Process& process() { return *process_; }
  // SIGTERM; the exit code.
  int stop(Millis limit = Millis(40'000));
  void kill();

  client::Address address() const { return {"127.0.0.1", listen_port_}; }
  const std::string& config_path() const { return config_; }
  std::string log() const { return read_file(err_); }
  // Empty when nobody answers.
  std::string ops(const std::string& target) const;
  std::string metrics() const { return ops("/metrics"); }
  // Sum over all series of this name that have all of these labels (`class="MARKETING"`).
  double metric(const std::string& name, const std::vector<std::string>& labels = {}) const;
  // tact, knowing where the gateway is.
  Finished tact(const std::vector<std::string>& arguments) const;

 private:
  Folder& folder_;
  const std::string name_, config_, err_;
  const uint16_t listen_port_, ops_port_;
  std::unique_ptr<Process> process_;
};

}  // namespace tact::e2e
