// SPDX-License-Identifier: Apache-2.0
#include "gateway/config/yaml.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "proto/config.pb.h"

namespace tact::gateway::config {
namespace {

struct Result {
  std::string problems;
  Positions positions;
};

Result read(std::string_view text, google::protobuf::Message& out) {
  Result result;
  Report report("f", text);
  read_yaml(text, out, report, result.positions);
  for (const Problem& problem : report.sorted()) result.problems += problem.text() + '\n';
  return result;
}

TEST(Yaml, fills_any_message) {
  proto::Link link;
  EXPECT_EQ(read("{name: a, host: h, system_id: s, window: 20, bind: receiver}", link).problems,
            "");
  EXPECT_EQ(link.window(), 20u);
  EXPECT_EQ(link.bind(), proto::Link::RECEIVER);
  EXPECT_EQ(link.response_timeout().seconds(), 60) << "the default";
  EXPECT_FALSE(link.has_inactivity_timeout()) << "no default";
}

TEST(Yaml, defaults_of_a_section_override_those_of_its_type) {
  proto::Classes classes;
  EXPECT_EQ(read("otp: {validity: 1m}", classes).problems, "");
  EXPECT_EQ(classes.otp().validity().seconds(), 60) << "the file";
  EXPECT_EQ(classes.otp().weight(), 64u) << "the section";
  EXPECT_EQ(classes.marketing().weight(), 1u) << "a section that the file does not have";
}

TEST(Yaml, a_nested_section_takes_the_nearest_default_of_each_key) {
  proto::PolicyClasses classes;
  EXPECT_EQ(read("otp: {window: {to: \"10:00\"}}", classes).problems, "");
  EXPECT_EQ(classes.otp().window().from(), 0u) << "of PolicyClasses, not of Window";
  EXPECT_EQ(classes.otp().window().to(), 600u);
  EXPECT_EQ(classes.marketing().window().from(), 540u);
}

TEST(Yaml, a_wrong_value_leaves_the_default) {
  proto::Link link;
  EXPECT_NE(read("{name: a, host: h, system_id: s, window: 0}", link).problems, "");
  EXPECT_EQ(link.window(), 10u);
}

TEST(Yaml, lists_and_maps) {
  proto::Policy policy;
  const char* const kText =
      "lexicon_file: l\nzones_file: z\ncountries_file: c\nholidays: {CN: a.tsv, \"NO\": b.tsv}\n";
  EXPECT_EQ(read(kText, policy).problems, "");
  EXPECT_EQ(policy.holidays().at("NO"), "b.tsv");
  proto::Brand brand;
  read("{name: b, signatures: [x, \"1\"], classes: []}", brand);
  EXPECT_EQ(brand.signatures_size(), 2);
  EXPECT_EQ(brand.classes_size(), 0) << "written, so not the default";
}

TEST(Yaml, knows_where_each_value_stands) {
  proto::Config config;
  const Positions positions =
      read("routes:\n  - name: a\n    links:\n      - window: 5\n", config).positions;
  EXPECT_EQ(positions.of("routes[0].links[0].window").line, 4);
  EXPECT_EQ(positions.of("routes[0].links[0].host").line, 4) << "the mapping that lacks it";
  EXPECT_EQ(positions.of("routes[0].name").line, 2);
  EXPECT_EQ(positions.of("tenants[7].brands[2]").line, 1) << "the file";
  EXPECT_FALSE(positions.has("routes[0].rate_pdus"));
}

TEST(Yaml, windows_line_ends_are_line_ends) {
  proto::Log log;
  EXPECT_EQ(read("format: text\r\nlevel: loud\r\n", log).problems,
            "f:2:8: expected one of debug, info, warn, error, got \"loud\"\n");
  EXPECT_EQ(log.format(), proto::Log::TEXT);
}

TEST(Yaml, what_is_printed_is_read_back_as_the_same) {
  proto::Config config;
  fill_example(config);
  config.mutable_routes(0)->set_shard(0);
  *config.mutable_routes(0)->add_links() = config.routes(0).links(0);
  config.mutable_routes(0)->mutable_links(1)->mutable_tls()->set_version_min("1.3");
  config.mutable_tenants(0)->mutable_brands(0)->add_contacts("no \"quotes\"\n: #");
  config.mutable_policy()->mutable_holidays()->insert({"NO", "1"});
  for (const bool comments : {false, true}) {
    proto::Config again;
    EXPECT_EQ(read(print_yaml(config, comments), again).problems, "");
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(config, again))
        << print_yaml(config) << "\nbecame\n"
        << print_yaml(again);
  }
}

TEST(Yaml, secrets_are_never_printed) {
  proto::Config config;
  fill_example(config);
  config.mutable_routes(0)->mutable_links(0)->set_password("hunter2");
  config.mutable_tenants(0)->mutable_upstreams(0)->set_token("hunter2");
  for (const bool comments : {false, true}) {
    const std::string text = print_yaml(config, comments);
    EXPECT_EQ(text.find("hunter2"), std::string::npos);
    EXPECT_NE(text.find("password: \"***\""), std::string::npos);
    EXPECT_NE(text.find("token: \"***\""), std::string::npos);
  }
}

}  // namespace
}  // namespace tact::gateway::config
