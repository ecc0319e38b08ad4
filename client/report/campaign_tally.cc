// SPDX-License-Identifier: Apache-2.0
#include "client/report/campaign_tally.h"

#include "client/time_text.h"

namespace tact::client {
namespace {

namespace json = boost::json;

// As long as the gate takes a reply for one to the last message (POLICY 4).
constexpr std::int64_t kReplyMs = 72LL * 3'600'000;

std::string text(const json::object& record, std::string_view name) {
  const json::value* value = record.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

bool flag(const json::object& record, std::string_view name) {
  const json::value* value = record.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::uint64_t number(const json::object& record, std::string_view name) {
  const json::value* value = record.if_contains(name);
  return value != nullptr && value->is_int64() ? static_cast<std::uint64_t>(value->get_int64()) : 0;
}

std::int64_t time_ms(const json::object& record) {
  return parse_time_ms(text(record, "time")).value_or(0);
}

std::string recipient(const json::object& record) {
  return text(record, "number_hash") + '/' + text(record, "brand");
}

}  // namespace

void CampaignTally::add(const json::object& record) {
  const std::string what = text(record, "what");
  if (what == "admitted") return admitted(record);
  if (what == "judged") return judged_again(record);
  if (what == "submitted") return submitted(record);
  if (what == "receipt") return receipt(record);
  if (what == "reply") return reply(record);
  if (what == "released" && text(record, "result") == "REJECT") return reject(record);
  if (what == "cancelled") return end(record, &CampaignCounts::cancelled);
  if (what == "expired") return end(record, &CampaignCounts::expired);
  if (what == "failed") return end(record, &CampaignCounts::failed);
  if (what == "reported" || what == "receipt_missing") end(record, &CampaignCounts::unknown);
}

void CampaignTally::admitted(const json::object& record) {
  std::string campaign = text(record, "campaign");
  if (campaign.empty() || (!names_.empty() && !names_.contains(campaign))) return;
  const std::array<std::string, 4> key{std::move(campaign), text(record, "brand"),
                                       text(record, "class"), text(record, "template")};
  const auto [found, fresh] = index_.try_emplace(key, static_cast<std::uint32_t>(rows_.size()));
  if (fresh) rows_.push_back({key[0], key[1], key[2], key[3], {}, {}});
  CampaignCounts& counts = row(found->second).counts;
  ++counts.messages;
  ++counts.pending;
  open_[text(record, "id")] = {found->second};
  if (text(record, "result") == "REJECTED") reject(record);
}

void CampaignTally::judged_again(const json::object& record) {
  if (text(record, "result") == "REJECTED") reject(record);
}

void CampaignTally::reject(const json::object& record) {
  const auto open = open_.find(text(record, "id"));
  if (open == open_.end()) return;
  bool expired = false;
  if (const json::value* fired = record.if_contains("fired")) {
    for (const json::value& one : fired->as_array()) {
      const json::object& rule = one.as_object();
      if (text(rule, "action") != "REJECT") continue;
      expired |= text(rule, "rule") == "EXPIRED";
      ++row(open->second.row).rules[text(rule, "rule")];
    }
  }
  end(record, expired ? &CampaignCounts::expired : &CampaignCounts::rejected);
}

void CampaignTally::end(const json::object& record, std::uint64_t CampaignCounts::*count) {
  const auto open = open_.find(text(record, "id"));
  if (open == open_.end()) return;
  CampaignCounts& counts = row(open->second.row).counts;
  --counts.pending;
  ++(counts.*count);
  open_.erase(open);
}

void CampaignTally::sent(const json::object& record, Open& open) {
  if (open.sent) return;
  open.sent = true;
  ++row(open.row).counts.sent;
  ++hour(record).sent;
  last_[recipient(record)] = {open.row, false, time_ms(record)};
}

void CampaignTally::submitted(const json::object& record) {
  const auto open = open_.find(text(record, "id"));
  if (open == open_.end()) {
    last_.erase(recipient(record));  // a message of something else: a reply is to that one
    return;
  }
  if (!open->second.sent) row(open->second.row).counts.segments += number(record, "segments");
  sent(record, open->second);
}

void CampaignTally::receipt(const json::object& record) {
  const auto open = open_.find(text(record, "id"));
  if (open == open_.end()) return;
  sent(record, open->second);  // its own answer may never have come
  const bool delivered = text(record, "result") == "DELIVRD";
  if (delivered) ++hour(record).delivered;
  end(record, delivered ? &CampaignCounts::delivered : &CampaignCounts::failed);
}

void CampaignTally::reply(const json::object& record) {
  const auto last = last_.find(recipient(record));
  if (last == last_.end()) return;
  if (time_ms(record) - last->second.at_ms > kReplyMs) {
    last_.erase(last);
    return;
  }
  CampaignCounts& counts = row(last->second.row).counts;
  if (!last->second.replied) {
    last->second.replied = true;
    ++counts.replied;
    ++hour(record).replied;
  }
  if (text(record, "result") == "OPT_OUT") {
    ++counts.opted_out;
    ++hour(record).opted_out;
  }
  counts.suspect += flag(record, "suspect");
  counts.disputed += flag(record, "dispute");
  counts.wrong_party += flag(record, "wrong_party");
}

CampaignHour& CampaignTally::hour(const json::object& record) {
  return hours_[text(record, "time").substr(0, 13)];
}

std::vector<CampaignRow> CampaignTally::rows() const {
  std::vector<CampaignRow> sorted;
  for (const auto& [key, index] : index_) sorted.push_back(rows_[index]);
  return sorted;
}

}  // namespace tact::client
