// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/link.h"

#include <algorithm>
#include <utility>

namespace tact::gateway {

namespace {
constexpr uint64_t kAcceptedBit = uint64_t{1} << 63;
// A carrier that does not read gets no more from us: what is encoded counts as sent, so keep it
// small.
constexpr size_t kUnsentMax = 1u << 20;
// A carrier that asks and does not read our answers is not read either.
constexpr size_t kUnsentPause = 4u << 20;
// And one that asks faster than the disk takes what it says.
constexpr size_t kOwedPause = 2'048;
constexpr Millis kPausedLook{20};
}  // namespace

ConnectionId link_connection(RouteId route, uint16_t index, uint32_t attempt) {
  return static_cast<ConnectionId>(uint64_t{raw(route)} << 47 | uint64_t{index} << 31 |
                                   (attempt & 0x7fffffff));
}

std::optional<LinkConnection> parse_link_connection(ConnectionId connection) {
  const uint64_t bits = raw(connection);
  if (bits & kAcceptedBit) return std::nullopt;
  return LinkConnection{static_cast<RouteId>(bits >> 47 & 0xffff),
                        static_cast<uint16_t>(bits >> 31),
                        static_cast<uint32_t>(bits & 0x7fffffff)};
}

Link::Link(ShardContext& context, RouteId route, uint16_t index, const LinkSettings& settings,
           LinkStats& stats)
    : context_(context),
      route_(route),
      index_(index),
      settings_(settings),
      stats_(stats),
      wait_(settings.reconnect_min),
      session_(settings.session) {
  stats_.name = settings.name;
  stats_.window.set(settings.session.window);
}

void Link::tick(smpp::Events& events) {
  const Mono now = context_.now.mono;
  if (state_ == State::waiting) {
    if (draining_ || now < reconnect_at_) return;
    ++attempt_;
    state_ = State::connecting;
    stats_.host.set(host_);
    context_.wire.connect(link_connection(route_, index_, attempt_), settings_, host());
    return;
  }
  if (state_ == State::connected && now >= session_.deadline()) session_.expire(now, events);
  if (draining_ && session_.is_bound() && session_.window_used() == 0) session_.unbind(now);
}

void Link::connected(uint32_t attempt) {
  if (attempt != attempt_ || state_ != State::connecting) return;
  state_ = State::connected;
  session_.connected(context_.now.mono);
  session_.bind(context_.now.mono);
  context_.notices.push_back(notice(LinkNotice::Kind::binding));
}

void Link::received(uint32_t attempt, ByteView bytes, smpp::Events& events) {
  if (attempt != attempt_ || state_ != State::connected) return;
  session_.receive(bytes, context_.now.mono, events);
}

void Link::closed(uint32_t attempt, std::string_view reason, TlsFault tls, smpp::Events& events) {
  if (attempt != attempt_ || state_ == State::waiting) return;
  LinkNotice end = notice(end_of());
  end.reason = reason;
  if (tls != TlsFault::none && end.kind != LinkNotice::Kind::lost) {
    end.kind = LinkNotice::Kind::tls_failed;
    end.tls = tls;
  }
  session_.disconnected(context_.now.mono, events);
  retry_later(std::move(end));
}

void Link::give_up(const smpp::Event& why, smpp::Events& events) {
  if (state_ == State::waiting) return;
  LinkNotice end = notice(end_of());
  if (const auto* failed = std::get_if<smpp::BindFailed>(&why)) {
    end.kind = LinkNotice::Kind::bind_refused;
    end.status = failed->status;
  } else if (const auto* lost = std::get_if<smpp::Lost>(&why)) {
    end.reason = lost->reason;
  } else if (const auto* unbound = std::get_if<smpp::Unbound>(&why)) {
    if (!unbound->by_peer) end.kind = LinkNotice::Kind::unbound;
    end.reason = unbound->by_peer ? "unbind by the SMSC" : "";
  }
  flush();
  session_.disconnected(context_.now.mono, events);
  context_.wire.close(link_connection(route_, index_, attempt_));
  retry_later(std::move(end));
}

LinkNotice Link::notice(LinkNotice::Kind kind) const {
  LinkNotice out;
  out.kind = kind;
  out.route = route_;
  out.link = &settings_;
  out.host = &host();
  return out;
}

// Where the attempt stood tells what its end means.
LinkNotice::Kind Link::end_of() const {
  if (state_ == State::connecting) return LinkNotice::Kind::connect_failed;
  return stats_.up.get() ? LinkNotice::Kind::lost : LinkNotice::Kind::bind_failed;
}

void Link::count_end(const LinkNotice& end) {
  using Kind = LinkNotice::Kind;
  if (end.kind == Kind::unbound) return;
  if (end.kind == Kind::lost) return stats_.losses.add();
  ++failures_;
  if (end.kind == Kind::connect_failed) stats_.connect_failures.add();
  if (end.kind == Kind::tls_failed) stats_.tls_failures[static_cast<size_t>(end.tls)].add();
  if (end.kind == Kind::bind_refused) stats_.bind_refusals.add();
  if (end.kind == Kind::bind_failed) stats_.bind_failures.add();
}

void Link::retry_later(LinkNotice end) {
  const bool already_bound = end.status == smpp::Status::ESME_RALYBND;
  count_end(end);
  state_ = State::waiting;
  paused_ = false;
  owed_ = 0;
  stats_.up.set(0);
  stats_.window_used.set(0);
  // Up to a half more: binds that fell together must not come back together.
  const Millis wait = next_try(end.kind);
  const Millis base = already_bound ? std::max(settings_.already_bound_wait, wait) : wait;
  const auto jitter =
      static_cast<int64_t>(context_.rng.below(static_cast<uint64_t>(base.count()) / 2 + 1));
  reconnect_at_ = context_.now.mono + base + Millis(jitter);
  end.failures = failures_;
  if (!draining_) end.retry_in = base + Millis(jitter);
  context_.notices.push_back(std::move(end));
}

// Chooses the host. Those of one round follow each other quickly; from round to round the wait is
// doubled.
Millis Link::next_try(LinkNotice::Kind end) {
  const bool was_bound = end == LinkNotice::Kind::lost || end == LinkNotice::Kind::unbound;
  if (was_bound) {
    tried_ = 0;
    if (!settings_.sticky_host) host_ = 0;
  } else {
    host_ = (host_ + 1) % settings_.hosts.size();
    if (++tried_ < settings_.hosts.size()) return settings_.reconnect_min;
    tried_ = 0;
  }
  return std::exchange(wait_, std::min(wait_ * 2, settings_.reconnect_max));
}

void Link::bound(const smpp::Bound& bound, const std::string& withheld) {
  LinkNotice up = notice(LinkNotice::Kind::bound);
  up.reason = bound.system_id;
  up.failures = std::exchange(failures_, 0);
  context_.notices.push_back(std::move(up));
  wait_ = settings_.reconnect_min;
  tried_ = 0;
  stats_.up.set(1);
  stats_.binds.add();
  if (session_.takes_tlvs() || withheld.empty() || std::exchange(told_withheld_, true)) return;
  LinkNotice left_out = notice(LinkNotice::Kind::tlvs_withheld);
  left_out.reason = withheld;
  context_.notices.push_back(std::move(left_out));
}

void Link::drain() {
  draining_ = true;
  if (state_ != State::connecting) return;
  context_.wire.close(link_connection(route_, index_, attempt_));
  state_ = State::waiting;
}

bool Link::can_submit() const {
  const auto state = session_.state();
  return state_ == State::connected && !draining_ &&
         (state == smpp::SessionState::bound_tx || state == smpp::SessionState::bound_trx) &&
         context_.wire.unsent(link_connection(route_, index_, attempt_)) +
                 session_.output().size() <
             kUnsentMax;
}

void Link::flush() {
  if (state_ != State::connected) return;
  const ConnectionId connection = link_connection(route_, index_, attempt_);
  if (!session_.output().empty()) {
    out_.clear();
    session_.take_output(out_);
    context_.wire.send(connection, out_);
  }
  stats_.window_used.set(session_.window_used());
  const bool pause = context_.wire.unsent(connection) > kUnsentPause || owed_ > kOwedPause;
  if (pause != paused_) context_.wire.pause(connection, paused_ = pause);
}

Mono Link::deadline() const {
  if (state_ == State::waiting) return draining_ ? kNever : reconnect_at_;
  if (state_ != State::connected) return kNever;
  // Nobody tells when what was written has left: a paused connection is looked at again.
  return paused_ ? std::min(session_.deadline(), context_.now.mono + kPausedLook)
                 : session_.deadline();
}

}  // namespace tact::gateway
