// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/engine/producer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "proto/delimited.h"

namespace tact::gateway::test {

uint64_t Producer::push(proto::Job job) {
  job.set_sequence(next_);
  proto::ToGateway frame;
  *frame.mutable_job() = std::move(job);
  unacked_[next_] = frame;
  if (welcome()) give(next_);
  return next_++;
}

uint64_t Producer::push(const std::vector<proto::Message>& messages) {
  proto::Job job;
  for (const auto& message : messages) *job.add_messages() = message;
  return push(std::move(job));
}

uint64_t Producer::push(proto::Control control) {
  control.set_sequence(next_);
  proto::ToGateway frame;
  *frame.mutable_control() = std::move(control);
  unacked_[next_] = frame;
  if (welcome()) give(next_);
  return next_++;
}

void Producer::give(uint64_t sequence) {
  sent_ = std::max(sent_, sequence);
  send(unacked_.at(sequence));
}

void Producer::send(const proto::ToGateway& frame) { proto::append_delimited(frame, to_gateway_); }

void Producer::ack_events(uint64_t sequence) {
  proto::ToGateway frame;
  frame.mutable_event_ack()->set_sequence(sequence);
  send(frame);
}

const proto::Welcome* Producer::welcome() const {
  for (const auto& frame : frames) {
    if (frame.has_welcome()) return &frame.welcome();
  }
  return nullptr;
}

const proto::Result& Producer::result(uint64_t sequence, int message) const {
  static const proto::Result none;
  const auto at = acks.find(sequence);
  EXPECT_NE(at, acks.end()) << "job " << sequence << " is not acknowledged";
  if (at == acks.end() || message >= at->second.results_size()) return none;
  return at->second.results(message);
}

std::vector<const proto::Event*> Producer::about(uint64_t message_id) const {
  std::vector<const proto::Event*> found;
  for (const auto& [sequence, event] : events) {
    if (event.message_id() == message_id) found.push_back(&event);
  }
  return found;
}

const proto::Event* Producer::fate(uint64_t message_id) const {
  for (const auto* event : about(message_id)) {
    if (event->final()) return event;
  }
  return nullptr;
}

size_t Producer::finals(uint64_t message_id) const {
  const auto all = about(message_id);
  return static_cast<size_t>(
      std::count_if(all.begin(), all.end(), [](const auto* event) { return event->final(); }));
}

void Producer::connected() {
  connected_ = true;
  frames.clear();
  in_.clear();
  to_gateway_.clear();
  proto::ToGateway frame;
  auto& hello = *frame.mutable_hello();
  hello.set_upstream(upstream_);
  hello.set_stream(stream_);
  hello.set_token(token);
  hello.set_subscribe(subscribe);
  if (tells_pending) {
    hello.set_pending(!unacked_.empty() && unacked_.begin()->first <= sent_);
  }
  if (acks_events && !events.empty()) hello.set_events_acked(events.rbegin()->first);
  send(frame);
}

void Producer::closed() {
  connected_ = false;
  frames.clear();
  to_gateway_.clear();
}

void Producer::received(ByteView bytes) {
  in_.insert(in_.end(), bytes.begin(), bytes.end());
  size_t at = 0;
  while (true) {
    const auto head = proto::frame_head(ByteView(in_).subspan(at), 16u << 20);
    ASSERT_TRUE(head.result == proto::FrameResult::frame ||
                head.result == proto::FrameResult::more);
    if (head.result == proto::FrameResult::more) break;
    proto::ToUpstream frame;
    ASSERT_TRUE(frame.ParseFromArray(in_.data() + at + head.prefix, static_cast<int>(head.size)));
    at += head.prefix + head.size;
    frames.push_back(frame);
    take(frame);
  }
  in_.erase(in_.begin(), in_.begin() + static_cast<ptrdiff_t>(at));
}

void Producer::take(const proto::ToUpstream& frame) {
  if (frame.has_welcome()) {
    known_ = std::max(known_, frame.welcome().last_sequence());
    unacked_.erase(unacked_.begin(), unacked_.upper_bound(frame.welcome().last_sequence()));
    for (const auto& [sequence, job] : unacked_) {
      if (repeats) give(sequence);
    }
  } else if (frame.has_job_ack()) {
    const auto& ack = frame.job_ack();
    acks.try_emplace(ack.sequence(), ack);
    unacked_.erase(unacked_.begin(), unacked_.upper_bound(ack.sequence()));
  } else if (frame.has_events()) {
    for (const auto& event : frame.events().events()) {
      if (!events.try_emplace(event.sequence(), event).second) ++repeated_events;
    }
    if (acks_events) ack_events(events.rbegin()->first);
  } else if (frame.has_error()) {
    errors.push_back(frame.error());
  }
}

}  // namespace tact::gateway::test
