// SPDX-License-Identifier: Apache-2.0
// What became of the messages of campaigns, counted from the audit.
#pragma once

#include <array>
#include <boost/json.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tact::client {

// Each message stands in exactly one of rejected to pending.
struct CampaignCounts {
  std::uint64_t messages = 0;
  std::uint64_t rejected = 0;   // by the gate, at any of its looks
  std::uint64_t cancelled = 0;  // taken back by its producer
  std::uint64_t expired = 0;    // its validity ended before it was sent
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;   // refused by the carrier, or a receipt that says so
  std::uint64_t unknown = 0;  // no answer, or no receipt
  std::uint64_t pending = 0;  // not ended within what was read

  std::uint64_t sent = 0;      // accepted by a carrier
  std::uint64_t segments = 0;  // of these
  std::uint64_t replied = 0;   // messages with at least one reply within 72 hours
  std::uint64_t opted_out = 0;
  std::uint64_t suspect = 0;   // replies that a person has to look at
  std::uint64_t disputed = 0;  // that dispute a debt or tell of hardship
  std::uint64_t wrong_party = 0;
};

struct CampaignRow {
  std::string campaign, brand, cls, text_template;  // the last: where messages name one
  CampaignCounts counts;
  std::map<std::string, std::uint64_t, std::less<>> rules;  // that rejected, and how often
};

struct CampaignHour {
  std::uint64_t sent = 0, delivered = 0, replied = 0, opted_out = 0;
};

class CampaignTally {
 public:
  // No names: all campaigns.
  explicit CampaignTally(std::vector<std::string> names) : names_(names.begin(), names.end()) {}

  // The records of an export, in their order. A message counts if it was admitted among them.
  void add(const boost::json::object& record);

  // By campaign, brand, class and template.
  std::vector<CampaignRow> rows() const;
  // By the hour, "2026-03-18T02", of all rows.
  const std::map<std::string, CampaignHour>& hours() const { return hours_; }

 private:
  struct Open {
    std::uint32_t row = 0;
    bool sent = false;
  };
  // The last message that a brand sent to a number: replies are to it.
  struct Last {
    std::uint32_t row = 0;
    bool replied = false;
    std::int64_t at_ms = 0;
  };

  void admitted(const boost::json::object& record);
  void judged_again(const boost::json::object& record);
  void submitted(const boost::json::object& record);
  void receipt(const boost::json::object& record);
  void reply(const boost::json::object& record);
  // A message's end, once; its entry goes.
  void end(const boost::json::object& record, std::uint64_t CampaignCounts::*count);
  void reject(const boost::json::object& record);
  void sent(const boost::json::object& record, Open& open);
  CampaignHour& hour(const boost::json::object& record);
  CampaignRow& row(std::uint32_t index) { return rows_[index]; }

  const std::set<std::string, std::less<>> names_;
  std::vector<CampaignRow> rows_;
  std::map<std::array<std::string, 4>, std::uint32_t> index_;
  boost::unordered_flat_map<std::string, Open> open_;  // by the message's id
  boost::unordered_flat_map<std::string, Last> last_;  // by brand and number
  std::map<std::string, CampaignHour> hours_;
};

}  // namespace tact::client
