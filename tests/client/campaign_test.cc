// SPDX-License-Identifier: Apache-2.0
// Campaigns counted from the audit, and their page.
#include <gtest/gtest.h>

#include "client/audit_feed.h"
#include "client/report/campaign_page.h"
#include "client/report/campaign_tally.h"

namespace tact::client {
namespace {

class Campaign : public testing::Test {
 protected:
  void add(const std::string& rest, const std::string& time = "2026-03-18T02:15:01.024Z") {
    tally_.add(parse_object("{\"time\":\"" + time + "\"," + rest + "}"));
  }
  void admit(int id, const std::string& campaign = "spring", const std::string& more = "") {
    add(R"("what":"admitted","id":")" + std::to_string(id) + R"(","number_hash":"n)" +
        std::to_string(id) + R"(","brand":"bank","class":"MARKETING","result":"QUEUED")" +
        (campaign.empty() ? "" : ",\"campaign\":\"" + campaign + "\"") + more);
  }
  // `number`: of the message with that id.
  void step(const std::string& what, int id, int number, const std::string& more = "",
            const std::string& time = "2026-03-18T02:16:00.000Z") {
    add("\"what\":\"" + what + R"(","id":")" + std::to_string(id) + R"(","number_hash":"n)" +
            std::to_string(number) + R"(","brand":"bank")" + more,
        time);
  }
  CampaignCounts counts(size_t row = 0) const {
    EXPECT_LT(row, tally_.rows().size());
    return tally_.rows().at(row).counts;
  }

  CampaignTally tally_{{}};
};

TEST_F(Campaign, DamagedAndForeignRecordsCountNothing) {
  add(R"("what":7)");
  add(R"("nothing":"at all")");
  add(R"("what":"receipt","id":"12","result":"DELIVRD")");
  add(R"("what":"reply","number_hash":"n1","brand":"bank","result":"OPT_OUT")");
  admit(1, "");
  step("submitted", 1, 1);
  EXPECT_TRUE(tally_.rows().empty());
  EXPECT_TRUE(tally_.hours().empty());
}

TEST_F(Campaign, EachMessageStandsInOnePlace) {
  for (int id = 1; id <= 10; ++id) admit(id);
  add(R"("what":"admitted","id":"11","brand":"bank","class":"MARKETING","campaign":"spring",)"
      R"("result":"REJECTED","fired":[{"rule":"CAP_DAY","action":"DEFER"},)"
      R"({"rule":"OPTED_OUT","action":"REJECT"}])");
  for (int id = 1; id <= 4; ++id) step("submitted", id, id, ",\"segments\":2");
  step("receipt", 1, 1, R"(,"result":"DELIVRD")");
  step("receipt", 1, 1, R"(,"result":"DELIVRD")");  // told twice
  step("receipt", 2, 2, R"(,"result":"UNDELIV")");
  step("receipt_missing", 3, 3);
  step("failed", 5, 5);
  step("expired", 6, 6);
  step("cancelled", 7, 7);
  step("released", 8, 8, R"(,"result":"REJECT","fired":[{"rule":"OPTED_OUT","action":"REJECT"}])");
  step("released", 9, 9, R"(,"result":"DEFER")");
  step("judged", 9, 9, R"(,"result":"REJECTED","fired":[{"rule":"EXPIRED","action":"REJECT"}])");
  step("receipt", 10, 10, R"(,"result":"DELIVRD")");  // whose own answer never came
  const CampaignCounts all = counts();
  EXPECT_EQ(all.messages, 11u);
  EXPECT_EQ(all.sent, 5u);
  EXPECT_EQ(all.segments, 8u);
  EXPECT_EQ(all.delivered, 2u);
  EXPECT_EQ(all.failed, 2u);
  EXPECT_EQ(all.unknown, 1u);
  EXPECT_EQ(all.expired, 2u);
  EXPECT_EQ(all.cancelled, 1u);
  EXPECT_EQ(all.rejected, 2u);
  EXPECT_EQ(all.pending, 1u);
  EXPECT_EQ(tally_.rows()[0].rules.at("OPTED_OUT"), 2u);
  EXPECT_EQ(tally_.rows()[0].rules.count("CAP_DAY"), 0u) << "it did not reject";
}

TEST_F(Campaign, AReplyIsToTheBrandsLastMessageWithinThreeDays) {
  admit(1);
  admit(2, "autumn");
  admit(3);
  for (int id = 1; id <= 3; ++id) step("submitted", id, id);
  step("reply", 90, 1, R"(,"result":"NONE","suspect":true)");
  step("reply", 91, 1, R"(,"result":"OPT_OUT")");
  step("reply", 92, 2, R"(,"result":"NONE","dispute":true)", "2026-03-21T02:16:00.000Z");
  step("reply", 93, 2, R"(,"result":"OPT_OUT")", "2026-03-21T02:16:00.001Z");
  admit(4, "");
  step("submitted", 4, 3);  // of no campaign, to the third one's number
  step("reply", 94, 3, R"(,"result":"OPT_OUT")");
  const CampaignCounts autumn = counts(0), spring = counts(1);
  EXPECT_EQ(spring.replied, 1u);
  EXPECT_EQ(spring.suspect, 1u);
  EXPECT_EQ(spring.opted_out, 1u);
  EXPECT_EQ(autumn.replied, 1u);
  EXPECT_EQ(autumn.disputed, 1u);
  EXPECT_EQ(autumn.opted_out, 0u) << "too late to be one to it";
}

TEST_F(Campaign, OnlyThoseThatWereNamed) {
  CampaignTally one({"autumn"});
  for (const char* campaign : {"spring", "autumn"}) {
    one.add(parse_object(std::string(R"({"time":"2026-03-18T02:00:00Z","what":"admitted","id":")") +
                         campaign + R"(","campaign":")" + campaign + "\"}"));
  }
  ASSERT_EQ(one.rows().size(), 1u);
  EXPECT_EQ(one.rows()[0].campaign, "autumn");
}

TEST_F(Campaign, ThePageIsWholeAndNamesCannotBreakIt) {
  admit(1, "<script>alert(1)</script>");
  step("submitted", 1, 1);
  step("receipt", 1, 1, R"(,"result":"DELIVRD")");
  const std::string page = campaign_page(tally_, "Campaigns \"x\" & y");
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_NE(page.find("&lt;script&gt;"), std::string::npos);
  EXPECT_NE(page.find("Campaigns &quot;x&quot; &amp; y"), std::string::npos);
  EXPECT_EQ(page.find("src="), std::string::npos);
  EXPECT_EQ(page.find("http://"), std::string::npos);
  const auto many = [&](const std::string& tag) {
    size_t n = 0;
    for (size_t at = 0; (at = page.find(tag, at)) != std::string::npos; ++at) ++n;
    return n;
  };
  EXPECT_EQ(many("<svg"), 2u) << "by the hour, and what became of it";
  EXPECT_EQ(many("<svg"), many("</svg>"));
  EXPECT_EQ(many("<g>"), many("</g>"));
}

}  // namespace
}  // namespace tact::client
