// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/producer.h"

#include <boost/asio/post.hpp>

#include "tests/e2e/gateway.h"

namespace tact::e2e {

namespace {
client::UpstreamOptions options(const client::Address& address, const std::string& stream,
                                bool subscribe, uint64_t events_acked) {
  client::UpstreamOptions out;
  out.address = address;
  out.upstream = Gateway::kUpstream;
  out.token = Gateway::kToken;
  out.stream = stream;
  out.subscribe = subscribe;
  out.events_acked = events_acked;
  out.retry_first = Millis(20);
  out.retry_max = Millis(200);
  return out;
}

std::string padded(uint64_t n, size_t digits) {
  const std::string text = std::to_string(n);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}
}  // namespace

const proto::Event* Life::final_event() const {
  for (const auto& event : events) {
    if (event.final()) return &event;
  }
  return nullptr;
}

proto::Event::WhatCase Life::end() const {
  const proto::Event* event = final_event();
  return event == nullptr ? proto::Event::WHAT_NOT_SET : event->what_case();
}

Producer::Producer(const client::Address& address, const std::string& stream, bool subscribe,
                   uint64_t events_acked)
    : work_(io_.get_executor()),
      connection_(
          io_, options(address, stream, subscribe, events_acked),
          {.welcomed =
               [this](const proto::Welcome&) {
                 const std::lock_guard guard(mutex_);
                 ++ledger_.welcomes;
                 changed_.notify_all();
               },
           .acknowledged = [this](auto ticket, const auto& ack) { on_acknowledged(ticket, ack); },
           .events = [this](const auto& events) { on_events(events); },
           .lost =
               [this](proto::Error::Code code, const std::string&, bool) {
                 const std::lock_guard guard(mutex_);
                 if (code != proto::Error::UNSPECIFIED) ledger_.errors.push_back(code);
                 changed_.notify_all();
               }}) {
  ledger_.last_event = events_acked;
  boost::asio::post(io_, [this] { connection_.start(); });
  thread_ = std::thread([this] { io_.run(); });
}

Producer::~Producer() {
  boost::asio::post(io_, [this] {
    connection_.stop();
    work_.reset();
  });
  thread_.join();
}

template <typename Frame>
void Producer::enqueue(Frame frame, std::vector<std::string> references) {
  {
    const std::lock_guard guard(mutex_);
    ++sent_;
  }
  boost::asio::post(io_, [this, frame = std::move(frame), references = std::move(references)] {
    const auto ticket = connection_.send(frame);
    const std::lock_guard guard(mutex_);
    tickets_[ticket] = references;
  });
}

void Producer::send(std::vector<proto::Message> messages) {
  proto::Job job;
  std::vector<std::string> references;
  for (auto& one : messages) {
    references.push_back(one.reference());
    *job.add_messages() = std::move(one);
  }
  enqueue(std::move(job), std::move(references));
}

void Producer::send(proto::Control control) { enqueue(std::move(control), {}); }

size_t Producer::unacknowledged() {
  const std::lock_guard guard(mutex_);
  return sent_ - told_;
}

size_t Producer::acknowledged() const {
  const std::lock_guard guard(mutex_);
  return ledger_.acknowledged;
}

void Producer::on_acknowledged(uint64_t ticket, const proto::JobAck& ack) {
  const std::lock_guard guard(mutex_);
  ++told_;
  const auto references = tickets_.extract(ticket);
  if (references.empty()) return;
  int i = 0;
  for (const auto& reference : references.mapped()) {
    Life& life = ledger_.lives[reference];
    ++life.acknowledged;
    ++ledger_.acknowledged;
    life.replayed = ack.replayed();
    if (i < ack.results_size()) {
      life.result = ack.results(i++);
      life.ids.insert(life.result.message_id());
    }
  }
  changed_.notify_all();
}

void Producer::on_events(const proto::Events& events) {
  const std::lock_guard guard(mutex_);
  for (const auto& event : events.events()) {
    ledger_.events_in_sequence &= event.sequence() == ledger_.last_event + 1;
    ledger_.last_event = event.sequence();
    if (event.reference().empty()) {
      ledger_.others.push_back(event);
      continue;
    }
    Life& life = ledger_.lives[event.reference()];
    life.ids.insert(event.message_id());
    // A reply may come whenever it likes; of everything else the final event is the last.
    life.after_final |= life.finals > 0 && !event.has_reply();
    if (event.final() && life.finals++ == 0) ++ledger_.finals;
    life.events.push_back(event);
  }
  changed_.notify_all();
}

Ledger Producer::ledger() const {
  const std::lock_guard guard(mutex_);
  return ledger_;
}

bool Producer::wait(Millis limit, const std::function<bool(const Ledger&)>& condition) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [&] { return condition(ledger_); });
}

bool Producer::wait_acknowledged(size_t messages, Millis limit) {
  return wait(limit, [&](const Ledger& ledger) { return ledger.acknowledged >= messages; });
}

bool Producer::wait_finals(size_t messages, Millis limit) {
  return wait(limit, [&](const Ledger& ledger) { return ledger.finals >= messages; });
}

proto::Message message(proto::MessageClass cls, const std::string& to, const std::string& reference,
                       uint64_t n) {
  proto::Message out;
  out.set_to(to);
  out.set_reference(reference);
  out.set_message_class(cls);
  const std::string digits = padded(n, 6);
  switch (cls) {
    case proto::OTP:
      out.set_text("【XX银行】验证码" + digits + ",5分钟内有效,请勿告知他人。");
      break;
    case proto::COLLECTION:
      out.set_role(proto::DEBTOR);
      out.set_text("【XX银行】您好,您的信用贷本期应还" + digits +
                   "元。如有困难可申请分期,请致电955XX,谢谢。");
      break;
    case proto::MARKETING:
      out.mutable_consent()->set_proof("app");
      out.mutable_consent()->set_time_ms(1'767'744'000'000);
      out.set_text("【XX银行】周末逛街刷卡立减20元,活动" + digits + ",详询955XX,拒收请回复R");
      break;
    default:
      out.set_text("【XX银行】您尾号1234的账户入账" + digits + "元,详询955XX。");
  }
  return out;
}

std::string number(uint64_t n) { return "+86139" + padded(n, 8); }

}  // namespace tact::e2e
