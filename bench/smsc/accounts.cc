// SPDX-License-Identifier: Apache-2.0
#include "bench/smsc/accounts.h"

#include <algorithm>

namespace tact::bench {

const AccountLimits* Accounts::limits(std::string_view system_id) const {
  const auto& list = scenario_.accounts;
  if (list.empty()) {
    const std::string& only = scenario_.anyone.system_id;
    return only.empty() || only == system_id ? &scenario_.anyone : nullptr;
  }
  const auto found = std::find_if(list.begin(), list.end(), [system_id](const auto& account) {
    return account.system_id == system_id;
  });
  return found == list.end() ? nullptr : &*found;
}

smpp::Status Accounts::judge(const smpp::Bind& bind, smpp::Mono now) {
  const AccountLimits* allowed = limits(bind.system_id);
  if (allowed == nullptr) return smpp::Status::ESME_RINVSYSID;
  if (!allowed->password.empty() && bind.password != allowed->password) {
    return smpp::Status::ESME_RINVPASWD;
  }
  const auto known = accounts_.find(bind.system_id);
  if (allowed->binds == 0 || known == accounts_.end()) return smpp::Status::ESME_ROK;
  Account& account = known->second;
  while (!account.ghosts.empty() && account.ghosts.front() <= now) account.ghosts.pop_front();
  return account.bound + account.ghosts.size() < allowed->binds ? smpp::Status::ESME_ROK
                                                                : smpp::Status::ESME_RALYBND;
}

Account& Accounts::bind(std::string_view system_id) {
  Account& account =
      accounts_.try_emplace(std::string(system_id), *limits(system_id)).first->second;
  ++account.bound;
  return account;
}

void Accounts::lose(Account& account, smpp::Mono now) {
  --account.bound;
  if (scenario_.already_bound_for > smpp::Mono::zero()) {
    account.ghosts.push_back(now + scenario_.already_bound_for);
  }
}

}  // namespace tact::bench
