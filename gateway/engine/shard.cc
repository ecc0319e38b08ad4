// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/shard.h"

#include <algorithm>

#include "gateway/engine/charged.h"
#include "gateway/engine/check.h"
#include "proto/delimited.h"

namespace tact::gateway {

namespace {
constexpr size_t kSpareBuffers = 64;
constexpr Mono kLookAtClock = std::chrono::minutes(1);

// The name in the Hello that an accepted connection begins with; empty: none, and nobody's.
std::string hello_upstream(ByteView first) {
  const proto::FrameHead head = proto::frame_head(first, first.size());
  proto::ToGateway frame;
  if (head.result != proto::FrameResult::frame ||
      !frame.ParseFromArray(first.data() + head.prefix, static_cast<int>(head.size))) {
    return "";
  }
  return frame.hello().upstream();
}

template <typename T>
void place(std::vector<T*>& v, size_t i, T& item) {
  if (v.size() <= i) v.resize(i + 1);
  v[i] = &item;
}
}  // namespace

Shard::Shard(ShardId id, const ShardPorts& p, uint64_t seed)
    : context_{.id = id,
               .settings = p.settings,
               .directory = p.directory,
               .store = p.store,
               .wire = p.wire,
               .sealer = p.sealer,
               .hasher = p.hasher,
               .suppression = p.suppression,
               .backlog = p.backlog,
               .gate{p.settings.rules, charged_segments(p.directory, p.backlog)},
               .stats{},
               .out{id, p.settings.limits, p.sealer},
               .effects{},
               .rng = Rng(seed),
               .now{},
               .notices{},
               .event{},
               .tenants{}} {}

void Shard::start(StoreReader& reader, uint32_t block, Now now) {
  context_.now = now;
  // A message's reference on the air is the low half of its counter. Runs begin at places of their
  // own (2^32 by the golden ratio), so that the n-th messages of two of them do not share theirs.
  context_.next_id = uint64_t{block} << 32 | block * 0x9e3779b1u >> 16;
  for (const auto& settings : context_.settings.tenants) {
    if (settings.shard != context_.id) continue;
    Tenant& tenant = tenants_.emplace_back(context_, settings);
    place(context_.tenants, raw(settings.id), tenant);
    for (auto& upstream : tenant.upstreams()) {
      place(upstreams_by_id_, raw(upstream.settings().id), upstream);
    }
    tenant.start(reader);
  }
  for (const auto& settings : context_.settings.routes) {
    if (settings.shard != context_.id) continue;
    Route& route = routes_.emplace_back(context_, settings);
    place(routes_by_id_, raw(settings.id), route);
    route.start(reader);
  }
}

Route* Shard::route(RouteId id) const {
  return raw(id) < routes_by_id_.size() ? routes_by_id_[raw(id)] : nullptr;
}

Upstream* Shard::upstream(UpstreamId id) const {
  return raw(id) < upstreams_by_id_.size() ? upstreams_by_id_[raw(id)] : nullptr;
}

Upstream* Shard::owner(ConnectionId connection) const {
  for (auto* upstream : upstreams_by_id_) {
    if (upstream && upstream->owns(connection)) return upstream;
  }
  return nullptr;
}

Bytes Shard::copy(ByteView bytes) {
  Bytes out;
  if (!spare_.empty()) {
    out = std::move(spare_.back());
    spare_.pop_back();
  }
  out.assign(bytes.begin(), bytes.end());
  return out;
}

void Shard::connected(ConnectionId connection) { inbox_.emplace_back(Connected{connection}); }

void Shard::received(ConnectionId connection, ByteView bytes) {
  inbox_.push_back(Received{connection, copy(bytes)});
}

void Shard::accepted(ConnectionId connection, ByteView first) {
  inbox_.push_back(Received{connection, copy(first), true});
}

void Shard::closed(ConnectionId connection, std::string_view reason, TlsFault tls) {
  inbox_.emplace_back(Closed{connection, std::string(reason), tls});
}

void Shard::deliver(Delivery&& delivery) { inbox_.emplace_back(std::move(delivery)); }

void Shard::loaded(Loaded&& loaded) { inbox_.emplace_back(std::move(loaded)); }

void Shard::take(Connected& input) {
  if (const auto link = parse_link_connection(input.connection)) {
    route(link->route)->connected(*link);
  }
}

void Shard::take(Received& input) {
  if (const auto link = parse_link_connection(input.connection)) {
    route(link->route)->received(*link, input.bytes);
  } else if (!input.accepted) {
    if (Upstream* to = owner(input.connection)) to->received(input.connection, input.bytes);
  } else {
    const std::string name = hello_upstream(input.bytes);
    for (auto* upstream : upstreams_by_id_) {
      if (!upstream || upstream->settings().name != name) continue;
      upstream->accepted(input.connection, input.bytes);
      break;
    }
  }
  if (spare_.size() < kSpareBuffers) spare_.push_back(std::move(input.bytes));
}

void Shard::take(Closed& input) {
  if (const auto link = parse_link_connection(input.connection)) {
    route(link->route)->closed(*link, input.reason, input.tls);
  } else if (Upstream* from = owner(input.connection)) {
    from->closed(input.connection);
  }
}

void Shard::take(Delivery& delivery) {
  for (const Committed& done : delivery.committed) {
    CHECK(!commits_.empty() && commits_.front().turn == done.turn);
    InFlight commit = std::move(commits_.front());
    commits_.pop_front();
    context_.committed_turn = done.turn;
    context_.uncommitted -= commit.bytes;
    context_.stats.uncommitted_bytes.set(context_.uncommitted);
    context_.stats.commit.observe(context_.now.mono - commit.handed_over);
    if (done.block) context_.spare_blocks.push_back(*done.block);
    take_effect(commit.effects);
  }
  for (MailBody& mail : delivery.mail) take_mail(mail);
}

void Shard::take(Loaded& loaded) {
  for (auto& room : routes_) {
    if (room.loaded(loaded)) return;
  }
  for (auto& room : tenants_) {
    if (room.loaded(loaded)) return;
  }
}

void Shard::take_effect(Effects& effects) {
  for (auto& frame : effects.frames) {
    Upstream* to = owner(frame.connection);
    if (!to) continue;  // gone: the producer will ask again
    to->answer(frame.connection, frame.bytes);
    context_.stats.acknowledgement.observe(context_.now.mono - frame.received);
  }
  for (const auto& answer : effects.answers) route(answer.route)->settled(answer.answer);
  for (const LaneId& lane : effects.checkpoints) route(lane.route)->checkpoint_durable(lane.cls);
}

void Shard::take_mail(MailBody& mail) {
  if (auto* appended = std::get_if<Appended>(&mail)) {
    if (Route* to = route(appended->lane.route)) to->appended(*appended);
  } else if (auto* waiting = std::get_if<Waiting>(&mail)) {
    const Owner owner = waiting->key.owner;
    if (owner.kind == Owner::Kind::route) {
      if (Route* to = route(static_cast<RouteId>(owner.id))) to->waiting(waiting->key);
    } else if (Tenant* to = context_.tenant(static_cast<TenantId>(owner.id))) {
      to->waiting(waiting->key);
    }
  } else if (auto* events = std::get_if<EventsStored>(&mail)) {
    if (Upstream* to = upstream(events->upstream)) to->stored(*events);
  } else if (auto* reply = std::get_if<ReplyArrived>(&mail)) {
    if (Tenant* to = context_.tenant(reply->tenant)) to->reply(*reply);
    for (auto& part : reply->parts) context_.out.erase(Table::parts, std::move(part));
    if (reply->digest != 0) {
      context_.out.remember(reply->route,
                            {RememberedRecord::Kind::told, reply->digest, reply->sender},
                            context_.now.civil);
    }
    context_.out.mail(context_.directory.home(reply->route),
                      ReplySettled{reply->route, reply->answer});
  } else if (auto* settled = std::get_if<ReplySettled>(&mail)) {
    if (Route* to = route(settled->route)) to->settled(settled->answer);
  } else if (auto* fate = std::get_if<Fate>(&mail)) {
    if (Tenant* to = context_.tenant(fate->tenant)) to->fate(*fate);
  } else if (auto* said = std::get_if<CarrierSaid>(&mail)) {
    if (Tenant* to = context_.tenant(said->tenant)) to->said(*said);
  } else if (auto* asked = std::get_if<LookFor>(&mail)) {
    look_for(*asked);
  } else if (auto* answer = std::get_if<LookedFor>(&mail)) {
    if (Tenant* to = context_.tenant(answer->tenant)) to->looked_for(*answer);
  }
}

void Shard::look_for(const LookFor& request) {
  LookedFor answer;
  answer.tenant = request.tenant;
  answer.inquiry = request.inquiry;
  for (const auto& route : routes_) route.look_for(request, answer);
  context_.out.mail(context_.directory.home(request.tenant), std::move(answer));
}

void Shard::turn(Now now) {
  context_.now = now;
  context_.notices.clear();
  context_.stats.clock_disputed.set(now.disputed != Civil{});
  taken_.swap(inbox_);
  for (Input& input : taken_) {
    std::visit([this](auto& what) { take(what); }, input);
  }
  taken_.clear();
  uint32_t budget = context_.settings.limits.turn_admissions;
  for (auto& tenant : tenants_) tenant.turn(budget);
  for (auto& route : routes_) route.turn();
  if (raw(context_.id) == 0) sweep_audit();
  hand_over();
  for (auto& route : routes_) {
    route.flush();
    route.count();
  }
  for (auto& tenant : tenants_) {
    for (auto& upstream : tenant.upstreams()) upstream.flush();
  }
}

// The audit belongs to nobody's shard: the first one ends what is older than the law and the
// operator ask for.
void Shard::sweep_audit() {
  const auto hour =
      static_cast<uint32_t>(to_ms(context_.now.civil - context_.settings.audit_time) / 3'600'000);
  if (hour == audit_floor_) return;
  audit_floor_ = hour;
  context_.out.erase_range(Table::audit, audit_prefix(0), audit_prefix(hour));
}

void Shard::hand_over() {
  for (auto& route : routes_) route.gather();
  const bool committing = !context_.out.empty() || !context_.effects.empty();
  for (auto& route : routes_) route.progress(committing);
  auto commit = context_.out.take(context_.turn, context_.now.civil);
  if (!commit) {
    // Nothing new to write: what waits, waits for what is already on its way; or for nothing.
    if (context_.effects.empty()) return;
    if (commits_.empty()) {
      take_effect(context_.effects);
    } else {
      commits_.back().effects.append(std::move(context_.effects));
    }
    context_.effects = {};
    return;
  }
  context_.stats.commits.add();
  context_.stats.commit_bytes.add(commit->bytes);
  context_.uncommitted += commit->bytes;
  commits_.push_back(
      {context_.turn, commit->bytes, context_.now.mono, std::move(context_.effects)});
  context_.effects = {};
  ++context_.turn;
  context_.store.commit(std::move(commit));
  context_.stats.uncommitted_bytes.set(context_.uncommitted);
}

Mono Shard::deadline() const {
  Mono at = kNever;
  for (const auto& route : routes_) at = std::min(at, route.deadline());
  for (const auto& tenant : tenants_) at = std::min(at, tenant.deadline());
  // What waits for a time of day is looked at again: somebody may have set the clock.
  return at == kNever ? at : std::min(at, context_.now.mono + kLookAtClock);
}

bool Shard::more() const {
  return !inbox_.empty() ||
         std::any_of(tenants_.begin(), tenants_.end(), [](const Tenant& t) { return t.more(); });
}

void Shard::drain(Now now) {
  if (draining_) return;
  draining_ = true;
  context_.now = now;
  for (auto& tenant : tenants_) {
    for (auto& upstream : tenant.upstreams()) upstream.drain();
  }
  for (auto& route : routes_) route.drain();
}

bool Shard::drained() const {
  return draining_ && commits_.empty() && context_.out.empty() &&
         std::all_of(routes_.begin(), routes_.end(), [](const Route& r) { return r.drained(); });
}

size_t Shard::in_flight() const {
  size_t n = 0;
  for (const auto& route : routes_) n += route.in_flight();
  return n;
}

}  // namespace tact::gateway
