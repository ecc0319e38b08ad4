// SPDX-License-Identifier: Apache-2.0
// The gate of a configuration, without the gateway around it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "client/judge/outgoing.h"
#include "gateway/config/config.h"
#include "gateway/engine/backlog.h"
#include "gateway/engine/directory.h"
#include "policy/gate.h"
#include "smpp/segment.h"

namespace tact::client {

struct Judged {
  policy::Verdict verdict;
  smpp::SegmentPlan plan;  // of the text as it would be sent
};

class Trial {
 public:
  // `stateful`: each message counts for those behind it, as it would in the gateway; else each is
  // judged as the first. REQUIRES: `config` outlives this object.
  Trial(const gateway::Config& config, bool stateful);

  Judged judge(const Outgoing&);

 private:
  // What is known of numbers.
  struct State {
    std::map<gateway::TenantId, policy::ContactBook> books;
    policy::Suppression suppression;
  };
  // Who sends.
  struct Sender {
    gateway::TenantId tenant{};
    std::vector<gateway::BrandId> brands;
  };

  Sender sender(uint16_t account) const;
  // What the row says that happened before.
  void remember(const Outgoing&, const policy::Submission&, const Sender&, State&);
  policy::MessageId next_id() { return ++last_id_; }

  // How the text leaves by the message's route.
  smpp::SegmentPlan plan(const std::string& text, const policy::Submission&,
                         const policy::Verdict&);

  const gateway::Config& config_;
  const bool stateful_;
  const gateway::Directory directory_;
  gateway::Backlog backlog_;
  policy::Gate gate_;
  policy::MessageId last_id_ = 0;
  std::unique_ptr<State> state_;
};

// What the row expected and did not get; empty: nothing.
std::string mismatch(const Outgoing&, const policy::Verdict&);
// "WINDOW HOLIDAY ADV_保本"
std::string labels(const policy::Verdict&);
// "2026-03-19T09:00+08:00", in the offset of the row's own time.
std::string time_of(const Outgoing&, policy::Instant);

}  // namespace tact::client
