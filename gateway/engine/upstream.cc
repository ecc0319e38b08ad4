// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/upstream.h"

#include <algorithm>
#include <utility>

#include "gateway/engine/tenant.h"
#include "proto/delimited.h"

namespace tact::gateway {

namespace {
// What a producer may have in flight to us beyond what the turn has worked on: then its TCP has to
// wait.
constexpr size_t kInputPause = 8u << 20;
constexpr size_t kArenaKeep = 8u << 20;
constexpr size_t kNameMax = 64;

// Every octet is compared whatever the first difference is: the time taken tells nothing of the
// token.
bool same_secret(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return difference == 0;
}

// Which frame this is, told by its first octet: a tag, since the frames are one oneof of messages.
bool begins_with(ByteView body, int field) {
  constexpr int kLengthDelimited = 2;
  return !body.empty() && body[0] == (field << 3 | kLengthDelimited);
}

// The frame that a peer's input begins with, if it is whole.
std::optional<ByteView> front_frame(const Bytes& in, size_t at, size_t limit) {
  const ByteView rest = ByteView(in).subspan(at);
  const auto head = proto::frame_head(rest, limit);
  if (head.result != proto::FrameResult::frame) return std::nullopt;
  return rest.subspan(head.prefix, head.size);
}

bool only_otp(const proto::Job& job) {
  return std::all_of(job.messages().begin(), job.messages().end(),
                     [](const auto& m) { return m.message_class() == proto::OTP; });
}
}  // namespace

Upstream::Upstream(ShardContext& context, Tenant& tenant, const UpstreamSettings& settings)
    : context_(context),
      tenant_(tenant),
      settings_(settings),
      stats_(context.stats.upstreams.emplace_back()),
      streams_(context, settings.id),
      feed_(context, settings, stats_) {
  stats_.name = settings.name;
}

void Upstream::start(StoreReader& reader) {
  streams_.start(reader);
  feed_.start(reader);
}

void Upstream::accepted(ConnectionId connection, ByteView first) { received(connection, first); }

void Upstream::received(ConnectionId connection, ByteView bytes) {
  Peer& peer = peers_[connection];
  stats_.connections.set(peers_.size());
  if (peer.closing) return;
  if (peer.at > 0) {
    peer.in.erase(peer.in.begin(), peer.in.begin() + static_cast<ptrdiff_t>(peer.at));
    peer.looked -= std::min(peer.looked, peer.at);
    peer.at = 0;
  }
  peer.in.insert(peer.in.end(), bytes.begin(), bytes.end());
}

void Upstream::closed(ConnectionId connection) {
  const auto it = peers_.find(connection);
  if (it == peers_.end()) return;
  Streams::Stream* stream = it->second.stream;
  if (stream && stream->connection == connection) streams_.closed(*stream);
  feed_.unsubscribe(connection);
  peers_.erase(it);
  stats_.connections.set(peers_.size());
}

bool Upstream::half_spent() const {
  return context_.uncommitted >= context_.settings.limits.uncommitted_bytes / 2;
}

bool Upstream::may_take(const Peer& peer, ByteView frame) const {
  const bool job = begins_with(frame, proto::ToGateway::kJobFieldNumber);
  if (!peer.greeted || !(job || begins_with(frame, proto::ToGateway::kControlFieldNumber))) {
    return true;
  }
  if (peer.asking || context_.uncommitted >= context_.settings.limits.uncommitted_bytes) {
    return false;
  }
  return !job || (feed_.has_room() && !(peer.bulk && half_spent()));
}

void Upstream::turn(uint32_t& budget) {
  for (auto& [connection, peer] : peers_) {
    while (budget > 0 && step(connection, peer, budget)) {
    }
  }
  streams_.turn();
  stats_.streams.set(streams_.size());
  feed_.turn();
  if (arena_.SpaceAllocated() > kArenaKeep) arena_.Reset();
  const auto subscriber = peers_.find(feed_.subscriber());
  if (subscriber == peers_.end()) return;
  feed_.feed(subscriber->second.out.size() + context_.wire.unsent(subscriber->first));
}

bool Upstream::step(ConnectionId connection, Peer& peer, uint32_t& budget) {
  if (peer.closing) return false;
  const ByteView rest = ByteView(peer.in).subspan(peer.at);
  const proto::FrameHead head = proto::frame_head(rest, context_.settings.limits.frame_bytes);
  if (head.result == proto::FrameResult::more) return false;
  if (head.result != proto::FrameResult::frame) {
    const bool large = head.result == proto::FrameResult::too_large;
    refuse(
        peer, large ? proto::Error::FRAME_TOO_LARGE : proto::Error::MALFORMED,
        large ? "a frame is longer than frame_bytes of Welcome" : "a frame's length is no varint");
    return false;
  }
  const ByteView body = rest.subspan(head.prefix, head.size);
  if (!may_take(peer, body)) {
    if (feed_.subscriber() == connection) pass_event_acks(peer);
    return false;
  }
  auto* frame = google::protobuf::Arena::CreateMessage<proto::ToGateway>(&arena_);
  if (!frame->ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    refuse(peer, proto::Error::MALFORMED, "a frame is no ToGateway message");
    return false;
  }
  if (frame->has_job() && peer.greeted && half_spent() && !only_otp(frame->job())) {
    peer.bulk = true;
    return true;  // looked at again: it waits now, and what acknowledges events does not
  }
  peer.bulk = false;
  peer.at += head.prefix + head.size;
  handle(connection, peer, *frame, budget);
  return true;
}

// Behind a job that waits there may stand the very acknowledgement that it waits for. To take it
// here and once more in its turn is harmless, since it is cumulative.
void Upstream::pass_event_acks(Peer& peer) {
  for (peer.looked = std::max(peer.looked, peer.at);;) {
    const ByteView rest = ByteView(peer.in).subspan(peer.looked);
    const proto::FrameHead head = proto::frame_head(rest, context_.settings.limits.frame_bytes);
    if (head.result != proto::FrameResult::frame) return;
    const ByteView body = rest.subspan(head.prefix, head.size);
    peer.looked += head.prefix + head.size;
    proto::ToGateway frame;
    if (begins_with(body, proto::ToGateway::kEventAckFieldNumber) &&
        frame.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
      feed_.acknowledge(frame.event_ack().sequence());
    }
  }
}

void Upstream::handle(ConnectionId connection, Peer& peer, const proto::ToGateway& frame,
                      uint32_t& budget) {
  if (!peer.greeted && !frame.has_hello()) {
    refuse(peer, proto::Error::MALFORMED, "the first frame must be Hello");
    return;
  }
  switch (frame.frame_case()) {
    case proto::ToGateway::kHello:
      return hello(connection, peer, frame.hello());
    case proto::ToGateway::kJob:
      return job(connection, peer, frame.job(), budget);
    case proto::ToGateway::kControl:
      return control(connection, peer, frame.control(), budget);
    case proto::ToGateway::kEventAck:
      if (feed_.subscriber() == connection) feed_.acknowledge(frame.event_ack().sequence());
      return;
    case proto::ToGateway::FRAME_NOT_SET:
      refuse(peer, proto::Error::MALFORMED, "a frame of a kind that this gateway does not know");
  }
}

void Upstream::hello(ConnectionId connection, Peer& peer, const proto::Hello& hello) {
  if (peer.greeted) return refuse(peer, proto::Error::MALFORMED, "a second Hello");
  if (hello.upstream() != settings_.name || !same_secret(hello.token(), settings_.token)) {
    return refuse(peer, proto::Error::UNAUTHENTICATED, "unknown upstream or wrong token");
  }
  if (draining_) return refuse(peer, proto::Error::DRAINING, "the gateway is shutting down");
  if (hello.stream().size() > kNameMax) {
    return refuse(peer, proto::Error::LIMIT, "a stream's name has at most 64 octets");
  }
  if (peers_.size() > context_.settings.limits.streams) {
    return refuse(peer, proto::Error::LIMIT, "too many streams are connected");
  }
  proto::ToUpstream answer;
  auto& welcome = *answer.mutable_welcome();
  if (!hello.stream().empty()) {
    if (!open_stream(connection, peer, hello)) return;
    welcome.set_last_sequence(peer.stream->last);
  }
  if (hello.subscribe()) {
    if (raw(feed_.subscriber())) replace(feed_.subscriber(), "subscription");
    welcome.set_next_event(feed_.subscribe(connection, hello.events_acked()));
  }
  const auto& limits = context_.settings.limits;
  welcome.mutable_limits()->set_frame_bytes(limits.frame_bytes);
  welcome.mutable_limits()->set_job_messages(limits.job_messages);
  welcome.mutable_limits()->set_text_bytes(limits.text_bytes);
  welcome.set_server(context_.settings.server);
  welcome.set_jobs_held(!feed_.has_room());
  peer.greeted = true;
  // last_sequence may still be on its way to the disk: the producer must not hear of it before
  // (I5).
  acknowledge(connection, answer);
}

bool Upstream::open_stream(ConnectionId connection, Peer& peer, const proto::Hello& hello) {
  peer.stream = streams_.open(hello);
  if (!peer.stream) {
    refuse(peer, proto::Error::STREAM_FORGOTTEN,
           "a stream of this name is not known: what you hold of it may have been taken, or not");
    return false;
  }
  const ConnectionId older = std::exchange(peer.stream->connection, connection);
  if (raw(older)) replace(older, "stream");
  return true;
}

bool Upstream::in_sequence(ConnectionId connection, Peer& peer, uint64_t sequence) {
  if (!peer.stream) {
    refuse(peer, proto::Error::MALFORMED, "this connection's Hello named no stream");
    return false;
  }
  if (draining_) {
    refuse(peer, proto::Error::DRAINING, "the gateway is shutting down");
    return false;
  }
  if (sequence == peer.stream->last + 1) {
    peer.stream->last = sequence;
    peer.stream->dirty = true;
    return true;
  }
  if (sequence == 0 || sequence > peer.stream->last) {
    refuse(peer, proto::Error::SEQUENCE_GAP,
           "sequence " + std::to_string(sequence) + " after " + std::to_string(peer.stream->last));
    return false;
  }
  stats_.jobs_replayed.add();
  proto::ToUpstream answer;
  answer.mutable_job_ack()->set_sequence(sequence);
  answer.mutable_job_ack()->set_replayed(true);
  acknowledge(connection, answer);
  return false;
}

void Upstream::job(ConnectionId connection, Peer& peer, const proto::Job& job, uint32_t& budget) {
  const auto messages = static_cast<uint32_t>(job.messages_size());
  if (messages == 0 || messages > context_.settings.limits.job_messages) {
    return refuse(peer, proto::Error::LIMIT, "a job has 1 to job_messages messages");
  }
  if (!in_sequence(connection, peer, job.sequence())) return;
  stats_.jobs.add();
  stats_.messages.add(messages);
  auto* answer = google::protobuf::Arena::CreateMessage<proto::ToUpstream>(&arena_);
  answer->mutable_job_ack()->set_sequence(job.sequence());
  auto& ack = *answer->mutable_job_ack();
  tenant_.admit(job, settings_, ack);
  feed_.reserve(static_cast<uint64_t>(
      std::count_if(ack.results().begin(), ack.results().end(),
                    [](const auto& r) { return r.outcome() != proto::DUPLICATE; })));
  acknowledge(connection, *answer);
  budget -= std::min(budget, messages);
}

void Upstream::control(ConnectionId connection, Peer& peer, const proto::Control& control,
                       uint32_t& budget) {
  const int entries = control.suppress().entries_size() + control.allow().entries_size() +
                      control.cancel().subjects_size() + control.query().subjects_size() +
                      control.review().decisions_size() + control.resume().subjects_size();
  if (entries == 0 || static_cast<uint32_t>(entries) > context_.settings.limits.job_messages) {
    return refuse(peer, proto::Error::LIMIT, "a control has 1 to job_messages entries");
  }
  if (!in_sequence(connection, peer, control.sequence())) return;
  stats_.controls.add();
  proto::ToUpstream answer;
  answer.mutable_job_ack()->set_sequence(control.sequence());
  if (tenant_.control(control, *this, connection, *answer.mutable_job_ack())) {
    acknowledge(connection, answer);
  } else {
    peer.asking = true;
  }
  budget -= std::min(budget, static_cast<uint32_t>(entries));
}

void Upstream::conclude(ConnectionId connection, const proto::JobAck& ack) {
  const auto it = peers_.find(connection);
  if (it == peers_.end()) return;  // gone: what was asked for has its effect, or can be asked again
  it->second.asking = false;
  proto::ToUpstream answer;
  *answer.mutable_job_ack() = ack;
  acknowledge(connection, answer);
}

void Upstream::acknowledge(ConnectionId connection, const proto::ToUpstream& answer) {
  Bytes bytes;
  proto::append_delimited(answer, bytes);
  context_.effects.frames.push_back({connection, std::move(bytes), context_.now.mono});
}

void Upstream::answer(ConnectionId connection, const Bytes& frame) {
  const auto it = peers_.find(connection);
  if (it == peers_.end()) return;
  it->second.out.insert(it->second.out.end(), frame.begin(), frame.end());
  it->second.welcomed = true;
}

void Upstream::refuse(Peer& peer, proto::Error::Code code, std::string message) {
  stats_.protocol_errors.add();
  context_.notices.push_back(UpstreamNotice{&settings_, code, message});
  proto::ToUpstream frame;
  frame.mutable_error()->set_code(code);
  frame.mutable_error()->set_message(std::move(message));
  write(peer, frame);
  peer.closing = true;
}

void Upstream::replace(ConnectionId older, std::string what) {
  const auto it = peers_.find(older);
  if (it == peers_.end()) return;
  feed_.unsubscribe(older);
  refuse(it->second, proto::Error::REPLACED, "a newer connection opened the same " + what);
}

void Upstream::write(Peer& peer, const proto::ToUpstream& frame) {
  proto::append_delimited(frame, peer.out);
}

void Upstream::flush() {
  for (auto it = peers_.begin(); it != peers_.end();) {
    const ConnectionId connection = it->first;
    Peer& peer = it->second;
    if (feed_.subscriber() == connection && peer.welcomed && !feed_.output().empty()) {
      auto& events = feed_.output();
      peer.out.insert(peer.out.end(), events.begin(), events.end());
      events.clear();
    }
    if (!peer.out.empty()) {
      context_.wire.send(connection, peer.out);
      peer.out.clear();
    }
    if (peer.closing) {
      context_.wire.close(connection);
      ++it;
      closed(connection);
      continue;
    }
    // Behind a frame that waits everything waits; but the subscriber is read on: its
    // acknowledgement may be what everybody waits for.
    const auto front = front_frame(peer.in, peer.at, context_.settings.limits.frame_bytes);
    const bool blocked = front && !may_take(peer, *front) && feed_.subscriber() != connection;
    const bool pause = peer.in.size() - peer.at > kInputPause || blocked;
    if (pause != peer.paused) context_.wire.pause(connection, peer.paused = pause);
    ++it;
  }
}

bool Upstream::more() const {
  return std::any_of(peers_.begin(), peers_.end(), [&](const auto& entry) {
    const Peer& peer = entry.second;
    const ByteView rest = ByteView(peer.in).subspan(peer.at);
    const auto head = proto::frame_head(rest, context_.settings.limits.frame_bytes);
    if (peer.closing || head.result == proto::FrameResult::more) return false;
    return head.result != proto::FrameResult::frame ||
           may_take(peer, rest.subspan(head.prefix, head.size));
  });
}

void Upstream::drain() { draining_ = true; }

}  // namespace tact::gateway
