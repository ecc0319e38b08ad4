// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/inquiries.h"

#include <algorithm>

#include "gateway/engine/audit.h"
#include "gateway/engine/check.h"
#include "gateway/engine/retry.h"
#include "smpp/status.h"

namespace tact::gateway {

namespace {
using proto::Standing;

constexpr uint64_t kQueueBytesMax = 64u << 20;

ByteView view(std::string_view s) { return {reinterpret_cast<const uint8_t*>(s.data()), s.size()}; }

void done(Standing& standing, std::string_view fate, std::string_view detail = "") {
  standing.set_stage(Standing::DONE);
  standing.set_fate(std::string(fate));
  standing.set_detail(std::string(detail));
}

void judged(const AuditRecord& record, Standing& standing) {
  if (record.code == proto::REJECTED) {
    const bool expired = std::any_of(record.fired.begin(), record.fired.end(),
                                     [](const auto& f) { return f.rule == policy::Rule::expired; });
    done(standing, expired ? "expired" : "rejected");
    for (const auto& fired : record.fired) {
      if (!standing.detail().empty()) *standing.mutable_detail() += ' ';
      *standing.mutable_detail() += policy::label(fired);
    }
  } else {
    standing.set_stage(record.code == proto::DEFERRED ? Standing::DEFERRED : Standing::QUEUED);
  }
}

// What a step leaves a message in. False: it says nothing of that.
bool stand(const AuditRecord& record, Standing& out) {
  using Kind = AuditRecord::Kind;
  switch (record.kind) {
    case Kind::admitted:
    case Kind::judged:
      judged(record, out);
      return true;
    case Kind::released:
      if (record.action == policy::Action::defer) {
        out.set_stage(Standing::DEFERRED);
      } else {
        done(out, "rejected", record.fired.empty() ? "" : policy::label(record.fired.front()));
      }
      return true;
    case Kind::submitted:
    case Kind::progress:
      out.set_stage(Standing::AWAITING);
      return true;
    case Kind::refused:
    case Kind::rerouted:
      out.set_stage(Standing::QUEUED);
      return true;
    case Kind::unknown:
      out.set_stage(Standing::UNKNOWN);
      return true;
    case Kind::failed:
      done(out, "failed", status_text(static_cast<smpp::Status>(record.code)));
      return true;
    case Kind::receipt:
      done(out, "receipt", proto::ReceiptState_Name(static_cast<proto::ReceiptState>(record.code)));
      return true;
    case Kind::reported:
      done(out, "unknown");
      return true;
    case Kind::expired:
    case Kind::receipt_missing:
    case Kind::cancelled:
      done(out, name(record.kind));
      return true;
    case Kind::reply:
    case Kind::suppressed:
    case Kind::allowed:
      return false;
  }
  return false;
}

bool waits(const Standing& s) {
  return s.stage() == Standing::QUEUED || s.stage() == Standing::DEFERRED;
}

void tell_where(Standing& standing, const ShardContext& context, RouteId route, Class cls) {
  standing.set_route(std::string(context.directory.name(route)));
  standing.set_message_class(static_cast<proto::MessageClass>(cls));
}

proto::Outcome outcome_of(const Inquiry::Subject& subject, bool cancel) {
  const Standing& s = subject.standing;
  const bool known = s.stage() != Standing::STAGE_UNSPECIFIED || s.queued() + s.sent() > 0;
  if (!cancel) return known ? proto::FOUND : proto::NOT_FOUND;
  if (subject.campaign || s.queued() > 0) return proto::CANCELLED;
  if (known) return proto::TOO_LATE;
  // It may stand where the search did not come: then it will not be sent either.
  return s.partial() ? proto::CANCELLED : proto::NOT_FOUND;
}
}  // namespace

uint64_t key_among(const std::vector<uint64_t>& keys, const Message& message) {
  const auto has = [&](uint64_t key) { return std::binary_search(keys.begin(), keys.end(), key); };
  const uint16_t owner = raw(message.upstream);
  const uint64_t own = policy::withdrawn_key(owner, raw(message.id));
  if (has(own)) return own;
  if (message.campaign.empty()) return 0;
  const uint64_t campaign = policy::withdrawn_key(owner, message.campaign);
  return has(campaign) ? campaign : 0;
}

void Inquiries::ask(Inquiry inquiry) {
  const uint64_t number = next_search_++;
  Search& search = searches_[number];
  auto keys = std::make_shared<std::vector<uint64_t>>();
  for (size_t i = 0; i < inquiry.subjects.size(); ++i) {
    const auto& subject = inquiry.subjects[i];
    keys->push_back(subject.key);
    search.by_key.emplace(subject.key, i);
    search.campaigns |= subject.campaign;
  }
  std::sort(keys->begin(), keys->end());
  search.inquiry = std::move(inquiry);
  search.shards_left = context_.settings.shards;
  for (uint16_t k = 0; k < context_.settings.shards; ++k) {
    context_.out.mail(ShardId{k}, LookFor{tenant_, number, search.inquiry.before, keys});
  }
}

void Inquiries::looked_for(const LookedFor& answer) {
  const auto it = searches_.find(answer.inquiry);
  if (it == searches_.end()) return;
  Search& search = it->second;
  for (const auto& found : answer.found) {
    auto& subject = search.inquiry.subjects[search.by_key.at(found.key)];
    Standing& standing = subject.standing;
    found.sent ? standing.set_sent(standing.sent() + 1)
               : standing.set_queued(standing.queued() + 1);
    if (subject.campaign) continue;
    subject.found = true;
    standing.set_stage(found.sent ? Standing::SENDING : Standing::QUEUED);
    tell_where(standing, context_, found.lane.route, found.lane.cls);
  }
  search.queues.insert(search.queues.end(), answer.queues.begin(), answer.queues.end());
  if (--search.shards_left > 0) return;
  const auto& subjects = search.inquiry.subjects;
  if (std::any_of(subjects.begin(), subjects.end(),
                  [](const auto& s) { return !s.campaign && !s.found; })) {
    search.history.emplace(context_.now.civil);
  } else {
    plan_ranges(search);
  }
  go_on();
}

// The oldest search that every shard has answered reads on, or ends.
void Inquiries::go_on() {
  while (load_ == 0 && !searches_.empty()) {
    const auto ready = std::find_if(searches_.begin(), searches_.end(),
                                    [](const auto& s) { return s.second.shards_left == 0; });
    if (ready == searches_.end()) return;
    loading_ = ready->first;
    if (step(ready->second)) return;
    finish(ready->second);
    searches_.erase(ready);
  }
}

// False: there is nothing left to read.
bool Inquiries::step(Search& search) {
  std::optional<LoadRequest> request;
  if (search.history) {
    request = search.history->next();
    const auto& subjects = search.inquiry.subjects;
    const bool enough = std::all_of(subjects.begin(), subjects.end(),
                                    [](const auto& s) { return s.campaign || s.found; });
    if (enough || !request) {
      for (auto& subject : search.inquiry.subjects) {
        if (subject.campaign || subject.found) continue;
        subject.standing.set_history_from_ms(to_ms(search.history->from()));
      }
      search.history.reset();
      request.reset();
      plan_ranges(search);
    }
  }
  if (!request && !search.ranges.empty()) {
    const Range& range = search.ranges.front();
    if (search.bytes >= kQueueBytesMax) {
      for (auto& subject : search.inquiry.subjects) subject.standing.set_partial(!subject.found);
      return false;
    }
    request.emplace();
    request->table = range.table;
    request->begin = range.begin;
    request->end = range.end;
    request->from_before = range.from_before;
  }
  if (!request) return false;
  load_ = request->id = context_.next_load++;
  context_.store.load(context_.id, std::move(*request));
  return true;
}

bool Inquiries::loaded(const Loaded& loaded) {
  if (load_ == 0 || loaded.id != load_) return false;
  load_ = 0;
  Search& search = searches_.at(loading_);
  search.history ? read_history(search, loaded) : read_range(search, loaded);
  go_on();
  return true;
}

void Inquiries::read_history(Search& search, const Loaded& loaded) {
  search.history->loaded(loaded, [&](History::Place place, std::string_view stored) {
    const auto batch = open_batch(split_audit(stored).batch, context_.sealer);
    if (!batch) return;
    AuditRecord record;
    for (size_t at = 0; read_audit(batch->body, at, record);) {
      search.history->seen(record.at);
      const auto it =
          search.by_key.find(policy::withdrawn_key(raw(record.upstream), raw(record.id)));
      if (it == search.by_key.end()) continue;
      auto& subject = search.inquiry.subjects[it->second];
      // Found by a link, or by a newer record.
      if (subject.found && (subject.place == History::Place{} || place < subject.place)) continue;
      Standing standing;
      if (!stand(record, standing)) continue;
      subject.found = true;
      subject.place = place;
      tell_where(standing, context_, record.route, record.cls);
      standing.set_since_ms(to_ms(record.at));
      if (waits(standing)) standing.set_queued(1);
      subject.standing = std::move(standing);
    }
  });
}

void Inquiries::add_later(Search& search, Owner owner, Class cls, const LaterKey& floor,
                          LaneId lane) {
  Range range;
  range.table = Table::later;
  LaterKey begin = floor;
  begin.owner = owner;
  begin.cls = cls;
  range.begin = later_key(begin);
  // Not a whole key: so this load closes no stretch (store.h).
  range.end = prefix_end(std::string_view(range.begin).substr(0, 4));
  range.cls = cls;
  range.lane = lane;
  search.ranges.push_back(std::move(range));
}

void Inquiries::plan_ranges(Search& search) {
  const auto& subjects = search.inquiry.subjects;
  const bool everything = std::any_of(subjects.begin(), subjects.end(),
                                      [](const auto& s) { return s.campaign || !s.found; });
  for (const Class cls : kClassOrder) {
    // When a deferred message is due, only its key in `later` tells.
    const bool wanted = std::any_of(subjects.begin(), subjects.end(), [&](const auto& s) {
      return s.standing.stage() == Standing::DEFERRED &&
             s.standing.message_class() == static_cast<proto::MessageClass>(cls);
    });
    if (everything || wanted) add_later(search, owner_of(tenant_), cls, later_.floor(cls), {});
  }
  if (!everything) return;
  for (const auto& queue : search.queues) {
    add_later(search, owner_of(queue.lane.route), queue.lane.cls, queue.floor, queue.lane);
    Range range;
    range.table = Table::lanes;
    range.begin = lane_key(queue.lane, queue.next);
    range.end = prefix_end(lane_prefix(queue.lane));
    range.from_before = true;
    range.cls = queue.lane.cls;
    range.lane = queue.lane;
    range.next = queue.next;
    search.ranges.push_back(std::move(range));
  }
}

void Inquiries::read_range(Search& search, const Loaded& loaded) {
  Range& range = search.ranges.front();
  for (const auto& [key, value] : loaded.records) {
    search.bytes += key.size() + value.size();
    auto opened = open_batch(view(value), context_.sealer);
    const auto batch =
        opened ? Batch::parse(range.cls, opened->count, std::move(opened->body)) : nullptr;
    if (!batch) continue;
    const uint64_t first = key_u64(key, key.size() - 8);
    const bool lane = range.table == Table::lanes;
    const Civil due = lane ? Civil{} : from_ms(static_cast<int64_t>(key_u64(key, 4)));
    for (size_t i = 0; i < batch->size(); ++i) {
      if (lane && first + i < range.next) continue;
      see(search, batch->message(i), range, due);
    }
  }
  if (!loaded.more || loaded.records.empty()) return search.ranges.pop_front();
  range.begin = loaded.records.back().first + '\0';
  range.from_before = false;
}

void Inquiries::see(Search& search, const Message& message, const Range& range, Civil due) {
  if (message.tenant != tenant_ || message.id >= search.inquiry.before) return;
  const uint16_t owner = raw(message.upstream);
  const auto count = [&](uint64_t key) {
    const auto it = search.by_key.find(key);
    if (it == search.by_key.end()) return;
    auto& subject = search.inquiry.subjects[it->second];
    Standing& standing = subject.standing;
    const bool sent = message.awaiting != 0;  // in part, or perhaps
    if (subject.campaign) {
      sent ? standing.set_sent(standing.sent() + 1) : standing.set_queued(standing.queued() + 1);
      return;
    }
    subject.found = true;
    const bool deferred = range.table == Table::later && raw(range.lane.route) == 0;
    standing.set_stage(sent ? Standing::SENDING : deferred ? Standing::DEFERRED : Standing::QUEUED);
    standing.set_queued(!sent);
    standing.set_sent(sent);
    if (due != Civil{}) standing.set_until_ms(to_ms(due));
    tell_where(standing, context_, message.route, message.cls);
  };
  count(policy::withdrawn_key(owner, raw(message.id)));
  if (search.campaigns && !message.campaign.empty()) {
    count(policy::withdrawn_key(owner, message.campaign));
  }
}

void Inquiries::finish(Search& search) {
  Inquiry& inquiry = search.inquiry;
  for (auto& subject : inquiry.subjects) {
    auto& result = *inquiry.ack.mutable_results(subject.result);
    result.set_outcome(outcome_of(subject, inquiry.cancel));
    *result.mutable_standing() = std::move(subject.standing);
  }
  conclude_(std::move(inquiry));
}

}  // namespace tact::gateway
