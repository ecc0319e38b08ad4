// SPDX-License-Identifier: Apache-2.0
#include "bench/load/load.h"

#include <algorithm>
#include <cstdio>

#include "client/table.h"

namespace tact::bench {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr auto kTurn = std::chrono::milliseconds(1);

int64_t steady_ns() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Load::Load(const LoadOptions& options, const Workload& workload)
    : options_(options), workload_(workload), timer_(io_), tally_(workload) {}

std::unique_ptr<client::UpstreamConnection> Load::connect(std::size_t index) {
  client::UpstreamOptions options = options_.upstream;
  const bool subscriber = index == options_.streams;
  options.subscribe = subscriber;
  options.stream = subscriber ? std::string() : options.stream + "-" + std::to_string(index);
  client::UpstreamConnection::Callbacks callbacks;
  callbacks.welcomed = [this](const proto::Welcome& welcome) { on_welcome(welcome); };
  callbacks.acknowledged = [this, index](uint64_t ticket, const proto::JobAck& ack) {
    on_ack(index, ticket, ack);
  };
  callbacks.events = [this](const proto::Events& events) {
    const int64_t now_ns = steady_ns();
    for (const proto::Event& event : events.events()) tally_.event(event, now_ns);
  };
  callbacks.lost = [this](proto::Error::Code code, const std::string& message, bool again) {
    on_lost(code, message, again);
  };
  auto connection =
      std::make_unique<client::UpstreamConnection>(io_, std::move(options), std::move(callbacks));
  connection->start();
  return connection;
}

std::string Load::run() {
  streams_.resize(options_.streams);
  for (std::size_t i = 0; i < streams_.size(); ++i) streams_[i].connection = connect(i);
  subscriber_ = connect(options_.streams);
  io_.run();
  return error_;
}

// Sending begins when all connections stand, so that no latency holds a connection's making.
void Load::on_welcome(const proto::Welcome& welcome) {
  server_ = welcome.server();
  if (++welcomed_ == streams_.size() + 1 && !begun_) begin();
}

void Load::begin() {
  begun_ = true;
  began_ns_ = shown_ns_ = steady_ns();
  do_turn();
}

void Load::do_turn() {
  const int64_t now_ns = steady_ns();
  pump(now_ns);
  show_progress(now_ns);
  const bool sending = !is_over(now_ns);
  const uint64_t done = options_.fill_only ? tally_.acknowledged_count() : tally_.final_count();
  if (!sending && done == tally_.sent_count()) return finish("");
  const int64_t moved_ns = std::max(tally_.last_progress_ns(), began_ns_);
  const int64_t settle_ns = std::chrono::nanoseconds(options_.settle).count();
  if (now_ns - moved_ns > settle_ns && (!sending || jobs_outstanding_ > 0)) return finish("");
  timer_.expires_after(kTurn);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) do_turn();
  });
}

bool Load::is_over(int64_t now_ns) const {
  if (options_.messages > 0) return tally_.sent_count() >= options_.messages;
  const int64_t duration_ns = std::chrono::nanoseconds(options_.duration).count();
  if (options_.rate == 0) return now_ns - began_ns_ >= duration_ns;
  // What was due within the duration is sent, be it late.
  const auto due = static_cast<double>(options_.rate) * static_cast<double>(duration_ns) / kSecond;
  return static_cast<double>(tally_.sent_count()) >= due;
}

void Load::pump(int64_t now_ns) {
  while (jobs_outstanding_ < options_.outstanding_max && !is_over(now_ns)) {
    int64_t intended_ns = now_ns;
    if (options_.rate > 0) {
      const double seconds =
          static_cast<double>(jobs_sent_) * options_.batch / static_cast<double>(options_.rate);
      intended_ns = began_ns_ + static_cast<int64_t>(seconds * kSecond);
      if (intended_ns > now_ns) return;
    }
    send_job(intended_ns, now_ns);
  }
}

void Load::send_job(int64_t intended_ns, int64_t now_ns) {
  const uint64_t first = tally_.sent_count();
  uint32_t count = options_.batch;
  if (options_.messages > 0) {
    count = static_cast<uint32_t>(std::min<uint64_t>(count, options_.messages - first));
  }
  proto::Job job;
  job.mutable_messages()->Reserve(static_cast<int>(count));
  for (uint32_t i = 0; i < count; ++i) workload_.fill(first + i, *job.add_messages());
  tally_.sent(first, count, intended_ns, now_ns);
  Stream& stream = streams_[jobs_sent_++ % streams_.size()];
  ++jobs_outstanding_;
  stream.jobs.emplace(stream.connection->send(std::move(job)), Job{first, count});
}

void Load::on_ack(std::size_t index, uint64_t ticket, const proto::JobAck& ack) {
  Stream& stream = streams_[index];
  const auto found = stream.jobs.find(ticket);
  if (found == stream.jobs.end()) return;
  const int64_t now_ns = steady_ns();
  tally_.acknowledged(found->second.first, found->second.count, ack, now_ns);
  stream.jobs.erase(found);
  --jobs_outstanding_;
  if (!finished_) pump(now_ns);
}

void Load::on_lost(proto::Error::Code code, const std::string& message, bool again) {
  ++connections_lost_;
  if (!begun_ || !again) return finish(message);
  std::fprintf(stderr, "connection lost (%s): %s\n", proto::Error::Code_Name(code).c_str(),
               message.c_str());
}

void Load::show_progress(int64_t now_ns) {
  if (now_ns - shown_ns_ < kSecond) return;
  const auto seconds = static_cast<double>(now_ns - shown_ns_) / kSecond;
  const auto rate = static_cast<double>(tally_.final_count() - shown_final_) / seconds;
  std::fprintf(stderr, "%5.0f s  sent %12s  acknowledged %12s  final %12s  %9s/s\n",
               static_cast<double>(now_ns - began_ns_) / kSecond,
               client::grouped(tally_.sent_count()).c_str(),
               client::grouped(tally_.acknowledged_count()).c_str(),
               client::grouped(tally_.final_count()).c_str(),
               client::grouped(static_cast<uint64_t>(rate)).c_str());
  shown_ns_ = now_ns;
  shown_final_ = tally_.final_count();
}

void Load::finish(std::string error) {
  finished_ = true;
  error_ = std::move(error);
  // Event acknowledgements still in the output are not worth waiting for: a later run skips what it
  // does not know.
  for (Stream& stream : streams_) {
    if (stream.connection) stream.connection->stop();
  }
  if (subscriber_) subscriber_->stop();
  timer_.cancel();
  io_.stop();
}

}  // namespace tact::bench
