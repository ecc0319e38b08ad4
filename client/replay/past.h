// SPDX-License-Identifier: Apache-2.0
// What the gateway knew of numbers when it decided, rebuilt from the audit in its order: what had
// been sent and planned, who had opted out.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <optional>
#include <unordered_map>

#include "gateway/config/config.h"
#include "policy/contact.h"
#include "policy/suppression.h"

namespace tact::client {

class Past {
 public:
  // REQUIRES: `config` outlives this object.
  explicit Past(const gateway::Config& config) : config_(config) {}

  // A record that has been decided, or that is no decision.
  void add(const boost::json::object& record);

  policy::Contact contact(gateway::TenantId tenant, policy::NumberHash number) {
    return book(tenant).find(number);
  }
  const policy::Suppression& suppression() const { return suppression_; }
  // When a message that was deferred had first been admitted.
  std::optional<policy::Instant> accepted(policy::MessageId id) const;

 private:
  policy::ContactBook& book(gateway::TenantId tenant);
  void decided(const boost::json::object& record);
  void blocked(const boost::json::object& record, bool on);

  const gateway::Config& config_;
  std::map<gateway::TenantId, policy::ContactBook> books_;
  policy::Suppression suppression_;
  std::unordered_map<policy::MessageId, policy::Instant> accepted_;  // of those that wait
};

}  // namespace tact::client
