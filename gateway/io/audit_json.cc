// SPDX-License-Identifier: Apache-2.0
#include "gateway/io/audit_json.h"

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
      reply.kind = static_cast<policy::Reply::Kind>(r.code & AuditRecord::kReplyKind);
      reply.item = static_cast<decltype(reply.item)>(r.code >> AuditRecord::kReplyItemShift);
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

template <typename Named>
void named(std::string& out, std::string_view name, const Named* value) {
  if (value != nullptr) field(out, name, value->name);
}

std::string rules(const AuditRecord& r) {
  std::string out;
  for (const auto& f : r.fired) {
    if (!out.empty()) out += ' ';
    out += policy::label(f);
    if (!f.detail.empty()) out += "(" + f.detail + ")";
  }
  return out;
}

std::string fired(const AuditRecord& r) {
  std::string out;
  for (const auto& f : r.fired) {
    out += out.empty() ? "{" : ",{";
    out += "\"rule\":" + json_string(policy::label(f)) + ",\"action\":\"";
    out += policy::name(f.action);
    out += '"';
    field(out, "detail", f.detail);
    out += '}';
  }
  return "[" + out + "]";
}

const char* role_name(uint16_t flags) {
  constexpr const char* kNames[] = {"", "DEBTOR", "GUARANTOR", "CONTACT"};
  return kNames[(flags & Message::kRole) >> Message::kRoleShift];
}

// What the gate was told, and what it said.
void decision(std::string& out, const AuditRecord& r, AuditDetail detail) {
  field(out, "action", policy::name(r.action));
  if (!r.decision) return;
  field(out, "campaign", r.campaign);
  field(out, "from", r.from);
  field(out, "zone", r.zone);
  field(out, "role", role_name(r.flags));
  const auto flag = [&](const char* name, uint16_t bit) {
    out += std::string(",\"") + name + "\":" + (r.flags & bit ? "true" : "false");
  };
  flag("urgent", Message::kUrgent);
  flag("consent", Message::kConsent);
  flag("emergency", Message::kEmergency);
  if (r.flags & Message::kConfirmation) flag("confirmation", Message::kConfirmation);
  if (r.until != Civil{}) field(out, "until", iso_time(r.until));
  if (r.expires != Civil{}) field(out, "expires", iso_time(r.expires));
  if (detail != AuditDetail::texts) return;
  field(out, "to", r.to);
  field(out, "text", r.body);
}

void reply_flags(std::string& out, uint32_t code) {
  if (code & AuditRecord::kSuspect) out += ",\"suspect\":true";
  if (code & AuditRecord::kWrongParty) out += ",\"wrong_party\":true";
  if (code & AuditRecord::kDispute) out += ",\"dispute\":true";
}

void facts(std::string& out, const AuditRecord& r, const Directory& directory, AuditDetail detail) {
  using Kind = AuditRecord::Kind;
  named(out, "tenant", directory.tenant(r.tenant));
  named(out, "upstream", directory.upstream(r.upstream));
  const bool judged = r.kind == Kind::admitted || r.kind == Kind::judged ||
                      r.kind == Kind::cancelled || r.kind == Kind::released;
  if (judged) decision(out, r, detail);
  if (r.kind == Kind::reply) reply_flags(out, r.code);
  if (r.kind == Kind::suppressed || r.kind == Kind::allowed) {
    field(out, "reason", block_name(static_cast<policy::Block>(r.text)));
    if (r.until != Civil{}) field(out, "until", iso_time(r.until));
  }
  if (!r.fired.empty()) out += ",\"fired\":" + fired(r);
  // Of an opt-out the same octets tell something else.
  if (r.text != 0 && r.kind != Kind::suppressed && r.kind != Kind::allowed) {
    field(out, "text_digest", hex(r.text));
  }
}

}  // namespace

std::string_view block_name(policy::Block block) {
  switch (block) {
    case policy::Block::opt_out:
      return "OPT_OUT";
    case policy::Block::wrong_party:
      return "WRONG_PARTY";
    case policy::Block::dead_number:
      return "NUMBER_DEAD";
    case policy::Block::carrier:
      return "CARRIER_BLACK";
    case policy::Block::pause:
      return "PAUSE";
    case policy::Block::escalated:
      return "ESCALATE";
    case policy::Block::withdrawn:
      break;
  }
  return "";
}

std::string audit_json(const AuditRecord& r, const Directory& directory, AuditDetail detail) {
  std::string out = "{\"time\":\"" + iso_time(r.at) + "\",\"what\":\"" + name(r.kind) + "\"";
  if (raw(r.id) != 0) out += ",\"id\":\"" + std::to_string(raw(r.id)) + "\"";
  field(out, "number_hash", hex(r.number));
  if (policy::known(r.cls)) field(out, "class", policy::name(r.cls));
  named(out, "brand", directory.brand(r.brand));
  named(out, "account", directory.account(r.account));
  named(out, "route", directory.route(r.route));
  field(out, "result", meaning(r));
  if (detail == AuditDetail::step) {
    field(out, "rules", rules(r));
  } else {
    facts(out, r, directory, detail);
  }
  if (r.segments > 0) out += ",\"segments\":" + std::to_string(r.segments);
  if (r.rules != 0) field(out, "rule_set", hex(r.rules));
  field(out, "note", r.note);
  return out + "}";
}

}  // namespace tact::gateway
