// SPDX-License-Identifier: Apache-2.0
// tact judge as a user types it.
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <fstream>

#include "client/commands.h"

namespace tact::client {
namespace {

const std::string kVectors = std::string(TACT_SOURCE_DIR) + "/tests/vectors/policy/";

struct Outcome {
  int exit_code = -1;
  std::string out, err;
};

Outcome judge(std::vector<std::string> arguments, const std::string& config = "bank.yaml") {
  CLI::App app;
  Outcome outcome;
  add_judge(app, outcome.exit_code);
  arguments.insert(arguments.begin(), {"judge", "--config", kVectors + config});
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the end
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError&) {
    outcome.exit_code = kUsage;
  }
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  return outcome;
}

// A file of that text; its name in messages is FILE.
Outcome judge_text(const std::string& text, std::vector<std::string> options = {}) {
  const std::string path = testing::TempDir() + "judge_rows";
  std::ofstream(path, std::ios::binary) << text;
  options.push_back(path);
  Outcome outcome = judge(std::move(options));
  for (size_t at = 0; (at = outcome.err.find(path, at)) != std::string::npos;) {
    outcome.err.replace(at, path.size(), "FILE");
  }
  return outcome;
}

constexpr const char* kOffer = "【XX银行】周末刷卡立减20元。详询955XX,拒收请回复R";
constexpr const char* kDunning = "【XX银行】您的信用贷本期应还2,350.00元,请致电955XX。";

TEST(Judge, DamagedRowsAreToldByLineAndColumnAndTheRestIsJudged) {
  const Outcome outcome = judge_text(
      "class\ttext\tcontext\n"
      "OTP\t【XX银行】验证码482913\tat=noon\n"
      "OTP\t【XX银行】验证码482913\turgent=maybe;role=FRIEND\n"
      "OTP\t【XX银行】验证码482913\tatt=1\n"
      "OTP\t\xff\n"
      "OTP\t【XX银行】验证码482913\n");
  EXPECT_EQ(outcome.exit_code, kIncomplete);
  EXPECT_EQ(outcome.err,
            "FILE:2:24: at: expected a time with its offset, such as 2026-03-18T10:15+08:00\n"
            "FILE:3:28: urgent: expected 1 or 0, got \"maybe\"\n"
            "FILE:3:39: role: expected DEBTOR, GUARANTOR or CONTACT, got \"FRIEND\"\n"
            "FILE:4:25: no such column: att; did you mean at?\n"
            "FILE:5:5: not UTF-8\n"
            "tact: 4 bad rows were not judged\n");
  EXPECT_NE(outcome.out.find("6     OTP    PASS"), std::string::npos) << outcome.out;
}

TEST(Judge, AnUnknownColumnIsToldOnce) {
  const Outcome outcome = judge_text("clas\ttext\nOTP\tx\nOTP\ty\n");
  EXPECT_EQ(outcome.exit_code, kUsage);
  EXPECT_EQ(outcome.err,
            "FILE:1:1: no such column of replies: clas; "
            "outgoing texts have a column class\n");
  EXPECT_EQ(outcome.out, "");
}

TEST(Judge, WrongArgumentsAreUsage) {
  EXPECT_EQ(judge({"/nowhere/at/all"}).exit_code, kUsage);
  EXPECT_EQ(judge({}).exit_code, kUsage);
  const Outcome context = judge_text("class\ttext\nOTP\tx\n", {"--context", "at=1;uurgent=0"});
  EXPECT_EQ(context.exit_code, kUsage);
  EXPECT_EQ(context.err, "--context:1:14: no such column: uurgent; did you mean urgent?\n");
  const Outcome config = judge({kVectors + "content_cases.tsv"}, "mo_more.tsv");
  EXPECT_EQ(config.exit_code, kUsage);
  EXPECT_NE(config.err.find("mo_more.tsv:50:3: not YAML"), std::string::npos) << config.err;
}

TEST(Judge, ExpectationsThatCannotBeAreBadRows) {
  const Outcome outcome = judge_text(
      "class\ttext\texpected\nOTP\tx\tOK\nOTP\tx\tPASS:2026-01-01T00:00Z\nOTP\tx\tDEFER:soon\n");
  EXPECT_EQ(outcome.exit_code, kIncomplete);
  EXPECT_NE(outcome.err.find("FILE:2:7: expected: "), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("FILE:3:7: expected: "), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("FILE:4:7: expected: "), std::string::npos) << outcome.err;
  EXPECT_EQ(judge_text("text\texpected\nT\tSTOP\n").exit_code, kIncomplete);
}

class Tables : public testing::TestWithParam<const char*> {};
TEST_P(Tables, ComeOutAsLabelled) {
  const Outcome outcome = judge({kVectors + GetParam(), "--summary"});
  EXPECT_EQ(outcome.exit_code, kDone) << outcome.err;
  EXPECT_NE(outcome.out.find(" rows, 0 mismatches\n"), std::string::npos) << outcome.out;
}
INSTANTIATE_TEST_SUITE_P(All, Tables,
                         testing::Values("content_cases.tsv", "content_more.tsv",
                                         "content_hard.tsv", "content_unseen.tsv", "mo_hard.tsv",
                                         "mo_keywords.tsv", "mo_more.tsv", "mo_unseen.tsv"));

TEST(Judge, AMismatchIsListedAtItsExpectation) {
  const Outcome outcome =
      judge_text(std::string("class\ttext\texpected\trule\tcontext\nMARKETING\t") + kOffer +
                 "\tPASS\t\tat=2026-10-03T11:00+08:00\nMARKETING\t" + kOffer + "\tPASS\tWINDOW\n");
  EXPECT_EQ(outcome.exit_code, kIncomplete);
  EXPECT_EQ(outcome.err,
            "FILE:2:42: expected PASS, got DEFER:2026-10-08T09:00+08:00 (HOLIDAY)\n"
            "FILE:3:42: expected WINDOW, got PASS\n"
            "tact: 2 rows were not judged as expected\n");
  const Outcome replies =
      judge_text("text\texpected\tflags\nT恤\tOPT_OUT\nN\tNONE\t\nT\tOPT_OUT\t\n");
  EXPECT_EQ(replies.err,
            "FILE:2:4: expected OPT_OUT, got NONE\n"
            "FILE:3:3: expected flags \"\", got \"suspect\"\n"
            "tact: 2 rows were not judged as expected\n");
}

TEST(Judge, TheTableShowsSpansAndTheRewrittenText) {
  const Outcome outcome = judge_text(
      "class\ttext\n"
      "COLLECTION\t【XX银行】你这个老\\u200b赖,请致电955XX。\n"
      "MARKETING\t【XX银行】刷卡立减20元。详询955XX\n");
  EXPECT_EQ(outcome.exit_code, kDone) << outcome.err;
  EXPECT_NE(outcome.out.find("【XX银行】你这个⟦老\u200b赖⟧,请致电955XX。\n"), std::string::npos);
  EXPECT_NE(outcome.out.find("LEX_INSULT 老\u200b赖"), std::string::npos);
  EXPECT_NE(outcome.out.find("to be sent as"), std::string::npos);
  EXPECT_NE(outcome.out.find("【XX银行】刷卡立减20元。详询955XX,拒收请回复R\n"), std::string::npos);
  EXPECT_EQ(outcome.out.find('\x1b'), std::string::npos)
      << "colour on something else than a terminal";
}

TEST(Judge, JsonTellsWhereInCharacters) {
  const Outcome outcome = judge_text(
      "{\"class\":\"NOTIFICATION\",\"text\":"
      "\"【XX银行】您的卡４１１１１１１１１１１１１１１１已开通。\"}\n",
      {"--json"});
  EXPECT_EQ(outcome.out,
            "{\"line\":1,\"class\":\"NOTIFICATION\",\"verdict\":\"REJECT\",\"rules\":[{\"rule\":"
            "\"PII_PAN\","
            "\"action\":\"REJECT\",\"detail\":\"\",\"found\":\"４１１１１１１１１１１１１１１１\","
            "\"begin\":9,"
            "\"end\":25}],\"text\":\"【XX银行】您的卡４１１１１１１１１１１１１１１１已开通。\","
            "\"coding\":"
            "\"UCS-2\",\"segments\":1}\n");
  const Outcome reply = judge_text("text\n拒收\n", {"--json"});
  EXPECT_EQ(
      reply.out,
      "{\"line\":2,\"kind\":\"OPT_OUT\",\"flags\":\"\",\"blocks\":\"MARKETING\",\"text\":\"拒收\","
      "\"keyword\":\"拒收\"}\n");
}

TEST(Judge, RowsCountForEachOtherOnlyIfAsked) {
  const std::string rows = std::string("class\ttext\tat\tto\nCOLLECTION\t") + kDunning +
                           "\t2026-03-17T10:00+08:00\t+8613800138000\nCOLLECTION\t" + kDunning +
                           "\t2026-03-19T10:00+08:00\t8613800138000\nCOLLECTION\t" + kDunning +
                           "\t2026-03-19T10:00+08:00\t+8613800138001\n";
  EXPECT_NE(judge_text(rows, {"--summary"}).out.find("COLLECTION  PASS     3"), std::string::npos);
  const Outcome outcome = judge_text(rows, {"--stateful"});
  EXPECT_NE(outcome.out.find("3     COLLECTION  DEFER 2026-03-24T10:00+08:00"), std::string::npos)
      << outcome.out;
  EXPECT_NE(outcome.out.find("4     COLLECTION  PASS"), std::string::npos) << outcome.out;
}

TEST(Judge, TheContextOfTheCommandIsTheRowsDefault) {
  const std::string rows = std::string("class\ttext\tcontext\nMARKETING\t") + kOffer +
                           "\nMARKETING\t" + kOffer + "\tat=2026-03-18T12:00+08:00\n";
  const Outcome outcome = judge_text(rows, {"--context", "at=2026-03-18T21:00+08:00"});
  EXPECT_NE(outcome.out.find("2     MARKETING  DEFER 2026-03-19T09:00+08:00"), std::string::npos)
      << outcome.out;
  EXPECT_NE(outcome.out.find("3     MARKETING  PASS"), std::string::npos) << outcome.out;
}

TEST(Judge, AnAccountThatIsNotThereIsRefusedAsTheGatewayWould) {
  const Outcome outcome = judge_text(
      "class\ttext\taccount\nOTP\t【XX银行】验证码1234\tnobody\n"
      "OTP\t【YY通知】验证码1234\tbank/2\n");
  EXPECT_NE(outcome.out.find("ACCOUNT_UNKNOWN"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("3     OTP    PASS"), std::string::npos) << outcome.out;
}

TEST(Judge, TheMonthsMessagesAreOfThatMonthOnItsFirstDayToo) {
  const Outcome outcome = judge_text(std::string("class\ttext\tcontext\nMARKETING\t") + kOffer +
                                     "\tat=2026-04-01T10:00+08:00;month=8\n");
  EXPECT_NE(outcome.out.find("CAP_DAY"), std::string::npos) << "all of them since midnight\n"
                                                            << outcome.out;
}

}  // namespace
}  // namespace tact::client
