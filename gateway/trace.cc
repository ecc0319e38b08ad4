// SPDX-License-Identifier: Apache-2.0
#include "gateway/trace.h"

#include <deque>

#include "gateway/engine/audit.h"
#include "gateway/io/log.h"
#include "policy/keyword.h"
#include "proto/job.pb.h"
#include "smpp/status.h"

namespace tact::gateway {

namespace {

std::string utc(Civil at) {
  using namespace std::chrono;
  const auto day = floor<days>(at);
  const year_month_day date(day);
  const hh_mm_ss time(at - day);
  char out[64];
  std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
                static_cast<int>(time.subseconds().count()));
  return out;
}

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
      return std::string(smpp::name(static_cast<smpp::Status>(r.code)));
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
  std::string out = "{\"time\":\"" + utc(r.at) + "\",\"what\":\"" + name(r.kind) + "\"";
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

}  // namespace

std::string trace_lines(Rocks& rocks, Sealer& sealer, const Directory& directory,
                        const TraceQuery& query, Civil now, uint32_t hours) {
  const auto hour = static_cast<uint32_t>(to_ms(now) / 3'600'000);
  std::deque<std::string> found;
  bool complete = true;
  rocks.scan(Table::audit, audit_prefix(hour > hours ? hour - hours : 0), "",
             [&](std::string_view, std::string_view value) {
               const auto batch = open_batch(
                   {reinterpret_cast<const uint8_t*>(value.data()), value.size()}, sealer);
               if (!batch) {
                 complete = false;
                 return true;
               }
               AuditRecord record;
               for (size_t at = 0; read_audit(batch->body, at, record);) {
                 if (query.number ? record.number != *query.number : record.id != *query.id)
                   continue;
                 found.push_back(line(record, directory));
                 if (found.size() <= kTraceMost) continue;
                 found.pop_front();
                 complete = false;
               }
               return true;
             });
  std::string out;
  for (const auto& entry : found) out += entry + "\n";
  if (!complete) out += "{\"complete\":false}\n";
  return out;
}

}  // namespace tact::gateway
