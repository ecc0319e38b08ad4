// SPDX-License-Identifier: Apache-2.0
#include "client/judge/sheet.h"

#include <gtest/gtest.h>

#include <sstream>

namespace tact::client {
namespace {

// "name=value|..." of each row, or its errors as "line:column: message"; a line per row.
std::string all(const std::string& file) {
  std::istringstream input(file);
  Sheet sheet(input);
  std::string out;
  while (const auto row = sheet.next()) {
    std::string text;
    for (const SheetError& error : row->errors) text += describe("f", error).substr(2) + '|';
    for (const SheetCell& cell : row->cells) {
      if (row->errors.empty()) text += cell.name + '=' + cell.value + '|';
    }
    if (!text.empty()) text.pop_back();
    out += text + '\n';
  }
  return out;
}

TEST(Sheet, ADamagedHeaderIsOneRowOfErrorsAndTheEnd) {
  EXPECT_EQ(all(""), "");
  EXPECT_EQ(all("\n\n"), "");
  EXPECT_EQ(all("class,text\nOTP,x\n"), "1:1: no column \"text\"; columns are parted by tabs\n");
  EXPECT_EQ(all("text\tclass\ttext\nx\n"), "1:12: text is given twice\n");
  EXPECT_EQ(all("text\t\tat\nx\n"), "1:6: a column without a name\n");
  EXPECT_EQ(all("text\t\xff\nx\n"), "1:6: not UTF-8\n");
  EXPECT_EQ(all("短信\ttext\t\nx\n"), "1:9: a column without a name\n") << "columns are characters";
}

TEST(Sheet, ADamagedRowCostsItselfAlone) {
  EXPECT_EQ(all("class\ttext\nOTP\tx\ty\nOTP\tz\n"),
            "2:7: a cell too many: the header has 2 columns\nclass=OTP|text=z\n");
  EXPECT_EQ(all("text\tat\n\xe9\x93\t1\nb\n"), "2:1: not UTF-8\ntext=b\n");
  for (const char* escape :
       {"\\u", "\\u12", "\\u12g4", "\\ud83d", "\\ud83dx", "\\ud83d\\u0041", "\\ude00"}) {
    EXPECT_EQ(all(std::string("class\ttext\nOTP\ta") + escape + "\n"),
              "2:5: a \\u that is no character\n")
        << escape;
  }
  EXPECT_EQ(all("text\tcontext\na\turgent\n"), "2:3: expected key=value, got \"urgent\"\n");
  EXPECT_EQ(all("text\tcontext\na\tat=1;at=2\n"), "2:11: at is given twice\n");
  EXPECT_EQ(all("text\tat\tcontext\na\t1\tat=2\n"), "2:8: at is given twice\n");
}

TEST(Sheet, DamagedJson) {
  EXPECT_EQ(all("{\"text\":\"a\"\n{\"text\":\"b\"}\n").substr(0, 14), "1:12: not JSON");
  EXPECT_EQ(all("{\"text\":\"a\"}\n[1]\n"), "text=a\n2:1: expected one JSON object a line\n");
  EXPECT_EQ(all("{\"text\":\"a\"} x\n").substr(0, 14), "1:14: not JSON");
  EXPECT_EQ(all("{\"class\":\"OTP\"}\n"), "1:1: no text\n");
  EXPECT_EQ(all("{\"text\":[]}\n"), "1:1: text: expected a string, a whole number or a boolean\n");
  EXPECT_EQ(all("{\"text\":\"a\",\"at\":1.5}\n"),
            "1:1: at: expected a string, a whole number or a boolean\n");
}

TEST(Sheet, EscapesAndPairs) {
  EXPECT_EQ(all("text\na\\nb\n"), "text=a\nb\n");
  EXPECT_EQ(all("text\n\\u200b\\ud83d\\ude4f\\t\n"), "text=\u200b🙏\\t\n");
  EXPECT_EQ(all("why\ttext\n\\n\tx\n"), "why=\\n|text=x\n") << "only the text has escapes";
  EXPECT_EQ(all("text\tcontext\r\na\tat=x=y;role=;\r\n"), "text=a|at=x=y|role=\n");
  EXPECT_EQ(all("\xEF\xBB\xBFtext\tclass\n\na\n"), "text=a\n")
      << "short rows and a byte order mark";
}

TEST(Sheet, JsonLines) {
  EXPECT_EQ(all("{\"class\":\"OTP\",\"text\":\"\\u9a8c\",\"urgent\":false,\"month\":8,"
                "\"context\":\"at=1;to=2\"}\n"),
            "class=OTP|text=验|urgent=0|month=8|at=1|to=2\n");
}

}  // namespace
}  // namespace tact::client
