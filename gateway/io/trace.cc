// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <tuple>

#include "gateway/engine/retry.h"
#include "gateway/io/log.h"
#include "policy/keyword.h"
#include "proto/job.pb.h"
#include "smpp/status.h"

namespace tact::gateway {

namespace {

void field(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out += ',';
  out += json_string(name);
  out += ':';
  out += json_string(value);
}

// What `code` means depends on the step.
std::string meaning(const AuditRecord& r) {
  using Kind = AuditRecord::Kind;
  switch (r.kind) {
    case Kind::admitted:
    case Kind::judged:
      return proto::Outcome_Name(static_cast<proto::Outcome>(r.code));
    case Kind::refused:
    case Kind::failed:
      return status_text(static_cast<smpp::Status>(r.code));
    case Kind::receipt:
    case Kind::progress:
      return std::string(smpp::name(static_cast<smpp::MessageState>(r.code)));
    case Kind::released:
      return std::string(policy::name(r.action));
    case Kind::reply: {
      policy::Reply reply;
      reply.kind = static_cast<policy::Reply::Kind>(r.code);
      return policy::label(reply);
    }
    case Kind::suppressed:
    case Kind::allowed: {
      std::string classes;
      for (const Class cls : kClassOrder) {
        if (!policy::contains(static_cast<policy::ClassMask>(r.code), cls)) continue;
        if (!classes.empty()) classes += ' ';
        classes += policy::name(cls);
      }
      return classes;
    }
    default:
      return "";
  }
}

std::string line(const AuditRecord& r, const Directory& directory) {
  std::string out = "{\"time\":\"" + iso_time(r.at) + "\",\"what\":\"" + name(r.kind) + "\"";
  if (raw(r.id) != 0) out += ",\"id\":\"" + std::to_string(raw(r.id)) + "\"";
  field(out, "number_hash", hex(r.number));
  if (policy::known(r.cls)) field(out, "class", policy::name(r.cls));
  if (const auto* brand = directory.brand(r.brand)) field(out, "brand", brand->name);
  if (const auto* account = directory.account(r.account)) field(out, "account", account->name);
  if (const auto* route = directory.route(r.route)) field(out, "route", route->name);
  field(out, "result", meaning(r));
  std::string fired;
  for (const auto& f : r.fired) {
    if (!fired.empty()) fired += ' ';
    fired += policy::label(f);
    if (!f.detail.empty()) fired += "(" + f.detail + ")";
  }
  field(out, "rules", fired);
  if (r.segments > 0) out += ",\"segments\":" + std::to_string(r.segments);
  if (r.rules != 0) field(out, "rule_set", hex(r.rules));
  field(out, "note", r.note);
  return out + "}";
}

ByteView view(std::string_view s) { return {reinterpret_cast<const uint8_t*>(s.data()), s.size()}; }

}  // namespace

Trace::Trace(Rocks& rocks, Sealer& sealer, const Directory& directory, const TraceQuery& query,
             Civil now)
    : rocks_(rocks),
      sealer_(sealer),
      directory_(directory),
      query_(query),
      history_(now, query.since, query.before) {}

bool Trace::step() {
  if (begun_ || found_.size() >= kLinesMax) return false;
  const auto request = history_.next();
  if (!request) return false;
  history_.loaded(rocks_.load(*request),
                  [this](History::Place place, std::string_view stored) { visit(place, stored); });
  return true;
}

void Trace::visit(const History::Place& place, std::string_view stored) {
  const auto batch = open_batch(view(stored), sealer_);
  if (!batch) {
    ++unreadable_;
    return;
  }
  AuditRecord record;
  size_t index = 0;
  for (size_t at = 0; read_audit(batch->body, at, record); ++index) {
    history_.seen(record.at);
    if (!wanted(record)) continue;
    found_.push_back({place, index, line(record, directory_)});
    begun_ |= query_.id && record.kind == AuditRecord::Kind::admitted;
  }
}

bool Trace::wanted(const AuditRecord& record) const {
  if (record.at < query_.since) return false;
  return query_.number ? record.number == *query_.number : record.id == *query_.id;
}

std::string Trace::lines() const {
  std::vector<const Line*> sorted;
  for (const Line& one : found_) sorted.push_back(&one);
  std::sort(sorted.begin(), sorted.end(), [](const Line* a, const Line* b) {
    return std::tie(a->place, a->index) < std::tie(b->place, b->index);
  });
  std::string out;
  for (const Line* one : sorted) out += one->text + "\n";
  return out + end_line();
}

std::string Trace::end_line() const {
  const Civil from = std::max(history_.from(), query_.since);
  std::string out = "{\"searched_from\":\"" + iso_time(from) + "\"";
  if (!begun_ && !history_.complete()) field(out, "cursor", trace_cursor(history_.place()));
  if (unreadable_ > 0) out += ",\"unreadable\":" + std::to_string(unreadable_);
  return out + "}\n";
}

std::string trace_cursor(const History::Place& place) {
  return fmt::format("{:08x}{:016x}", place.hour, place.seq);
}

std::optional<History::Place> parse_trace_cursor(std::string_view text) {
  History::Place place;
  if (text.size() != 24) return std::nullopt;
  const auto hour = std::from_chars(text.data(), text.data() + 8, place.hour, 16);
  const auto seq = std::from_chars(text.data() + 8, text.data() + 24, place.seq, 16);
  const bool whole = hour.ec == std::errc() && hour.ptr == text.data() + 8 &&
                     seq.ec == std::errc() && seq.ptr == text.data() + 24;
  return whole ? std::optional(place) : std::nullopt;
}

}  // namespace tact::gateway
