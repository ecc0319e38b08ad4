// SPDX-License-Identifier: Apache-2.0
// A decision as the audit tells it, ready to be made again.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "gateway/config/config.h"
#include "policy/verdict.h"

namespace tact::client {

// Who and what a record names, in a configuration; 0 where it is not in it.
struct Named {
  gateway::TenantId tenant{};
  gateway::AccountId account{};
  gateway::BrandId brand{};
};
Named names_of(const boost::json::object& record, const gateway::Config& config);

std::string text_in(const boost::json::object& record, std::string_view name);
std::optional<policy::Instant> time_in(const boost::json::object& record, std::string_view name);
// Of hex digits; 0: none.
std::uint64_t hex_in(const boost::json::object& record, std::string_view name);
std::uint64_t id_in(const boost::json::object& record);

struct Decision {
  gateway::TenantId tenant{};
  std::string to, text, from, zone, campaign;  // `to` and `text` may be missing
  policy::Submission submission;               // views into the strings above, by view()

  // What was decided then.
  std::string action, rule_set;
  std::set<std::string> rules;
  std::optional<policy::Instant> until;
  std::uint64_t digest = 0;  // of the text as it was to be sent

  policy::Submission view() const;
};

// Nothing: the record is no decision, or from a release that did not keep the facts.
std::optional<Decision> read_decision(const boost::json::object& record,
                                      const gateway::Config& config);

// A rule that the daemon knows and the rule set does not: such as a full queue.
bool is_outside(const std::string& rule);

}  // namespace tact::client
