// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/tenant.h"

#include <algorithm>

#include "gateway/engine/check.h"
#include "policy/number.h"

namespace tact::gateway {

namespace {
using namespace std::chrono_literals;
// Due messages wait on disk while their lanes hold this many: the carrier's pace is their pace
// (DESIGN 7.4).
constexpr uint64_t kPromoteBelow = 16'384;
constexpr Mono kLookAgain = 5ms;
constexpr uint64_t kReclaimKeysMs = 600'000;

ByteView view(std::string_view s) { return {reinterpret_cast<const uint8_t*>(s.data()), s.size()}; }
}  // namespace

Tenant::Tenant(ShardContext& context, const TenantSettings& settings)
    : context_(context),
      settings_(settings),
      contacts_(context, settings.id),
      keys_(context.settings.idempotency_time, context.settings.limits.keys),
      breaker_(context.settings.breaker),
      later_(owner_of(settings.id)),
      inquiries_(context, settings.id, later_,
                 [this](Inquiry&& inquiry) { conclude(std::move(inquiry)); }),
      suspects_(context, settings.id) {
  for (const auto& upstream : settings.upstreams) {
    upstreams_.emplace_back(context, *this, upstream);
  }
}

void Tenant::start(StoreReader& reader) {
  contacts_.start(reader);
  const auto horizon = context_.now.civil - context_.settings.idempotency_time;
  reader.scan(Table::keys, keys_prefix(settings_.id, static_cast<uint64_t>(to_ms(horizon))),
              prefix_end(keys_prefix(settings_.id, 0).substr(0, 2)),
              [&](std::string_view, std::string_view value) {
                const auto batch = open_batch(view(value), context_.sealer);
                CHECK(batch);
                KeyRecord record;
                for (size_t at = 0; read_key_record(batch->body, at, record);) {
                  keys_.take(record, context_.now.civil);
                }
                return true;
              });
  later_.start(reader);
  start_withdrawals(reader);
  suspects_.start(reader);
  for (auto& upstream : upstreams_) upstream.start(reader);
}

// Without "+" a number of the tenant's own country in its national form reads like one of another
// country.
std::string_view Tenant::recipient(std::string_view to) const {
  if (policy::national_form(to, settings_.own_country_code)) return {};
  return policy::e164_digits(to);
}

// Storage is the shared set's only writer, so what is on its way there is remembered here until it
// has arrived.
policy::SuppressionEntry Tenant::suppression_of(BrandId brand, NumberHash number) const {
  const auto pending = pending_blocks_.find({raw(brand), number});
  if (pending != pending_blocks_.end()) return pending->second.entry;
  return context_.suppression.get(raw(brand), number);
}

bool Tenant::block(BrandId brand, NumberHash number, policy::ClassMask classes,
                   policy::Block reason, bool on, uint64_t proof, Civil since, Civil until,
                   std::string_view reference) {
  policy::SuppressionEntry entry = suppression_of(brand, number);
  const bool changed = policy::change(entry, classes, reason, on, since, proof, until);
  if (!changed && reference.empty()) return false;
  if (changed) {
    entry.scope = raw(brand);
    entry.number = number;
    pending_blocks_[{raw(brand), number}] = {entry, context_.turn};
    context_.out.publish(entry);
  }
  AuditRecord record;
  record.kind = on ? AuditRecord::Kind::suppressed : AuditRecord::Kind::allowed;
  record.at = context_.now.civil;
  record.id = static_cast<MessageId>(proof);
  record.number = number;
  record.tenant = settings_.id;
  record.brand = brand;
  record.code = classes;
  record.text = static_cast<uint64_t>(reason);
  record.decision = until != Civil{};
  record.until = until;
  record.note = reference;
  context_.out.audit(record);
  return changed;
}

void Tenant::tell_opt_out(BrandId brand, NumberHash number, policy::ClassMask classes, bool ended,
                          const UpstreamSettings& upstream) {
  auto& event = *context_.begin_event(MessageId{}, "", false).mutable_opt_out();
  event.set_brand(std::string(context_.directory.name(brand)));
  event.set_number_hash(number);
  for (const Class cls : kClassOrder) {
    if (policy::contains(classes, cls)) {
      event.add_classes(static_cast<proto::MessageClass>(cls));
    }
  }
  event.set_ended(ended);
  this->upstream(upstream.id).tell_unsolicited();
}

Upstream& Tenant::upstream(UpstreamId id) {
  const auto found = std::find_if(upstreams_.begin(), upstreams_.end(),
                                  [&](const Upstream& u) { return u.settings().id == id; });
  CHECK(found != upstreams_.end());
  return *found;
}

const UpstreamSettings& Tenant::upstream_for(AccountId account) const {
  for (const auto& upstream : settings_.upstreams) {
    if (upstream.default_account == account) return upstream;
  }
  return settings_.upstreams.front();
}

void Tenant::fate(const Fate& fate) {
  if (fate.sent) {
    contacts_.settle(fate.number, fate.id, fate.brand, fate.cls, fate.advertised, fate.at);
    if (policy::contains(policy::kOptionalClasses, fate.cls)) {
      breaker_.sent(contacts_.find(fate.number).likeness(raw(fate.id)).campaign);
    }
  } else {
    contacts_.release(fate.number, fate.id);
  }
}

// A dead number is so for every brand, what a carrier will not deliver is the brand's. Each mark
// has an end, counted from the day it was set: told again behind it, it is set anew.
void Tenant::said(const CarrierSaid& said) {
  const Civil now = context_.now.civil;
  const bool dead = said.block == policy::Block::dead_number;
  for (const BrandId brand : brands_of(dead ? BrandId{} : said.brand)) {
    const auto entry = suppression_of(brand, said.number);
    if (context_.gate.rules().is_over(said.block, entry.since, now)) {
      block(brand, said.number, policy::kOptionalClasses, said.block, false, raw(said.id), now);
    }
    block(brand, said.number, policy::kOptionalClasses, said.block, true, raw(said.id), now,
          said.until);
  }
}

void Tenant::waiting(const LaterKey& key) { later_.waiting(key); }

void Tenant::turn(uint32_t& budget) {
  while (!pending_blocks_.empty()) {
    // Durable and published: the shared set tells the truth again.
    const auto arrived = std::find_if(pending_blocks_.begin(), pending_blocks_.end(), [&](auto& p) {
      return p.second.turn <= context_.committed_turn;
    });
    if (arrived == pending_blocks_.end()) break;
    pending_blocks_.erase(arrived);
  }
  for (const Class cls : kClassOrder) {
    uint64_t backlog = 0;
    for (const auto& route : context_.settings.routes) {
      // Where nothing leaves, waiting for room would hold up the other routes.
      if (context_.backlog.down(route.id).get()) continue;
      backlog = std::max(backlog, context_.backlog.of({route.id, cls}).get());
    }
    if (backlog >= kPromoteBelow) continue;
    auto request = later_.wants_load(cls, context_.now.civil);
    if (!request) continue;
    request->id = context_.next_load++;
    loads_[request->id] = cls;
    context_.store.load(context_.id, std::move(*request));
  }
  // Each upstream gets its share of the turn before one of them gets what the others left.
  const uint32_t share = std::max<uint32_t>(1, budget / static_cast<uint32_t>(upstreams_.size()));
  for (auto& upstream : upstreams_) {
    uint32_t mine = std::min(budget, share);
    const uint32_t before = mine;
    upstream.turn(mine);
    budget -= before - mine;
  }
  end_withdrawals();
  suspects_.expire();
  contacts_.turn();
  later_.reclaim(context_.now.mono, context_.out);
  const auto horizon =
      static_cast<uint64_t>(to_ms(context_.now.civil - context_.settings.idempotency_time));
  if (keys_reclaimed_ms_ + kReclaimKeysMs < horizon && keys_.size() > 0) {
    keys_reclaimed_ms_ = horizon;
    context_.out.erase_range(Table::keys, keys_prefix(settings_.id, 0),
                             keys_prefix(settings_.id, horizon));
  }
}

bool Tenant::loaded(const Loaded& loaded) {
  for (auto& upstream : upstreams_) {
    if (upstream.loaded(loaded)) return true;
  }
  if (inquiries_.loaded(loaded)) return true;
  const auto load = loads_.find(loaded.id);
  if (load == loads_.end()) return false;
  later_.take(load->second, loaded, context_.sealer, context_.out, context_.stats.unreadable,
              [this](const Message& message) { rejudge(message); });
  loads_.erase(load);
  return true;
}

Mono Tenant::deadline() const {
  // Due messages that their lanes have no room for are looked at again soon.
  const auto due = later_.next_due();
  return due ? std::max(context_.mono_at(*due), context_.now.mono + kLookAgain) : kNever;
}

bool Tenant::more() const {
  return std::any_of(upstreams_.begin(), upstreams_.end(),
                     [](const Upstream& u) { return u.more(); });
}

}  // namespace tact::gateway
