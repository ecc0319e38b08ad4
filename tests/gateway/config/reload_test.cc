// SPDX-License-Identifier: Apache-2.0
#include "gateway/config/reload.h"

#include <gtest/gtest.h>

#include "tests/gateway/config/disk.h"

namespace tact::gateway {
namespace {

// What runs: its ids are a registry's, as after other names had been there before.
Config running(Disk& disk) {
  LoadedConfig loaded = disk.load();
  EXPECT_EQ(print_problems(loaded), "ok");
  uint16_t next = 40;
  assign_ids(*loaded.config, [&](NameKind, const std::string&) { return ++next; });
  return std::move(*loaded.config);
}

Reload reload(const Config& before, Disk& disk, const std::string& from, const std::string& to) {
  std::string text = minimal_config();
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  disk.put(kConfigPath, text);
  LoadedConfig loaded = disk.load();
  EXPECT_EQ(print_problems(loaded), "ok");
  return loaded.config ? reload_rules(before, std::move(*loaded.config)) : Reload{};
}

TEST(Reload, TheSameFileIsTheSameRules) {
  Disk disk;
  const Config before = running(disk);
  const Reload same = reload_rules(before, *disk.load().config);
  ASSERT_NE(same.rules, nullptr);
  EXPECT_EQ(same.rules->digest_text(), before.engine.rules->digest_text());
  EXPECT_TRUE(same.needs_restart.empty());
}

TEST(Reload, RulesAreTakenOverUnderTheIdsThatRun) {
  Disk disk;
  const Config before = running(disk);
  const auto brand = raw(before.engine.tenants[0].brands[0].id);
  const Reload with_contacts = reload(before, disk, "contacts: [955XX]", "contacts: [400XX]");
  ASSERT_NE(with_contacts.rules, nullptr);
  EXPECT_TRUE(with_contacts.needs_restart.empty());
  ASSERT_NE(with_contacts.rules->brand(brand), nullptr);
  EXPECT_EQ(with_contacts.rules->brand(brand)->contacts.front(), "400XX");
  EXPECT_NE(with_contacts.rules->digest(), before.engine.rules->digest());
  const Reload with_help = reload(before, disk, "sources: [\"1069000055\"]",
                                  "sources: [\"1069000055\"]\n        replies: {help: 955XX}");
  ASSERT_NE(with_help.rules, nullptr);
  const auto account = raw(before.engine.tenants[0].accounts[0].id);
  EXPECT_EQ(with_help.rules->account(account)->replies.help, "955XX");
  const Reload with_days =
      reload(before, disk, "policy:\n", "policy:\n  holidays: {CN: holidays_cn.tsv}\n");
  ASSERT_NE(with_days.rules, nullptr);
  EXPECT_EQ(with_days.calendars, std::vector<std::string>{"CN"});
}

TEST(Reload, WhatOnlyARestartChangesIsToldByItsPlace) {
  Disk disk;
  const Config before = running(disk);
  const Reload port = reload(before, disk, "host: 127.0.0.1", "host: 127.0.0.2\n        window: 5");
  ASSERT_NE(port.rules, nullptr);
  EXPECT_EQ(port.needs_restart,
            (std::vector<std::string>{"routes[0].links[0].host", "routes[0].links[0].window"}));
  const Reload upstream =
      reload(before, disk, "policy:\n", "      - {name: crm, token_file: core.token}\npolicy:\n");
  ASSERT_NE(upstream.rules, nullptr);
  EXPECT_EQ(upstream.needs_restart, std::vector<std::string>{"tenants[0].upstreams[1]"});
}

TEST(Reload, OtherNamesAreRefusedAsAWhole) {
  Disk disk;
  const Config before = running(disk);
  for (const auto& [from, to, place] :
       {std::tuple("name: retail", "name: private", "tenants[0].accounts[0].name"),
        {"      - name: bank\n        signatures", "      - name: savings\n        signatures",
         "tenants[0].brands[0].name"},
        {"\"1069000055\"", "\"1069000056\"", "tenants[0].accounts[0].sources[0]"}}) {
    const Reload refused = reload(before, disk, from, to);
    EXPECT_EQ(refused.rules, nullptr) << to;
    EXPECT_EQ(refused.needs_restart, std::vector<std::string>{place}) << to;
  }
}

}  // namespace
}  // namespace tact::gateway
