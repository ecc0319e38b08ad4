// SPDX-License-Identifier: Apache-2.0
// tact submit: messages from a file or a pipe, progress while they go, a result for each.
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <fstream>
#include <iostream>
#include <memory>
#include <unordered_map>

#include "client/commands.h"
#include "client/gateway_options.h"
#include "client/results.h"
#include "client/row_feed.h"
#include "client/screen.h"
#include "client/table.h"
#include "client/time_text.h"

namespace tact::client {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kJobsOutstandingMax = 32;
constexpr std::size_t kJobBytesMax = 1u << 20;
// What a frame holds beside the messages of its job, and a job beside each of them, at most.
constexpr std::size_t kFrameOverhead = 32, kMessageOverhead = 6;
constexpr auto kRefresh = std::chrono::milliseconds(100);
// A gateway that restarts is waited for; one that stays away is reported.
constexpr auto kAbsenceMax = std::chrono::seconds(30);

struct SubmitOptions {
  GatewayOptions gateway;
  std::string file;
  std::size_t batch = 256;
  bool json = false;
  bool follow = false;
  bool until_settled = false;
  int64_t timeout_ms = 60'000;
};

class Submission {
 public:
  Submission(const SubmitOptions& options, std::shared_ptr<std::istream> input)
      : options_(options),
        rows_(io_, std::move(input), [this] { pump(); }),
        timer_(io_),
        connection_(io_, connection_options(options),
                    {.welcomed = [this](const proto::Welcome& welcome) { on_welcome(welcome); },
                     .acknowledged = [this](UpstreamConnection::Ticket ticket,
                                            const proto::JobAck& ack) { on_ack(ticket, ack); },
                     .events = [this](const proto::Events& events) { on_events(events); },
                     .lost = [this](proto::Error::Code, const std::string& message,
                                    bool again) { on_lost(message, again); }}) {}

  int run() {
    started_ = connected_ = Clock::now();
    connection_.start();
    do_refresh();
    io_.run();
    progress_.clear();
    table_.clear();
    if (!options_.json && results_.counts().added > 0) {
      std::cout << results_.render(options_.follow);
    }
    report();
    return exit_code_;
  }

 private:
  struct JobRange {
    std::size_t first = 0;
    std::size_t count = 0;
  };

  static UpstreamOptions connection_options(const SubmitOptions& options) {
    UpstreamOptions connection = options.gateway.connection();
    connection.subscribe = options.follow;
    return connection;
  }

  void on_welcome(const proto::Welcome& welcome) {
    welcomed_once_ = true;
    if (welcome.limits().job_messages() > 0) {
      batch_ = std::min<std::size_t>(options_.batch, welcome.limits().job_messages());
    }
    if (welcome.limits().frame_bytes() > kFrameOverhead) {
      job_bytes_max_ =
          std::min<std::size_t>(kJobBytesMax, welcome.limits().frame_bytes() - kFrameOverhead);
    }
    pump();
  }

  // Takes and sends as long as there is room; the end of the input is the end of reading only.
  void pump() {
    if (!welcomed_once_) return;  // how large a job may be is not known
    while (!input_ended_ && connection_.unacknowledged() < kJobsOutstandingMax) {
      std::optional<Row> row = rows_.take();
      if (!row) {
        input_ended_ = rows_.ended();
        break;
      }
      if (row->errors.empty()) {
        gather(*row);
      } else {
        on_bad_row(*row);
      }
    }
    if (input_ended_) send_job();
    finish_if_done();
  }

  void gather(Row& row) {
    const std::size_t bytes = row.message.ByteSizeLong() + kMessageOverhead;
    if (bytes > job_bytes_max_) {
      row.errors.push_back(
          {row.line, "",
           "too large: the gateway takes " + grouped(job_bytes_max_) + " octets in a job"});
      return on_bad_row(row);
    }
    if (gathered_bytes_ + bytes > job_bytes_max_) send_job();
    gathered_bytes_ += bytes;
    results_.add(row.message.reference());
    *job_.add_messages() = std::move(row.message);
    if (static_cast<std::size_t>(job_.messages_size()) >= batch_) send_job();
  }

  void send_job() {
    const auto count = static_cast<std::size_t>(job_.messages_size());
    if (count == 0) return;
    jobs_.emplace(connection_.send(job_), JobRange{results_.all().size() - count, count});
    job_.clear_messages();
    gathered_bytes_ = 0;
  }

  void on_bad_row(const Row& row) {
    progress_.clear();
    for (const RowError& error : row.errors) {
      std::cerr << describe(options_.file, error) << '\n';
    }
    ++bad_rows_;
  }

  void on_ack(UpstreamConnection::Ticket ticket, const proto::JobAck& ack) {
    const auto job = jobs_.find(ticket);
    if (job == jobs_.end()) return;
    const JobRange range = job->second;
    jobs_.erase(job);
    results_.acknowledge(range.first, range.count, ack);
    for (std::size_t i = range.first; options_.json && i < range.first + range.count; ++i) {
      std::cout << to_json(results_.all()[i]) << '\n';
    }
    pump();
  }

  void on_events(const proto::Events& events) {
    for (const proto::Event& event : events.events()) {
      const MessageResult* result = results_.take(event);
      if (result == nullptr) continue;
      if (options_.json) {
        std::cout << to_json(*result, event) << '\n';
      } else if (!draws_table()) {
        std::cout << format_clock(event.time_ms()) << "  " << result->name() << "  "
                  << describe(event) << std::endl;
      }
    }
    finish_if_done();
  }

  void on_lost(const std::string& message, bool again) {
    const bool patient = welcomed_once_ && Clock::now() - connected_ < kAbsenceMax;
    progress_.clear();
    std::cerr << "tact: " << message << (again && patient ? "; trying again" : "") << '\n';
    if (!again || !patient) finish(kUnreachable);
  }

  void do_refresh() {
    const auto now = Clock::now();
    if (connection_.connected()) connected_ = now;
    // What a slow pipe has brought does not wait for a full job.
    if (connection_.unacknowledged() == 0) send_job();
    if (following_ && now - followed_ >= std::chrono::milliseconds(options_.timeout_ms)) {
      progress_.clear();
      std::cerr << "tact: " << results_.counts().added - results_.counts().final
                << " messages have no final event after " << options_.timeout_ms << " ms\n";
      return finish(kIncomplete);
    }
    if (following_ && draws_table()) {
      table_.show(results_.render(true));
    } else {
      progress_.show(progress_line());
    }
    timer_.expires_after(kRefresh);
    timer_.async_wait([this](boost::system::error_code error) {
      if (!error) do_refresh();
    });
  }

  std::string progress_line() const {
    const ResultCounts& counts = results_.counts();
    const auto elapsed = std::chrono::duration<double>(Clock::now() - started_).count();
    const auto rate = static_cast<uint64_t>(static_cast<double>(counts.acknowledged) / elapsed);
    std::string text = grouped(counts.acknowledged) + " of " + grouped(counts.added) +
                       (input_ended_ ? "" : "+") + " acknowledged, " + grouped(rate) +
                       "/s: " + grouped(counts.queued) + " queued, " + grouped(counts.deferred) +
                       " deferred, " + grouped(counts.rejected) + " rejected";
    if (options_.follow) text += ", " + grouped(counts.final) + " final";
    return text + "\n";
  }

  bool draws_table() const { return !options_.json && table_.fits(results_.all().size() + 1); }

  void finish_if_done() {
    if (!input_ended_ || !jobs_.empty() || job_.messages_size() > 0) return;
    if (!options_.follow || results_.all_final() ||
        (options_.until_settled && results_.all_settled())) {
      finish(kDone);
    } else if (!following_) {
      following_ = true;
      followed_ = Clock::now();
    }
  }

  void finish(int exit_code) {
    exit_code_ = exit_code;
    connection_.stop();
    timer_.cancel();
    io_.stop();
  }

  void report() {
    const ResultCounts& counts = results_.counts();
    std::cerr << counted(counts.added, "message: ", "messages: ") << grouped(counts.queued)
              << " queued, " << grouped(counts.deferred) << " deferred, "
              << grouped(counts.rejected) << " rejected, " << grouped(counts.duplicate)
              << " duplicate\n";
    if (counts.acknowledged < counts.added) {
      std::cerr << "tact: "
                << counted(counts.added - counts.acknowledged, "message was", "messages were")
                << " sent and not acknowledged; the gateway may have them\n";
    }
    if (bad_rows_ == 0) return;
    std::cerr << "tact: " << counted(bad_rows_, "bad row was", "bad rows were") << " not sent\n";
    if (exit_code_ == kDone) exit_code_ = kIncomplete;
  }

  const SubmitOptions& options_;
  boost::asio::io_context io_{1};
  RowFeed rows_;
  boost::asio::steady_timer timer_;
  UpstreamConnection connection_;
  Results results_;
  Screen progress_{stderr};
  Screen table_{stdout};
  std::unordered_map<UpstreamConnection::Ticket, JobRange> jobs_;
  proto::Job job_;  // gathers
  std::size_t gathered_bytes_ = 0;
  std::size_t batch_ = options_.batch;
  std::size_t job_bytes_max_ = kJobBytesMax;
  uint64_t bad_rows_ = 0;
  bool input_ended_ = false;
  bool welcomed_once_ = false;
  bool following_ = false;
  Clock::time_point started_, connected_, followed_;
  int exit_code_ = kDone;
};

int submit(SubmitOptions& options) {
  if (options.file == "-") {
    options.file = "stdin";
    return Submission(options, {&std::cin, [](std::istream*) {}}).run();
  }
  auto file = std::make_shared<std::ifstream>(options.file);
  if (!*file) throw CLI::ValidationError("FILE", "cannot open " + options.file);
  return Submission(options, std::move(file)).run();
}

}  // namespace

void add_submit(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "submit", "Submit messages from JSON lines or CSV; fields are named as in job.proto");
  auto options = std::make_shared<SubmitOptions>();
  options->gateway.add_to(*command);
  command->add_option("FILE", options->file, "a file, or - for standard input")->required();
  command->add_option("--batch", options->batch, "messages per job")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_flag("--json", options->json, "results and events as JSON lines");
  command->add_flag("--follow", options->follow,
                    "wait for each message's last event; takes the upstream's event subscription");
  command->add_flag("--until-settled", options->until_settled,
                    "with --follow: do not wait for what the gate has deferred");
  command
      ->add_option("--timeout", options->timeout_ms,
                   "how long to follow after the last acknowledgement")
      ->default_str("60s")
      ->transform(CLI::AsNumberWithUnit(
          std::map<std::string, int64_t>{{"ms", 1}, {"s", 1000}, {"m", 60'000}},
          CLI::AsNumberWithUnit::UNIT_REQUIRED));
  command->callback([options, &exit_code] { exit_code = submit(*options); });
}

}  // namespace tact::client
