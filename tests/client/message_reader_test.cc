// SPDX-License-Identifier: Apache-2.0
#include "client/message_reader.h"

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

namespace tact::client {
namespace {

// Good rows as "line to text", bad ones as their errors, in the order of the file.
std::string read_all(std::istream& input) {
  MessageReader reader(input);
  std::string told;
  while (const std::optional<Row> row = reader.next()) {
    if (row->errors.empty()) {
      told +=
          std::to_string(row->line) + " " + row->message.to() + " " + row->message.text() + "\n";
    }
    for (const RowError& error : row->errors) told += describe("f", error) + "\n";
  }
  return told;
}

std::string read_all(const std::string& text) {
  std::istringstream input(text);
  return read_all(input);
}

proto::Message read_one(const std::string& text) {
  std::istringstream input(text);
  MessageReader reader(input);
  const std::optional<Row> row = reader.next();
  EXPECT_TRUE(row && row->errors.empty()) << text;
  return row ? row->message : proto::Message();
}

TEST(JsonLines, ATemplateStandsInThePlaceOfATextWithItsVariables) {
  const auto json = read_one(
      "{\"to\":\"1\",\"template_id\":\"bill\",\"template_version\":\"en\",\"variables\":{\"sum\":"
      "\"2,350."
      "00\",\"month\":3}}");
  const auto csv =
      read_one("to,template_id,variables.sum,variables.month\n1,bill,\"2,350.00\",3\n");
  for (const auto& message : {json, csv}) {
    EXPECT_EQ(message.template_id(), "bill");
    ASSERT_EQ(message.variables_size(), 2);
    EXPECT_EQ(message.variables(0).name(), "sum");
    EXPECT_EQ(message.variables(0).value(), "2,350.00");
    EXPECT_EQ(message.variables(1).value(), "3");
  }
  EXPECT_EQ(read_all("{\"to\":\"1\",\"template_id\":\"b\",\"variables\":{\"a\":[1]}}"),
            "f:1: variables.a: expected a string, a whole number or a boolean\n");
}

TEST(JsonLines, BadRowsAreToldAndTheOthersRead) {
  EXPECT_EQ(read_all("{\"to\":\"1\",\"text\":\"a\"}\n"
                     "\n"
                     "{\"to\":\"2\",\n"
                     "[1]\n"
                     "{\"to\":\"3\"}\n"
                     "{\"to\":\"4\",\"text\":\"b\",\"colour\":\"red\"}\n"
                     "{\"to\":\"5\",\"text\":\"c\",\"class\":\"SPAM\"}\n"
                     "{\"to\":\"6\",\"text\":[\"d\"]}\n"
                     "{\"to\":\"7\",\"text\":\"e\",\"at\":\"tomorrow\",\"urgent\":\"maybe\"}\n"
                     "{\"to\":\"8\",\"text\":\"f\"}"),
            "1 1 a\n"
            "f:3: not JSON: incomplete JSON\n"
            "f:4: expected one JSON object a line\n"
            "f:5: text: missing\n"
            "f:6: colour: no such field\n"
            "f:7: class: expected OTP, CRISIS, NOTIFICATION, COLLECTION or MARKETING\n"
            "f:8: text: expected a string, a whole number or a boolean\n"
            "f:9: at: expected a time such as 2026-03-01T09:00:00+08:00, or Unix milliseconds\n"
            "f:9: urgent: expected true or false\n"
            "10 8 f\n");
}

TEST(JsonLines, EveryFieldOfJobProtoHasItsPlace) {
  const proto::Message message = read_one(
      R"({"reference":"r","idempotency_key":"k","account":"a","to":8613800138000,"from":"1069",)"
      R"("text":"hi","class":"marketing","campaign":"c","zone":"Asia/Urumqi","urgent":false,)"
      R"("role":"debtor","consent":{"proof":"p","time_ms":1700000000000},"emergency":"e",)"
      R"("at":"2026-03-01T09:00:00.25+08:00","expires_at":1800000000000})");
  EXPECT_EQ(message.reference(), "r");
  EXPECT_EQ(message.idempotency_key(), "k");
  EXPECT_EQ(message.account(), "a");
  EXPECT_EQ(message.to(), "8613800138000");
  EXPECT_EQ(message.from(), "1069");
  EXPECT_EQ(message.message_class(), proto::MARKETING);
  EXPECT_EQ(message.campaign(), "c");
  EXPECT_EQ(message.zone(), "Asia/Urumqi");
  EXPECT_TRUE(message.has_urgent() && !message.urgent());
  EXPECT_EQ(message.role(), proto::DEBTOR);
  EXPECT_EQ(message.consent().proof(), "p");
  EXPECT_EQ(message.consent().time_ms(), 1700000000000);
  EXPECT_EQ(message.emergency(), "e");
  EXPECT_EQ(message.not_before_ms(), 1772326800250);
  EXPECT_EQ(message.expires_at_ms(), 1800000000000);
}

TEST(Csv, BadRowsAreToldAndTheOthersRead) {
  EXPECT_EQ(read_all("to,text,class\r\n"
                     "1,a,OTP\r\n"
                     "2,b\r\n"
                     "3,\"c\"d,OTP\r\n"
                     "4,e,LOTTERY\r\n"
                     ",f,OTP\r\n"
                     "6,\"g, \"\"h\"\"\ni\",OTP\r\n"
                     "7,\"never closed,OTP\r\n"
                     "8,j,OTP\r\n"),
            "2 1 a\n"
            "f:3: 2 fields where the header has 3\n"
            "f:4: text between a closing quote and the next comma\n"
            "f:5: class: expected OTP, CRISIS, NOTIFICATION, COLLECTION or MARKETING\n"
            "f:6: to: missing\n"
            "7 6 g, \"h\"\ni\n"
            "f:9: a quote that is never closed\n"
            "10 8 j\n");
}

TEST(Csv, AForgottenQuoteCostsItsOwnRowAndNotThoseUpToTheNextQuote) {
  EXPECT_EQ(read_all("to,text\n"
                     "1,\"never closed\n"
                     "2,a\n"
                     "3,b\n"
                     "4,\"c\"\n"),
            "f:2: text between a closing quote and the next comma\n"
            "3 2 a\n"
            "4 3 b\n"
            "5 4 c\n");
}

TEST(Csv, HeaderWithUnknownColumnsEndsTheFileWithAllOfThem) {
  EXPECT_EQ(read_all("to,txt,to,text\n1,2,3,4\n"),
            "f:1: txt: no such field\nf:1: to: named twice\n");
}

TEST(Csv, ByteOrderMarkIsNoPartOfTheFirstColumn) {
  EXPECT_EQ(read_all("\xEF\xBB\xBFto,text\n1,a\n"), "2 1 a\n");
}

TEST(Csv, BrokenTextIsTheGatewaysToJudgeAndABrokenReferenceIsNot) {
  EXPECT_EQ(read_all("to,text,reference\n1,\xFF,r\n2,a,\xC0\xAF\n"),
            "2 1 \xFF\nf:3: reference: not valid UTF-8\n");
}

// Octets, then an error instead of the end, as of a disk or of a folder.
struct FailingBuffer : std::stringbuf {
  explicit FailingBuffer(const std::string& text) : std::stringbuf(text, std::ios::in) {}
  int_type underflow() override {
    const int_type next = std::stringbuf::underflow();
    if (traits_type::eq_int_type(next, traits_type::eof())) throw std::ios_base::failure("broken");
    return next;
  }
};

TEST(MessageReader, AReadThatFailsIsToldOnceAndIsNoEnd) {
  const std::string failure = ": cannot be read, nor what follows\n";
  for (const auto& [text, told] : std::vector<std::pair<std::string, std::string>>{
           {"", "f:1" + failure},
           {"to,text\n1,a\n", "2 1 a\nf:3" + failure},
           {"{\"to\":\"1\",\"text\":\"a\"}\n", "1 1 a\nf:2" + failure},
       }) {
    FailingBuffer buffer(text);
    std::istream input(&buffer);
    EXPECT_EQ(read_all(input), told);
  }
}

TEST(MessageReader, NothingComesOfNothing) {
  EXPECT_EQ(read_all(""), "");
  EXPECT_EQ(read_all("\n \n"), "");
}

}  // namespace
}  // namespace tact::client
