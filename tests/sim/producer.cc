// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/producer.h"

#include <algorithm>

#include "proto/delimited.h"
#include "tests/sim/rules.h"

namespace tact::sim {

using namespace std::chrono_literals;

Producer::Producer(Identity identity, const Plan& plan, Agenda& agenda, Net& net, Audit& audit,
                   EventMark& mark, Connect connect, Chance chance)
    : who_(std::move(identity)),
      plan_(plan),
      habits_(plan.producers[who_.upstream]),
      agenda_(agenda),
      net_(net),
      audit_(audit),
      mark_(mark),
      connect_(std::move(connect)),
      chance_(chance) {}

// ---- The connection.

void Producer::start() {
  if (connecting_) return;
  connecting_ = true;
  agenda_.in(chance_.between(1ms, 500ms), [this] {
    connecting_ = false;
    connect();
  });
}

void Producer::connect() {
  connection_ = connect_(*this, who_.upstream);
  if (!connection_) return start();
  welcomed_ = false;
  in_.clear();
  proto::ToGateway frame;
  auto& hello = *frame.mutable_hello();
  hello.set_upstream("up-" + std::to_string(who_.upstream + 1));
  hello.set_stream(who_.stream);
  hello.set_token("token");
  hello.set_subscribe(who_.subscribes);
  if (who_.subscribes) hello.set_events_acked(mark_.acknowledged);
  send(frame);
}

void Producer::ended(uint64_t serial) {
  if (connection_ != serial) return;
  connection_.reset();
  start();
}

void Producer::break_off() {
  if (connection_) net_.reset(*connection_);
}

void Producer::open_twin() {
  if (!connection_) return;
  // The older connection is not closed: the gateway has to end it.
  connection_.reset();
  connect();
}

void Producer::read_slowly() {
  if (connection_) net_.stall(*connection_, true, chance_.between(10ms, 20s));
}

void Producer::send(const proto::ToGateway& frame) {
  if (!connection_) return;
  Bytes bytes;
  proto::append_delimited(frame, bytes);
  net_.send(*connection_, std::move(bytes));
}

void Producer::received(uint64_t serial, ByteView bytes, Stamp stamp) {
  if (connection_ != serial) return;
  in_.insert(in_.end(), bytes.begin(), bytes.end());
  size_t at = 0;
  while (connection_ == serial) {
    const auto head = proto::frame_head(ByteView(in_).subspan(at), 16u << 20);
    if (head.result == proto::FrameResult::more) break;
    proto::ToUpstream frame;
    if (head.result != proto::FrameResult::frame ||
        !frame.ParseFromArray(in_.data() + at + head.prefix, static_cast<int>(head.size))) {
      return audit_.wrong("I6", std::nullopt, "a frame that is none");
    }
    at += head.prefix + head.size;
    take(frame, stamp);
  }
  in_.erase(in_.begin(), in_.begin() + static_cast<ptrdiff_t>(std::min(at, in_.size())));
}

void Producer::take(const proto::ToUpstream& frame, Stamp stamp) {
  if (frame.has_welcome()) {
    take_welcome(frame.welcome(), stamp);
  } else if (frame.has_job_ack()) {
    audit_.acknowledged(who_.index, frame.job_ack(), stamp);
    const auto at = unacked_.find(frame.job_ack().sequence());
    if (at != unacked_.end()) acked_ = at->second;
    unacked_.erase(unacked_.begin(), unacked_.upper_bound(frame.job_ack().sequence()));
  } else if (frame.has_events()) {
    take_events(frame.events());
  } else if (frame.has_error()) {
    const auto code = frame.error().code();
    // What a client that keeps to the protocol may be told.
    if (code != proto::Error::REPLACED && code != proto::Error::DRAINING) {
      audit_.wrong("protocol", std::nullopt, "an error: " + frame.error().ShortDebugString());
    }
  }
}

void Producer::take_welcome(const proto::Welcome& welcome, Stamp stamp) {
  audit_.welcomed(who_.index, welcome.last_sequence(), stamp);
  if (who_.subscribes) {
    audit_.subscribed(who_.upstream, mark_.processed, welcome.next_event());
  }
  welcomed_ = true;
  unacked_.erase(unacked_.begin(), unacked_.upper_bound(welcome.last_sequence()));
  for (const auto& [sequence, frame] : unacked_) send(frame);
}

void Producer::take_events(const proto::Events& events) {
  for (const auto& event : events.events()) {
    audit_.event(who_.upstream, event);
    mark_.processed = std::max(mark_.processed, event.sequence());
  }
  const Mono wait = calm_ ? Mono(1ms) : chance_.between(Mono(0), habits_.ack_delay_max);
  agenda_.in(wait, [this, mark = mark_.processed] {
    if (!connection_ || !welcomed_) return;
    mark_.acknowledged = std::max(mark_.acknowledged, mark);
    proto::ToGateway frame;
    frame.mutable_event_ack()->set_sequence(mark);
    send(frame);
  });
}

// ---- What it pushes.

uint64_t Producer::enqueue(proto::ToGateway frame) {
  const uint64_t sequence = next_++;
  if (frame.has_job()) {
    frame.mutable_job()->set_sequence(sequence);
  } else {
    frame.mutable_control()->set_sequence(sequence);
  }
  if (welcomed_) send(frame);
  unacked_[sequence] = std::move(frame);
  return sequence;
}

void Producer::push_job(uint32_t messages) {
  proto::ToGateway frame;
  std::vector<size_t> indices;
  for (; messages > 0; --messages) indices.push_back(compose(*frame.mutable_job()->add_messages()));
  // Told first: an answer cannot come before, but a digest of it may.
  audit_.pushed(who_.index, next_, std::move(indices));
  enqueue(std::move(frame));
}

void Producer::push_control() {
  proto::ToGateway frame;
  const bool on = chance_.permille(600);
  auto& control = *frame.mutable_control();
  auto& entry =
      on ? *control.mutable_suppress()->add_entries() : *control.mutable_allow()->add_entries();
  entry.set_brand(kSenders[who_.tenant].brand);
  entry.set_to(chance_.one_of(plan_.numbers));
  audit_.controlled(who_.index, next_, who_.tenant, entry.to(), on);
  enqueue(std::move(frame));
}

void Producer::push_again() {
  if (welcomed_ && acked_) send(*acked_);
}

size_t Producer::compose(proto::Message& message) {
  const Class cls = chance_.one_of(plan_.classes);
  Composed facts;
  facts.upstream = who_.upstream;
  facts.tenant = who_.tenant;
  facts.cls = cls;
  facts.to = chance_.one_of(plan_.numbers);
  const Civil now = plan_.start + std::chrono::floor<gateway::Millis>(agenda_.now() - 1'000s);
  const auto ahead = [&](Mono most) {
    return now + std::chrono::ceil<gateway::Millis>(chance_.between(Mono(1ms), most));
  };
  if (chance_.permille(habits_.scheduled)) facts.not_before = ahead(plan_.chaos);
  if (chance_.permille(habits_.expiring)) {
    facts.expires = ahead(chance_.coin() ? Mono(10s) : 2 * plan_.chaos);
  }
  if (chance_.permille(habits_.keyed)) facts.key = "k" + std::to_string(chance_.below(20));
  facts.rewritten = chance_.permille(habits_.unsigned_texts);
  const bool is_long = chance_.permille(habits_.long_texts);
  if (facts.not_before) message.set_not_before_ms(gateway::to_ms(*facts.not_before));
  if (facts.expires) message.set_expires_at_ms(gateway::to_ms(*facts.expires));
  message.set_idempotency_key(facts.key);
  message.set_to(facts.to);
  message.set_message_class(static_cast<proto::MessageClass>(cls));
  if (cls == Class::collection) message.set_role(proto::DEBTOR);
  if (cls == Class::marketing) message.mutable_consent()->set_proof("c-1");
  const bool is_signed = !facts.rewritten;
  const size_t index = audit_.compose(facts);
  message.set_reference(token_of(index));
  message.set_text(text_for(cls, index, is_long, is_signed));
  audit_.set_text(index, message.text());
  return index;
}

std::string Producer::text_for(Class cls, size_t index, bool is_long, bool is_signed) {
  const Sender& sender = kSenders[who_.tenant];
  const std::string token = token_of(index);
  std::string text;
  if (is_signed) text = std::string("【") + sender.brand + "】";
  switch (cls) {
    case Class::otp:
      text += "验证码123456。";
      break;
    case Class::crisis:
      text += "台风红色预警，请勿外出。";
      break;
    case Class::collection:
      text += std::string("王先生您好，您的信用贷本期应还2,350.00元，请致电") + sender.contact +
              "，谢谢。";
      break;
    case Class::marketing:
      text += std::string("周末刷卡立减20元。详询") + sender.contact + "。";
      break;
    default:
      text += "您的账单已出。";
  }
  text += token;
  // Of a length that puts the parts' borders anywhere, also into the middle of an emoji.
  for (uint64_t k = is_long ? chance_.between(3, 24) : 0; k > 0; --k) {
    text.append(chance_.below(4), '~').append("😀").append(token);
  }
  if (cls == Class::marketing && is_signed) text += "拒收请回复R";
  return text;
}

}  // namespace tact::sim
