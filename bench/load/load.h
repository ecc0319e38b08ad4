// SPDX-License-Identifier: Apache-2.0
// The generator: streams that push jobs at a given rate or as fast as the gateway takes them, and a
// subscriber that follows every message to its last event. One thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/load/pace.h"
#include "bench/load/submission_log.h"
#include "bench/load/tally.h"
#include "bench/load/workload.h"
#include "client/upstream_connection.h"

namespace tact::bench {

inline constexpr uint32_t kNoBound = std::numeric_limits<uint32_t>::max();

struct LoadOptions {
  std::vector<client::UpstreamOptions> upstreams;  // they take turns
  std::vector<Phase> phases;
  uint64_t messages = 0;   // ends the sending when reached; 0: the phases do
  bool fill_only = false;  // the run ends when all is acknowledged: what was sent stays queued
  uint32_t batch = 100;    // messages of a job
  uint32_t streams = 4;    // of each upstream
  // Jobs not acknowledged, over all streams. At a given rate what finds no room is sent late, and
  // its latency counts from when it was due.
  uint32_t outstanding_max = 64;
  // Messages sent whose last event has not come, and those that the carrier has not taken,
  // likewise: they close the loop over whole lives, and over the gateway's queue.
  uint32_t in_flight_max = kNoBound;
  uint32_t queued_max = kNoBound;
  std::string log;  // file for a line of each message acknowledged; empty: none
  std::chrono::milliseconds settle{30'000};  // without any progress before the run is given up
};

class Load {
 public:
  // Throws std::runtime_error when the log cannot be written.
  Load(const LoadOptions& options, const Workload& workload);

  // Returns when every message has its last event (or its acknowledgement, to fill only), or when
  // nothing has moved for `settle`. Writes a line a second to standard error. Empty, or why the
  // gateway could not be used.
  std::string run();

  const Tally& tally() const { return tally_; }
  const LoadOptions& options() const { return options_; }
  const Workload& workload() const { return workload_; }
  const std::string& server() const { return server_; }
  uint64_t connections_lost() const { return connections_lost_; }
  uint64_t job_octets() const { return job_octets_; }  // of all jobs as they are encoded

 private:
  struct Job {
    uint64_t first = 0;
    uint32_t count = 0;
    int64_t sent_ns = 0;
  };
  struct Stream {
    std::unique_ptr<client::UpstreamConnection> connection;
    std::unordered_map<uint64_t, Job> jobs;  // by ticket
  };

  std::unique_ptr<client::UpstreamConnection> connect(client::UpstreamOptions options,
                                                      std::size_t index);
  void on_welcome(const proto::Welcome& welcome);
  void on_ack(std::size_t index, uint64_t ticket, const proto::JobAck& ack);
  void on_events(const proto::Events& events);
  void on_lost(proto::Error::Code code, const std::string& message, bool again);
  void begin();
  void do_turn();
  bool has_room() const;  // for one more job
  void pump(int64_t now_ns);
  void send_job(uint32_t count, int64_t intended_ns, int64_t now_ns);
  void set_not_before(uint64_t index, proto::Message& message) const;
  void show_progress(int64_t now_ns);
  void finish(std::string error);

  // Constant after construction.
  const LoadOptions options_;
  const Workload& workload_;

  boost::asio::io_context io_{1};
  boost::asio::steady_timer timer_;
  Tally tally_;
  Pace pace_;
  SubmissionLog log_;
  std::vector<Stream> streams_;  // of all upstreams, in turn
  std::vector<std::unique_ptr<client::UpstreamConnection>> subscribers_;
  std::string server_;
  std::string error_;
  std::size_t welcomed_ = 0;
  uint64_t connections_lost_ = 0;
  bool begun_ = false;
  bool sending_ = true;
  bool finished_ = false;
  int64_t began_ns_ = 0;
  int64_t shown_ns_ = 0;
  uint64_t shown_final_ = 0;
  proto::Job job_;  // in the making; reused, so that its messages and their strings are
  uint64_t jobs_sent_ = 0;
  uint64_t jobs_outstanding_ = 0;
  uint64_t job_octets_ = 0;
};

}  // namespace tact::bench
