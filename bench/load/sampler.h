// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bench/load/process_sample.h"
#include "client/ops_client.h"

namespace tact::bench {

struct WatchedProcess {
  std::string name;
  int pid = 0;
};

struct SamplerOptions {
  std::optional<client::OpsOptions> metrics;  // the gateway's ops endpoint
  std::vector<WatchedProcess> processes;
  std::chrono::milliseconds period{1000};
};

// "http://HOST:PORT/metrics", "http://HOST:PORT" or "unix:/path"; nothing for anything else.
std::optional<client::OpsOptions> parse_metrics_url(std::string_view url);

// What was seen, as it was seen: counters are not made into rates. Times are nanoseconds of the
// steady clock that the Tally counts by.
struct Samples {
  struct Process {
    std::string name;
    std::vector<std::optional<ProcessSample>> samples;  // by process_times_ns; nothing: it was gone
  };
  std::vector<int64_t> process_times_ns;
  std::vector<Process> processes;

  std::vector<int64_t> metrics_times_ns;  // of the scrapes that succeeded
  // By name with labels, each as long as metrics_times_ns. What was never anything but zero is not
  // in it.
  std::map<std::string, std::vector<std::optional<double>>> metrics;
  uint64_t scrapes_failed = 0;
  std::string failure;  // why the last of them failed
};

// Looks at the gateway and at processes once a period, on a thread of its own: neither a scrape
// that takes its time nor its parsing holds up the generator's loop. Samples that would be late are
// left out, not made up for.
class Sampler {
 public:
  // Takes the first sample before it returns. Throws std::runtime_error that says what cannot be
  // read: an endpoint that does not answer, a text that is no metrics or not a gateway's, a process
  // that is not there.
  explicit Sampler(SamplerOptions options);
  ~Sampler();

  // Takes a last sample and ends. A scrape that goes on is waited for, a few seconds at most. Once.
  Samples stop();

 private:
  void run();
  void sample_processes();
  void scrape();          // throws
  void scrape_or_tell();  // failures are counted, the first is told on standard error

  // Constant after construction.
  const SamplerOptions options_;

  // Owned by the constructor, then by thread_ until it has ended.
  Samples samples_;

  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;  // guarded by mutex_

  std::thread thread_;
};

}  // namespace tact::bench
