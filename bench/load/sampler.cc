// SPDX-License-Identifier: Apache-2.0
#include "bench/load/sampler.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>

#include "bench/load/metrics_text.h"
#include "client/address.h"

namespace tact::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kScrapeTimeout = std::chrono::seconds(5);

// What the report draws, without _bucket, _count and _sum.
constexpr std::array kFamilies = {
    std::string_view("tact_lane_queued_messages"),
    std::string_view("tact_lane_open_messages"),
    std::string_view("tact_lane_oldest_age_seconds"),
    std::string_view("tact_lane_accepted_to_wire_seconds"),
    std::string_view("tact_lane_durable_to_wire_seconds"),
    std::string_view("tact_lane_round_trip_seconds"),
    std::string_view("tact_lane_receipt_seconds"),
    std::string_view("tact_commit_seconds"),
    std::string_view("tact_commits_total"),
    std::string_view("tact_commit_bytes_total"),
    std::string_view("tact_storage_write_seconds"),
    std::string_view("tact_storage_group_commits"),
    std::string_view("tact_storage_written_bytes_total"),
    std::string_view("tact_storage_audit_bytes_total"),
    std::string_view("tact_storage_syncs_total"),
    std::string_view("tact_link_submitted_total"),
    std::string_view("tact_receipts_total"),
    std::string_view("tact_route_rate_pdus_per_second"),
    std::string_view("tact_throttled_total"),
    std::string_view("tact_awaiting_messages"),
};
// Every gateway has these from its start.
constexpr std::array kRequired = {std::string_view("tact_lane_queued_messages"),
                                  std::string_view("tact_commits_total"),
                                  std::string_view("tact_storage_syncs_total")};

bool is_kept(std::string_view family) {
  for (const std::string_view suffix : {"_bucket", "_count", "_sum"}) {
    if (!family.ends_with(suffix)) continue;
    family.remove_suffix(suffix.size());
    break;
  }
  return std::find(kFamilies.begin(), kFamilies.end(), family) != kFamilies.end();
}

int64_t steady_ns() { return std::chrono::nanoseconds(Clock::now().time_since_epoch()).count(); }

bool never_moved(const std::vector<std::optional<double>>& series) {
  return std::all_of(series.begin(), series.end(), [](const auto& v) { return !v || *v == 0; });
}

}  // namespace

std::optional<client::OpsOptions> parse_metrics_url(std::string_view url) {
  constexpr std::string_view kHttp = "http://", kUnix = "unix:", kPath = "/metrics";
  if (url.starts_with(kUnix) && url.size() > kUnix.size()) {
    return client::OpsOptions{.endpoint = std::string(url)};
  }
  if (url.ends_with(kPath)) url.remove_suffix(kPath.size());
  if (!url.starts_with(kHttp) || !client::parse_address(url.substr(kHttp.size()))) {
    return std::nullopt;
  }
  return client::OpsOptions{.endpoint = std::string(url)};
}

Sampler::Sampler(SamplerOptions options) : options_(std::move(options)) {
  for (const WatchedProcess& process : options_.processes) {
    if (!sample_process(process.pid)) {
      throw std::runtime_error("no process " + std::to_string(process.pid) + " (" + process.name +
                               ") to watch");
    }
    samples_.processes.push_back({process.name, {}});
  }
  sample_processes();
  if (options_.metrics) scrape();
  thread_ = std::thread([this] { run(); });
}

Sampler::~Sampler() {
  if (thread_.joinable()) stop();
}

Samples Sampler::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopped_.notify_one();
  thread_.join();
  std::erase_if(samples_.metrics, [](const auto& entry) { return never_moved(entry.second); });
  return std::move(samples_);
}

void Sampler::run() {
  bool last = false;
  for (Clock::time_point due = Clock::now(); !last;) {
    due = std::max(due + options_.period, Clock::now());
    {
      std::unique_lock lock(mutex_);
      last = stopped_.wait_until(lock, due, [this] { return stop_; });
    }
    sample_processes();
    if (options_.metrics) scrape_or_tell();
  }
}

void Sampler::sample_processes() {
  samples_.process_times_ns.push_back(steady_ns());
  for (std::size_t i = 0; i < options_.processes.size(); ++i) {
    samples_.processes[i].samples.push_back(sample_process(options_.processes[i].pid));
  }
}

void Sampler::scrape() {
  client::OpsOptions options = *options_.metrics;
  options.timeout = kScrapeTimeout;
  const std::string text = client::ops_get(options, "/metrics");
  const std::vector<MetricSample> scraped = parse_metrics(text);
  for (const std::string_view required : kRequired) {
    const auto is_it = [&](const MetricSample& sample) { return sample.family == required; };
    if (std::any_of(scraped.begin(), scraped.end(), is_it)) continue;
    throw std::runtime_error("no " + std::string(required) + " at " + options.endpoint +
                             ": is it a gateway?");
  }
  const std::size_t before = samples_.metrics_times_ns.size();
  samples_.metrics_times_ns.push_back(steady_ns());
  for (const MetricSample& sample : scraped) {
    if (!is_kept(sample.family)) continue;
    auto& series = samples_.metrics[std::string(sample.name)];
    series.resize(before);
    series.push_back(sample.value);
  }
  for (auto& [name, series] : samples_.metrics) series.resize(before + 1);
}

void Sampler::scrape_or_tell() try { scrape(); } catch (const std::exception& error) {
  if (samples_.scrapes_failed++ == 0) {
    std::fprintf(stderr, "tact-bench: no metrics for now: %s\n", error.what());
  }
  samples_.failure = error.what();
}

}  // namespace tact::bench
