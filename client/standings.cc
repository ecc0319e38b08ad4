// SPDX-License-Identifier: Apache-2.0
#include "client/standings.h"

#include <boost/json.hpp>

#include "client/results.h"
#include "client/table.h"
#include "client/time_text.h"

namespace tact::client {
namespace {

using proto::Standing;

std::string where(const Standing& standing) {
  std::string text = standing.route().empty() ? "" : " (" + standing.route();
  if (text.empty()) return text;
  if (standing.message_class() != proto::CLASS_UNSPECIFIED) {
    text += ", " + proto::MessageClass_Name(standing.message_class());
  }
  return text + ")";
}

std::string stage(const Standing& standing) {
  const std::string until =
      standing.until_ms() > 0 ? " until " + format_time(standing.until_ms()) : "";
  switch (standing.stage()) {
    case Standing::QUEUED:
      return (until.empty() ? "queued" : "waits for another try" + until) + where(standing);
    case Standing::DEFERRED:
      return "deferred" + until + where(standing);
    case Standing::SENDING:
      return "given to the carrier, not yet answered" + where(standing);
    case Standing::AWAITING:
      return "accepted by the carrier, no final receipt yet" + where(standing);
    case Standing::UNKNOWN:
      return "sent, and the carrier's answer never came" + where(standing);
    case Standing::DONE:
      return "done: " + standing.fate() +
             (standing.detail().empty() ? "" : " " + standing.detail()) + where(standing);
    default:
      return "";
  }
}

std::string count(uint32_t messages) {
  return grouped(messages) + (messages == 1 ? " message" : " messages");
}

std::string cancelled(const Standing& standing, bool campaign) {
  std::string text;
  if (campaign || standing.queued() > 1) {
    text = count(standing.queued()) + " found queued, which will not be sent";
    if (standing.sent() > 0) text += "; " + count(standing.sent()) + " with the carrier already";
  } else if (standing.queued() == 1) {
    text = "was " + stage(standing) + " and will not be sent";
  } else {
    text = "not found; if it is still queued it will not be sent";
  }
  if (standing.partial()) text += "; the queues are too long to be searched to their end";
  return text;
}

std::string not_found(const Standing& standing) {
  if (standing.history_from_ms() == 0) return "no message of this upstream";
  return "not queued, and nothing happened to it since " + format_time(standing.history_from_ms());
}

}  // namespace

std::string describe(const proto::Subject& subject) {
  if (subject.has_idempotency_key()) return "key " + subject.idempotency_key();
  if (subject.has_campaign()) return "campaign " + subject.campaign();
  return std::to_string(subject.message_id());
}

std::string describe(const proto::Result& result, const proto::Subject& subject) {
  switch (result.outcome()) {
    case proto::CANCELLED:
      return cancelled(result.standing(), subject.has_campaign());
    case proto::TOO_LATE:
      return "too late: " + stage(result.standing());
    case proto::FOUND:
      return stage(result.standing());
    case proto::NOT_FOUND:
      return subject.has_campaign() ? "was not halted" : not_found(result.standing());
    case proto::RESUMED:
      return "goes on";
    case proto::REJECTED:
      return describe(result.fired());
    default:
      return "an answer younger than this client";
  }
}

std::string render(const std::vector<proto::Subject>& subjects,
                   const std::vector<proto::Result>& results) {
  Table table({"SUBJECT", "ID", "OUTCOME", ""});
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const proto::Result& result = results[i];
    table.add({describe(subjects[i]),
               result.message_id() == 0 ? "" : std::to_string(result.message_id()),
               proto::Outcome_Name(result.outcome()), describe(result, subjects[i])});
  }
  return table.render();
}

std::string to_json(const proto::Subject& subject, const proto::Result& result) {
  const Standing& standing = result.standing();
  boost::json::object object{{"subject", describe(subject)},
                             {"outcome", proto::Outcome_Name(result.outcome())},
                             {"text", describe(result, subject)}};
  if (result.message_id() != 0) object["message_id"] = std::to_string(result.message_id());
  if (standing.stage() != Standing::STAGE_UNSPECIFIED) {
    object["stage"] = Standing::Stage_Name(standing.stage());
    object["class"] = proto::MessageClass_Name(standing.message_class());
  }
  for (const auto& [name, value] :
       {std::pair{"route", standing.route()}, std::pair{"fate", standing.fate()},
        std::pair{"detail", standing.detail()}}) {
    if (!value.empty()) object[name] = value;
  }
  for (const auto& [name, value] :
       {std::pair{"until_ms", standing.until_ms()}, std::pair{"since_ms", standing.since_ms()},
        std::pair{"history_from_ms", standing.history_from_ms()},
        std::pair{"queued", int64_t{standing.queued()}},
        std::pair{"sent", int64_t{standing.sent()}}}) {
    if (value != 0) object[name] = value;
  }
  if (standing.partial()) object["partial"] = true;
  return serialize(object);
}

}  // namespace tact::client
