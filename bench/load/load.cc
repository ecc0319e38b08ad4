// SPDX-License-Identifier: Apache-2.0
#include "bench/load/load.h"

#include <algorithm>
#include <cstdio>

#include "client/table.h"

namespace tact::bench {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr auto kTurn = std::chrono::milliseconds(1);
constexpr auto kTurnByAcks = std::chrono::milliseconds(10);  // where they say when to send

int64_t steady_ns() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Load::Load(const LoadOptions& options, const Workload& workload)
    : options_(options),
      workload_(workload),
      timer_(io_),
      tally_(workload),
      pace_(options_.phases),
      log_(options_.log) {}

// `index` is that of a stream; a subscriber has none.
std::unique_ptr<client::UpstreamConnection> Load::connect(client::UpstreamOptions options,
                                                          std::size_t index) {
  client::UpstreamConnection::Callbacks callbacks;
  callbacks.welcomed = [this](const proto::Welcome& welcome) { on_welcome(welcome); };
  callbacks.acknowledged = [this, index](uint64_t ticket, const proto::JobAck& ack) {
    on_ack(index, ticket, ack);
  };
  callbacks.events = [this](const proto::Events& events) { on_events(events); };
  callbacks.lost = [this](proto::Error::Code code, const std::string& message, bool again) {
    on_lost(code, message, again);
  };
  auto connection =
      std::make_unique<client::UpstreamConnection>(io_, std::move(options), std::move(callbacks));
  connection->start();
  return connection;
}

std::string Load::run() {
  streams_.resize(options_.streams * options_.upstreams.size());
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    client::UpstreamOptions options = options_.upstreams[i % options_.upstreams.size()];
    options.stream += "-" + std::to_string(i);
    streams_[i].connection = connect(std::move(options), i);
  }
  for (client::UpstreamOptions options : options_.upstreams) {
    options.subscribe = true;
    options.stream.clear();
    subscribers_.push_back(connect(std::move(options), streams_.size()));
  }
  io_.run();
  return error_;
}

// Sending begins when all connections stand, so that no latency holds a connection's making.
void Load::on_welcome(const proto::Welcome& welcome) {
  server_ = welcome.server();
  if (++welcomed_ == streams_.size() + subscribers_.size() && !begun_) begin();
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
  const uint64_t done = options_.fill_only ? tally_.acknowledged_count() : tally_.final_count();
  if (!sending_ && done == tally_.sent_count()) return finish("");
  const int64_t moved_ns = std::max(tally_.last_progress_ns(), began_ns_);
  const int64_t settle_ns = std::chrono::nanoseconds(options_.settle).count();
  if (now_ns - moved_ns > settle_ns && (!sending_ || !has_room())) return finish("");
  timer_.expires_after(pace_.by_clock() ? kTurn : kTurnByAcks);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) do_turn();
  });
}

bool Load::has_room() const {
  return jobs_outstanding_ < options_.outstanding_max &&
         tally_.sent_count() - tally_.final_count() < options_.in_flight_max &&
         tally_.sent_count() - tally_.taken_count() < options_.queued_max;
}

void Load::pump(int64_t now_ns) {
  while (sending_ && has_room()) {
    const uint64_t left =
        options_.messages > 0 ? options_.messages - tally_.sent_count() : options_.batch;
    const auto due_ns = pace_.due_ns(now_ns - began_ns_);
    sending_ = due_ns && left > 0;
    if (!sending_ || *due_ns > now_ns - began_ns_) return;
    const auto count = static_cast<uint32_t>(std::min<uint64_t>(options_.batch, left));
    send_job(pace_.together(count), began_ns_ + *due_ns, now_ns);
  }
}

void Load::send_job(uint32_t count, int64_t intended_ns, int64_t now_ns) {
  const uint64_t first = tally_.sent_count();
  job_.clear_messages();
  for (uint32_t i = 0; i < count; ++i) {
    proto::Message& message = *job_.add_messages();
    workload_.fill(first + i, message);
    set_not_before(first + i, message);
  }
  tally_.sent(first, count, intended_ns, now_ns);
  pace_.sent(count);
  Stream& stream = streams_[jobs_sent_++ % streams_.size()];
  ++jobs_outstanding_;
  job_octets_ += job_.ByteSizeLong();
  stream.jobs.emplace(stream.connection->send(job_), Job{first, count, now_ns});
}

void Load::set_not_before(uint64_t index, proto::Message& message) const {
  const std::chrono::microseconds delay = workload_.delay_of(index);
  if (delay.count() == 0) return;
  const auto time = std::chrono::system_clock::now().time_since_epoch() + delay;
  message.set_not_before_ms(std::chrono::floor<std::chrono::milliseconds>(time).count());
}

void Load::on_ack(std::size_t index, uint64_t ticket, const proto::JobAck& ack) {
  Stream& stream = streams_[index];
  const auto found = stream.jobs.find(ticket);
  if (found == stream.jobs.end()) return;
  const int64_t now_ns = steady_ns();
  const Job job = found->second;
  tally_.acknowledged(job.first, job.count, ack, now_ns);
  if (log_.enabled()) {
    proto::Message message;
    for (uint64_t i = job.first; i < job.first + job.count; ++i) {
      workload_.fill(i, message);
      log_.add({.to = message.to(), .sent_ns = job.sent_ns, .acknowledged_ns = now_ns});
    }
  }
  stream.jobs.erase(found);
  --jobs_outstanding_;
  if (!finished_) pump(now_ns);
}

void Load::on_events(const proto::Events& events) {
  const int64_t now_ns = steady_ns();
  for (const proto::Event& event : events.events()) tally_.event(event, now_ns);
  if (begun_ && !finished_) pump(now_ns);
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
  for (const auto& subscriber : subscribers_) {
    if (subscriber) subscriber->stop();
  }
  timer_.cancel();
  io_.stop();
}

}  // namespace tact::bench
