// SPDX-License-Identifier: Apache-2.0
// tact replay: what the rules of a configuration would have decided, beside what was decided.
#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
#include <memory>

#include "client/audit_feed.h"
#include "client/commands.h"
#include "client/replay/decision.h"
#include "client/replay/past.h"
#include "client/replay/texts.h"
#include "client/table.h"
#include "client/time_text.h"
#include "gateway/engine/audit.h"
#include "gateway/engine/backlog.h"
#include "gateway/engine/charged.h"
#include "gateway/engine/directory.h"
#include "policy/gate.h"
#include "policy/number.h"

namespace tact::client {
namespace {

namespace json = boost::json;

struct ReplayOptions {
  OpsOptions ops;
  AuditRange range;
  std::string config, audit, texts, from, id;
  bool json = false;
};

std::string joined(const std::set<std::string>& rules) {
  std::string all;
  for (const std::string& rule : rules) all += (all.empty() ? "" : " ") + rule;
  return all;
}

// "DEFER 2026-03-19T01:00:00Z", "REJECT".
std::string said(const std::string& action, policy::Instant until) {
  if (action != "DEFER" || until == policy::Instant{}) return action;
  return action + ' ' + format_time(gateway::to_ms(until));
}

class Replay {
 public:
  Replay(const ReplayOptions& options, const gateway::Config& config, KeptTexts texts)
      : options_(options),
        config_(config),
        texts_(std::move(texts)),
        directory_(config.engine),
        gate_(config.engine.rules, gateway::charged_segments(directory_, backlog_)),
        past_(config) {
    for (const auto& route : config.engine.routes) backlog_.add(route.id);
    if (options.from.empty()) return;
    const auto from_ms = parse_time_ms(options.from);
    if (!from_ms) throw CLI::ValidationError("--from", "expected a time with its offset");
    from_ = gateway::from_ms(*from_ms);
  }

  void take(const json::object& record) {
    const bool asked = options_.id.empty() || text_in(record, "id") == options_.id;
    if (auto decision = read_decision(record, config_);
        decision && asked && decision->submission.now >= from_) {
      decide(record, *decision);
    }
    past_.add(record);
  }

  int report() {
    if (!options_.json && rows_ > 0) std::cout << differences_.render();
    std::cerr << "tact: " << counted(same_, "decision", "decisions") << " as before, "
              << grouped(rows_) << " otherwise\n";
    if (!as_then_ && same_ + rows_ > 0) {
      std::cerr << "tact: decided by rule set " << config_.engine.rules->digest_text()
                << "; another one than the audit names for some or all of them\n";
    }
    tell(silent_, "without number and text, which the audit does not keep: see --texts");
    tell(foreign_, "whose text is not the one that was decided on");
    tell(outside_, "decided outside of the rules: no route, a full queue, taken back, a clock");
    if (same_ + rows_ == 0) std::cerr << "tact: there was no decision to be made again\n";
    return rows_ == 0 && same_ > 0 && silent_ + foreign_ == 0 ? kDone : kIncomplete;
  }

 private:
  static void tell(std::uint64_t count, const char* what) {
    if (count > 0) std::cerr << "tact: " << counted(count, "was", "were") << ' ' << what << '\n';
  }

  void decide(const json::object& record, Decision& decision) {
    if (std::any_of(decision.rules.begin(), decision.rules.end(), is_outside)) {
      ++outside_;
      return;
    }
    if (const auto kept = texts_.find(text_in(record, "id"));
        kept != texts_.end() && decision.text.empty()) {
      decision.to = std::string(policy::e164_digits(kept->second.to));
      decision.text = kept->second.text;
    }
    if (decision.text.empty() && decision.to.empty()) {
      ++silent_;
      return;
    }
    policy::Submission s = decision.view();
    if (const auto accepted = past_.accepted(s.id)) s.accepted = *accepted;
    const policy::Verdict verdict =
        gate_.admit(s, past_.contact(decision.tenant, s.number), past_.suppression());
    compare(record, decision, verdict);
  }

  void compare(const json::object& record, const Decision& then, const policy::Verdict& verdict) {
    const std::string action(policy::name(verdict.action));
    std::set<std::string> rules;
    for (const policy::Fired& fired : verdict.fired) rules.insert(policy::label(fired));
    const std::string& text = verdict.text.empty() ? then.text : verdict.text;
    const bool by_the_same = then.rule_set == config_.engine.rules->digest_text();
    const bool same_text = gateway::text_digest(text) == then.digest;
    const bool until_same = action != "DEFER" || then.until == verdict.until;
    as_then_ &= by_the_same;
    // The digest is of what was sent: by the same rules, from the same text, it comes out again.
    if (by_the_same && !same_text) {
      ++foreign_;
      return;
    }
    if (action == then.action && rules == then.rules && until_same && same_text) {
      ++same_;
      return;
    }
    ++rows_;
    const std::string was = said(then.action, then.until.value_or(policy::Instant{}));
    const std::string now = said(action, verdict.until);
    if (!options_.json) {
      differences_.add({text_in(record, "time"), text_in(record, "id"), text_in(record, "class"),
                        was, joined(then.rules), now,
                        joined(rules) + (same_text ? "" : " (another text)")});
      return;
    }
    json::object line{{"time", text_in(record, "time")},   {"id", text_in(record, "id")},
                      {"class", text_in(record, "class")}, {"was", was},
                      {"was_rules", joined(then.rules)},   {"now", now},
                      {"now_rules", joined(rules)},        {"same_text", same_text}};
    std::cout << json::serialize(line) << '\n';
  }

  const ReplayOptions& options_;
  const gateway::Config& config_;
  const KeptTexts texts_;
  const gateway::Directory directory_;
  gateway::Backlog backlog_;
  policy::Gate gate_;
  Past past_;
  policy::Instant from_{};

  Table differences_{{"TIME", "ID", "CLASS", "WAS", "RULES", "NOW", "RULES"}};
  bool as_then_ = true;
  std::uint64_t same_ = 0, rows_ = 0, silent_ = 0, foreign_ = 0, outside_ = 0;
};

int replay(const ReplayOptions& options) {
  if (options.audit.empty() && options.ops.endpoint.empty()) {
    throw CLI::ValidationError("--ops", "the ops endpoint, or --audit FILE");
  }
  const gateway::LoadedConfig loaded =
      gateway::load_config(options.config, gateway::read_disk, gateway::Secrets::skip);
  for (const gateway::Problem& problem : loaded.problems) std::cerr << problem.text() << '\n';
  if (!loaded.config) return kUsage;
  Replay replay(options, *loaded.config,
                options.texts.empty() ? KeptTexts() : read_texts(options.texts));
  const auto visit = [&](const std::string& line) { replay.take(parse_object(line)); };
  const AuditEnd end = options.audit.empty() ? read_audit(options.ops, options.range, true, visit)
                                             : read_audit_file(options.audit, visit);
  const int exit_code = replay.report();
  if (end.unreadable == 0) return exit_code;
  std::cerr << "tact: " << counted(end.unreadable, "damaged batch was", "damaged batches were")
            << " left out\n";
  return kIncomplete;
}

}  // namespace

void add_replay(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "replay", "Decide again what the audit says was decided, and tell what comes out otherwise");
  auto options = std::make_shared<ReplayOptions>();
  command->add_option("--config", options->config, "whose rules decide")->required();
  options->ops.add_to(*command);
  command->get_option("--ops")->required(false);
  options->range.add_to(*command);
  command->add_option("--audit", options->audit,
                      "an export in place of a gateway; - for standard input");
  command->add_option("--texts", options->texts,
                      "id, to and text of messages, where the audit does not keep them");
  command->add_option("--from", options->from,
                      "decide from this time on; what was before only counts for it");
  command->add_option("--id", options->id, "only this message");
  command->add_flag("--json", options->json, "a JSON object a difference");
  command->callback([options, &exit_code] { exit_code = replay(*options); });
}

}  // namespace tact::client
