// SPDX-License-Identifier: Apache-2.0
// A broken configuration (issue 2): every mistake with its place, exit 78, before anything opens.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <sstream>

#include "tests/e2e/gateway.h"

namespace tact::e2e {
namespace {

constexpr int kExitConfig = 78;

void replace(std::string& text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

class Configuration : public ::testing::Test {
 protected:
  Configuration() : gateway_(folder_, 2775), path_(gateway_.config_path()) {}

  Finished tactd(std::vector<std::string> more) {
    more.insert(more.begin(), {"--config", path_});
    return run(folder_.root(), "tactd", more);
  }

  Folder folder_;
  Gateway gateway_;  // for its files
  const std::string path_;
};

TEST_F(Configuration, EveryMistakeIsToldWhereItStandsAndNothingIsOpened) {
  std::string text = read_file(path_);
  replace(text, "rate_pdus: 5000", "rate_pdu: 5000");
  replace(text, "window: 50", "window: many");
  replace(text, "throttle_wait: 200ms", "throttle_wait: 200");
  replace(text, "reconnect_max: 500ms", "reconnect_max: 500h");
  replace(text, "freq_week: 7", "freq_week: 70");
  replace(text, "{name: retail, brands: [xx-bank]", "{name: retail, brands: [xx-bonk]");
  replace(text, "default_account: retail", "default_account: retial");
  replace(text, "policy:\n", "polcy: {}\npolicy:\n");
  write_file(path_, text);
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"--check"}, {"--print"}}) {
    const Finished finished = tactd(arguments);
    EXPECT_EQ(finished.code, kExitConfig);
    EXPECT_EQ(finished.out, "");
    const auto lines = lines_of(finished.err);
    const std::regex place("^" + path_ + ":[0-9]+:[0-9]+: .+");
    for (const auto& line : lines) EXPECT_TRUE(std::regex_match(line, place)) << line;
    for (const char* word : {"rate_pdu", "many", "a duration", "reconnect_max", "freq_week",
                             "xx-bonk", "retial", "polcy"}) {
      EXPECT_TRUE(
          std::any_of(lines.begin(), lines.end(),
                      [&](const auto& line) { return line.find(word) != std::string::npos; }))
          << word << " is not told:\n"
          << finished.err;
    }
    for (const char* meant : {"rate_pdus", "policy"}) {
      EXPECT_TRUE(std::any_of(lines.begin(), lines.end(),
                              [&](const auto& line) {
                                return line.find(std::string("did you mean \"") + meant) !=
                                       std::string::npos;
                              }))
          << meant << " is not suggested:\n"
          << finished.err;
    }
    EXPECT_FALSE(std::filesystem::exists(folder_.path("data")));
    EXPECT_FALSE(std::filesystem::exists(folder_.path("tactd.sock")));
    if (arguments.empty()) std::printf("%s", finished.err.c_str());
  }
}

TEST_F(Configuration, AFileThatIsNoYamlOrIsNotThere) {
  write_file(path_, "routes: [\n  {name: a\n");
  Finished finished = tactd({});
  EXPECT_EQ(finished.code, kExitConfig);
  EXPECT_TRUE(std::regex_search(finished.err, std::regex(path_ + ":[0-9]+:[0-9]+: ")))
      << finished.err;
  std::filesystem::remove(path_);
  finished = tactd({"--check"});
  EXPECT_EQ(finished.code, kExitConfig);
  EXPECT_NE(finished.err.find(path_), std::string::npos);
}

TEST_F(Configuration, CheckOpensNothing) {
  const Finished finished = tactd({"--check"});
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_NE(finished.out.find("ok, rule set"), std::string::npos) << finished.out;
  EXPECT_FALSE(std::filesystem::exists(folder_.path("data")));
}

TEST_F(Configuration, WhatIsAllowedAndShouldBeKnownIsToldAtTheStart) {
  std::string text = read_file(path_);
  replace(text, "  lexicon_file:", "  holidays: {CN: holidays.tsv}\n  lexicon_file:");
  replace(text, "tenants:\n",
          "  - name: twin\n    links: [{name: t, host: 127.0.0.1, port: 2775, system_id: tact}]\n"
          "tenants:\n");
  replace(text, "policy:\n", "    routing: [{route: carrier}]\npolicy:\n");
  write_file(path_, text);
  write_file(folder_.path("holidays.tsv"), "date\tkind\tname\n2025-05-01\toff\tlabour\n");
  ASSERT_TRUE(gateway_.start());
  EXPECT_NE(gateway_.log().find("\"what\":\"demo: "), std::string::npos) << gateway_.log();
  EXPECT_NE(gateway_.log().find("\"country\":\"CN\",\"days\":0"), std::string::npos)
      << gateway_.log();
  EXPECT_NE(gateway_.log().find("\"route\":\"twin\",\"other\":\"carrier\""), std::string::npos)
      << gateway_.log();
  EXPECT_EQ(gateway_.metric("tact_holidays_known_days", {"country=\"CN\""}), 0);
  EXPECT_EQ(gateway_.stop(), 0);
}

TEST_F(Configuration, WhatIsPrintedIsAConfigurationOfTheSameMeaningWithoutSecrets) {
  const Finished printed = tactd({"--print"});
  ASSERT_EQ(printed.code, 0) << printed.err;
  EXPECT_EQ(printed.out.find("secret08"), std::string::npos);
  EXPECT_EQ(printed.out.find(Gateway::kToken), std::string::npos);
  EXPECT_EQ(printed.out.find(std::string(64, '5')), std::string::npos);
  EXPECT_NE(printed.out.find("receipt_timeout: 3d"), std::string::npos) << "a default is missing";
  EXPECT_FALSE(std::filesystem::exists(folder_.path("data")));
}

}  // namespace
}  // namespace tact::e2e
