// SPDX-License-Identifier: Apache-2.0
#include "gateway/config/context.h"
#include "policy/gate.h"
#include "smpp/segment.h"

// What replies to an account's numbers mean, and what is answered to them.
namespace tact::gateway::config {
namespace {

// The gate looks at an answer each time that it is given; what it refuses of any recipient at home
// is told here, where somebody can mend it.
class Attempt {
 public:
  Attempt(Context& context, std::shared_ptr<const policy::RuleSet> rules)
      : context_(context), gate_(std::move(rules), [](std::string_view text, auto&&...) {
          return smpp::count_segments(text);
        }) {}

  void account(const AccountSettings& account, uint16_t country_code) {
    submission_.account = raw(account.id);
    submission_.brand = account.brands.empty() ? uint16_t{0} : raw(account.brands.front());
    to_ = std::to_string(country_code) + "13800138000";
  }

  void answer(const std::string& path, const std::string& text, bool confirmation = false) {
    if (text.empty() || context_.is_told(path)) return;
    submission_.cls = policy::Class::notification;
    submission_.to = to_;
    submission_.text = text;
    submission_.confirmation = confirmation;
    const policy::Verdict verdict = gate_.admit(submission_, {}, nobody_);
    if (verdict.action != policy::Action::reject) return;
    std::string rules;
    for (const policy::Fired& fired : verdict.fired) {
      if (fired.action != policy::Action::reject) continue;
      rules += (rules.empty() ? "" : ", ") + label(fired);
      if (!fired.detail.empty()) rules += ' ' + fired.detail;
    }
    context_.problem(path, "the gate would refuse this answer: " + rules);
  }

 private:
  Context& context_;
  policy::Gate gate_;
  policy::Suppression nobody_;
  policy::Submission submission_;
  std::string to_;
};

}  // namespace

policy::RepliesSpec read_replies(const proto::Account& account) {
  const proto::Replies& source = account.replies();
  policy::RepliesSpec spec;
  for (const proto::MenuItem& each : source.menu())
    spec.menu.push_back({each.label(), each.answer()});
  spec.menu_after = 0;
  for (const int each : source.menu_after()) spec.menu_after |= policy::mask(class_of(each));
  spec.help = source.help();
  spec.opt_out = source.opt_out();
  spec.opt_out_words.assign(source.opt_out_words().begin(), source.opt_out_words().end());
  return spec;
}

void try_answers(const proto::Config& source, Context& context, const Config& config) {
  Attempt attempt(context, config.engine.rules);
  for (int i = 0; i < source.tenants_size(); ++i) {
    const TenantSettings& tenant = config.engine.tenants[static_cast<std::size_t>(i)];
    for (int k = 0; k < source.tenants(i).accounts_size(); ++k) {
      const proto::Replies& replies = source.tenants(i).accounts(k).replies();
      const std::string path = item(item("tenants", i) + ".accounts", k) + ".replies";
      attempt.account(tenant.accounts[static_cast<std::size_t>(k)], tenant.own_country_code);
      for (int n = 0; n < replies.menu_size(); ++n) {
        attempt.answer(item(path + ".menu", n) + ".answer", replies.menu(n).answer());
      }
      attempt.answer(path + ".help", replies.help());
      attempt.answer(path + ".opt_out", replies.opt_out(), true);
    }
  }
}

}  // namespace tact::gateway::config
