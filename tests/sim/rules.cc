// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/rules.h"

#include <cstdio>
#include <cstdlib>

namespace tact::sim {
namespace {

using namespace std::chrono;

std::shared_ptr<const policy::RuleSet> build(bool strict) {
  policy::RuleSetSpec spec;
  uint16_t id = 0;
  for (const Sender& sender : kSenders) {
    ++id;
    auto& account = spec.accounts.emplace_back();
    account.id = id;
    account.name = sender.tenant;
    account.brands = {id};
    account.replies.menu = {{"查账单", ""}, {"查额度", std::string(kMenuAnswer)}};
    account.replies.help = kHelpAnswer;
    account.replies.opt_out = kConfirmation;
    spec.brands.push_back({.id = id,
                           .name = sender.brand,
                           .signatures = {sender.brand},
                           .contacts = {sender.contact}});
  }
  spec.lexicon.push_back({.category = policy::LexiconRow::Category::otp, .term = "验证码"});
  spec.lexicon.push_back({.category = policy::LexiconRow::Category::insult, .term = "老赖"});
  spec.zones.push_back({86, {"Asia/Shanghai"}});
  spec.zones.push_back({49, {"Europe/Berlin"}});
  policy::CountryRow china;
  china.code = 86;
  china.iso = "CN";
  china.marker = "拒收请回复R";
  china.marker_classes = policy::mask(policy::Class::marketing);
  policy::CountryRow others = china;
  others.code = 0;
  others.iso = "";
  spec.countries = {others, china};
  // Nobody here writes to so few numbers as this world does.
  for (auto& rules : spec.classes) rules.cap_hour = rules.cap_minute = 0;
  if (!strict) {
    spec.retouch = false;
    spec.escalate_after = 0;
    for (auto& rules : spec.classes) {
      rules.cooldown = {};
      rules.window = {hours(kLooseOpens), hours(kLooseCloses)};
      rules.cap_day = 0;
      rules.segments_soft = rules.segments_hard = 8;
    }
    spec.cap_month = 12;
    spec.freq_week = 7;
  }
  auto result = policy::build(std::move(spec));
  for (const auto& error : result.errors) {
    std::fprintf(stderr, "%s: %s\n", error.path.c_str(), error.message.c_str());
  }
  if (!result.rules) std::abort();
  return result.rules;
}

// The last Sunday of a month at 01:00 UTC: when summer time begins and ends in the EU.
sys_seconds turn_of(year y, month m) { return sys_days(y / m / Sunday[last]) + hours(1); }

}  // namespace

std::shared_ptr<const policy::RuleSet> strict_rules() {
  static const auto rules = build(true);
  return rules;
}

std::shared_ptr<const policy::RuleSet> loose_rules() {
  static const auto rules = build(false);
  return rules;
}

bool is_answer(std::string_view text) {
  for (const Sender& sender : kSenders) {
    for (const std::string_view answer : {kMenuAnswer, kHelpAnswer, kConfirmation}) {
      // Signatures are a matter of +86.
      if (text == answer || text == "【" + std::string(sender.brand) + "】" + std::string(answer)) {
        return true;
      }
    }
  }
  return false;
}

hours zone_offset(std::string_view number, policy::Instant at) {
  if (number.starts_with("86")) return hours(8);
  const auto y = year_month_day(floor<days>(at)).year();
  return at >= turn_of(y, March) && at < turn_of(y, October) ? hours(2) : hours(1);
}

}  // namespace tact::sim
