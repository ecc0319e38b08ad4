// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/route.h"

#include <algorithm>
#include <numeric>

#include "gateway/engine/check.h"

namespace tact::gateway {

namespace {
using namespace std::chrono_literals;
constexpr uint64_t kPromoteBelow = 16'384;
constexpr Mono kLookAgain = 5ms;
constexpr Mono kReclaimTime = 30s;

uint32_t windows(const RouteSettings& settings) {
  return std::accumulate(settings.links.begin(), settings.links.end(), 0u,
                         [](uint32_t n, const LinkSettings& l) { return n + l.session.window; });
}

// How far a lane may run ahead of its durable checkpoint: a few windows, so that a commit's time
// costs no sending.
uint32_t ahead(const RouteSettings& settings, const LimitSettings& limits) {
  return std::min(std::max(4 * windows(settings), 256u), limits.open_max / 2);
}

ByteView view(std::string_view s) { return {reinterpret_cast<const uint8_t*>(s.data()), s.size()}; }

BatchPtr parse(Class cls, std::string_view stored, Sealer& sealer) {
  auto opened = open_batch(view(stored), sealer);
  return opened ? Batch::parse(cls, opened->count, std::move(opened->body)) : nullptr;
}
}  // namespace

Route::Route(ShardContext& context, const RouteSettings& settings)
    : context_(context),
      settings_(settings),
      stats_(context.stats.routes.emplace_back()),
      awaiting_(settings.settle_time, settings.receipts,
                settings.concat == smpp::Concat::udh8 ? 0xff : 0xffff, settings.id),
      later_(owner_of(settings.id)),
      carrier_codes_(context, settings, stats_),
      sender_(context, settings, stats_, links_, awaiting_, lanes_, carrier_codes_),
      inbound_(context, settings, stats_, links_, awaiting_, carrier_codes_) {
  stats_.name = settings.name;
  const auto& limits = context.settings.limits;
  const uint32_t run = ahead(settings, limits);
  const uint32_t open_max = std::min(2 * windows(settings) + run, limits.open_max);
  for (int cls = 0; cls <= kClasses; ++cls) {
    lanes_.emplace_back(LaneId{settings.id, static_cast<Class>(cls)}, limits.page_bytes, open_max,
                        run);
    lanes_.back().hold(true);
  }
  for (const auto& link : settings.links) {
    links_.emplace_back(context, settings.id, static_cast<uint16_t>(links_.size()), link,
                        stats_.links.emplace_back());
  }
  sender_.on_submitted([this](Awaiting::Entry entry) { inbound_.match_parked(entry); });
}

void Route::start(StoreReader& reader) {
  // A damaged record is left where it is and told in the metrics: dying of it would mean dying at
  // every start.
  context_.stats.unreadable.add(
      awaiting_.start(reader, context_.now.mono, context_.settings.limits.awaiting));
  later_.start(reader);
  inbound_.start(reader);
  carrier_codes_.start(reader);
  for (const Class cls : kClassOrder) recover(lane(cls), reader);
}

bool Route::skip_unreadable() {
  context_.stats.unreadable.add();
  return true;
}

void Route::recover(Lane& lane, StoreReader& reader) {
  Checkpoint last;
  if (const auto value = reader.get(Table::meta, checkpoint_key(lane.id()))) {
    const auto decoded = decode_checkpoint(*value);
    CHECK(decoded);
    last = *decoded;
  }
  const auto unknown = lane.restore(last, reader.lane_tail(lane.id()));
  std::vector<uint64_t> wanted = unknown.open;
  for (uint64_t seq = unknown.offered.begin; seq < unknown.offered.end; ++seq)
    wanted.push_back(seq);
  auto next = wanted.begin();
  // Batches are read whole: those behind the floor of the oldest wanted one, up to the youngest.
  const uint64_t floor =
      wanted.empty() || wanted.front() < kBatchMessagesMax ? 0 : wanted.front() - kBatchMessagesMax;
  if (wanted.empty()) return;
  reader.scan(Table::lanes, lane_key(lane.id(), floor), lane_key(lane.id(), wanted.back() + 1),
              [&](std::string_view key, std::string_view value) {
                const uint64_t first = parse_lane_key(key)->second;
                const auto batch = parse(lane.id().cls, value, context_.sealer);
                if (!batch) return skip_unreadable();
                for (; next != wanted.end() && *next < first + batch->size(); ++next) {
                  if (*next < first) continue;
                  sender_.recovered(batch->message(*next - first));
                }
                return next != wanted.end();
              });
}

void Route::appended(const Appended& mail) {
  lane(mail.lane.cls).appended(mail.seq, mail.batch, context_.now.mono);
}

bool Route::loaded(const Loaded& loaded) {
  if (inbound_.loaded(loaded)) return true;
  const auto it = loads_.find(loaded.id);
  if (it == loads_.end()) return false;
  const Load load = it->second;
  loads_.erase(it);
  if (!load.later) {
    Lane& target = lane(load.cls);
    for (const auto& [key, value] : loaded.records) {
      target.loaded(parse_lane_key(key)->second, parse(load.cls, value, context_.sealer));
    }
    target.load_done(loaded.more);
    return true;
  }
  later_.take(load.cls, loaded, context_.sealer, context_.out, context_.stats.unreadable,
              [&](const Message& message) {
                context_.out.append({settings_.id, message.cls}, context_.id, message);
              });
  return true;
}

void Route::connected(const LinkConnection& link) { links_[link.index].connected(link.attempt); }

void Route::received(const LinkConnection& link, ByteView bytes) {
  links_[link.index].received(link.attempt, bytes, events_);
  handle(link.index);
}

void Route::closed(const LinkConnection& link, std::string_view reason, TlsFault tls) {
  links_[link.index].closed(link.attempt, reason, tls, events_);
  handle(link.index);
  sender_.link_down(link.index);
}

void Route::handle(uint16_t index) {
  Link& link = links_[index];
  // Ending a session appends to the events that are being read.
  for (size_t i = 0; i < events_.size(); ++i) {
    smpp::Event event = std::move(events_[i]);
    bool down = false;
    if (const auto* response = std::get_if<smpp::Response>(&event)) {
      sender_.response(*response, index);
    } else if (const auto* congestion = std::get_if<smpp::Congestion>(&event)) {
      sender_.congestion(congestion->state);
    } else if (const auto* request = std::get_if<smpp::Request>(&event)) {
      inbound_.request(request->pdu, index);
    } else if (const auto* timed_out = std::get_if<smpp::TimedOut>(&event)) {
      sender_.timed_out(timed_out->cookie);
    } else if (const auto* unanswered = std::get_if<smpp::Unanswered>(&event)) {
      sender_.unanswered(unanswered->cookie);
    } else if (const auto* bound = std::get_if<smpp::Bound>(&event)) {
      link.bound(*bound, sender_.withheld_tlvs());
      sender_.link_up(index);
      // What waits on a dead link has a living one now.
      for (uint16_t other = 0; other < links_.size(); ++other) {
        if (!links_[other].is_bound()) sender_.link_down(other);
      }
    } else {
      down = true;  // BindFailed, Unbound, Lost
    }
    if (down) {
      link.give_up(event, events_);
      // Everything outstanding has just been appended as Unanswered; then the staged ones move.
      for (++i; i < events_.size(); ++i) {
        if (const auto* lost = std::get_if<smpp::Unanswered>(&events_[i])) {
          sender_.unanswered(lost->cookie);
        }
      }
      sender_.link_down(index);
    }
  }
  events_.clear();
}

void Route::turn() {
  for (uint16_t i = 0; i < links_.size(); ++i) {
    links_[i].tick(events_);
    handle(i);
    if (draining_ && !sender_.busy(i)) links_[i].drain();
  }
  while (const auto entry = awaiting_.unknown_due(context_.now.mono)) {
    sender_.decide_unknown(*entry);
  }
  inbound_.tick();
  load_later();
  sender_.dispatch();
  load_lanes();
  inbound_.spill();
}

void Route::gather() { awaiting_.commit(context_.out, context_.now.mono); }

void Route::load_lanes() {
  for (const Class cls : kClassOrder) {
    const auto wanted = lane(cls).wants_load();
    if (!wanted) continue;
    LoadRequest request;
    request.id = context_.next_load++;
    request.table = Table::lanes;
    request.begin = lane_key(lane(cls).id(), wanted->from);
    request.end = lane_key(lane(cls).id(), wanted->end);
    request.from_before = wanted->from_before;
    request.bytes_max = wanted->bytes;
    loads_[request.id] = {cls, false};
    context_.store.load(context_.id, std::move(request));
  }
}

void Route::load_later() {
  if (draining_) return;
  for (const Class cls : kClassOrder) {
    if (lane(cls).queued() >= kPromoteBelow) continue;
    auto request = later_.wants_load(cls, context_.now.civil);
    if (!request) continue;
    request->id = context_.next_load++;
    loads_[request->id] = {cls, true};
    context_.store.load(context_.id, std::move(*request));
  }
  later_.reclaim(context_.now.mono, context_.out);
}

void Route::progress(bool committing) {
  const bool by_time = context_.now.mono - reclaimed_at_ >= kReclaimTime;
  if (by_time) reclaimed_at_ = context_.now.mono;
  const bool bound = std::ranges::any_of(links_, &Link::is_bound);
  for (const Class cls : kClassOrder) {
    Lane& target = lane(cls);
    target.hold(!bound);
    const bool due = draining_ ? target.dirty() || last_checkpoints_
                               : target.needs_checkpoint() || (committing && target.dirty());
    if (due) {
      const Checkpoint now = draining_ ? target.drain_checkpoint() : target.take_checkpoint();
      context_.out.put(Table::meta, checkpoint_key(target.id()), encode(now));
      context_.effects.checkpoints.push_back(target.id());
    }
    if (const auto range = target.reclaim(by_time)) {
      context_.out.erase_range(Table::lanes, lane_key(target.id(), range->begin),
                               lane_key(target.id(), range->end));
    }
  }
  last_checkpoints_ = false;
}

void Route::flush() {
  awaiting_.committing(context_.turn);
  for (auto& link : links_) link.flush();
}

void Route::count() {
  for (const Class cls : kClassOrder) {
    const Lane& source = lane(cls);
    auto& out = stats_.lanes[static_cast<size_t>(cls)];
    out.queued.set(source.queued());
    out.open.set(source.open());
    const auto oldest = source.oldest_accepted();
    out.oldest_accepted_ms.set(oldest ? static_cast<uint64_t>(to_ms(*oldest)) : 0);
    context_.backlog.of(source.id()).set(source.queued());
    context_.backlog.closed(source.id()).set(sender_.is_closed(cls));
  }
  context_.backlog.down(settings_.id).set(sender_.is_down());
  stats_.awaiting.set(awaiting_.size() + awaiting_.spilled());
  stats_.awaiting_spilled.set(awaiting_.spilled());
}

Mono Route::deadline() const {
  Mono at = std::min({sender_.deadline(), inbound_.deadline(), awaiting_.next_unknown_due()});
  for (const auto& link : links_) at = std::min(at, link.deadline());
  // Due retries that their lane has no room for are looked at again soon.
  if (const auto due = later_.next_due()) {
    at = std::min(at, std::max(context_.mono_at(*due), context_.now.mono + kLookAgain));
  }
  return at;
}

void Route::look_for(const LookFor& request, LookedFor& answer) const {
  for (const Class cls : kClassOrder) {
    const Lane& queue = lanes_[static_cast<size_t>(cls)];
    answer.queues.push_back({queue.id(), queue.next(), later_.floor(cls)});
  }
  sender_.look_for(request, answer.found);
}

void Route::drain() {
  draining_ = true;
  last_checkpoints_ = true;
  sender_.drain();
}

bool Route::drained() const {
  return std::all_of(links_.begin(), links_.end(), [](const Link& l) { return l.drained(); });
}

}  // namespace tact::gateway
