// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "policy/contact.h"
#include "policy/rule_set.h"
#include "policy/submission.h"
#include "policy/suppression.h"
#include "policy/verdict.h"

namespace tact::policy {

// Judges messages: at admission everything, at release what may have changed since (opt-outs,
// expiry, window, holiday; no counters). Which rule runs at which look is one table, rules.cc.
//
// One Gate per shard thread; not thread-safe (it owns scratch space and buffers). A text that
// passes costs no allocation once the buffers have grown. Deterministic: time is Submission::now.
class Gate {
 public:
  Gate(std::shared_ptr<const RuleSet> rules, SegmentCounter count);
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // The contact must be the recipient's in the account's tenant (an empty one if none). Nothing is
  // counted here: the caller reserves with ContactBook::reserve at `until` if deferred, else at
  // now.
  Verdict admit(const Submission&, const Contact&, const Suppression&);

  // The last look before encoding. `s.cls` and `s.brand` are those of the admitting Verdict.
  Verdict release(const Submission&, const Suppression&);

  // Swaps the rule set between two calls (reload).
  void use(std::shared_ptr<const RuleSet> rules);
  const RuleSet& rules() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tact::policy
