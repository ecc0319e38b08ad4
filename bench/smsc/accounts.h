// SPDX-License-Identifier: Apache-2.0
// The system_ids that may bind, and what each is allowed.
#pragma once

#include <deque>
#include <map>
#include <string>

#include "bench/smsc/capacity.h"
#include "bench/smsc/scenario.h"
#include "smpp/pdu.h"

namespace tact::bench {

// One system_id.
struct Account {
  explicit Account(const AccountLimits& limits)
      : window(limits.window), capacity(limits.throttle_above) {}

  const uint32_t window;
  Capacity capacity;
  uint32_t bound = 0;
  std::deque<smpp::Mono> ghosts;  // until when sessions that broke still count as bound
  uint64_t submits = 0;
  uint64_t throttled = 0;
};

class Accounts {
 public:
  // REQUIRES: `scenario` outlives this object.
  explicit Accounts(const Scenario& scenario) : scenario_(scenario) {}
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;

  smpp::Status judge(const smpp::Bind& bind, smpp::Mono now);

  // A session of this system_id, which judge() let bind, begins; valid for good.
  Account& bind(std::string_view system_id);
  // It ends: in order, or it broke and is a ghost for a while.
  void unbind(Account& account) { --account.bound; }
  void lose(Account& account, smpp::Mono now);

  const std::map<std::string, Account, std::less<>>& all() const { return accounts_; }

 private:
  // What the scenario says of it, or null.
  const AccountLimits* limits(std::string_view system_id) const;

  const Scenario& scenario_;
  std::map<std::string, Account, std::less<>> accounts_;
};

}  // namespace tact::bench
