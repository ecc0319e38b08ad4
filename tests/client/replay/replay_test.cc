// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <fstream>

#include "client/commands.h"
#include "gateway/config/config.h"
#include "gateway/engine/audit.h"

namespace tact::client {
namespace {

const std::string kConfig = std::string(TACT_SOURCE_DIR) + "/tests/vectors/policy/bank.yaml";
constexpr const char* kOffer = "【XX银行】周末刷卡立减20元。详询955XX,拒收请回复R";
constexpr const char* kCode = "【XX银行】验证码482913,5分钟内有效。";

std::string file_of(const std::string& name, const std::string& text) {
  std::string path = testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

struct Outcome {
  int exit_code = -1;
  std::string out, err;
};

Outcome replay(const std::string& audit, std::vector<std::string> arguments = {}) {
  CLI::App app;
  Outcome outcome;
  add_replay(app, outcome.exit_code);
  const std::string path = file_of("replay_audit", audit);
  arguments.insert(arguments.begin(), {"replay", "--config", kConfig, "--audit", path});
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the end
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError&) {
    outcome.exit_code = kUsage;
  } catch (const std::exception& error) {
    outcome.exit_code = kUnreachable;
    std::cerr << error.what();
  }
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  for (size_t at = 0; (at = outcome.err.find(path, at)) != std::string::npos;) {
    outcome.err.replace(at, path.size(), "AUDIT");
  }
  return outcome;
}

// What the configuration calls itself.
const gateway::Config& config() {
  static const auto loaded =
      gateway::load_config(kConfig, gateway::read_disk, gateway::Secrets::skip);
  return *loaded.config;
}

std::string hex16(uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

// An admission of a record that keeps its text.
struct Admission {
  int id = 1;
  std::string time = "2026-03-18T02:15:00.000Z";
  std::string cls = "MARKETING", number = "c42e898d649c3007";
  std::string action = "PASS", result = "QUEUED", fired = "[]";
  std::string text = kOffer, sent = kOffer;  // as submitted; as sent
  std::string rule_set = config().engine.rules->digest_text();
  bool kept = true;
  std::string more;

  std::string line() const {
    const gateway::TenantSettings& tenant = config().engine.tenants.front();
    return "{\"time\":\"" + time + "\",\"what\":\"admitted\",\"id\":\"" + std::to_string(id) +
           "\",\"number_hash\":\"" + number + "\",\"class\":\"" + cls + "\",\"tenant\":\"" +
           tenant.name + "\",\"account\":\"" + tenant.accounts.front().name + "\",\"brand\":\"" +
           tenant.brands.front().name + "\",\"result\":\"" + result + "\",\"action\":\"" + action +
           "\",\"role\":\"DEBTOR\",\"urgent\":true,\"consent\":true,\"emergency\":false,"
           "\"fired\":" +
           fired + ",\"text_digest\":\"" + hex16(gateway::text_digest(sent)) +
           "\",\"rule_set\":\"" + rule_set + '"' +
           (kept ? ",\"to\":\"8613800138000\",\"text\":\"" + text + '"' : "") + more + "}\n";
  }
};

TEST(Replay, DamagedAuditsAndTextsAreToldByTheirPlace) {
  Outcome outcome = replay(Admission{}.line() + "{\"time\"\n");
  EXPECT_EQ(outcome.exit_code, kUnreachable);
  EXPECT_NE(outcome.err.find("AUDIT:2: no record"), std::string::npos) << outcome.err;
  const std::string texts = file_of("replay_texts", "to\ttext\n+8613800138000\tx\n");
  outcome = replay(Admission{}.line(), {"--texts", texts});
  EXPECT_EQ(outcome.exit_code, kUnreachable);
  EXPECT_NE(outcome.err.find(":2:1: expected id, to and text"), std::string::npos) << outcome.err;
  EXPECT_EQ(replay("", {"--from", "noon"}).exit_code, kUsage);
  EXPECT_EQ(replay("").exit_code, kIncomplete) << "nothing is no proof";
}

TEST(Replay, WhatWasDecidedByTheseRulesComesOutAgain) {
  Admission code;
  code.id = 2;
  code.cls = "OTP";
  code.text = code.sent = kCode;
  const Outcome outcome = replay(Admission{}.line() + code.line());
  EXPECT_EQ(outcome.exit_code, kDone) << outcome.out << outcome.err;
  EXPECT_EQ(outcome.err, "tact: 2 decisions as before, 0 otherwise\n");
}

TEST(Replay, WhatWasDecidedOtherwiseIsPrinted) {
  Admission refused;
  refused.action = "REJECT";
  refused.result = "REJECTED";
  refused.fired = R"([{"rule":"LEX_SLANG","action":"REJECT","detail":"x"}])";
  refused.rule_set = "00000000000000ff";
  const Outcome outcome = replay(refused.line());
  EXPECT_EQ(outcome.exit_code, kIncomplete);
  EXPECT_NE(outcome.out.find("REJECT  LEX_SLANG  PASS"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.err.find("another one than the audit names"), std::string::npos);
  const Outcome json = replay(refused.line(), {"--json"});
  EXPECT_NE(json.out.find(R"("was":"REJECT","was_rules":"LEX_SLANG","now":"PASS")"),
            std::string::npos)
      << json.out;
}

TEST(Replay, WhatIsMissingIsCountedAndNotGuessed) {
  Admission silent;
  silent.kept = false;
  Outcome outcome = replay(silent.line());
  EXPECT_EQ(outcome.exit_code, kIncomplete);
  EXPECT_NE(outcome.err.find("1 was without number and text"), std::string::npos) << outcome.err;

  const auto with = [&](const std::string& text) {
    return replay(silent.line(),
                  {"--texts", file_of("replay_texts", "id\tto\ttext\n1\t+8613800138000\t" + text)});
  };
  EXPECT_EQ(with(kOffer).exit_code, kDone) << with(kOffer).err;
  outcome = with(kCode);
  EXPECT_EQ(outcome.exit_code, kIncomplete);
  EXPECT_NE(outcome.err.find("1 was whose text is not the one"), std::string::npos) << outcome.err;

  Admission outside;
  outside.fired = R"([{"rule":"QUEUE_FULL","action":"REJECT"}])";
  EXPECT_NE(replay(outside.line()).err.find("1 was decided outside of the rules"),
            std::string::npos);
  // From a release that did not keep the facts.
  EXPECT_EQ(replay(R"({"time":"2026-03-18T02:15:00Z","what":"admitted","id":"1"})").exit_code,
            kIncomplete);
}

TEST(Replay, WhatHappenedBeforeCounts) {
  const std::string submitted =
      R"({"time":"2026-03-18T02:15:01.000Z","what":"submitted","id":"1",)"
      R"("number_hash":"c42e898d649c3007","class":"MARKETING","tenant":")" +
      config().engine.tenants.front().name + R"(","brand":")" +
      config().engine.tenants.front().brands.front().name + "\"}\n";
  Admission second;
  second.id = 2;
  second.time = "2026-03-18T03:00:00.000Z";
  Outcome outcome = replay(Admission{}.line() + submitted + second.line());
  EXPECT_EQ(outcome.exit_code, kIncomplete);
  EXPECT_NE(outcome.out.find("DEFER 2026-03-19T02:15:01Z  CAP_DAY"), std::string::npos)
      << outcome.out;

  // What was before --from is not decided, and counts all the same.
  outcome =
      replay(Admission{}.line() + submitted + second.line(), {"--from", "2026-03-18T02:30:00Z"});
  EXPECT_NE(outcome.err.find("0 decisions as before, 1 otherwise"), std::string::npos);
  outcome = replay(Admission{}.line() + submitted + second.line(), {"--id", "1"});
  EXPECT_EQ(outcome.exit_code, kDone) << outcome.err;

  std::string opted_out = submitted;
  const auto put = [&](const std::string& from, const std::string& to) {
    opted_out.replace(opted_out.find(from), from.size(), to);
  };
  put("submitted", "suppressed");
  put("\"class\"", R"("result":"MARKETING COLLECTION","reason":"OPT_OUT","nothing")");
  second.action = "REJECT";
  second.result = "REJECTED";
  second.fired = R"([{"rule":"OPTED_OUT","action":"REJECT"}])";
  outcome = replay(opted_out + second.line());
  EXPECT_EQ(outcome.exit_code, kDone) << outcome.out << outcome.err;
}

}  // namespace
}  // namespace tact::client
