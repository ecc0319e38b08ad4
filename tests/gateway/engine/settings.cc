// SPDX-License-Identifier: Apache-2.0
// The configuration that the engine's tests are set in.
#include <gtest/gtest.h>

#include "tests/gateway/engine/world.h"

namespace tact::gateway::test {
namespace {

using namespace std::chrono_literals;

policy::RuleSetSpec spec_of_tests() {
  using Category = policy::LexiconRow::Category;
  policy::RuleSetSpec spec;
  spec.accounts.push_back({.id = 1, .name = "retail", .brands = {1}});
  spec.brands.push_back({.id = 1, .name = "bank", .signatures = {"XX银行"}, .contacts = {"955XX"}});
  spec.lexicon.push_back({.category = Category::otp, .term = "验证码"});
  spec.lexicon.push_back({.category = Category::insult, .term = "老赖"});
  spec.zones.push_back({86, {"Asia/Shanghai"}});
  policy::CountryRow china;
  china.code = 86;
  china.iso = "CN";
  china.marker = "拒收请回复R";
  china.marker_classes = policy::mask(Class::marketing);
  policy::CountryRow others = china;
  others.code = 0;
  others.iso = "";
  spec.countries = {others, china};
  // These tests write to the same few numbers again and again.
  for (policy::ClassRules& rules : spec.classes) {
    rules.cap_minute = rules.cap_hour = 0;
    rules.cooldown = {};
  }
  return spec;
}

std::shared_ptr<const policy::RuleSet> built(policy::RuleSetSpec spec) {
  auto result = policy::build(std::move(spec));
  for (const auto& error : result.errors) ADD_FAILURE() << error.path << ": " << error.message;
  return result.rules;
}

std::shared_ptr<const policy::RuleSet> rules() {
  static const auto kBuilt = built(spec_of_tests());
  return kBuilt;
}

}  // namespace

std::shared_ptr<const policy::RuleSet> rules_with(const policy::RepliesSpec& replies,
                                                  std::vector<policy::TemplateRow> templates) {
  policy::RuleSetSpec spec = spec_of_tests();
  spec.accounts.front().replies = replies;
  spec.accounts.front().templates = std::move(templates);
  return built(std::move(spec));
}

void add_link(EngineSettings& settings, uint32_t window) {
  auto& links = settings.routes.front().links;
  LinkSettings link;
  link.name = "link-" + std::to_string(links.size());
  link.hosts = {{"centre", 2775}};
  link.session.system_id = "tact";
  link.session.window = window;
  link.session.timers.enquire_link = smpp::kNever;
  links.push_back(link);
}

EngineSettings one_shard() {
  EngineSettings settings;
  settings.server = "tact test";
  settings.rules = rules();
  auto& classes = settings.classes;
  classes[static_cast<size_t>(Class::otp)] = {UnknownPolicy::resend, 300s, 64};
  classes[static_cast<size_t>(Class::crisis)] = {UnknownPolicy::resend, 86400s, 16};
  classes[static_cast<size_t>(Class::notification)] = {UnknownPolicy::resend, 86400s, 8};
  classes[static_cast<size_t>(Class::collection)] = {UnknownPolicy::report, 864000s, 2};
  classes[static_cast<size_t>(Class::marketing)] = {UnknownPolicy::report, 864000s, 1};
  RouteSettings route;
  route.id = kRoute;
  route.name = "carrier";
  route.rate_pdus = 1'000;
  settings.routes.push_back(route);
  add_link(settings);
  TenantSettings tenant;
  tenant.id = kTenant;
  tenant.name = "bank";
  tenant.brands.push_back({kBrand, "bank"});
  tenant.accounts.push_back({AccountId{1}, "retail", kTenant, {kBrand}, {"1069000055"}});
  tenant.upstreams.push_back({kUpstream, "core", "token", AccountId{1}});
  tenant.routing.push_back({{}, {}, {}, {{kRoute}}});
  settings.tenants.push_back(tenant);
  return settings;
}

EngineSettings two_shards() {
  EngineSettings settings = one_shard();
  settings.shards = 2;
  settings.routes.front().shard = ShardId{1};
  return settings;
}

Civil shanghai(int day, int hour, int minute) {
  using namespace std::chrono;
  const sys_days date = year(2026) / March / std::chrono::day(static_cast<unsigned>(day));
  return Civil(date + hours(hour - 8) + minutes(minute));
}

proto::Message message_of(Class cls, std::string_view to) {
  proto::Message message;
  message.set_to(std::string(to));
  message.set_message_class(static_cast<proto::MessageClass>(cls));
  switch (cls) {
    case Class::otp:
      message.set_text("【XX银行】验证码123456。");
      break;
    case Class::crisis:
      message.set_text("【XX银行】台风红色预警，请勿外出。");
      break;
    case Class::collection:
      message.set_text("【XX银行】王先生您好，您的信用贷本期应还2,350.00元，请致电955XX，谢谢。");
      message.set_role(proto::DEBTOR);
      break;
    case Class::marketing:
      message.set_text("【XX银行】周末刷卡立减20元。详询955XX，拒收请回复R");
      message.mutable_consent()->set_proof("c-1");
      break;
    default:
      message.set_text("【XX银行】您的账单已出。");
  }
  return message;
}

}  // namespace tact::gateway::test
