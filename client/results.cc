// SPDX-License-Identifier: Apache-2.0
#include "client/results.h"

#include <algorithm>
#include <boost/json.hpp>

#include "client/table.h"
#include "client/time_text.h"

namespace tact::client {
namespace {

using proto::Event;

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '_') c = ' ';
  }
  return text;
}

std::string describe(const proto::Receipt& receipt) {
  std::string text = lower(proto::ReceiptState_Name(receipt.state()));
  if (receipt.state() != proto::DELIVERED && !receipt.error().empty()) {
    text += " (error " + receipt.error() + ")";
  }
  return text;
}

std::string describe(const proto::Failed& failed) {
  std::string text = "failed: " + failed.name();
  if (failed.parts_accepted() > 0) {
    text += ", " + std::to_string(failed.parts_accepted()) + " parts accepted before";
  }
  return text;
}

std::string outcome_name(const MessageResult& result) {
  if (result.replayed) return "REPLAYED";
  return result.outcome == proto::OUTCOME_UNSPECIFIED ? "-" : proto::Outcome_Name(result.outcome);
}

boost::json::object json_of(const MessageResult& result) {
  // Ids are strings, as in protobuf's own JSON: 64 bits do not survive every reader's numbers.
  boost::json::object object{{"reference", result.reference},
                             {"message_id", std::to_string(result.message_id)},
                             {"outcome", outcome_name(result)}};
  if (!result.rules.empty()) object["rules"] = result.rules;
  if (result.segments > 0) object["segments"] = result.segments;
  if (result.until_ms > 0) object["until_ms"] = result.until_ms;
  return object;
}

}  // namespace

std::string describe(const google::protobuf::RepeatedPtrField<proto::Fired>& fired) {
  std::string text;
  for (const proto::Fired& rule : fired) {
    if (!text.empty()) text += ", ";
    text += rule.rule();
    if (!rule.detail().empty()) text += " (" + rule.detail() + ")";
  }
  return text;
}

std::string describe(const Event& event) {
  switch (event.what_case()) {
    case Event::kRejected:
      return "refused: " + describe(event.rejected().fired());
    case Event::kDeferred:
      return "deferred until " + format_time(event.deferred().until_ms());
    case Event::kSubmitted:
      return "submitted to " + event.submitted().route();
    case Event::kReceipt:
      return describe(event.receipt());
    case Event::kFailed:
      return describe(event.failed());
    case Event::kExpired:
      return "expired before it was sent";
    case Event::kUnknown:
      return "unknown: the SMSC never answered";
    case Event::kReceiptMissing:
      return "sent, receipt missing";
    case Event::kReply:
      return "reply " + lower(proto::ReplyKind_Name(event.reply().kind()));
    case Event::kOptOut:
      return event.opt_out().ended() ? "opt-out ended" : "opted out";
    case Event::kEscalated:
      return "a person's turn: reminders went without a reply";
    case Event::kHalted:
      return "campaign halted: " + std::to_string(event.halted().opted_out()) + " opt-outs after " +
             std::to_string(event.halted().sent()) + " messages";
    case Event::kCancelled:
      return "cancelled before it was sent";
    case Event::kGap:
      return std::to_string(event.gap().missed()) + " replies or opt-outs were not told";
    case Event::WHAT_NOT_SET:
      break;
  }
  return "an event younger than this client";
}

std::string MessageResult::name() const {
  return reference.empty() ? std::to_string(message_id) : reference;
}

std::size_t Results::add(std::string_view reference) {
  results_.emplace_back().reference = reference;
  ++counts_.added;
  return results_.size() - 1;
}

void Results::acknowledge(std::size_t first, std::size_t count, const proto::JobAck& ack) {
  for (std::size_t i = 0; i < count; ++i) {
    MessageResult& result = results_[first + i];
    ++counts_.acknowledged;
    if (static_cast<int>(i) >= ack.results_size()) {
      result.replayed = true;
      by_reference_.emplace(result.reference, first + i);
      continue;
    }
    const proto::Result& told = ack.results(static_cast<int>(i));
    result.message_id = told.message_id();
    result.outcome = told.outcome();
    result.until_ms = told.deferred_until_ms();
    result.rules = describe(told.fired());
    result.segments = told.segments();
    result.deferred = told.outcome() == proto::DEFERRED;
    counts_.queued += told.outcome() == proto::QUEUED;
    counts_.deferred += told.outcome() == proto::DEFERRED;
    counts_.rejected += told.outcome() == proto::REJECTED;
    if (told.outcome() == proto::DUPLICATE) {
      ++counts_.duplicate;
      ++counts_.final;
      result.final = true;
      result.fate = "sent before as " + std::to_string(told.message_id());
      continue;
    }
    by_id_.emplace(result.message_id, first + i);
    if (const auto early = early_.find(result.message_id); early != early_.end()) {
      for (const Event& event : early->second) apply(result, event);
      early_.erase(early);
    }
  }
  if (counts_.acknowledged == counts_.added) early_.clear();
}

const MessageResult* Results::take(const Event& event) {
  if (event.message_id() == 0) return nullptr;
  auto found = by_id_.find(event.message_id());
  if (found == by_id_.end()) {
    const auto named = by_reference_.find(event.reference());
    if (named == by_reference_.end()) {
      if (counts_.acknowledged < counts_.added) early_[event.message_id()].push_back(event);
      return nullptr;
    }
    results_[named->second].message_id = event.message_id();
    found = by_id_.emplace(event.message_id(), named->second).first;
    by_reference_.erase(named);
  }
  MessageResult& result = results_[found->second];
  apply(result, event);
  return &result;
}

void Results::apply(MessageResult& result, const Event& event) {
  // A reply is news about the handset; what became of the message stands.
  if (event.has_reply() || event.has_opt_out() || event.has_escalated() || event.has_halted()) {
    return;
  }
  result.fate = describe(event);
  result.deferred = event.has_deferred();
  if (event.has_deferred()) result.until_ms = event.deferred().until_ms();
  if (event.final() && !result.final) {
    result.final = true;
    ++counts_.final;
  }
}

bool Results::all_settled() const {
  return std::all_of(results_.begin(), results_.end(),
                     [](const MessageResult& result) { return result.final || result.deferred; });
}

std::string Results::render(bool fates) const {
  std::vector<std::string> header{"REFERENCE", "OUTCOME", "RULES", "SEGMENTS", "UNTIL"};
  if (fates) header.push_back("FATE");
  Table table(std::move(header));
  for (const MessageResult& result : results_) {
    std::vector<std::string> cells{
        result.name(), outcome_name(result), result.rules,
        result.segments > 0 ? std::to_string(result.segments) : std::string(),
        result.until_ms > 0 ? format_time(result.until_ms) : std::string()};
    if (fates) cells.push_back(result.final ? result.fate : result.fate + " …");
    table.add(std::move(cells));
  }
  return table.render();
}

std::string to_json(const MessageResult& result) { return serialize(json_of(result)); }

std::string to_json(const MessageResult& result, const Event& event) {
  boost::json::object object = json_of(result);
  object["time_ms"] = event.time_ms();
  object["fate"] = describe(event);
  object["final"] = event.final();
  return serialize(object);
}

}  // namespace tact::client
