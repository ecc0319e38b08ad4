// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <tuple>

#include "gateway/io/audit_json.h"
#include "gateway/io/log.h"

namespace tact::gateway {

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
  const auto batch = open_batch(split_audit(stored).batch, sealer_);
  if (!batch) {
    ++unreadable_;
    return;
  }
  AuditRecord record;
  size_t index = 0;
  for (size_t at = 0; read_audit(batch->body, at, record); ++index) {
    history_.seen(record.at);
    if (!wanted(record)) continue;
    found_.push_back({place, index, audit_json(record, directory_, AuditDetail::step)});
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
  if (!begun_ && !history_.complete()) {
    out += ",\"cursor\":\"" + trace_cursor(history_.place()) + '"';
  }
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
