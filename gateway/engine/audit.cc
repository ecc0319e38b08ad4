// SPDX-License-Identifier: Apache-2.0
#include "gateway/engine/audit.h"

#include <algorithm>
#include <cstring>

#include "gateway/engine/record_io.h"

namespace tact::gateway {

const char* name(AuditRecord::Kind kind) {
  using Kind = AuditRecord::Kind;
  switch (kind) {
    case Kind::admitted:
      return "admitted";
    case Kind::released:
      return "released";
    case Kind::submitted:
      return "submitted";
    case Kind::refused:
      return "refused";
    case Kind::failed:
      return "failed";
    case Kind::receipt:
      return "receipt";
    case Kind::unknown:
      return "unknown";
    case Kind::reported:
      return "reported";
    case Kind::expired:
      return "expired";
    case Kind::receipt_missing:
      return "receipt_missing";
    case Kind::reply:
      return "reply";
    case Kind::suppressed:
      return "suppressed";
    case Kind::allowed:
      return "allowed";
    case Kind::judged:
      return "judged";
    case Kind::cancelled:
      return "cancelled";
    case Kind::progress:
      return "progress";
    case Kind::rerouted:
      return "rerouted";
  }
  return "?";
}

void append_audit(const AuditRecord& r, Bytes& out) {
  RecordWriter w(out);
  const size_t start = w.position();
  const size_t fired = std::min<size_t>(r.fired.size(), 32);
  w.integers(uint16_t{0}, static_cast<uint8_t>(r.kind), static_cast<uint8_t>(r.cls), to_ms(r.at),
             raw(r.id), r.number, r.rules, r.text, raw(r.tenant), raw(r.account), raw(r.brand),
             raw(r.upstream), raw(r.route), r.code, r.segments, static_cast<uint8_t>(r.action),
             static_cast<uint8_t>(fired));
  for (size_t i = 0; i < fired; ++i) {
    w.integer(static_cast<uint16_t>(r.fired[i].rule));
    w.integer(static_cast<uint8_t>(r.fired[i].action));
    w.string<uint8_t>(r.fired[i].detail);
  }
  w.string<uint8_t>(r.note);
  if (r.decision) {
    w.integers(r.flags, to_ms(r.until), to_ms(r.expires));
    for (const auto& part : {r.from, r.campaign, r.zone, r.to}) w.string<uint8_t>(part);
    w.string<uint16_t>(r.body.size() > kAuditBody ? std::string_view() : r.body);
  }
  w.patch(start, static_cast<uint16_t>(w.position() - start - 2));
}

namespace {
void read_decision(RecordReader& r, AuditRecord& out) {
  out.decision = true;
  out.flags = r.integer<uint16_t>();
  out.until = from_ms(r.integer<int64_t>());
  out.expires = from_ms(r.integer<int64_t>());
  for (auto* part : {&out.from, &out.campaign, &out.zone, &out.to}) *part = r.string<uint8_t>();
  out.body = r.string<uint16_t>();
}
}  // namespace

bool read_audit(ByteView in, size_t& offset, AuditRecord& out) {
  if (offset > in.size()) return false;
  RecordReader length(in.subspan(offset));
  const size_t bytes = length.integer<uint16_t>();
  if (!length.ok() || length.left() < bytes) return false;
  RecordReader r(in.subspan(offset + 2, bytes));
  out = AuditRecord{};
  out.kind = static_cast<AuditRecord::Kind>(r.integer<uint8_t>());
  out.cls = static_cast<Class>(r.integer<uint8_t>());
  out.at = from_ms(r.integer<int64_t>());
  out.id = static_cast<MessageId>(r.integer<uint64_t>());
  out.number = r.integer<uint64_t>();
  out.rules = r.integer<uint64_t>();
  out.text = r.integer<uint64_t>();
  out.tenant = static_cast<TenantId>(r.integer<uint16_t>());
  out.account = static_cast<AccountId>(r.integer<uint16_t>());
  out.brand = static_cast<BrandId>(r.integer<uint16_t>());
  out.upstream = static_cast<UpstreamId>(r.integer<uint16_t>());
  out.route = static_cast<RouteId>(r.integer<uint16_t>());
  out.code = r.integer<uint32_t>();
  out.segments = r.integer<uint8_t>();
  out.action = static_cast<policy::Action>(r.integer<uint8_t>());
  const size_t fired = r.integer<uint8_t>();
  for (size_t i = 0; i < fired && r.ok(); ++i) {
    policy::Fired f;
    f.rule = static_cast<policy::Rule>(r.integer<uint16_t>());
    f.action = static_cast<policy::Action>(r.integer<uint8_t>());
    f.detail = r.string<uint8_t>();
    out.fired.push_back(std::move(f));
  }
  out.note = r.string<uint8_t>();
  if (r.left() > 0) read_decision(r, out);
  if (!r.ok()) return false;
  offset += 2 + bytes;
  return true;
}

// A batch's header says how long it is.
AuditStored split_audit(std::string_view stored) {
  const ByteView all(reinterpret_cast<const uint8_t*>(stored.data()), stored.size());
  if (all.size() < kBatchHeader + kAuditLink || batch_bytes(all) + kAuditLink != all.size()) {
    return {all, {}};
  }
  return {all.first(all.size() - kAuditLink), all.last(kAuditLink)};
}

// FNV-1a, eight octets at a step: a message's text is digested twice on its way.
uint64_t text_digest(std::string_view text) {
  uint64_t h = 0xcbf29ce484222325 ^ text.size();
  while (!text.empty()) {
    uint64_t word = 0;
    const size_t n = std::min(text.size(), sizeof word);
    std::memcpy(&word, text.data(), n);
    text.remove_prefix(n);
    h = (h ^ word) * 0x100000001b3;
    h ^= h >> 32;  // a product's upper bits never reach the lower ones by themselves
  }
  return h;
}

}  // namespace tact::gateway
