// SPDX-License-Identifier: Apache-2.0
#include "gateway/config/config.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "tests/gateway/config/disk.h"

namespace tact::gateway {
namespace {

using std::chrono::minutes;

Config loaded(Disk& disk, std::string_view sections = "") {
  LoadedConfig result = disk.load_with(sections);
  EXPECT_EQ(print_problems(result), "ok");
  return result.config ? std::move(*result.config) : Config{};
}

TEST(Config, a_minimal_file_is_short) {
  const std::string text = minimal_config();
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 27);
}

TEST(Config, a_minimal_file_is_a_gateway) {
  Disk disk;
  const Config config = loaded(disk);
  const EngineSettings& engine = config.engine;
  ASSERT_EQ(engine.routes.size(), 1u);
  ASSERT_EQ(engine.routes[0].links.size(), 1u);
  const smpp::SessionConfig& session = engine.routes[0].links[0].session;
  EXPECT_EQ(session.system_id, "tact");
  EXPECT_EQ(session.window, 10u);
  EXPECT_EQ(session.timers.enquire_link, std::chrono::seconds(30));
  EXPECT_EQ(session.timers.inactivity, smpp::kNever);
  ASSERT_EQ(engine.tenants.size(), 1u);
  const TenantSettings& tenant = engine.tenants[0];
  EXPECT_EQ(tenant.upstreams[0].token, "0123456789abcdef") << "the first line, without its end";
  EXPECT_EQ(tenant.upstreams[0].default_account, tenant.accounts[0].id) << "the only one";
  EXPECT_EQ(tenant.accounts[0].brands, std::vector{tenant.brands[0].id}) << "the only one";
  ASSERT_EQ(tenant.routing.size(), 1u) << "everything to the only route";
  ASSERT_EQ(tenant.routing[0].routes.size(), 1u);
  EXPECT_EQ(tenant.routing[0].routes[0].route, engine.routes[0].id);
  EXPECT_NE(engine.rules, nullptr);
  EXPECT_EQ(config.rules.accounts[0].id, raw(tenant.accounts[0].id));
}

TEST(Config, defaults_are_those_of_the_structs_they_fill) {
  Disk disk;
  const EngineSettings engine = loaded(disk).engine;
  const LimitSettings limits;
  EXPECT_EQ(engine.limits.frame_bytes, limits.frame_bytes);
  EXPECT_EQ(engine.limits.job_messages, limits.job_messages);
  EXPECT_EQ(engine.limits.text_bytes, limits.text_bytes);
  EXPECT_EQ(engine.limits.streams, limits.streams);
  EXPECT_EQ(engine.limits.uncommitted_bytes, limits.uncommitted_bytes);
  EXPECT_EQ(engine.limits.batch_messages, limits.batch_messages);
  EXPECT_EQ(engine.limits.batch_bytes, limits.batch_bytes);
  EXPECT_EQ(engine.limits.page_bytes, limits.page_bytes);
  EXPECT_EQ(engine.limits.open_max, limits.open_max);
  EXPECT_EQ(engine.limits.turn_admissions, limits.turn_admissions);
  EXPECT_EQ(engine.limits.lane_messages, limits.lane_messages);
  EXPECT_EQ(engine.limits.awaiting, limits.awaiting);
  EXPECT_EQ(engine.limits.keys, limits.keys);
  const EngineSettings settings;
  EXPECT_EQ(engine.idempotency_time, settings.idempotency_time);
  EXPECT_EQ(engine.audit_time, settings.audit_time);
  const RouteSettings route;
  EXPECT_EQ(engine.routes[0].rate_pdus, route.rate_pdus);
  EXPECT_EQ(engine.routes[0].throttle_wait, route.throttle_wait);
  EXPECT_EQ(engine.routes[0].retry_wait, route.retry_wait);
  EXPECT_EQ(engine.routes[0].retries_max, route.retries_max);
  EXPECT_EQ(engine.routes[0].settle_time, route.settle_time);
  EXPECT_EQ(engine.routes[0].receipt_timeout, route.receipt_timeout);
  EXPECT_EQ(engine.routes[0].concat, route.concat);
  EXPECT_EQ(engine.routes[0].dialect, route.dialect);
  EXPECT_EQ(engine.routes[0].dest_addr_ton, route.dest_addr_ton);
  const LinkSettings link;
  EXPECT_EQ(engine.routes[0].links[0].reconnect_min, link.reconnect_min);
  EXPECT_EQ(engine.routes[0].links[0].reconnect_max, link.reconnect_max);
  EXPECT_EQ(engine.routes[0].links[0].already_bound_wait, link.already_bound_wait);
}

TEST(Config, defaults_of_the_gate_are_the_policys_own) {
  Disk disk;
  const policy::RuleSetSpec spec = loaded(disk).rules;
  const policy::RuleSetSpec defaults;
  EXPECT_EQ(spec.cap_month, defaults.cap_month);
  EXPECT_EQ(spec.freq_week, defaults.freq_week);
  EXPECT_EQ(spec.retouch, defaults.retouch);
  EXPECT_EQ(spec.escalate_after, defaults.escalate_after);
  EXPECT_EQ(spec.dead_for, defaults.dead_for);
  EXPECT_EQ(spec.black_for, defaults.black_for);
  for (const Class cls : kClassOrder) {
    const policy::ClassRules& got = spec.classes[static_cast<size_t>(cls) - 1];
    const policy::ClassRules& want = defaults.classes[static_cast<size_t>(cls) - 1];
    SCOPED_TRACE(policy::name(cls));
    EXPECT_EQ(got.window, want.window);
    EXPECT_EQ(got.holidays, want.holidays);
    EXPECT_EQ(got.max_defer, want.max_defer);
    EXPECT_EQ(got.segments_soft, want.segments_soft);
    EXPECT_EQ(got.segments_hard, want.segments_hard);
    EXPECT_EQ(got.cap_day, want.cap_day);
    EXPECT_EQ(got.cap_minute, want.cap_minute);
    EXPECT_EQ(got.cap_hour, want.cap_hour);
    EXPECT_EQ(got.preferred, want.preferred);
    EXPECT_EQ(got.cooldown, want.cooldown);
    EXPECT_EQ(got.special_dates, want.special_dates);
  }
}

TEST(Config, as_many_segments_are_allowed_as_are_sent) {
  Disk disk;
  std::string policy = R"(
policy:
  lexicon_file: lexicon.tsv
  zones_file: zones.tsv
  countries_file: countries.tsv
  classes: {crisis: {segments_hard: )";
  policy += std::to_string(kSegmentsMax) + "}}\n";
  const Config config = loaded(disk, policy);
  EXPECT_EQ(config.rules.classes[raw(Class::crisis) - 1].segments_hard, kSegmentsMax);
}

TEST(Config, what_the_file_says_arrives) {
  Disk disk;
  const Config config = loaded(disk, R"(
listen: {address: 0.0.0.0, port: 7000}
ops: {socket: run/tact.sock, token_file: core.token}
data: {folder: /var/lib/tact, durability: interval, sync_interval: 10ms}
keys:
  number_key_file: number.key
  data_keys: [{id: 2, file: data-2.key}, {id: 1, file: data-1.key}]
log: {level: debug, format: text}
shards: 4
limits: {drain_timeout: 5s}
classes: {otp: {validity: 1m}, marketing: {weight: 3}}
demo: true
clock_offset: -90m
policy:
  lexicon_file: lexicon.tsv
  zones_file: zones.tsv
  countries_file: countries.tsv
  holidays: {CN: holidays_cn.tsv}
  cap_month: 4
  classes: {marketing: {window: {from: "10:30", to: "11:30"}}}
)");
  EXPECT_EQ(config.io.listen_address, "0.0.0.0");
  EXPECT_EQ(config.io.listen_port, 7000);
  EXPECT_EQ(config.io.ops_socket, "etc/run/tact.sock") << "relative to the file's folder";
  EXPECT_EQ(config.io.ops_token, "0123456789abcdef");
  EXPECT_EQ(config.io.data_folder, "/var/lib/tact");
  EXPECT_EQ(config.io.durability, IoSettings::Durability::interval);
  EXPECT_EQ(config.io.sync_interval, Millis(10));
  EXPECT_EQ(config.io.number_key, std::string(32, '\x11'));
  ASSERT_EQ(config.io.data_keys.size(), 2u);
  EXPECT_EQ(config.io.data_keys[1].id, 2) << "the highest is last";
  EXPECT_EQ(config.io.data_keys[1].key, std::string(31, '\0') + '\xff');
  EXPECT_EQ(config.io.log_level, IoSettings::LogLevel::debug);
  EXPECT_EQ(config.io.log_format, IoSettings::LogFormat::text);
  EXPECT_EQ(config.io.drain_timeout, Millis(5000));
  EXPECT_EQ(config.io.clock_offset, -minutes(90));
  EXPECT_EQ(config.engine.shards, 4);
  EXPECT_EQ(config.engine.classes[1].validity, Seconds(60));
  EXPECT_EQ(config.engine.classes[1].unknown, UnknownPolicy::resend);
  EXPECT_EQ(config.engine.classes[5].weight, 3u);
  EXPECT_EQ(config.engine.classes[5].unknown, UnknownPolicy::report);
  EXPECT_EQ(config.rules.cap_month, 4);
  EXPECT_EQ(config.rules.classes[4].window.from, minutes(630));
  EXPECT_EQ(config.rules.holidays.size(), 1u);
}

TEST(Config, what_a_text_is_to_a_carrier) {
  Disk disk;
  const Config config = loaded(disk, R"(
routes:
  - name: a
    packed_septets: true
    gbk_data_coding: 15
    languages: [turkish, hindi, urdu]
    links: [{name: a, host: h, system_id: s}]
  - {name: b, default_alphabet: ascii, concat: sar, links: [{name: b, host: h, system_id: s}]}
tenants:
  - name: bank
    brands: [{name: bank, signatures: [XX银行], contacts: [955XX]}]
    accounts: [{name: retail, sources: ["1069000055"]}]
    upstreams: [{name: core, token_file: core.token}]
    routing: [{classes: [otp], route: b}, {route: a}]
)");
  using smpp::Language;
  EXPECT_EQ(config.engine.routes[0].dialect,
            (smpp::Dialect{.packed = true,
                           .gbk = 15,
                           .languages = {Language::turkish, Language::hindi, Language::urdu}}));
  EXPECT_EQ(config.engine.routes[1].dialect, smpp::Dialect{.zero = smpp::Coding::ascii});
  EXPECT_EQ(config.engine.routes[1].concat, smpp::Concat::sar);
}

constexpr const char* kTwoTenants = R"(
shards: 2
routes:
  - {name: a, links: [{name: a, host: h, system_id: s, password_file: link.password}]}
  - {name: b, shard: 0, links: [{name: b, host: h, system_id: s, password: inline}]}
tenants:
  - name: one
    brands: [{name: main, signatures: [XX银行], contacts: [955XX]}]
    accounts: [{name: retail, sources: ["1001"]}]
    upstreams: [{name: core, token_file: core.token}]
    routing: [{classes: [otp], prefixes: ["86"], brands: [main], route: b}, {route: a}]
  - name: two
    brands:
      - {name: main, signatures: [YY银行], contacts: [955YY], classes: [otp, marketing]}
      - {name: card, signatures: [YY信用卡], contacts: [955YY], append_marker: false}
    accounts:
      - {name: retail, brands: [card, main], sources: ["1002"], default_class: otp}
      - {name: other, brands: [main], sources: ["1003"]}
    upstreams: [{name: web, token: "0123456789abcdef", default_account: other}]
    routing: [{route: b}]
)";

TEST(Config, things_refer_to_each_other_by_id) {
  Disk disk;
  const Config config = loaded(disk, kTwoTenants);
  const EngineSettings& engine = config.engine;
  EXPECT_EQ(engine.routes[0].links[0].session.password, "secret08");
  EXPECT_EQ(engine.routes[1].links[0].session.password, "inline");
  EXPECT_EQ(engine.routes[1].shard, ShardId{0}) << "as the file says, not the second of two";
  EXPECT_EQ(engine.tenants[1].shard, ShardId{1});
  EXPECT_EQ(engine.tenants[0].routing[0].routes[0].route, engine.routes[1].id);
  EXPECT_EQ(engine.tenants[0].routing[0].brands, std::vector{engine.tenants[0].brands[0].id});
  EXPECT_EQ(engine.tenants[0].routing[0].classes, std::vector{Class::otp});
  EXPECT_EQ(engine.tenants[1].accounts[0].brands[0], engine.tenants[1].brands[1].id);
  EXPECT_EQ(engine.tenants[1].upstreams[0].default_account, engine.tenants[1].accounts[1].id);
  EXPECT_NE(engine.tenants[0].brands[0].id, engine.tenants[1].brands[0].id) << "one name, two";
  EXPECT_EQ(config.rules.accounts[1].default_class, Class::otp);
  EXPECT_EQ(config.rules.brands[1].classes,
            policy::mask(Class::otp) | policy::mask(Class::marketing));
  EXPECT_FALSE(config.rules.brands[2].append_marker);
}

TEST(Config, a_rule_may_have_several_routes) {
  Disk disk;
  const Config config = loaded(disk, R"(
routes:
  - {name: a, failover_after: 5s, links: [{name: a, host: h, system_id: s}]}
  - {name: b, links: [{name: b, host: h, system_id: s}]}
tenants:
  - name: bank
    brands: [{name: bank, signatures: [XX银行], contacts: [955XX]}]
    accounts: [{name: retail, sources: ["1069000055"]}]
    upstreams: [{name: core, token_file: core.token}]
    routing: [{routes: [{route: b, weight: 3}, {route: a, weight: 0}]}]
)");
  const auto& routes = config.engine.tenants[0].routing[0].routes;
  ASSERT_EQ(routes.size(), 2u);
  EXPECT_EQ(routes[0].route, config.engine.routes[1].id);
  EXPECT_EQ(routes[0].weight, 3u);
  EXPECT_EQ(routes[1].route, config.engine.routes[0].id);
  EXPECT_EQ(routes[1].weight, 0u);
  EXPECT_EQ(config.engine.routes[0].failover_after, Millis(5'000));
  EXPECT_EQ(config.engine.routes[1].failover_after, Millis(30'000));
}

TEST(Config, a_link_has_one_host_or_several) {
  Disk disk;
  const Config config = loaded(disk, R"(
routes:
  - name: carrier
    links:
      - {name: one, host: "2001:db8::1", port: 2776, system_id: s}
      - name: several
        hosts: [smsc-1.example, "smsc-2.example:9", "[2001:db8::2]:10", "2001:db8::3"]
        sticky_host: true
        system_id: s
)");
  const auto& links = config.engine.routes[0].links;
  EXPECT_EQ(links[0].hosts, (std::vector<Endpoint>{{"2001:db8::1", 2776}}));
  EXPECT_FALSE(links[0].sticky_host);
  EXPECT_EQ(links[1].hosts, (std::vector<Endpoint>{{"smsc-1.example", 2775},
                                                   {"smsc-2.example", 9},
                                                   {"2001:db8::2", 10},
                                                   {"2001:db8::3", 2775}}));
  EXPECT_TRUE(links[1].sticky_host);
}

TEST(Config, tlvs_of_the_carrier_are_read_by_number_and_by_name) {
  Disk disk;
  const Config config = loaded(disk, R"(
routes:
  - name: carrier
    links: [{name: a, host: h, system_id: s}]
    submit_tlvs:
      - {tag: 0x1400, attribute: entity}
      - {tag: 0x1401, text: "1107", terminated: true}
      - {tag: dest_addr_subunit, hex: 02}
    capture_tlvs: [0x1402, network_error_code]
    receipt_form: {id: ["MsgID="], stat: ["Status="], states: {"0": DELIVRD}}
tenants:
  - name: bank
    brands: [{name: bank, signatures: [XX银行], contacts: [955XX]}]
    accounts: [{name: retail, sources: ["1069000055"], attributes: {entity: "1101"}}]
    upstreams: [{name: core, token_file: core.token}]
)");
  const auto& route = config.engine.routes[0];
  ASSERT_EQ(route.submit_tlvs.size(), 3u);
  EXPECT_EQ(route.submit_tlvs[0].tag, smpp::Tag{0x1400});
  EXPECT_EQ(route.submit_tlvs[0].attribute, "entity");
  EXPECT_EQ(route.submit_tlvs[1].value, "1107");
  EXPECT_TRUE(route.submit_tlvs[1].terminated);
  EXPECT_EQ(route.submit_tlvs[2].tag, smpp::Tag::dest_addr_subunit);
  EXPECT_EQ(route.submit_tlvs[2].value, "\x02");
  EXPECT_EQ(route.capture_tlvs, (std::vector{smpp::Tag{0x1402}, smpp::Tag::network_error_code}));
  EXPECT_EQ(
      route.receipt_form,
      (smpp::ReceiptForm{{"MsgID="}, {"Status="}, {}, {{"0", smpp::MessageState::delivered}}}));
  EXPECT_EQ(config.engine.tenants[0].accounts[0].attributes.at("entity"), "1101");
  EXPECT_EQ(print_problems(disk.load_with(print_config(config))).find("tlv"), std::string::npos);
}

TEST(Config, versions_are_written_as_people_say_them) {
  Disk disk;
  const Config config = loaded(disk, R"(
routes:
  - name: carrier
    links:
      - {name: a, host: h, system_id: s}
      - {name: b, host: h, system_id: s, bind: receiver, interface_version: 3.3, assume_tlvs: true}
      - {name: c, host: h, system_id: s, interface_version: 5.0}
)");
  const auto& links = config.engine.routes[0].links;
  EXPECT_EQ(links[0].session.interface_version, 0x34);
  EXPECT_FALSE(links[0].session.assume_tlvs);
  EXPECT_EQ(links[1].session.interface_version, 0x33);
  EXPECT_TRUE(links[1].session.assume_tlvs);
  EXPECT_EQ(links[2].session.interface_version, 0x50);
}

TEST(Config, tls_is_there_only_where_it_is_written) {
  Disk disk;
  const Config config = loaded(disk, R"(
routes:
  - name: carrier
    links:
      - {name: plain, host: h, system_id: s}
      - {name: default, host: h, system_id: s, tls: {}}
      - name: all
        host: h
        system_id: s
        tls:
          ca_file: ca.pem
          server_name: smsc.example
          certificate_file: own.pem
          key_file: own.key
          version_min: 1.3
)");
  const auto& links = config.engine.routes[0].links;
  EXPECT_FALSE(links[0].tls);
  ASSERT_TRUE(links[1].tls);
  EXPECT_EQ(links[1].tls->ca, "");
  EXPECT_EQ(links[1].tls->version_min, TlsSettings::Version::tls12);
  ASSERT_TRUE(links[2].tls);
  const auto read = disk.reader();
  EXPECT_EQ(links[2].tls->ca, read("etc/ca.pem").text);
  EXPECT_EQ(links[2].tls->server_name, "smsc.example");
  EXPECT_EQ(links[2].tls->certificate, read("etc/own.pem").text);
  EXPECT_EQ(links[2].tls->key, read("etc/own.key").text);
  EXPECT_EQ(links[2].tls->version_min, TlsSettings::Version::tls13);
  const auto now = std::chrono::system_clock::now();
  EXPECT_GT(links[2].tls->certificate_expires, now);
  EXPECT_LT(links[2].tls->certificate_expires, now + std::chrono::hours(25));
  const std::string text = print_config(config);
  EXPECT_EQ(text.find("PRIVATE"), std::string::npos);
  const LoadedConfig again = disk.load_with(text);
  ASSERT_EQ(print_problems(again), "ok");
  EXPECT_FALSE(again.config->engine.routes[0].links[0].tls) << "printing has not chosen it";
  EXPECT_TRUE(again.config->engine.routes[0].links[1].tls);
}

TEST(Config, who_joins_texts_by_parameters_knows_that_the_carrier_takes_them) {
  for (const auto& [word, assumed] :
       {std::pair{"udh8", false}, {"udh16", false}, {"sar", true}, {"payload", true}}) {
    Disk disk;
    const Config config = loaded(disk, std::string("routes:\n  - {name: carrier, concat: ") + word +
                                           ", links: [{name: a, host: h, system_id: s}]}\n");
    EXPECT_EQ(config.engine.routes[0].links[0].session.assume_tlvs, assumed) << word;
  }
}

TEST(Config, retry_rules_are_read_as_written) {
  Disk disk;
  const Config config = loaded(disk, R"(
routes:
  - name: carrier
    links: [{name: a, host: h, system_id: s}]
    retry:
      - {status: ESME_RTHROTTLED, action: throttle, wait: 250ms}
      - {status: 0x400-0x4ff, action: retry, max: 0}
      - {status: "0x65", action: fail}
)");
  using Action = RetryRule::Action;
  const auto& rules = config.engine.routes[0].retry;
  ASSERT_EQ(rules.size(), 3u);
  EXPECT_EQ(rules[0].from, 0x58u);
  EXPECT_EQ(rules[0].to, 0x58u);
  EXPECT_EQ(rules[0].action, Action::throttle);
  EXPECT_EQ(rules[0].wait, Millis(250));
  EXPECT_EQ(rules[0].max, std::nullopt);
  EXPECT_EQ(rules[1].from, 0x400u);
  EXPECT_EQ(rules[1].to, 0x4ffu);
  EXPECT_EQ(rules[1].wait, std::nullopt);
  EXPECT_EQ(rules[1].max, 0u);
  EXPECT_EQ(rules[2].from, 0x65u);
  EXPECT_EQ(rules[2].action, Action::fail);
}

TEST(Config, carrier_codes_are_read_as_written) {
  Disk disk;
  const Config config = loaded(disk, R"(
routes:
  - name: carrier
    links: [{name: a, host: h, system_id: s}]
    carrier_codes:
      - {codes: ["UNDELIV", "7*"], says: nothing}
      - {codes: ["X1"], says: black}
)");
  const auto& codes = config.engine.routes[0].carrier_codes;
  ASSERT_EQ(codes.size(), 3u);
  EXPECT_EQ(codes[1].pattern, "7*");
  EXPECT_EQ(codes[1].says, CarrierSays::nothing);
  EXPECT_EQ(codes[2].pattern, "X1");
  EXPECT_EQ(codes[2].says, CarrierSays::black);
}

TEST(Config, the_registrys_ids_take_the_place_of_the_files_order) {
  Disk disk;
  Config config = loaded(disk, kTwoTenants);
  std::map<std::string, uint16_t> registry;
  uint16_t next = 900;
  assign_ids(config, [&](NameKind kind, const std::string& name) {
    return registry[static_cast<char>(kind) + (':' + name)] = --next;
  });
  const EngineSettings& engine = config.engine;
  EXPECT_EQ(registry.size(), 12u) << "2 routes, 2 tenants, 3 brands, 3 accounts, 2 upstreams";
  EXPECT_EQ(raw(engine.routes[1].id), registry.at("r:b"));
  EXPECT_EQ(engine.tenants[0].routing[0].routes[0].route, engine.routes[1].id);
  EXPECT_EQ(raw(engine.tenants[0].routing[0].brands[0]), registry.at("b:one/main"));
  EXPECT_EQ(raw(engine.tenants[1].accounts[0].brands[0]), registry.at("b:two/card"));
  EXPECT_EQ(raw(engine.tenants[1].accounts[0].tenant), registry.at("t:two"));
  EXPECT_EQ(raw(engine.tenants[1].upstreams[0].default_account), registry.at("a:two/other"));
  EXPECT_EQ(config.rules.brands[0].id, registry.at("b:one/main"));
  EXPECT_EQ(config.rules.accounts[1].brands[1], registry.at("b:two/main"));
  ASSERT_NE(engine.rules, nullptr);
  EXPECT_NE(engine.rules->account(registry.at("a:two/retail")), nullptr);
}

TEST(Config, printing_tells_no_secret_and_loads_again) {
  Disk disk;
  const Config config = loaded(disk, kTwoTenants);
  const std::string text = print_config(config);
  for (const char* secret : {"inline", "secret08", "0123456789abcdef", "1111", "aaaa"}) {
    EXPECT_EQ(text.find(secret), std::string::npos) << secret;
  }
  EXPECT_NE(text.find("rate_pdus: 100\n"), std::string::npos) << "defaults are shown";
  const LoadedConfig again = disk.load_with(text);
  EXPECT_EQ(print_problems(again),
            "etc/tact.yaml:" + std::to_string(again.problems.empty() ? 0 : again.problems[0].line) +
                ":16: the token of tenants[1].upstreams[0] must have at least 16 characters")
      << "only what was a secret is gone";
}

// With the rules' files alone, none of a secret: what an officer has who tries the rules.
TEST(Config, without_secrets_no_file_of_one_is_opened) {
  Disk disk;
  disk.put(kConfigPath, example_config());
  std::vector<std::string> opened;
  const ReadFile reader = [&](const std::string& path) {
    opened.push_back(path);
    return disk.reader()(path);
  };
  const LoadedConfig result = load_config(kConfigPath, reader, Secrets::skip);
  EXPECT_EQ(print_problems(result), "ok");
  ASSERT_TRUE(result.config);
  EXPECT_NE(result.config->engine.rules, nullptr);
  for (const std::string& path : opened) {
    EXPECT_TRUE(path == kConfigPath || path.ends_with(".tsv")) << path;
  }
  EXPECT_FALSE(disk.load().problems.empty()) << "a gateway needs them";
}

// TACT_REWRITE=1 writes the file anew.
TEST(Example, the_shipped_file_is_generated_from_the_schema) {
  const std::string path = std::string(TACT_SOURCE_DIR) + "/deploy/gateway.example.yaml";
  if (std::getenv("TACT_REWRITE") != nullptr) std::ofstream(path) << example_config();
  EXPECT_EQ(read_disk(path).text, example_config());
}

TEST(Example, loads_without_a_problem) {
  Disk disk;
  disk.put("etc/keys/number.key", std::string(64, '1'));
  disk.put("etc/keys/data-1.key", std::string(64, '2'));
  disk.put("etc/keys/carrier-a.password", "secret08");
  disk.put("etc/keys/core-banking.token", "0123456789abcdef");
  disk.put(kConfigPath, example_config());
  const LoadedConfig result = disk.load();
  EXPECT_EQ(print_problems(result), "ok");
}

TEST(Example, has_help_or_a_range_for_every_key_and_fits_the_page) {
  const std::string text = example_config();
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin);
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    const auto characters =
        std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; });
    EXPECT_LE(characters, 100) << line;
  }
}

TEST(Disk, a_missing_file_and_a_folder_say_why) {
  EXPECT_EQ(read_disk("/nowhere/at/all").text, "No such file or directory");
  EXPECT_FALSE(read_disk(TACT_SOURCE_DIR).ok);
  EXPECT_TRUE(read_disk(std::string(TACT_SOURCE_DIR) + "/CMakeLists.txt").ok);
}

}  // namespace
}  // namespace tact::gateway
